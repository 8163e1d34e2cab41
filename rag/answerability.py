"""Whether the papers answer a question at all, judged on everything that was found for it.

A score says which words answer best, not whether any do: that also depends on how they stand beside the rest, and on
what of the question the best of them leaves open.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.calibration import Calibration
from rag.evidence import Evidence

OF_THE_BEST = (
    "coverage", "context_coverage", "name_missing", "term_missing", "terms_missing", "wants_met",
    "wants_unmet", "number_near", "number_far", "quantifies", "second_hand", "date_loose", "dated", "kind_met",
    "kind_unmet", "dense",
)  # fmt: skip
"""Features of evidence that are taken from the unit with the highest score."""
_HIGHEST = ("coverage", "context_coverage", "dense")
_LOWEST = ("name_missing", "term_missing")
_OF_ALL_CITED = ("thing_unmet", "uncounted")
_CITED = 0.03  # the odds against the best from which a unit may be cited beside it, about
_FAR = 3.0  # how far the best is ahead when there is no other

FEATURES = (
    *OF_THE_BEST, "score", "ahead", *(f"highest_{name}" for name in _HIGHEST),
    *(f"lowest_{name}" for name in _LOWEST), *(f"cited_{name}" for name in _OF_ALL_CITED),
)  # fmt: skip
"""Everything the probability is made of."""


def features(evidence: Sequence[Evidence]) -> dict[str, float]:
    """What speaks for the papers answering, from evidence in any order (at least one), by the names of `FEATURES`."""
    ranked = sorted(evidence, key=lambda e: e.score, reverse=True)
    best = ranked[0]
    cited = [e for e in ranked if e.score >= best.score + math.log(_CITED)]
    return {
        **{name: best.features.get(name, 0.0) for name in OF_THE_BEST},
        "score": best.score,
        "ahead": best.score - ranked[1].score if len(ranked) > 1 else _FAR,
        **{f"highest_{name}": max(e.features.get(name, 0.0) for e in evidence) for name in _HIGHEST},
        **{f"lowest_{name}": min(e.features.get(name, 0.0) for e in evidence) for name in _LOWEST},
        **{f"cited_{name}": min(e.features.get(name, 0.0) for e in cited) for name in _OF_ALL_CITED},
    }


def answerability(evidence: Sequence[Evidence], calibration: Calibration) -> float:
    """The probability (0 to 1) that this evidence holds the answer; 0 when there is none.

    What a report states by its form is no guess: it has its own.
    """
    if evidence and evidence[0].features.get("stated"):
        return evidence[0].score
    return calibration.probability(features(evidence)) if evidence else 0.0
