"""What stands at the head of a paper: the organisation that it comes from, and the lines that may be its title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from index.authorities import plain_name
from index.dates import find_periods

_WORD = r"(?:[A-Z][\w’'&-]*|and|of|the|for|upon|on|in|with|&)"
_LISTED = (Path(__file__).parent / "bodies.txt").read_text(encoding="utf-8")
_ONE_WORD = "|".join(word for line in _LISTED.splitlines() if not line.startswith("#") for word in line.split())
_SURE_NAME = re.compile(
    rf"(?:The )?(?:{_ONE_WORD}|(?:His|Her) Majesty[’']s (?:Inspectorate|Treasury)(?:,? {_WORD})*"
    rf"|(?:HM Inspectorate|HMI|Department|Ministry)(?: (?:of|for))?(?:,? {_WORD})+"
    rf"|(?:London|Royal|Metropolitan) Borough of(?: {_WORD}){{1,4}})"
)
_NAME = re.compile(
    rf"(?:The )?(?:(?:Regulator|Office) (?:of|for)(?:,? {_WORD})+"
    rf"|(?:{_WORD} )+?(?:Commission|Inspectorate|Ombudsman(?: Service)?|Association|Agency|Commissioner|Authority|"
    r"Trust|Partnership|Care Board|Brigade|Police|Constabulary|"
    r"Foundation|Institute|Council|Auditor|Academy|School|College|University|LLP|Ltd|Limited|plc)"
    rf"(?: for {_WORD}(?: {_WORD})?)?)"
)
_NO_NAME = re.compile(
    r"\b(?:report|plan|review|strategy|minutes|agenda|meeting|committee|scrutiny|panel|board|cabinet|full|letter|update|"
    r"inspection|assessment|part|members|leader|director|chief|clerk|secretary|dear|to|from|by|our|your|this|at|tax|"
    r"budget)\b",
    re.IGNORECASE,
)
"""Words of titles, meetings and addressees, which an organisation's name has not."""
_STYLES = "Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor|Professor|Sir|Dame"
_TO = re.compile(
    rf"(?:To|Dear|{_STYLES}|Chief Executive|Director|Leader|Members)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s{3,}|\t|\s+\|\s+|(?<=[a-z])\.\s")
_TOGETHER = re.compile(r"\s+(?:and|&)\s+")
_AS_INITIALS = re.compile(r"\b(?:Llp|Plc|Nhs)\b")
_LINES = 4
_MOST_WORDS, _SENTENCE, _DATE = 12, 25, 5  # words of a name, from which a line is a sentence, and of a date

_LABEL = re.compile(
    r"(?:date|time|place|venue|present|apologies|in attendance|attendance|members?|wards?|key decision|portfolio|"
    r"contact|to|from|report|meeting|lead officer|author|councillors?)"
    r"(?: (?:published|date|of|to|by|from|holder|affected|officer|author|meeting|issue|present|number)){0,2}\s*[:\t]",
    re.IGNORECASE,
)
_WHEN_HELD = re.compile(r"(?:held|agreed|approved|for decision|to the|present) \w", re.IGNORECASE)
_PERSON = re.compile(
    rf"(?:report (?:of|by) )?(?:{_STYLES})\.? |(?:The )?Members of |"
    r".* (?:OBE|MBE|CBE|MP)$|report (?:of|by) (?!the )[^,]{4,40}, ",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
    r"|\b\d+\w? (?:[A-Z][\w’']+ ){1,3}(?:Street|Road|Row|Lane|Square|Avenue|Way|Place|Gate)\b"
)
_NUMBERED = re.compile(
    r"\d{1,3}(?:\.\d+)?[.)]\s|\d{1,3}\.\d+\s|\d{1,2}\s+(?:Introduction|Summary|Background|Purpose)\b"
)
_OPENS = re.compile(
    r"(?:report to\b.*|agenda(?: pack)?|minutes|contents|foreword|introduction|summary|background)", re.IGNORECASE
)
_WHOSE = re.compile(r"\W*(?:joint )?report (?:of|by) ", re.IGNORECASE)
_SAYS = re.compile(
    r"(?!(?:mon|tues|wednes|thurs|fri|satur|sun)day|date|dated|published|issued|version)\b[^\W\d_]{3}", re.IGNORECASE
)
"""A word that is not only said of a date."""
BODY = re.compile(r"\b(?:committee|cabinet|council|board|panel|forum|assembly|commission|executive)\b", re.IGNORECASE)
_MET = 10  # words of a line that says who met when


def masthead(lines: Sequence[str]) -> str | None:
    """The organisation whose name stands alone on one of a paper's first lines, over any sentence and any addressee;
    else the one whose name opens its title ("Northam Trust: annual report").

    Of two that share a line ("Housing Ombudsman and Care Quality Commission") the first.
    """
    opens = None
    parts = [part.strip("#*_ ") for line in lines[:_LINES] for part in line.split("\n") if part.strip()]
    for part in parts[:_LINES]:
        first = _BETWEEN.split(part)[0].strip("*_ ")
        both = _TOGETHER.split(first, maxsplit=1)
        if len(both) > 1 and all(map(is_organisation, both)):
            first = both[0]
        if _TO.match(first) or len(part.split()) > _SENTENCE:
            break
        if len(first.split()) <= _MOST_WORDS and is_organisation(first):
            return _named(first)
        opener, colon, _ = first.partition(": ")
        opens = opens or (opener if colon and is_organisation(opener) else None)
        if find_periods(part) and len(part.split()) <= _DATE:
            break
    return opens and _named(opens)


def inspectorate(text: str) -> str | None:
    """The body of one word that a text names most: that of an inspector who signs without a letterhead."""
    found = Counter(re.findall(rf"\b(?:{_ONE_WORD})\b", text))
    return next((name for name, _ in found.most_common(1)), None)


def is_organisation(line: str) -> bool:
    """Whether a line is the name of an organisation, and nothing else."""
    name = _named(line)
    if _NO_NAME.search(name):
        return False
    return bool(_SURE_NAME.fullmatch(name) or (_NAME.fullmatch(name) and plain_name(name)))


def titles(lines: Sequence[str]) -> list[str]:
    """The lines of a paper's head that may be its title, the likeliest first.

    "Report of the Director of Roads" is one only where no other comes right after it.
    """
    found = [line for line in lines if may_be_title(line)]
    if len(found) > 1 and _WHOSE.match(found[0]) and lines.index(found[1]) == lines.index(found[0]) + 1:
        found[:2] = found[1::-1]
    return found


def may_be_title(line: str) -> bool:
    """Whether a line at a paper's head may be its title, and does not say who publishes it, who met, when and where."""
    line = line.strip("#*_ ")
    if any(form.match(line) for form in (_LABEL, _WHEN_HELD, _PERSON)) or _ADDRESS.search(line) or "[" in line:
        return False
    if is_heading(line) or is_organisation(line) or (len(line.split()) > 6 and line.endswith(".")):
        return False
    rest = line
    for mention in reversed(dated := find_periods(line)):
        rest = rest[: mention.start] + rest[mention.end :]
    return not (dated and len(line.split()) <= _MET and (BODY.search(line) or not _SAYS.search(rest)))


def is_heading(line: str) -> bool:
    """Whether a line heads a part of a paper, as its number or its words tell: "1. Headlines", "Summary"."""
    return bool(_NUMBERED.match(line) or _OPENS.fullmatch(line))


def _named(line: str) -> str:
    """A name in capitals as it is written otherwise."""
    if not line.isupper() or " " not in line:
        return line
    small = re.sub(r"(?<=\s)(?:And|Of|The|For|Upon|On|In|With)\b|(?<=[’'])S\b", lambda m: m[0].lower(), line.title())
    return _AS_INITIALS.sub(lambda m: m[0].upper(), small)
