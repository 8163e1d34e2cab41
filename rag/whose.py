"""Whose papers a question restricts itself to: "Northam", "Northam County Council", "the London Borough of Northam".

An authority that papers are about restricts as a year does. The house's own name, which is what nearly all papers are
about, restricts nothing; a council that no paper is about is told, so that no other one's words answer for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from index.authorities import fold, named_in, plain_name
from index.dates import MONTHS

_OWN = 0.8
"""The share of papers from which an authority is the house's own."""
_JOINED = re.compile(r" (?:upon|on|with|under|and) ")
_SMALL = frozenset({"of", "the", "and", "upon", "on", "with", "under", "in", "le"})
# Everyday names that no rule makes of the official ones.
_EVERYDAY = {
    "hull": "kingston upon hull",
    "banes": "bath and north east somerset",
    "b and nes": "bath and north east somerset",
}
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Cllr|Councillor|Prof|Professor)\.?\s+(?:[A-Z][\w’'-]+\s+)?$"
)
_DIRECTION = re.compile(
    r"\b(?:North|South|East|West|Central|Mid|Greater|New|Upper|Lower|(?:North|South)[- ](?:East|West))(?:ern)?[\s-]+$"
)
_THING = re.compile(
    r"\s+(?:Road|Street|Lane|House|School|Academy|College|University|Hospital|Park|Station|Centre|United|Town Hall|"
    r"Primary|Infirmary|Grammar|Gardens|Avenue|Close|Way|Parish|Town Council)\b"
)
_RANK_BEFORE = re.compile(r"(?:(?:London|Royal|Metropolitan)\s+Borough|City|County)\s+(?:of\s+)?$", re.IGNORECASE)
_RANK_AFTER = re.compile(r"(?:\s+(?:City|County|Borough|Metropolitan|District|Unitary))*\s+Council\b", re.IGNORECASE)
_LONGER = re.compile(r"[\s-]+(?:upon|on|under|with|le)[\s-]+[A-Z]")
_LED_TO = re.compile(r"\b(?:in|of|for|at|about|to|by|on|did|was|is|has|does|were)\s+$|^\W*$", re.IGNORECASE)
_LEADS = re.compile(
    r"['’]|\s+(?:council|borough|county|city|local|area|send|children|inspection|report|inspected|latest)"
    r"|\s+be\s+(?:next\s+)?(?:inspected|visited)",
    re.IGNORECASE,
)
_PROPER = r"[A-Z][a-z][\w-]*(?:,?\s+(?:(?:and|upon|of|with|the|on)\s+){0,2}[A-Z][a-z][\w-]*){0,4}"
_OWNED = re.compile(
    rf"\b({_PROPER})['’]s?\s+(?:latest|last|next|newest|most recent|current|overall|SEND|inspection|children|"
    r"grade|rating|judge?ment)"
)
_DONE_TO = re.compile(
    rf"\b(?:was|were|is|has|did|will)\s+({_PROPER})\s+(?:last\s+|be\s+|been\s+)*(?:inspected|visited|rated|judged|graded)\b"
)
_IN_PLACE = re.compile(
    r"\bin\s+((?!The\b|SEND\b)[A-Z][a-z]{2,}(?:[ -][A-Z][a-z]+){0,2})\b(?!\s+(?:Street|Road|School))"
)
_BARE = re.compile(rf"^\W*(?:(?:[Aa]nd|[Oo]r|[Ww]hat about|[Hh]ow about|[Ss]ame for)\s+)?({_PROPER})\W*$")


@dataclass(frozen=True, slots=True)
class Whose:
    """`authorities` are those of the index that a question names, `elsewhere` is one that no paper is about.

    `spans` are where the question names them; the house's own name is left out.
    """

    authorities: tuple[str, ...] = ()
    elsewhere: str | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Roll:
    """The authorities that the papers of an index are about, by every name that a question may give them.

    `names` maps folded names, `initials` short forms in capitals, to the names that documents have; `house` are those
    that restrict nothing, `stored` all names as documents have them; `common` says of a word whether the papers speak
    of it often, `known` whether they do at all.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    initials: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    house: frozenset[str] = frozenset()
    common: Callable[[str], bool] = lambda word: True
    known: Callable[[str], bool] = lambda word: True
    pattern: re.Pattern[str] | None = None
    stored: frozenset[str] = frozenset()

    def resolve(self, name: str) -> tuple[str, ...]:
        """The names that documents have for an authority; the name itself when no document has one."""
        plain = plain_name(name) or name
        return self.names.get(fold(name)) or self.names.get(fold(plain)) or self.initials.get(name) or (name,)

    @property
    def several(self) -> bool:
        """Whether the papers are about several authorities, none of which is the house's own."""
        return bool(self.names) and not self.house

    def read(self, text: str) -> Whose:
        """Whose papers a question asks for."""
        found: list[tuple[tuple[int, int], tuple[str, ...]]] = []
        if self.pattern is not None:
            for match in self.pattern.finditer(text):
                if (names := self._names_of(match[0])) and self._is_meant(text, match):
                    found.append((match.span(), names))
        spans = tuple(_whole(text, *span) for span, names in found if not self.house.issuperset(names))
        authorities = tuple(dict.fromkeys(name for _, names in found for name in names if name not in self.house))
        elsewhere = None if found else self._elsewhere(text)
        if elsewhere and (place := re.search(re.escape(elsewhere), text)):
            spans = (_whole(text, *place.span()),)
        return Whose(authorities, elsewhere, spans)

    def strangers(self, text: str) -> tuple[str, ...]:
        """Those that a question names and no paper is about, though papers may speak of them.

        Councils by their full name; where the papers are about several authorities, any place that it asks about.
        """
        if not self.names:
            return ()
        full = r"(?: (?:City|County|Borough|District|Metropolitan))* Council\b"
        named = [name for name in named_in(text)[0] if re.search(re.escape(name) + full, text)]
        if self.several and not self.read(text).authorities:
            named += [match[1] for match in _IN_PLACE.finditer(text) if match[1].lower() not in MONTHS]
        return tuple(dict.fromkeys(name for name in named if fold(name) not in self.names))

    def _names_of(self, words: str) -> tuple[str, ...]:
        return self.initials.get(words) or self.names.get(fold(words), ())

    def _is_meant(self, text: str, match: re.Match[str]) -> bool:
        """Whether a place's name stands for the authority: no person's, no street's, and not part of another's."""
        before, after = text[: match.start()], text[match.end() :]
        if _TITLE.search(before) or _THING.match(after) or _DIRECTION.search(before) or _LONGER.match(after):
            return False
        if match[0][0].isupper():
            return not re.search(r"^\W*\w+ing$", before + match[0]) or bool(
                _LEADS.match(after) or not after.strip("?. ")
            )
        # "reading", "bury": in small letters only where an authority would be named.
        return bool(_LED_TO.search(before) or _LEADS.match(after) or not after.strip("?. !"))

    def _elsewhere(self, text: str) -> str | None:
        """The authority that a question plainly names and no paper is about."""
        council, other = named_in(text)
        for name in council:
            if self.several or (self.names and not all(self.known(word) for word in fold(name).split())):
                return name
        if not self.several:
            return None
        # Written without capitals, only what owns an inspection is plain enough.
        owner, possessive, thing = text.replace("’", "'").partition("'s ")
        lowered = _OWNED.search(f"{owner.title()}{possessive}{thing}") if text.islower() else None
        other = [*other, *([_small(lowered[1])] if lowered else [])]
        owned = [match[1] for pattern in (_OWNED, _DONE_TO, _BARE) for match in pattern.finditer(text)]
        return next((name for name in (*other, *map(plain_name, owned)) if name and not self._is_spoken_of(name)), None)

    def _is_spoken_of(self, name: str) -> bool:
        """Whether the papers speak of a place often, though none is about it."""
        direction, _, rest = fold(name).partition(" ")
        if _DIRECTION.fullmatch(f"{direction.title()} ") and rest in self.names:
            return False  # what they speak of is its neighbour: Gloucestershire, not South Gloucestershire
        return all(self.common(word) for word in fold(name).split())


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the whole of an official name stands of which `text[start:end]` is the everyday one."""
    before, after = _RANK_BEFORE.search(text[:start]), _RANK_AFTER.match(text, end)
    return before.start() if before else start, after.end() if after else end


def _small(name: str) -> str:
    """A name that was read from words without capitals, without the words that only ask."""
    return re.sub(r"^(?:(?:What|Who|When|How|Is|Was|Were|Are|Did|The|Of|In|On|For|And)\s+)+", "", name)


def make_roll(
    counts: Mapping[str, int],
    abbreviations: Mapping[str, tuple[str, ...]],
    common: Callable[[str], bool],
    known: Callable[[str], bool],
) -> Roll:
    """The roll of an index.

    Args:
        counts: how many documents are about each authority.
        abbreviations: short forms that the papers define ("NCC" -> "Northam County Council").
        common: whether the papers speak of a word often.
        known: whether the papers have a word at all.
    """
    full: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for name in sorted(counts):
        full[fold(name)] += (name,)
    shorts: dict[str, set[str]] = defaultdict(set)
    for name in list(full):
        parts = _JOINED.split(name)
        if len(parts) > 1 and parts[-1] not in full:
            shorts[parts[0]].add(name)
    for everyday, name in _EVERYDAY.items():
        if name in full:
            shorts[everyday].add(name)
    names = dict(full)
    for short, of in shorts.items():
        if len(of) == 1:
            (long,) = of
            both = tuple(dict.fromkeys((*names[long], *full.get(short, ()))))
            names[short] = both
            if short in full:
                names[long] = both
    initials = _initials(names, abbreviations)
    total = sum(counts.values())
    house = frozenset(
        spelt for group in names.values() if sum(counts[n] for n in group) >= _OWN * total for spelt in group
    )
    words = [*(_spelling(name) for name in sorted(names, key=len, reverse=True)), *map(re.escape, initials)]
    pattern = re.compile(rf"(?<![\w’'-])(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE) if words else None
    return Roll(names, initials, house, common, known, pattern, frozenset(counts))


def _initials(
    names: Mapping[str, tuple[str, ...]], abbreviations: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    made: dict[str, set[str]] = defaultdict(set)
    for name in names:
        letters = "".join(word[0] for word in name.split() if word not in _SMALL).upper()
        made[f"{letters}CC"].add(name)
        if len(letters) == 2:
            made[f"RB{letters}"].add(name)
            made[f"LB{letters}"].add(name)
        elif len(letters) > 2:
            made[letters].add(name)
    for short, longs in abbreviations.items():
        for long in longs[:1]:
            plain = fold(plain_name(long) or "")
            made[short] = {plain} if plain in names and re.search(r"\bcouncil\b", long, re.IGNORECASE) else set()
    return {short: names[next(iter(of))] for short, of in made.items() if len(of) == 1}


def _spelling(name: str) -> str:
    """A pattern for a folded name as questions spell it: with commas, hyphens or an ampersand."""
    return r",?[\s-]+".join("(?:and|&)" if word == "and" else re.escape(word) for word in name.split())


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A question without the authorities it names: they are checked by themselves."""
    for start, end in sorted(spans, reverse=True):
        before = re.sub(
            r"\b(?:(?:of|in|for|at|to|on|by|about|from)\s+)?(?:the\s+)?(?:(?:London|Royal|Metropolitan)\s+Borough\s+of\s+|City\s+of\s+)?$",
            "",
            text[:start],
        )
        after = re.sub(
            r"^(?:['’]s?)?(?:\s+(?:(?:City|County|Borough|Metropolitan|District)\s+)*Council(?:['’]s?)?\b|\s+local\s+(?:authority|area)"
            r"(?:\s+partnership)?(?:['’]s?)?\b)?",
            "",
            text[end:],
            flags=re.IGNORECASE,
        )
        text = f"{before.rstrip()} {after.lstrip()}"
    return re.sub(r"\s+([?.,!;:])", r"\1", " ".join(text.split()))
