"""How long a question takes."""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part

_SOURCE = "Quantiles as NumPy interpolates them (Hyndman and Fan 1996, type 7)."


def measure(case: Case, outcome: Outcome) -> Part | None:
    """Milliseconds from asking to the answer; for a case that failed, until it failed."""
    del case
    return Part(1000 * outcome.seconds)


LATENCY_P50 = Metric(measure, "Median milliseconds of a question. All cases.", "0 and more, ms", _SOURCE, False, 0.5)
LATENCY_P95 = Metric(
    measure, "95th percentile of the milliseconds of a question. All cases.", "0 and more, ms", _SOURCE, False, 0.95
)
