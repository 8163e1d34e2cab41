"""What a report says of itself: when the visit was, who led it, how it was graded, when the next one is due.

Such words stand in labels, small tables and headings, which look alike in every report: they are found by their form,
in the report that the question means, and cited like any other words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.blocks import units
from index.dates import find_periods, iso_of
from index.engines import Engine, Found
from index.models import Document, Hit
from rag.evidence import Evidence
from rag.models import Understood
from rag.words import content_words, covered, stem, stems

Fact = Literal["next", "previous", "published", "visited", "led", "team", "graded"]
"""What may be asked of a report as such."""

_EXAMINED = r"(?:inspect\w*|re-?inspect\w*|visit\w*|revisit\w*)"
_WHEN = r"(?:^|[,;:.?!]\s*|\b(?:and|so|but)\s+)when\b"  # it asks: "how many were there when they came?" does not
_FORMS: tuple[tuple[Fact, str], ...] = (
    ("next", rf"\bnext\b(?:\W+\w+){{0,4}}?\W+{_EXAMINED}|\b{_EXAMINED}\s+(?:again|next)\b|\bwhen will\b.*\b{_EXAMINED}"),
    ("previous", rf"{_WHEN}(?=.*\b{_EXAMINED}).*\b(?:previous(?:ly)?|before (?:that|then|this|(?:19|20)\d\d))\b|\b(?:date|when)\b.*\bprevious {_EXAMINED}|\bbefore\b.*\bwhen\b.*\blast {_EXAMINED}"),
    ("published", rf"{_WHEN}.*\b(?:published|issued|released|come out)\b|\b(?:publication|publishing) date\b|\bdate of publication\b|\bwhat date\b.*\bpublished\b"),
    ("team", rf"\bwho (?:inspected|visited|carried out|undertook|were the inspectors|was on)\b|\binspection team\b|\bnames? of (?:the |all )?inspectors\b|\b(?:which|what) inspectors\b|\bwho did the {_EXAMINED}"),
    ("led", rf"\blead inspectors?\b|\bwho (?:led|lead|headed|ran|was in charge of|was the inspector)\b|\bled by\b.*\b{_EXAMINED}|\b{_EXAMINED}\b.*\bled by\b|\bname of the inspector\b"),
    ("visited", rf"{_WHEN}.*\b{_EXAMINED}|\b{_EXAMINED} dates?\b|\bdates? of (?:the |its |their )?.*\b{_EXAMINED}|\b(?:what|which) (?:dates?|days?|month|year|week)\b.*\b{_EXAMINED}"),
    ("graded", rf"\b(?:grades?|graded|ratings?|rated|judge?ments?|judged|overall effectiveness)\b|\b(?:outcomes?|results?|verdict)\b.*\b(?:{_EXAMINED}|report)\b|\b(?:{_EXAMINED}|report)\b.*\b(?:outcome|result|verdict)\b"),
)  # fmt: skip
_ASKS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _FORMS)
_ASKED_BY = re.compile(
    r"\b(?:grade|rating|judge?ment|judge|rate|outcome|result|verdict|overall|effectiveness|inspection|inspector|inspect|visit|"
    r"report|latest|recent|current|given|receive|get|services?|authority|council|local|area|SEND|full|most|last|"
    r"children|letter|findings?|conclude|award|partnership|find)[\w’']*",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?<=\n)[ ]*[A-Z][\w’' ]{2,50}:")
_GRADE = r"(?:outstanding|good|requires? improvement(?: to be good)?|inadequate|adequate|satisfactory)"
_ENDS_GRADED = re.compile(rf"(?:^|[\s:\t–-]){_GRADE}\W*$", re.IGNORECASE)
_ONLY_GRADE = re.compile(rf"\W*{_GRADE}\W*", re.IGNORECASE)
_IS_GRADED = re.compile(
    rf"\b(?:overall|judge?ment|effectiveness|services?)\b[^.]*\b(?:is|are|was|were|judged|graded|rated)\b(?: \w+){{0,4}}? (?:{_GRADE}|require improvement)",
    re.IGNORECASE,
)
_OVERALL = re.compile(r"\boverall\b", re.IGNORECASE)
_OUTCOME = re.compile(r"\b(?:outcome|overall effectiveness|overall judge?ment)\b", re.IGNORECASE)
_OTHER_VISIT = re.compile(r"\b(?:previous|last|next|earlier|prior|since)\b", re.IGNORECASE)
_PREVIOUS = re.compile(rf"\b(?:previous|last)\s+(?:\w+\s+){{0,2}}{_EXAMINED}", re.IGNORECASE)
_LEAD = re.compile(r"\blead\s+inspector", re.IGNORECASE)
_LED = re.compile(
    r"\b(?:inspectors?|HMI)\b[^.]*\b(?:for|on|leading)\s+(?:this|the)\s+(?:visit|inspection)\b[^.]*\b(?:was|were)\b"
    r"|\b(?:visit|inspection)\b[^.]*\b(?:was|were)\s+(?:led|carried out|undertaken|conducted)\s+by\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b[A-Z][a-z’'-]+(?:[ -][A-Z][’'\w]*[a-z][\w’'-]*)+\b")
_OUTCOMES = re.compile(r"\b(?:outcomes?|results?|verdict)\b", re.IGNORECASE)
_TEAM = re.compile(r"\binspection team\b|\binspectors\b", re.IGNORECASE)
_NEXT = re.compile(
    r"\bnext\b[^.]*\b(?:inspection|visit|monitoring)|\b(?:inspection|visit)\b[^.]*\bwill (?:be|take place|now|carry)",
    re.IGNORECASE,
)
_FORMAL = re.compile(
    r"\b(?:His|Her) Majesty|\b(?:Care Quality|Social Care|Lead|Chief|Inspectors?|Services?|Children)\b"
)
_MOST = 6
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class _Unit:
    """Words of a report with the passage and the heading they stand under; offsets into the document's text."""

    found: Found
    start: int
    end: int
    text: str
    kind: str

    @property
    def heading(self) -> str:
        return self.found.passage.heading or ""


def fact_asked(text: str, voice: str | None = None) -> Fact | None:
    """What a question (of the words of `voice`) asks of a report as such; None when it asks for something else."""
    found = next((name for name, pattern in _ASKS if pattern.search(text)), None)
    return found or ("graded" if voice and _OUTCOMES.search(text) else None)


def stated(fact: Fact, understood: Understood, papers: Sequence[Document], engine: Engine) -> list[Evidence]:
    """The words by which the newest of the papers that do so state a fact; nothing when none does.

    Args:
        fact: what is asked.
        understood: the question, which may name a part of the service that was graded.
        papers: the reports that may answer, newest first; those of one authority stand together.
        engine: the index.
    """
    evidence: list[Evidence] = []
    answered: set[str | None] = set()
    for paper in papers:
        if paper.authority in answered and understood.period is None:
            continue
        if understood.voice and understood.voice not in {paper.publisher, paper.voice}:
            continue
        found = engine.fetch(engine.keys_of(paper.id))
        text = engine.text(paper.id, paper.groups)
        spans = _FINDERS[fact](_units(found), understood, paper)
        if spans:
            answered.add(paper.authority)
        for first, last in spans:
            hit = Hit(first.found.key, first.found.passage, paper, {"stated": 1.0})
            features = {"stated": 1.0, "date_fit": 1.0, "side": float(len(understood.authorities) > 1)}
            quote = text[first.start : last.end]
            evidence.append(Evidence(hit, first.start, last.end, first.kind, quote, features, _SURE))
        if len(evidence) >= _MOST:
            break
    return evidence


def _units(found: Iterable[Found]) -> list[_Unit]:
    made: list[_Unit] = []
    for one in found:
        base = one.passage.start
        for unit in units(one.passage.text):
            # Labelled lines that stand close together ("Dates: ...", "Lead inspector: ...") are units of their own.
            cuts = [match.start() for match in _LABEL.finditer(one.passage.text, unit.start + 1, unit.end)]
            for start, end in pairwise([unit.start, *cuts, unit.end]):
                words = one.passage.text[start:end].strip()
                begin = one.passage.text.index(words, start)
                made.append(_Unit(one, base + begin, base + begin + len(words), words, unit.kind))
    return made


Spans = list[tuple[_Unit, _Unit]]


def _visited(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    """The first words that name the days of the visit, with the label above them where that stands alone."""
    if paper.covers is None:
        return []
    for before, unit in pairwise([None, *parts]):
        if unit is None or _OTHER_VISIT.search(unit.text.partition(":")[0]):
            continue
        if any(m.period.overlaps(paper.covers) and m.period.within(paper.covers) for m in find_periods(unit.text)):
            label = (
                before is not None
                and len(unit.text.split()) <= 8
                and before.text.rstrip().endswith(("dates", "date", ":"))
            )
            return [(before if label and before else unit, unit)]
    return []


def _previous(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    """The label or sentence that dates the visit before the one reported on."""
    dated = [unit for unit in parts if _PREVIOUS.search(unit.text) and find_periods(unit.text)]
    return [(unit, unit) for unit in sorted(dated, key=lambda unit: not unit.text.startswith("Date"))[:1]]


def _published(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    for unit in parts:
        if any(iso_of(m.period) == paper.published for m in find_periods(unit.text)):
            return [(unit, unit)]
    return []


def _led(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    """Those called lead inspector, or else the inspectors that a letter names."""
    lead: Spans = []
    for unit, after in pairwise([*parts, None]):
        if unit is None or not _LEAD.search(unit.text):
            continue
        if _names_person(unit.text):
            lead.append((unit, unit))
        elif len(unit.text.split()) <= 4 and after is not None and _names_person(after.text):
            lead.append((unit, after))
    if lead:
        return lead[:2]
    said = [(unit, unit) for unit in parts if _LED.search(unit.text) and _names_person(unit.text)]
    return said[:2] or _signed(parts)


def _signed(parts: list[_Unit]) -> Spans:
    for place, unit in enumerate(parts):
        if unit.text.startswith("Yours "):
            below = [p for p in parts[place + 1 : place + 4] if len(p.text.split()) < 12]
            if below and any("nspector" in p.text for p in below):
                return [(below[0], below[-1])]
    return []


def _team(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    """Everyone named under "Inspection team"."""
    listed = [
        unit
        for unit in parts
        if _TEAM.search(unit.heading) and _names_person(unit.text) and len(unit.text.split()) < 60
    ]
    return [(unit, unit) for unit in listed[:_MOST]] or _led(parts, understood, paper)


def _names_person(text: str) -> bool:
    return any(not _FORMAL.search(match[0]) for match in _PERSON.finditer(text))


def _graded(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    """The judgement on what the question names, else the overall one, else all that the report gives."""
    rows: Spans = []
    for unit, after in pairwise([*parts, None]):
        if unit is None or len(unit.text.split()) > 40 or _ONLY_GRADE.fullmatch(unit.text):
            continue
        if _ENDS_GRADED.search(unit.text) and not unit.text.rstrip().endswith("."):
            rows.append((unit, unit))
        elif after is not None and _ONLY_GRADE.fullmatch(after.text) and not unit.text.rstrip().endswith("."):
            rows.append((unit, after))  # two cells that were read one after the other
    named = [row for row in rows if _is_named(row, understood)]
    overall = [row for row in rows if _OVERALL.search(row[0].text)]
    outcome = [(unit, unit) for unit in parts if _OUTCOME.search(unit.heading) and len(unit.text.split()) > 6]
    said = [(unit, unit) for unit in parts if _IS_GRADED.search(unit.text) and not _OTHER_VISIT.search(unit.text)]
    overall_said = [span for span in said if _OVERALL.search(span[0].text)]
    return named[:1] or overall[:1] or overall_said[:1] or (outcome[:2] if not rows else []) or rows[:_MOST] or said[:1]


def _is_named(row: tuple[_Unit, _Unit], understood: Understood) -> bool:
    """Whether a row of grades is about the part of the service that the question names."""
    speaker = stems(understood.voice or "")
    words = content_words(understood.topic or understood.text)
    asked = [word for word in words if not _ASKED_BY.fullmatch(word) and stem(word) not in speaker]
    if not asked:
        return False
    present = stems(row[0].text)
    return sum(covered(word, present) == 1.0 or stem(word) in present for word in asked) >= max(1, 0.6 * len(asked))


def _next(parts: list[_Unit], understood: Understood, paper: Document) -> Spans:
    return [(unit, unit) for unit in parts if _NEXT.search(unit.text) and len(unit.text.split()) > 5][:1]


_FINDERS: Mapping[Fact, Callable[[list[_Unit], Understood, Document], Spans]] = {
    "next": _next,
    "previous": _previous,
    "published": _published,
    "visited": _visited,
    "led": _led,
    "team": _team,
    "graded": _graded,
}
