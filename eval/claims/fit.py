"""Fit the support score: how probable it is that quotes support a claim, from what the models and the words say.

A logistic regression (scikit-learn, L2) on the `fit` groups of the claims that the plain checks let pass and that are
no part of a quote: of the others it is never asked. Both classes weigh the same, a claim made by rule less than one
labelled by hand. The threshold is chosen on probabilities predicted by cross-validation over groups, so that no claim
judges itself: the one with the best F-beta of "supported".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.claims import Claim
from rag.verify import Source, Verifier, at_sight

FOLDS = 6
STRENGTH = 0.3
"""Inverse of the L2 penalty (scikit-learn's C), over standardised features."""
MADE_WEIGHT = 0.1
"""Of a claim that was made by rule, where one labelled by hand weighs 1: they are many, and alike."""
BETA = 0.6
FEATURES = (
    "exact", "cover_best", "figure_fit", "ordered", "unordered", "breaks", "skipped", "length", "opposite",
    "must_added", "align_worst", "align_part", "logit", "logit_together",
)  # fmt: skip


def sources_of(claim: Claim) -> list[Source]:
    """The quotes with what is known of them."""
    return [Source(quote, claim.voices, claim.published) for quote in claim.quotes]


def fit(
    claims: Sequence[Claim],
    made: Sequence[Claim],
    verifier: Verifier,
    path: Path,
    progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """Fit on the `fit` split of claims labelled by hand and of `made` ones, write `path`, return what was written."""
    rows, labels, groups, weighs = [], [], [], []
    chosen = [(claim, 1.0) for claim in claims] + [(claim, MADE_WEIGHT) for claim in made]
    chosen = [(claim, weight) for claim, weight in chosen if claim.split == "fit"]
    for number, (claim, weight) in enumerate(chosen, 1):
        progress(number, len(chosen))
        if at_sight(claim.claim, sources_of(claim)) is not None:
            continue
        features = verifier.features(claim.claim, claim.quotes)
        rows.append([features.get(name, 0.0) for name in FEATURES])
        labels.append(claim.supported)
        groups.append(claim.group)
        weighs.append(weight)
    x, y, weight_of = np.array(rows), np.array(labels), np.array(weighs)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    scaled = (x - mean) / spread
    names = {name: place for place, name in enumerate(dict.fromkeys(groups))}
    folds = np.array([names[group] % FOLDS for group in groups])
    held = np.zeros(len(y))
    for fold in range(FOLDS):
        w = _model(scaled[folds != fold], y[folds != fold], weight_of[folds != fold])
        held[folds == fold] = 1.0 / (1.0 + np.exp(-(scaled[folds == fold] @ w[:-1] + w[-1])))
    w = _model(scaled, y, weight_of)
    weights = w[:-1] / spread
    threshold = best_threshold(y, held, weight_of)
    result = {
        "version": f"{len(y)} claims",
        "weights": {name: round(float(value), 5) for name, value in zip(FEATURES, weights, strict=True)},
        "bias": round(float(w[-1] - (mean * weights).sum()), 5),
        "threshold": round(threshold, 4),
        "fitted_on": {"supported": int(y.sum()), "not_supported": int((~y).sum())},
    }
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _balanced(y: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The weights of the claims, each class with the same sum and a mean of 1."""
    share: npt.NDArray[np.float64] = weights / np.where(y, weights[y].sum(), weights[~y].sum())
    balanced: npt.NDArray[np.float64] = share / share.mean()
    return balanced


def _model(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The weights of the features, the bias last."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=3000).fit(x, y, sample_weight=_balanced(y, weights))
    return np.append(model.coef_[0], model.intercept_[0])


def best_threshold(y: npt.NDArray[np.bool_], p: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> float:
    """The threshold with the best F-beta of the supported, both classes weighing the same; the middle of the good."""
    weight = _balanced(y, weights)
    weight = weight / weight.sum()
    grid = np.linspace(0.05, 0.95, 91)

    def quality(threshold: float) -> float:
        said = p >= threshold
        right = float(weight[said & y].sum())
        precision, recall = right / max(1e-9, float(weight[said].sum())), right / 0.5
        return (1 + BETA**2) * precision * recall / max(1e-9, BETA**2 * precision + recall)

    values = np.array([quality(t) for t in grid])
    good = grid[values >= values.max() - 0.005]
    return float((good.min() + good.max()) / 2)
