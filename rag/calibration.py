"""A logistic model of "these words answer this question", fitted by `footnote eval calibrate`, never by hand.

The weights stand in `calibration.json` beside this file, with what they were fitted on and how well.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted.

    `weights` per feature, and `bias`; `answer` is the probability from which a question is answered at all, `more` the
    share of the best unit's probability from which a further unit is cited.
    """

    weights: Mapping[str, float]
    bias: float
    answer: float
    more: float
    version: str

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability (0 to 1) that the unit with these features answers the question."""
        total = self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def load_calibration() -> Calibration:
    """The calibration that ships with the package."""
    data = json.loads((files("rag") / "calibration.json").read_text(encoding="utf-8"))
    return Calibration(data["weights"], data["bias"], data["answer"], data["more"], data["version"])
