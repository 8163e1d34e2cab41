"""Fit the calibration: how probable it is that a unit of a paper answers a question, and where to draw the line.

Every unit that the pipeline looks at for a `dev` case is an example; those that lie on the case's evidence are the
positives, and cases that no paper answers have none. The model is a logistic regression (scikit-learn, L2). The two
thresholds are chosen on probabilities predicted by cross-validation over cases, so that no case judges itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.match import ENOUGH, covered, words
from eval.models import Case
from rag.evidence import Evidence
from rag.models import Question, Turn
from rag.pipeline import Pipeline

FEATURES = (
    "unit_likely", "passage_likely", "in_passage_likely", "near_top", "passage_near_top", "behind", "passage_behind",
    "leads_passage",
    "rank", "dense", "coverage", "context_coverage", "name_missing", "term_missing", "terms_missing",
    "wants_met", "wants_unmet", "number_near", "number_far", "quantifies", "second_hand", "date_loose",
    "dated", "kind_met", "kind_unmet", "words", "bare", "heading", "list", "row",
)  # fmt: skip
FOLDS = 8
STRENGTH = 0.2
"""Inverse of the L2 penalty (scikit-learn's C)."""
RELEVANT = 0.52
"""The share of cited units that must be gold where there is any: answers stay short and to the point."""
_MOST = 4
_SMOOTH = 8  # steps of 0.005 on either side over which the threshold's quality is averaged


@dataclass(frozen=True, slots=True)
class Example:
    """One unit that was looked at for one case, and whether it lies on the gold evidence."""

    case: int
    features: tuple[float, ...]
    gold: bool


def examples(cases: Sequence[Case], pipeline: Pipeline) -> list[Example]:
    """Everything the pipeline looks at for the cases."""
    found = []
    for number, case in enumerate(cases):
        question = Question(case.question, tuple(Turn(q, a) for q, a in case.history))
        seen: list[Evidence] = []

        def keep(stage: str, value: Any, seen: list[Evidence] = seen) -> None:
            if stage == "evidence":
                seen.extend(value)

        pipeline.ask(question, keep)
        for evidence in seen:
            row = tuple(evidence.features.get(name, 0.0) for name in FEATURES)
            found.append(Example(number, row, _is_gold(case, evidence)))
    return found


def _is_gold(case: Case, evidence: Evidence) -> bool:
    """Whether a unit holds enough of an evidence, or is a good part of one."""
    for gold in case.evidence:
        if gold.source == evidence.document.source:
            if covered(gold.text, [evidence.text]) >= ENOUGH:
                return True
            if len(words(evidence.text)) >= 4 and covered(evidence.text, [gold.text]) >= 0.9:
                return True
    return False


def fit(cases: Sequence[Case], pipeline: Pipeline, path: Path) -> dict[str, Any]:
    """Fit on the `dev` cases, write `path`, and return what was written."""
    from sklearn.linear_model import LogisticRegression

    dev = [case for case in cases if case.split == "dev"]
    rows = examples(dev, pipeline)
    x = np.array([row.features for row in rows])
    y = np.array([row.gold for row in rows])
    group = np.array([row.case for row in rows])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    scaled = (x - mean) / spread
    out_of_fold = np.zeros(len(y))
    for fold in range(FOLDS):
        held = group % FOLDS == fold
        model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaled[~held], y[~held])
        out_of_fold[held] = model.predict_proba(scaled[held])[:, 1]
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaled, y)
    weights = model.coef_[0] / spread
    answer = _answer_threshold(dev, group, out_of_fold)
    more = _more_share(group, y, out_of_fold, answer)
    best = _best(dev, group, out_of_fold)
    answerable = np.array([case.answerable for case in dev])
    result = {
        "version": f"{len(dev)} cases, {len(rows)} units",
        "weights": {name: round(float(w), 5) for name, w in zip(FEATURES, weights, strict=True)},
        "bias": round(float(model.intercept_[0] - (mean * weights).sum()), 5),
        "answer": round(answer, 4),
        "more": round(more, 4),
        "fitted_on": {
            "units": len(rows),
            "gold_units": int(y.sum()),
            "answerable_answered": round(float((best[answerable] >= answer).mean()), 4),
            "unanswerable_refused": round(float((best[~answerable] < answer).mean()), 4),
            "best_unit_is_gold": round(_first_is_gold(group, y, out_of_fold, np.flatnonzero(answerable)), 4),
        },
    }
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _answer_threshold(cases: Sequence[Case], group: npt.NDArray[np.int64], p: npt.NDArray[np.float64]) -> float:
    """The threshold on the best unit at which refusals have the best F1: the unanswerable is refused, little else."""
    best = _best(cases, group, p)
    answerable = np.array([case.answerable for case in cases])
    grid = np.linspace(0.01, 0.9, 179)

    def f1(threshold: float) -> float:
        refused = best < threshold
        return float(2 * (refused & ~answerable).sum() / max(1, refused.sum() + (~answerable).sum()))

    quality = np.array([f1(t) for t in grid])
    # Averaged over its neighbours, and the middle of those as good, so that no single case decides.
    width = 2 * _SMOOTH + 1
    smooth = np.convolve(np.pad(quality, _SMOOTH, mode="edge"), np.full(width, 1 / width), mode="valid")
    good = grid[smooth >= smooth.max() - 0.01]
    return float((good.min() + good.max()) / 2)


def _rows(cases: Sequence[Case], group: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    return [np.flatnonzero(group == i) for i in range(len(cases))]


def _best(cases: Sequence[Case], group: npt.NDArray[np.int64], p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.array([p[rows].max() if len(rows) else 0.0 for rows in _rows(cases, group)])


def _more_share(
    group: npt.NDArray[np.int64], y: npt.NDArray[np.bool_], p: npt.NDArray[np.float64], answer: float
) -> float:
    """The share of the best unit's probability from which a further unit is cited: the lowest at which `RELEVANT` of
    what is cited is still gold, over the cases that have any.
    """
    cases = [np.flatnonzero(group == i) for i in np.unique(group)]
    cases = [rows for rows in cases if y[rows].any()]

    def precision(share: float) -> float:
        shares = []
        for rows in cases:
            best = p[rows].max()
            taken = rows[np.argsort(-p[rows])][:_MOST]
            taken = taken[p[taken] >= min(best, max(share * best, answer / 3))]
            shares.append(y[taken].mean())
        return float(np.mean(shares))

    grid = np.linspace(0.1, 1.0, 91)
    return float(next((share for share in grid if precision(share) >= RELEVANT), 1.0))


def _first_is_gold(
    group: npt.NDArray[np.int64], y: npt.NDArray[np.bool_], p: npt.NDArray[np.float64], cases: npt.NDArray[np.int64]
) -> float:
    hits = [bool(y[group == i][p[group == i].argmax()]) for i in cases if (group == i).any()]
    return float(np.sum(hits) / max(1, len(cases)))
