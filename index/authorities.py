"""Whose services or business a paper is about: the council or local area, by the name people call it by.

"London Borough of Northam", "Northam Metropolitan Borough Council" and "Northam local area partnership" are all
Northam. Nothing here knows a place by name: names are told by the words around them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePosixPath

_JOINERS = frozenset(("and", "upon", "on", "of", "with", "in", "under", "le", "the"))
_TOKEN = re.compile(r"[^\W\d_][\w’'-]*\.?|&|,")
_RANK = r"(?:City|County|Borough|Metropolitan|District|Unitary)"
_GAP = r"(?:[ \xa0]+\n?[ \xa0]*|\n[ \xa0]*)"  # no paragraph's end, and no cell's
_COUNCIL = re.compile(rf"(?:{_GAP}{_RANK})*{_GAP}Council\b(?! (?:Chamber|Tax|House|Offices?)\b)")
_SERVICES = re.compile(
    rf"(?:{_GAP}{_RANK})*{_GAP}"
    r"(?:Council\b|local\s+(?:authority|area)|(?:area|local)\s+partnership|authority\b)"
    rf"|(?:['’]s?)?(?:{_GAP}{_RANK})*{_GAP}children['’]?s\b|{_GAP}(?:area\s+)?SEND\b",
    re.IGNORECASE,
)
_RANKED = re.compile(
    r"\b(?:(?:London|Royal|Metropolitan)\s+Borough|City(?:\s+and\s+County)?|County|Council)\s+of\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_BOROUGH_OF = re.compile(r"\b(?:London|Royal|Metropolitan)\s+Borough\s+of\s+")
_EXAMINED = re.compile(
    r"\b(?:inspection|visit|revisit|review|audit|investigation)s?\b(?:\s+[\w’'-]+){0,14}?\s+"
    r"(?:of|to|in|at|into)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_LOUD_COUNCIL = re.compile(_COUNCIL.pattern, re.IGNORECASE)
_RANK_WITHIN = re.compile(r"\b(?:Borough|City|County|Council)\s+of\s+(?:the\s+)?(?=[A-Z])")
_NEAR = 240  # characters before a name in which it is said what is of it: paragraphs may be endless
_MAIL = re.compile(r"@\s?([\w.-]+?)\s?\.gov\b", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|on\s+\d|[,:–-])")

_QUESTION_ENDS = re.compile(
    r"\s*(?:$|[?.!,;:]|['’]|\(|"
    r"(?:in|on|from|since|for|by|during|after|before|and|was|is|has|have|did|say|get|find|led|that|published|carried)\b)",
    re.IGNORECASE,
)

_GENERIC_WORDS = """
    a acting an annual area arrangements assessment assistant audit authority board borough boroughs budget cabinet
    care child children children's childrens city cllr combined committee corporation council councils county corporate
    date department deputy director directorate disabilities district education effectiveness executive extraordinary
    findings fire
    focused focussed full for head health information inspection inspections into integrated inspectorate
    interim joint lead leader letter local meeting member members metropolitan minutes monitoring need needs nhs
    office officer overall partnership people protection public published region report reports rescue review revisit
    royal safeguarding school schools send service services short social special strategic targeted team the
    this to trust unitary visit visits was with work young youth
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_OTHER_COUNCILS = """arts british european general medical national nursing parish privy research school shadow
student town youth young people community our each every any this that"""
_FEWEST = 2
"""How often a paper must name whom it is about."""
_SHARE = 3
"""How many times as often it may name another council."""
_RARELY = 600
"""Words of a paper in which it names the council whose paper it is at least once."""


def plain_name(words: str) -> str | None:
    """The everyday name in an official one ("Royal Borough of Northam" -> "Northam"); None when none is left."""
    return max(_runs(words), key=lambda name: len(name.split())) or None


def _runs(words: str) -> list[str]:
    """The names that generic words ("council", "borough", "local area partnership") part; "" where none stands."""
    tokens = re.sub(r"\s*&\s*", " and ", " ".join(words.replace("'", "’").split())).split()
    runs: list[list[str]] = [[]]
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        bare = re.sub(r"’s?$", "", token.strip(".,:;()").lower())
        if {bare, token.lower().strip(".,")} & _GENERIC or (bare == "london" and following.lower() == "borough"):
            runs.append([])
        else:
            runs[-1].append(token)
    names = (re.sub(r"’s?$", "", " ".join(_trimmed(run)).strip(" .,:;()-–")) for run in runs)
    return [name if re.search(r"[^\W\d_]{2}", name) else "" for name in names]


def _trimmed(run: list[str]) -> list[str]:
    """A run of words without the small words at its ends."""
    small = _JOINERS | {"at", "to", "from", "by", "for", "-", "–", ",", ":"}
    while run and run[0].lower() in small:
        run = run[1:]
    while run and run[-1].lower() in small:
        run = run[:-1]
    return run


def fold(name: str) -> str:
    """A name as it is compared: lower case, "&" as "and", without hyphens and punctuation."""
    spaced = re.sub(r"[-–/]", " ", name.replace("&", " and ").casefold())
    return " ".join(re.sub(r"[^\w\s]", "", spaced).split())


def authority_of(text: str, head: Iterable[str], source: str) -> tuple[str, str] | None:
    """Whom a paper is about and where that was found ("content" or "folder"); None when it does not say.

    What its first lines say comes first, then the folder it lies in, then the council it names most.

    Args:
        text: the whole paper.
        head: its first lines.
        source: its path, with `/`.
    """
    councils = {name: _times(name, text) for name in _councils(text) if is_name(name, text)}
    most = max(councils.values(), default=0)
    in_folder = next((name for part in reversed(PurePosixPath(source).parts[:-1]) if (name := _folder(part, text))), "")
    for line in head:
        for found in chain(*named_in(" ".join(line.split()), _ENDS)):
            name = as_written(found, text)
            times = _times(name, text)
            usual = times >= _FEWEST and _SHARE * times >= most and not _is_partner(name, text)
            if usual and _is_served(name, text) and is_name(name, text):
                # "Northam Council" in a folder "northam upon tees": the longer name tells more.
                if in_folder and set(fold(name).split()) < set(fold(in_folder).split()):
                    return in_folder, "folder"
                return name, "content"
    if in_folder:
        return in_folder, "folder"
    often = max(_FEWEST + 1, len(text.split()) / _RARELY)
    leading = [name for name, times in councils.items() if times >= often and _SHARE * times >= most]
    return (leading[0], "content") if len(leading) == 1 and is_own(leading[0], text) else None


def is_own(name: str, text: str) -> bool:
    """Whether the council that a text names most is that of whoever wrote it, and no partner of theirs."""
    hosts = {host.casefold() for host in _MAIL.findall(text)}
    elsewhere = hosts and not any(word in host for host in hosts for word in fold(name).split())
    return not elsewhere and not _is_partner(name, text)


def _is_partner(name: str, text: str) -> bool:
    """Whether it is mostly named together with another ("Fenshire and Northam")."""
    either = rf"\b[A-Z][\w’'-]+ (?:and|&) {_spelling(name)}\b|\b{_spelling(name)} (?:and|&) [A-Z]"
    return 2 * len(re.findall(either, text)) > _times(name, text)


def is_name(words: str, text: str) -> bool:
    """Whether words that seem to name a council are a name: what a text also writes small is a word ("Budget Council").

    Towns are called Reading and Bath, hence the comparison: a text of theirs names the council more often.
    """
    if (name := plain_name(words)) is None:
        return False
    small = len(re.findall(rf"(?<![@\w./-]){_spelling(name.lower())}(?![\w’'-]|\.\w)", text))
    return not small or small <= _served(name, text)


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Where names of one or more capitalised words stand: "Stoke-on-Trent", "Telford and Wrekin", "Isle of Wight".

    In words that are all capitals every word may belong to a name.
    """
    loud = text.isupper()
    start = end = -1
    for match in _TOKEN.finditer(text):
        token = match[0]
        proper = token[:1].isupper() and (loud or not token.rstrip(".").isupper()) and len(token) > 1
        if start >= 0 and (token in {"&", ","} or token.lower() in _JOINERS):
            continue
        between = text[end : match.start()].replace(",", " ").split() if end >= 0 else []
        joined = start >= 0 and len(between) <= 3 and all(w == "&" or w.lower() in _JOINERS for w in between)
        if proper and joined and (text[end - 1] != "." or text[start:end].endswith("St.")):
            end = match.end()
        else:
            if start >= 0:
                yield start, end
            start, end = (match.start(), match.end()) if proper else (-1, -1)
    if start >= 0:
        yield start, end


def named_in(line: str, ends: re.Pattern[str] = _QUESTION_ENDS) -> tuple[list[str], list[str]]:
    """The names that a line gives to whom it is about: of councils, and of what else is served or inspected.

    Args:
        line: a line of a paper, or a question.
        ends: what may follow on "inspection of NAME".
    """
    services = _LOUD_COUNCIL if line.isupper() else _SERVICES
    councils: list[str] = []
    others: list[str] = []
    for start, end in _names(line):
        words = line[start:end]
        # "Northam Council" is one run of capitals: what makes it a council may stand in the name or behind it.
        near = max(0, start - _NEAR)
        if _RANKED.search(line, near, start):
            councils.append(_runs(words)[0])
        if (of := _RANK_WITHIN.search(words)) is not None:
            councils.append(_runs(words[of.end() :])[0])
        for found in (*services.finditer(words), services.match(line, end)):
            if found:
                kind = councils if found[0].lower().endswith("council") else others
                kind.append(_runs(words[: found.start()] if found.string is words else words)[-1])
        if _EXAMINED.search(line, near, start) and ends.match(line, end):
            others.append(_runs(words)[-1])
    return [name for name in councils if name and _is_place(name)], [
        name for name in others if name and _is_place(name)
    ]


def _is_place(name: str) -> bool:
    return len(name.split()) <= 7 and not set(_OTHER_COUNCILS.split()) & set(fold(name).split())


def _councils(text: str) -> set[str]:
    """The councils that a text names, by everyday name."""
    found: set[str] = set()
    for match in _COUNCIL.finditer(text):
        before = text[max(0, match.start() - 80) : match.start()]
        found.update(_runs(before[start:end])[-1] for start, end in _names(before) if end == len(before))
    for match in _BOROUGH_OF.finditer(text):
        after = text[match.end() : match.end() + 80]
        found.update(_runs(after[start:end])[0] for start, end in _names(after) if start == 0)
    return {name for name in found if name and _is_place(name)}


def _folder(part: str, text: str) -> str | None:
    """The authority that a folder is named after ("80123_northam"), as the paper writes it; None when it names none."""
    name = plain_name(re.sub(r"^\d+[\s_.-]+|_+", " ", part))
    if not name or not re.search(r"[^\W\d]{3}", name):
        return None
    return as_written(name, text) if _is_served(name, text) else None


def _is_served(name: str, text: str) -> bool:
    """Whether a text speaks of the council, the local area or the children's services of that name."""
    return _served(name, text) > 0


def _served(name: str, text: str) -> int:
    """How often it does."""
    found = re.finditer(rf"\b{_spelling(name)}\b", text, re.IGNORECASE)
    return sum(
        bool(_SERVICES.match(text, m.end()) or _RANKED.search(text[max(0, m.start() - 40) : m.start()])) for m in found
    )


def as_written(name: str, text: str) -> str:
    """A name with the capitals that a text most often gives it; capitals of our own when it never has it."""
    forms = Counter(" ".join(form.split()) for form in re.findall(rf"\b{_spelling(name)}\b", text, re.IGNORECASE))
    usual = [form for form, _ in forms.most_common() if form[:1].isupper() and not form.isupper()]
    if usual:
        return usual[0].replace("&", "and")
    return " ".join(w.lower() if w.lower() in _JOINERS and i else w.title() for i, w in enumerate(name.split()))


def _spelling(name: str) -> str:
    """A pattern for a name in any of its spellings: with "&" or "and", with hyphens or spaces."""
    words = ("(?:and|&)" if w.lower() in {"and", "&"} else re.escape(w) for w in re.split(r"[\s-]+", name))
    return r"[\s-]+".join(words)


def _times(name: str, text: str) -> int:
    return len(re.findall(rf"\b{_spelling(name)}\b", text))
