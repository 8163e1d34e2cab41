"""What of an answerer's statements was left to show, and whether it was that answerer that answered."""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part


def measure_kept(case: Case, outcome: Outcome) -> Part | None:
    """The statements shown, of these and those removed."""
    del case
    if outcome.answer is None:
        return Part(0.0)
    shown = len(outcome.answer["statements"])
    return Part(float(shown), float(shown + len(outcome.answer.get("removed") or ())))


def measure_as_asked(case: Case, outcome: Outcome) -> Part | None:
    """1 when the answerer that was asked for gave the answer or the refusal."""
    del case
    if outcome.answer is None:
        return Part(0.0)
    writer = outcome.answer.get("writer") or {}
    return Part(float(writer.get("answerer") == writer.get("asked")))


KEPT = Metric(
    measure_kept,
    "Share of the statements written that passed their check; the others were removed before anyone saw them. A failed "
    "case counts as one statement that did not. All cases.",
    "0 to 1",
    "Own definition.",
)
AS_ASKED = Metric(
    measure_as_asked,
    "1 when the answerer that was asked for gave the answer or the refusal, 0 when another stood in because it failed "
    "or nothing it wrote was supported. All cases.",
    "0 or 1",
    "Own definition.",
)
