"""Refusals: are they given when they should be, only then, and for the right reason."""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part

_SOURCE = (
    "Rajpurkar et al. 2018 (SQuAD 2.0, arXiv:1806.03822) for unanswerable questions; precision and recall as usual."
)


def measure_precision(case: Case, outcome: Outcome) -> Part | None:
    """Of the refusals, those that are right; a failed case counts as a wrong refusal."""
    refused = outcome.refused or outcome.answer is None
    return Part(float(outcome.refused and not case.answerable), float(refused))


def measure_recall(case: Case, outcome: Outcome) -> Part | None:
    """Of the cases that cannot be answered, those that are refused."""
    return None if case.answerable else Part(float(outcome.refused))


def measure_f1(case: Case, outcome: Outcome) -> Part | None:
    """2 TP of 2 TP + FP + FN."""
    refused = outcome.refused or outcome.answer is None
    right = float(outcome.refused and not case.answerable)
    return Part(2 * right, float(refused) + float(not case.answerable))


def measure_reason(case: Case, outcome: Outcome) -> Part | None:
    """Of the cases that cannot be answered, those refused for a reason the case accepts."""
    if case.answerable:
        return None
    refusal = outcome.answer["refusal"] if outcome.answer else None
    return Part(float(outcome.refused and refusal is not None and refusal["reason"] in case.refusal_reasons))


REFUSAL_PRECISION = Metric(
    measure_precision,
    "Of all refusals, the share given to cases that are not answerable; a failed case counts as a wrong refusal.",
    "0 to 1",
    _SOURCE,
)
REFUSAL_RECALL = Metric(measure_recall, "Of the cases that are not answerable, the share refused.", "0 to 1", _SOURCE)
REFUSAL_F1 = Metric(measure_f1, "Harmonic mean of the precision and the recall of refusals.", "0 to 1", _SOURCE)
REFUSAL_REASON = Metric(
    measure_reason,
    "Of the cases that are not answerable, the share refused for a reason the case accepts.",
    "0 to 1",
    "Own definition.",
)
