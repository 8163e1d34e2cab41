"""A run beside an earlier one: paired differences, and the cases that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.metrics import METRICS
from eval.models import Part, Score
from eval.score import Estimate, Scores, draws, weights

GOODNESS = ("right", "facts", "evidence_quoted", "citation_precision", "no_wrong_period", "no_wrong_voice")
"""The metrics whose mean says how well one case went, to put cases in order."""


@dataclass(frozen=True, slots=True)
class Change:
    """A case that got better or worse, by how much its goodness changed, and its stage then and now."""

    case_id: str
    by: float
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences (now less then) of every metric over the cases both runs have, and what changed."""

    differences: Mapping[str, Estimate]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    only_now: tuple[str, ...]
    only_then: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON."""
        return {
            "differences": {
                name: {"value": e.value, "low": e.low, "high": e.high, "n": e.n} for name, e in self.differences.items()
            },
            "better": [{"id": c.case_id, "by": c.by, "was": c.was, "now": c.now} for c in self.better],
            "worse": [{"id": c.case_id, "by": c.by, "was": c.was, "now": c.now} for c in self.worse],
            "only_now": list(self.only_now),
            "only_then": list(self.only_then),
        }


def compare(now: Scores, then: Scores) -> Comparison:
    """Compare two runs on the cases that both have."""
    changes = []
    for name in now.cases.keys() & then.cases.keys():
        a, b = now.cases[name], then.cases[name]
        if by := round(goodness(a) - goodness(b), 6):
            changes.append(Change(name, by, b.stage, a.stage))
    return Comparison(
        {name: e for name in METRICS if (e := difference(name, now, then)).n},
        tuple(sorted((c for c in changes if c.by > 0), key=lambda c: (-c.by, c.case_id))),
        tuple(sorted((c for c in changes if c.by < 0), key=lambda c: (c.by, c.case_id))),
        tuple(sorted(now.cases.keys() - then.cases.keys())),
        tuple(sorted(then.cases.keys() - now.cases.keys())),
    )


def difference(metric: str, now: Scores, then: Scores, kind: str = "all", split: str = "all") -> Estimate:
    """One metric's difference, now less then, with the interval of a bootstrap over pairs."""
    pairs = [
        (s.parts[metric], then.cases[s.case_id].parts[metric])
        for s in now.select(kind, split)
        if metric in s.parts and s.case_id in then.cases and metric in then.cases[s.case_id].parts
    ]
    if not pairs:
        return Estimate(None, None, None, 0)
    a, b = (np.array([[p.got, p.of] for p in side]) for side in zip(*pairs, strict=True))
    quantile = METRICS[metric].quantile
    if quantile is not None:
        rows = draws(len(pairs))
        value = np.quantile(a[:, 0], quantile) - np.quantile(b[:, 0], quantile)
        drawn = np.quantile(a[rows, 0], quantile, axis=1) - np.quantile(b[rows, 0], quantile, axis=1)
    elif not (a[:, 1].sum() and b[:, 1].sum()):
        return Estimate(None, None, None, len(pairs))
    else:
        counts = weights(len(pairs))
        sums_a, sums_b = counts @ a, counts @ b
        full = (sums_a[:, 1] > 0) & (sums_b[:, 1] > 0)
        value = a[:, 0].sum() / a[:, 1].sum() - b[:, 0].sum() / b[:, 1].sum()
        drawn = sums_a[full, 0] / sums_a[full, 1] - sums_b[full, 0] / sums_b[full, 1]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high), len(pairs))


def goodness(score: Score) -> float:
    """How well one case went, 0 to 1."""
    parts: list[Part] = [score.parts[m] for m in GOODNESS if m in score.parts]
    return sum(p.got for p in parts) / len(parts)
