"""Which papers may answer, before the search takes its nearest neighbours: of whom, of what kind, and the newest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from index.authorities import fold
from index.dates import find_periods, parse_iso
from index.engines import Engine
from index.models import Document, Filters, Period
from rag.facts import Fact, fact_asked
from rag.models import Understood
from rag.words import content_words, stem, stems

_NOUN = r"(?:inspections?|visits?|reviews?|letters?|audits?|re-?inspections?|revisits?)"
_KIND = re.compile(rf"((?:[\w’'&-]+\s+){{0,4}}){_NOUN}\b", re.IGNORECASE)
_CALLED = re.compile(
    rf"(?:[\w’'&-]+\s+){{0,4}}{_NOUN}\b(?:\s+(?:of|to|in|into|for)\b(?:\s+[\w’'&-]+){{0,6}})?", re.IGNORECASE
)
_REPORT = re.compile(rf"\b(?:{_NOUN}|reports?)\b", re.IGNORECASE)
_KNOWN_KIND = 0.02
"""The share of papers from which a word of their titles is a kind of paper ("SEND inspection")."""
_SUBJECT = re.compile(r"\s\([^()]*\)\s*$")  # what a follow-up takes over from the earlier question
_PUBLISHED = re.compile(r"\bpublish\w*|\bissued?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The filters with what the question restricts them to. `fact` is what it asks of a report as such.

    `papers` are those that alone may answer, newest first; None when they need not be told one by one. An empty tuple:
    there is none, though there are papers about that authority (`others`).
    """

    filters: Filters
    fact: Fact | None = None
    papers: tuple[Document, ...] | None = None
    others: tuple[Document, ...] = ()


def narrow(understood: Understood, filters: Filters, engine: Engine, *, time_rule: bool = True) -> Narrowed:
    """What a question that names an authority may be answered from.

    Its latest report is chosen here: among reports that look alike, the nearest neighbours would be of any year. So is
    the report of the kind or year that a question names, and the one whose grade, dates or inspectors are asked for;
    without a year that is the newest.
    """
    if not understood.authorities:
        return Narrowed(filters)
    filters = replace(filters, authorities=understood.authorities)
    fact = fact_asked(_SUBJECT.sub("", understood.text), understood.voice)
    newest = understood.latest or (fact is not None and understood.period is None)
    meant = _kind_words(understood.text) or (understood.period is not None and _REPORT.search(understood.text))
    if filters.documents or understood.sides or not (newest or fact or meant):
        return Narrowed(filters, fact)
    of_all = engine.matching(replace(filters, period=None))
    chosen: list[Document] = []
    for name in understood.authorities:
        papers = _of_kind(understood.text, [d for d in of_all if d.authority == name], engine, filters)
        if time_rule and understood.period is not None:
            papers = _of_time(understood.text, papers, understood.period)
        papers.sort(key=age, reverse=True)
        chosen += papers
    if newest and chosen and fact is None:
        chosen = _first_of_each(chosen)
    documents = tuple(d.id for d in chosen) or ("",)
    # A fact's report was chosen by its own date: its words need not name the year once more.
    return Narrowed(replace(filters, documents=documents), fact, tuple(chosen), of_all)


def age(document: Document) -> date:
    """The day that tells which of two papers is newer: its publication, or the end of what it covers."""
    published = parse_iso(document.published or "")
    days = [published.start if published else None, document.covers.end if document.covers else None]
    return max((day for day in days if day), default=date.min)


def _first_of_each(papers: Iterable[Document]) -> list[Document]:
    """The newest paper of each authority; the other papers of its file and of its day go with it."""
    newest: dict[str | None, Document] = {}
    kept = []
    for paper in papers:
        first = newest.setdefault(paper.authority, paper)
        if age(paper) == age(first):
            kept.append(paper)
    return kept


def _of_time(text: str, papers: Sequence[Document], period: Period) -> list[Document]:
    """The papers of a visit in that time, or else those published in it."""
    covering = [d for d in papers if d.covers and d.covers.overlaps(period)]
    published = [d for d in papers if (day := parse_iso(d.published or "")) and day.overlaps(period)]
    if _PUBLISHED.search(text):
        return published or covering
    return covering or published


def _of_kind(text: str, papers: Sequence[Document], engine: Engine, filters: Filters) -> list[Document]:
    """The papers of the kind that a question names by words of their titles: "SEND inspection", "focused visit".

    None when it plainly names a kind that other papers of the index are of, and none of these.
    """
    called = {d.id: _called(d) for d in papers}
    named = _kind_words(text) - stems(" ".join(d.publisher or "" for d in papers))
    have: set[str] = set().union(*called.values())
    if missing := named - have:
        everything = engine.matching(Filters(groups=filters.groups))
        kinds = Counter(word for d in everything for word in _called(d))
        if any(kinds[word] >= max(1, _KNOWN_KIND * len(everything)) for word in missing):
            return []
    telling = {word for word in have if not all(word in words for words in called.values())}
    for wanted in (named & telling, stems(text) & telling):
        if wanted and papers:
            met = {d.id: len(wanted & called[d.id]) for d in papers}
            most = max(met[d.id] for d in papers)
            papers = [d for d in papers if met[d.id] == most]
    return list(papers)


def _called(document: Document) -> set[str]:
    """The stems of the words for the kind of paper that one is: those around "inspection" or "visit" in its names.

    The rest of a title is what the paper is about, which its successor may call otherwise.
    """
    found = {stem(document.kind)}
    for name in (document.title, PurePosixPath(document.source).stem.replace("_", " ")):
        undated = name
        for mention in reversed(find_periods(name)):
            undated = undated[: mention.start] + " " + undated[mention.end :]
        for match in _CALLED.finditer(undated):
            found |= {stem(word) for word in content_words(match[0]) if not word.isdigit()}
    authority = document.authority or ""
    return found - {stem(word) for word in (*fold(authority).split(), *authority.split())}


def _kind_words(text: str) -> set[str]:
    """The stems of the words before "inspection" or "visit" that say of which kind it is."""
    found: set[str] = set()
    for match in _KIND.finditer(text):
        words = content_words(match[1])
        found |= {stem(word) for word in words if not word[:1].isupper() or word.isupper()}
    return found - {stem(word) for word in ("full", "previous", "first", "second", "same", "good", "inadequate")}
