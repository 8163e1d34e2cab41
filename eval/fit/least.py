"""The least of a loss, where reason bounds the signs of weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Bounds = tuple[float | None, float | None]

AGAINST = frozenset((
    "name_missing", "term_missing", "terms_missing", "wants_unmet", "number_far", "date_loose", "kind_unmet", "bare",
    "heading", "second_hand", "thing_unmet", "uncounted",
))  # fmt: skip
"""Features that speak against an answer; the others speak for it. A fit may not turn a sign around: what few cases
suggest against reason ("the less the words fit, the surer") is chance, and goes wrong on whatever is unlike them."""
EITHER = frozenset({"words", "list", "row"})
"""Features that may count either way."""


def bounds(name: str) -> Bounds:
    """Between what the weight of a feature may be."""
    return (None, None) if name in EITHER else (None, 0.0) if name in AGAINST else (0.0, None)


def least(loss: Callable[[Array], tuple[float, Array]], within: list[Bounds]) -> Array:
    """Where a loss, given with its slope, is least within bounds (L-BFGS-B, Byrd et al. 1995)."""
    from scipy.optimize import minimize

    start = np.zeros(len(within))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=within, options={"maxiter": 500}).x)
