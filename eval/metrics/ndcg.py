"""Normalised discounted cumulative gain."""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.metrics.ranking import ranking_measure
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """nDCG of the first ten passages."""
    return ranking_measure("nDCG@10", case, outcome)


NDCG_10 = Metric(
    measure,
    "nDCG of the first ten passages; a passage gains one for every needed evidence first found at it, so a second "
    "copy gains nothing. Answerable cases.",
    "0 to 1",
    "Järvelin and Kekäläinen 2002; novelty as in Clarke et al. 2008; computed by ir_measures (nDCG@10).",
)
