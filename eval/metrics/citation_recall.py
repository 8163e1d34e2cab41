"""Citation recall."""

from __future__ import annotations

from eval.match import found
from eval.metrics.base import Metric, share
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """The share of the needed evidence that is cited."""
    if not case.answerable:
        return None
    quotes = outcome.citations
    return Part(share(sum(any(found(e, quotes) for e in group) for group in case.needed), len(case.needed)))


CITATION_RECALL = Metric(
    measure,
    "Share of the needed evidence that the citations hold; an alternative suffices in place of the evidence it "
    "stands for. Answerable cases.",
    "0 to 1",
    "ALCE, Gao et al. 2023 (arXiv:2305.14627), section 4: with gold evidence in place of an entailment model.",
)
