"""Where a case went wrong: the first stage at which the answer was lost."""

from __future__ import annotations

from eval.match import found, rank
from eval.metrics.right import measure as right
from eval.metrics.wrong_paper import forbidden
from eval.models import Case, Outcome

SHORT = 10
"""Passages from which an answer is made; evidence ranked lower was lost in ranking."""

STAGES = {
    "right": "right",
    "failed": "an error or a timeout",
    "wrongly answered": "the papers do not answer it, and it was answered",
    "wrong reason": "rightly refused, for a reason the case does not accept",
    "not retrieved": "the evidence is in none of the recorded passages, the best twelve",
    "lost in reranking": f"the evidence was found, but ranked below the first {SHORT} passages",
    "wrongly refused": "the evidence was ranked high, and the question was refused",
    "not selected": "the evidence was ranked high, and other words were cited",
    "wrong paper": "a paper of another period or voice was cited",
    "facts missing": "the evidence was cited, and a fact is not stated",
}


def stage(case: Case, outcome: Outcome) -> str:
    """A key of `STAGES`."""
    if outcome.answer is None:
        return "failed"
    if case.answerable:
        return _answerable(case, outcome)
    if not outcome.refused:
        return "wrongly answered"
    return "right" if outcome.answer["refusal"]["reason"] in case.refusal_reasons else "wrong reason"


def _answerable(case: Case, outcome: Outcome) -> str:
    whole = right(case, outcome)
    if whole is not None and whole.got == 1.0:
        return "right"
    quotes = outcome.citations
    ranks = [rank(group, outcome.hits) for group in case.needed]
    lost = [group for group in case.needed if not any(found(e, quotes) for e in group)]
    if any(forbidden(q, case.must_not_cite) for q in quotes):
        return "wrong paper"
    if not lost:
        return "facts missing"
    if None in ranks:
        return "not retrieved"
    if max(place for place in ranks if place) > SHORT:
        return "lost in reranking"
    return "wrongly refused" if outcome.refused else "not selected"
