"""Mean reciprocal rank."""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.metrics.ranking import ranking_measure
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """One divided by the rank of the first passage on the evidence."""
    return ranking_measure("RR", case, outcome)


MRR = Metric(
    measure,
    "One divided by the rank of the first passage that holds a needed evidence or its alternative; zero when none "
    "of the recorded passages does. Answerable cases.",
    "0 to 1",
    "Voorhees 1999, The TREC-8 Question Answering Track; computed by ir_measures (RR).",
)
