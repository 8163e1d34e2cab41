"""Answers into scores: each case's part in each metric, and means with bootstrap intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.cases import CasesError
from eval.metrics import METRICS
from eval.models import Case, Outcome, Part, Score
from eval.stage import stage

RESAMPLES = 2000
"""Bootstrap resamples; with 2,000 the ends of a 95% interval are steady to about a hundredth of its width."""
SPLITS = ("all", "dev", "test")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric over `n` cases: its value and the ends of its 95% interval. None when nothing was measured.

    The interval is the percentile bootstrap over cases (Efron and Tibshirani 1993, chapter 13).
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Scores:
    """A scored run: the configuration of the answers, the score of every case, the milliseconds by stage."""

    configuration: Mapping[str, Any]
    cases: Mapping[str, Score]
    timings: Mapping[str, tuple[float, ...]]

    def estimate(self, metric: str, kind: str = "all", split: str = "all") -> Estimate:
        """One metric over the cases of a kind and a split."""
        return estimate(metric, [s.parts[metric] for s in self.select(kind, split) if metric in s.parts])

    def select(self, kind: str = "all", split: str = "all") -> list[Score]:
        """The scores of a kind and a split."""
        return [s for s in self.cases.values() if kind in ("all", s.kind) and split in ("all", s.split)]

    def as_spread(self) -> dict[str, dict[str, float]]:
        """The median and the 95th percentile of every stage's milliseconds."""
        return {name: _spread(values) for name, values in self.timings.items()}

    @property
    def kinds(self) -> list[str]:
        """The kinds there are cases of, in the order of the set."""
        return list(dict.fromkeys(s.kind for s in self.cases.values()))


def score(cases: Sequence[Case], outcomes: Mapping[str, Outcome], configuration: Mapping[str, Any]) -> Scores:
    """Score every case; one without an outcome has failed."""
    missing = "there is no answer to this case in the run"
    scores = {}
    timings: dict[str, list[float]] = {}
    for case in cases:
        outcome = outcomes.get(case.id) or Outcome(case.id, None, error=missing)
        parts = {name: part for name, m in METRICS.items() if (part := m.measure(case, outcome)) is not None}
        scores[case.id] = Score(case.id, case.kind, case.split, stage(case, outcome), parts, outcome.error)
        for name, ms in (outcome.answer["timings_ms"] if outcome.answer else {}).items():
            timings.setdefault(name, []).append(float(ms))
    return Scores(configuration, scores, {name: tuple(values) for name, values in timings.items()})


def estimate(metric: str, parts: Sequence[Part]) -> Estimate:
    """A metric over these parts, with its interval."""
    got = np.array([p.got for p in parts], dtype=np.float64)
    of = np.array([p.of for p in parts], dtype=np.float64)
    quantile = METRICS[metric].quantile
    if not of.sum():
        return Estimate(None, None, None, len(parts))
    if quantile is not None:
        value = float(np.quantile(got, quantile))
        drawn = np.quantile(got[draws(len(got))], quantile, axis=1)
    else:
        value = float(got.sum() / of.sum())
        counts = weights(len(got))
        below = counts @ of
        drawn = ((counts @ got)[below > 0]) / below[below > 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high), len(parts))


@lru_cache(maxsize=64)
def draws(n: int) -> npt.NDArray[np.int64]:
    """The cases of each resample, shape (RESAMPLES, n); the same every time, so that results can be repeated."""
    return np.random.default_rng(n).integers(0, n, (RESAMPLES, n))


@lru_cache(maxsize=64)
def weights(n: int) -> Floats:
    """How often each case is in each resample, shape (RESAMPLES, n)."""
    return np.stack([np.bincount(row, minlength=n) for row in draws(n)]).astype(np.float64)


def as_dict(scores: Scores) -> dict[str, Any]:
    """`scores.json`: the summary by split, kind and metric, then every case."""
    summary = {
        split: {
            kind: {
                name: {"value": e.value, "low": e.low, "high": e.high, "n": e.n}
                for name in METRICS
                if (e := scores.estimate(name, kind, split)).n
            }
            for kind in ("all", *scores.kinds)
        }
        for split in SPLITS
    }
    return {
        "configuration": scores.configuration,
        "metrics": {
            name: {
                "definition": m.definition,
                "range": m.range,
                "source": m.source,
                "higher_is_better": m.higher_is_better,
            }
            for name, m in METRICS.items()
        },
        "summary": summary,
        "timings_ms": scores.as_spread(),
        "failed": {s.case_id: s.error for s in scores.cases.values() if s.error},
        "cases": {
            s.case_id: {
                "kind": s.kind,
                "split": s.split,
                "stage": s.stage,
                "error": s.error,
                "parts": {name: [part.got, part.of] for name, part in s.parts.items()},
            }
            for s in scores.cases.values()
        },
    }


def load_scores(path: Path) -> Scores:
    """Read a `scores.json` back, as a baseline.

    Raises:
        CasesError: the file is missing or is not one.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        cases = {
            name: Score(
                name,
                c["kind"],
                c["split"],
                c["stage"],
                {m: Part(got, of) for m, (got, of) in c["parts"].items() if m in METRICS},
                c["error"],
            )
            for name, c in raw["cases"].items()
        }
        return Scores(raw["configuration"], cases, {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CasesError(f"{path} is no scores.json ({error}).", "Give the scores.json of an earlier run.") from error


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.quantile(values, [0.5, 0.95])
    return {"p50": float(p50), "p95": float(p95), "n": len(values)}
