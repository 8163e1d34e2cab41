"""Whether the papers answer a question at all: a logistic regression on what was found for it, and its threshold."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from eval.fit.least import Array, bounds, least
from eval.fit.units import Units
from rag import answerability
from rag.evidence import Evidence

QUESTION_PENALTY = 16.0
"""L2 penalty of the model of answering at all, on standardised features: it has few cases."""
BETA = 1.1
"""How much more a wrong answer counts than a wrong refusal when the threshold is chosen (F-beta, van Rijsbergen)."""
_SMOOTH = 8  # steps of 0.005 on either side over which the threshold's quality is averaged


def without_gold(units: Units) -> list[Evidence]:
    """What is left of a case's evidence when the files that answer it are away."""
    answering = {unit.evidence.document.source for unit in units if unit.gold}
    rest = [unit.evidence for unit in units if unit.evidence.document.source not in answering]
    return rest if answering else []


def case_row(evidence: list[Evidence]) -> Array:
    """The values of `answerability.FEATURES`."""
    values = answerability.features(evidence)
    return np.array([values[name] for name in answerability.FEATURES])


def fit_question(rows: Array, answerable: npt.NDArray[np.bool_], weight: Array) -> tuple[Array, float]:
    """Weights and bias, for features as they are."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = (rows - mean) / spread
    sign = np.where(answerable, 1.0, -1.0)

    def loss(found: Array) -> tuple[float, Array]:
        weights, bias = found[:-1], found[-1]
        margin = sign * (scaled @ weights + bias)
        total = float((weight * np.logaddexp(0, -margin)).sum() + QUESTION_PENALTY * weights @ weights / 2)
        slope = -weight * sign / (1 + np.exp(margin))
        return total, np.append(scaled.T @ slope + QUESTION_PENALTY * weights, slope.sum())

    names = [re.sub("^(?:highest|lowest|cited)_", "", name) for name in answerability.FEATURES]
    found = least(loss, [*(bounds(name) for name in names), (None, None)])
    weights = found[:-1] / spread
    return weights, float(found[-1] - mean @ weights)


def answer_threshold(answerable: npt.NDArray[np.bool_], sure: Array, weight: Array) -> float:
    """The threshold at which refusals have the best F-beta: the unanswerable is refused, little else."""
    grid = np.linspace(0.01, 0.99, 197)

    def f_beta(threshold: float) -> float:
        refused = sure < threshold
        right = (1 + BETA**2) * weight[refused & ~answerable].sum()
        return float(right / (BETA**2 * weight[~answerable].sum() + weight[refused].sum()))

    quality = np.array([f_beta(t) for t in grid])
    # Averaged over its neighbours, and the middle of those as good, so that no single case decides.
    width = 2 * _SMOOTH + 1
    smooth = np.convolve(np.pad(quality, _SMOOTH, mode="edge"), np.full(width, 1 / width), mode="valid")
    good = grid[smooth >= smooth.max() - 0.01]
    return float((good.min() + good.max()) / 2)
