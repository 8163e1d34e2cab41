"""Evidence recall at k."""

from __future__ import annotations

from eval.match import rank
from eval.metrics.base import Measure, Metric, share
from eval.models import Case, Outcome, Part


def _measure(k: int) -> Measure:
    def measure(case: Case, outcome: Outcome) -> Part | None:
        if not case.answerable:
            return None
        hits = outcome.hits[:k]
        return Part(share(sum(rank(group, hits) is not None for group in case.needed), len(case.needed)))

    return measure


def _metric(k: int) -> Metric:
    return Metric(
        _measure(k),
        f"Share of the needed evidence of which the first {k} passages hold at least 60% of the words, or an "
        "alternative to it. Answerable cases.",
        "0 to 1",
        "Recall over nuggets rather than passages, as in alpha-nDCG (Clarke et al. 2008), so that it does not depend "
        "on how papers are cut.",
    )


EVIDENCE_RECALL_1 = _metric(1)
EVIDENCE_RECALL_3 = _metric(3)
EVIDENCE_RECALL_5 = _metric(5)
EVIDENCE_RECALL_10 = _metric(10)
