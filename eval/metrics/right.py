"""The case came out right, all in all."""

from __future__ import annotations

from eval.match import holds
from eval.metrics.base import Metric
from eval.metrics.facts import measure as facts
from eval.metrics.wrong_paper import forbidden
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """1 when a person would be content."""
    if not case.answerable:
        return Part(float(outcome.refused))
    quotes = outcome.citations
    stated = facts(case, outcome)
    return Part(
        float(
            stated is not None
            and stated.got == 1.0
            and any(holds(q, e) for q in quotes for e in case.evidence)
            and not any(forbidden(q, case.must_not_cite) for q in quotes)
        )
    )


RIGHT = Metric(
    measure,
    "1 when an answerable case states all its facts, cites gold evidence and no forbidden paper, or a case that is "
    "not answerable is refused. All cases.",
    "0 or 1",
    "Own definition, of the parts below.",
)
