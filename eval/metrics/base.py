"""What a metric is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eval.models import Case, Outcome, Part

Measure = Callable[[Case, Outcome], Part | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure: how a case is measured, and what a reader must know of it.

    `quantile` is None for a ratio of sums (a mean, where every `of` is 1), otherwise the quantile (0 to 1) of
    the cases' `got` that is taken.
    """

    measure: Measure
    definition: str
    range: str
    source: str
    higher_is_better: bool = True
    quantile: float | None = None


def share(got: float, of: float) -> float:
    """`got / of`, and zero of nothing."""
    return got / of if of else 0.0
