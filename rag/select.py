"""Which of the evidence is cited: what is good enough, first-hand, of the time, with the figure that is asked for, and
not much worse than the best."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from index.dates import find_periods, written_by
from index.models import Period
from rag.answerability import answerability
from rag.calibration import Calibration
from rag.evidence import Evidence
from rag.injection import speaks_to_a_model

_SURE = 0.75
"""How well a unit must fit the period asked for, so that what fits less is left out beside it."""
_NEARLY = 0.2
"""The odds against the best at which words that are first-hand, of the time, or hold the figure keep out the others."""
_ALL_WORDS = 0.95
"""The share, by weight, of the question's words from which a row has them all."""
_NAMES_ALL = 0.03
"""The odds against the best at which such a row keeps out those of its table that have not."""
_FOLLOWS = 0.22
"""How much lower those odds are for what comes right after the best: a paper goes on with the same thing."""
_GAP = 6  # characters: a space, or a paragraph's end and a bullet
_OTHERWISE = 0.0025
"""The odds against the best at which another date or number of the same thing is cited beside it."""
_SAME_THING = 0.4
"""The share of the question's words that such words must hold, of those that the best holds."""
_FEW_DAYS = 14
_TELEPHONE = re.compile(r"(?<!\d)(?:\+44|0)[\d ()-]{8,}\d(?!\d)")
_COUNTED = 0.1
"""The same for words in which a number counts what is asked for: most right answers do, few wrong ones."""
_LEAST = -4.5
"""The log-odds that a unit answers under which it is not cited beside the best, however little that is itself."""


def answering(
    evidence: list[Evidence], calibration: Calibration, *, wants: str | None = None, refuse: bool = True
) -> list[Evidence]:
    """The evidence that is good enough to be cited; nothing when it does not hold the answer.

    Where a date or a telephone number is wanted (`wants`) and papers disagree on it, each one is cited.

    Without `refuse` the best is cited whether it answers or not. A passage that is written to steer a language model
    counts only where there is nothing else: stuffed with a question's words, it would keep the papers' own words out.
    """
    evidence = [e for e in evidence if not speaks_to_a_model(e.passage.text)] or evidence
    if not evidence or (refuse and answerability(evidence, calibration) < calibration.answer):
        return []
    everything = evidence
    evidence = _fitting(evidence)
    first = max(evidence, key=lambda e: e.score)

    def ahead(e: Evidence) -> float:
        """How far a unit is above the odds at which it is cited beside the best; the best itself always is.

        Another paper's never is: it says the same again, or means something else.
        """
        if e is first:
            return 0.0
        if e.score < _LEAST or e.document.id != first.document.id:
            return -math.inf
        return e.score - first.score - math.log(calibration.more * (_FOLLOWS if _follows(e, first) else 1.0))

    chosen = [e for e in evidence if ahead(e) >= 0 or e.features.get("side")]
    chosen.sort(key=lambda e: (e.features.get("side", 0.0), e is first, ahead(e)), reverse=True)
    disagrees = {"date": _dates_otherwise, "contact": _numbers_otherwise}.get(wants or "")
    others = [e for e in everything if disagrees and e not in chosen and _same_thing(e, first) and disagrees(e, first)]
    return [*chosen[:1], *others[:1], *chosen[1:]]


def best(evidence: list[Evidence]) -> Evidence:
    """The unit of some evidence (at least one) that is cited before all others."""
    return max(_fitting(evidence), key=lambda e: e.score)


def _fitting(evidence: list[Evidence]) -> list[Evidence]:
    """What is first-hand, of the time, and holds the figure asked for, where such words come near the best; and of a
    table only the rows that name all that is asked about, where any does.
    """
    evidence = _named(evidence)
    evidence = _preferred(evidence, lambda e: not e.features.get("second_hand"))
    evidence = _preferred(evidence, lambda e: e.features.get("date_fit", 1.0) >= _SURE)
    evidence = _preferred(evidence, lambda e: not e.features.get("figure_unmet"))
    return _preferred(evidence, lambda e: not e.features.get("uncounted"), _COUNTED)


def _named(evidence: list[Evidence]) -> list[Evidence]:
    """The evidence without the rows that stand in one table with a row that has all the words of the question, and do
    not have them: care leavers' grade is not that of children in care."""

    def lacks(e: Evidence) -> bool:
        return e.kind == "row" and e.features.get("coverage", 1.0) < _ALL_WORDS

    best = max(e.score for e in evidence)
    tables = {
        e.hit.key for e in evidence if e.kind == "row" and not lacks(e) and e.score >= best + math.log(_NAMES_ALL)
    }
    return [e for e in evidence if not (lacks(e) and e.hit.key in tables)]


def _follows(unit: Evidence, best: Evidence) -> bool:
    """Whether a unit comes right after the best one, in its passage."""
    return unit.hit.key == best.hit.key and 0 <= unit.start - best.end <= _GAP


def _same_thing(other: Evidence, best: Evidence) -> bool:
    """Whether a unit speaks of what the best does, and not too unlikely."""
    likely = other.score >= best.score + math.log(_OTHERWISE)
    return likely and other.features["coverage"] >= _SAME_THING * best.features["coverage"]


def _dates_otherwise(other: Evidence, best: Evidence) -> bool:
    """Whether another paper dates the same thing otherwise: on days that are partly, and not all, those of the best."""
    if other.document.id == best.document.id:
        return False
    days, elsewhere = _days(best), _days(other)
    return days.isdisjoint(elsewhere) and any(one.overlaps(two) for one in days for two in elsewhere)


def _numbers_otherwise(other: Evidence, best: Evidence) -> bool:
    """Whether two units give telephone numbers, and none in common."""
    one, two = ({re.sub(r"\D", "", number) for number in _TELEPHONE.findall(e.text)} for e in (other, best))
    return bool(one and two) and one.isdisjoint(two)


def _days(unit: Evidence) -> set[Period]:
    """The days, or few days in a row, that a unit names."""
    periods = (mention.period for mention in find_periods(unit.text, written_by(unit.document.published)))
    return {p for p in periods if p.start and p.end and (p.end - p.start).days < _FEW_DAYS}


def newest(evidence: list[Evidence], calibration: Calibration) -> list[Evidence]:
    """Only the newest paper among those that answer by themselves; everything when none does."""
    for date in sorted({e.document.published for e in evidence if e.document.published}, reverse=True):
        of_date = [e for e in evidence if e.document.published == date]
        if answerability(of_date, calibration) >= calibration.answer:
            return of_date
    return evidence


def _preferred(evidence: list[Evidence], better: Callable[[Evidence], bool], nearly: float = _NEARLY) -> list[Evidence]:
    """Only the better evidence where its best comes near the best of all (odds of `nearly`), else all of it."""
    some = [e for e in evidence if better(e)]
    near = some and max(e.score for e in some) >= max(e.score for e in evidence) + math.log(nearly)
    return some if near else evidence
