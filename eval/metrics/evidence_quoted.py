"""Gold evidence inside the cited quotes."""

from __future__ import annotations

from eval.match import found
from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """1 when all the evidence that is needed stands in the quotes."""
    if not case.answerable:
        return None
    quotes = outcome.citations
    return Part(float(all(any(found(e, quotes) for e in group) for group in case.needed)))


EVIDENCE_QUOTED = Metric(
    measure,
    "1 when every needed evidence lies inside the quotes: at least 60% of its words, in runs of four or more, in "
    "quotes of the same file. Answerable cases.",
    "0 or 1",
    "Supporting-fact exact match as in HotpotQA (Yang et al. 2018), on spans.",
)
