"""The dates that a paper's first lines state by name: when it was published, and the visit or period it covers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.dates import Mention, find_periods
from index.masthead import is_organisation
from index.models import Period
from index.voices import council_in

_LABELLED = re.compile(r"^\W*(?P<label>[A-Za-z][^:\d]{2,60}?)\s*(?::|\t|\s[-–]\s|(?=\d))\s*(?P<value>.*)$", re.DOTALL)
_SENTENCE = re.compile(r"\b(?:the|this|that|from|covers|was|were|is|are|has|have)\b|[.,;]", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:previous|last|next|prior|earlier|birth|due|deadline|closing|appointed)\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"\bpublish\w*|\bpublication\b|\b(?:date of )?issued?\b|\breport date\b", re.IGNORECASE)
_COVERS = re.compile(
    r"\b(?:inspection|inspected|visit|visited|fieldwork|review|audit)\w*\b.*\b(?:dates?|on|from)\b"
    r"|\bdates?\b.*\b(?:inspection|visit|fieldwork|review|audit)\w*\b"
    r"|\b(?:reporting |review )?period\b|\bvisited\b|\binspected\b",
    re.IGNORECASE,
)
_SAYS_COVERS = re.compile(
    r"\b(?:covers|covering|for|during|over)\s+the\s+(?:period|year|quarter|months?)\b", re.IGNORECASE
)
_THIS = re.compile(
    r"(?:^|\bthis )(?:the )?(?:\w+ )?(?:report|paper|letter|review|statement|update|account|document)\b", re.IGNORECASE
)
_SHORT = 16  # words of a line that says of what period the paper is, without calling it "this report"
_SAYS_PUBLISHED = re.compile(
    r"^\W*(?:(?:this|the) )?(?:report |letter )?(?:was )?(?:first )?(?:published|issued) ", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"(?:^|\.\s+)(?:(?:This|The)\s+)?(?:report|letter|judge?ment)\s+(?:was\s+)?(?:first\s+)?(?:published|issued)"
    r"(?:\s+on)?:?\s+(?=\d)",
    re.IGNORECASE,
)
_VISIT = re.compile(r"\b(?:visit(?:ed)?|inspect(?:ion|ed)|review|audit(?:ed)?)\b", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:©|\bcopyright\b)[^\n]{0,40}?\b((?:19|20)\d\d)\b", re.IGNORECASE)


_ALONE = re.compile(r"(?:published|issued) by\b|[A-Z][A-Za-z ]{2,30}:\s*\S", re.IGNORECASE)
_BY = re.compile(
    r"^\W*(?:[^.:]{1,60},\s*|(?:letter|report) )?(?:published|issued) by\s*:?\s*(?:the\s+)?(?P<who>\w.+)$",
    re.IGNORECASE,
)
_MORE = re.compile(r"[;.]|,?\s+(?:and|as|on|for|under|with|hosted|report)\s+(?=[a-z\d])")
_BODY = re.compile(r"\b(?:authority|trust|agency|partnership|commission|service|board|panel)$", re.IGNORECASE)
_HEAD = 6  # lines over one that says who publishes


def separate(block: str) -> list[str]:
    """The lines of a block of a paper's head that stand for themselves: one of them labels or dates what it says."""
    parts = [part for part in block.split("\n") if part.strip()]
    if len(parts) > 1 and is_organisation(parts[0].strip("*_ ")):
        return parts
    apart = len(parts) > 1 and any(_ALONE.match(part.strip("*_ ")) or _is_date(part) for part in parts[1:])
    return parts if apart else [block]


def _is_date(line: str) -> bool:
    return len(line.split()) <= 5 and bool(find_periods(line)) and _only_dates(line)


def stated_publisher(lines: Sequence[str]) -> tuple[Sequence[str], str] | None:
    """Who publishes the paper, where a line says so, and the lines above that one.

    Of "Finance Team, Northam City Council" that is the council.
    """
    for i, line in enumerate(lines[:_HEAD]):
        if len(line.split()) <= 25 and (match := _BY.match(line)):
            who = _MORE.split(match["who"].strip("*_ ."))[0]
            parts = [part.strip() for part in who.split(",")]
            return lines[:i], council_in(who) or (parts[-1] if _BODY.search(parts[-1]) else parts[0])
    return None


def labelled(lines: Sequence[str]) -> Iterator[tuple[str, list[Mention]]]:
    """What the lines date by a label ("Inspection dates: 3 to 7 May 2024"): "published", "covers" or "other".

    A label without a date names that of the line below it: two cells of a table.
    """
    parts = [part for line in lines for part in line.split("\n") if part.strip()]
    for part, below in pairwise([*parts, ""]):
        if len(part.split()) > 30 or not (match := _LABELLED.match(part)):
            label, value = part, ""
        else:
            label, value = match["label"], match["value"]
        if len(label.split()) > (8 if ":" in part or not value else 4) or _SENTENCE.search(label):
            continue
        kind = next(
            (k for k, p in (("other", _OTHER), ("published", _PUBLISHED), ("covers", _COVERS)) if p.search(label)), ""
        )
        if not kind:
            continue
        dated = find_periods(value) or (find_periods(below) if not value.strip() and _only_dates(below) else [])
        if dated:
            yield kind, dated


def is_labelled(line: str) -> bool:
    """Whether a line dates something else than the paper: the visit, the one before, the period it covers."""
    return any(kind != "published" for kind, _ in labelled([line])) or bool(_OTHER.search(line) and find_periods(line))


def stated_publication(lines: Sequence[str], last: Sequence[str] = ()) -> Period | None:
    """When the paper says that it was published, in its first lines or in one of its last."""
    for kind, dated in labelled(lines):
        if kind == "published":
            return dated[0].period
    for line in lines:
        if len(line.split()) <= 12 and _SAYS_PUBLISHED.match(line) and (dated := find_periods(line)):
            return dated[0].period
    for line in [*lines, *last]:
        if said := _CLAUSE.search(line):
            for mention in find_periods(line[said.end() : said.end() + 40])[:1]:
                return mention.period
    return None


def stated_covers(kind: str, lines: Sequence[str]) -> Period | None:
    """The days of the inspection or visit, or the period reported on, where the first lines tell.

    Args:
        kind: the paper's kind; a letter tells in its first sentences, an agenda names its meeting.
        lines: the paper's first lines.
    """
    for what, dated in labelled(lines):
        if what == "covers":
            starts = [m.period.start for m in dated if m.period.start]
            ends = [m.period.end for m in dated if m.period.end]
            return Period(min(starts), max(ends)) if starts and ends else dated[0].period
    for line in (line for line in lines if len(line.split()) <= _SHORT or _THIS.search(line)):
        for opener in _SAYS_COVERS.finditer(line):
            for mention in find_periods(line[opener.start() : opener.end() + 60]):
                return mention.period
    if kind == "agenda":
        return next((mention.period for line in lines for mention in find_periods(line)), None)
    if kind == "letter":
        visits = (line for line in lines if len(line.split()) > 8 and _VISIT.search(line))
        return next((mention.period for line in visits for mention in find_periods(line)), None)
    return None


def copyright_year(text: str) -> str | None:
    """The year of the paper's copyright notice."""
    found = _COPYRIGHT.findall(text)
    return found[-1] if found else None


def _only_dates(line: str) -> bool:
    for mention in reversed(find_periods(line)):
        line = line[: mention.start] + line[mention.end :]
    return len(re.findall(r"[^\W\d_]{2,}", line)) <= 2
