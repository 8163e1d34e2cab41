"""What was fitted on cases: which unit answers rather than another, and whether the papers answer at all.

Linear models, fitted by `footnote eval calibrate`, never by hand. The weights stand in `calibration.json` beside
this file, with what they were fitted on and how well; `reader.npz` holds what was tuned of the reader's network.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of features; a feature that is missing counts as zero."""

    weights: Mapping[str, float]
    bias: float = 0.0

    def __call__(self, features: Mapping[str, float]) -> float:
        """The sum."""
        return self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())


@dataclass(frozen=True, slots=True)
class Reading:
    """A weighted sum of what a network makes of a question beside a text: the reader's part of a unit's score.

    `network` has the tuned numbers of that network, by the names of its weights.
    """

    weights: Floats
    bias: float
    network: Mapping[str, Floats] = field(default_factory=dict)

    def __call__(self, states: Floats) -> Floats:
        """Log-odds of shape (texts,), from states of shape (texts, dimension)."""
        scores: Floats = states @ self.weights + np.float32(self.bias)
        return scores


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted.

    `unit` scores a unit: the log-odds that it answers the question; the difference of two scores is the log-odds that
    the one answers rather than the other. `question` gives the log-odds that the papers answer at all, from the
    features of all that was found. A question is answered from a probability of `answer` on; a further unit is cited
    when its odds against the best one are at least `more`.
    """

    unit: Linear
    question: Linear
    answer: float
    more: float
    version: str

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability (0 to 1) that the papers answer a question of which this was found."""
        return logistic(self.question(features))


def logistic(log_odds: float) -> float:
    """The probability (0 to 1) of which these are the log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


@lru_cache(maxsize=1)
def load_calibration() -> Calibration:
    """The calibration that ships with the package."""
    data = _shipped()
    question = Linear(data["question"]["weights"], data["question"]["bias"])
    return Calibration(Linear(data["unit"]), question, data["answer"], data["more"], data["version"])


def load_reading() -> Reading:
    """What the calibration that ships with the package adds to the default reranker."""
    reading = _shipped()["reading"]
    with (files("rag") / "reader.npz").open("rb") as file, np.load(file) as arrays:
        network = {name: values.astype(np.float32) for name, values in arrays.items()}
    return Reading(np.array(reading["weights"], dtype=np.float32), reading["bias"], network)


def _shipped() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((files("rag") / "calibration.json").read_text(encoding="utf-8"))
    return data
