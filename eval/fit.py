"""Fit the calibration: which unit of a paper answers a question, whether any does, and where to draw the lines.

Every unit that the pipeline looks at for a `dev` case is an example; those that lie on the case's evidence are the
positives, and cases that no paper answers have none. Two models are fitted:

- which unit: a conditional logit (McFadden 1974; ListNet with one relevant group, Cao et al. 2007) over the units of
  each answerable case, L2;
- whether at all: a logistic regression (scikit-learn, L2) on what `rag.answerability` makes of a case's units.

The thresholds, and the scores that the second model sees, come from cross-validation over cases, so that no case judges
itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.match import ENOUGH, covered, words
from eval.models import Case
from rag import answerability
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
UNIT_PENALTY = 2.0
"""L2 penalty of the choice among units, on standardised features."""
STRENGTH = 0.03
"""Inverse of the L2 penalty (scikit-learn's C) of the model of answering at all: it has few cases."""
RELEVANT = 0.52
"""The share of cited units that must be gold where there is any: answers stay short and to the point."""
UNANSWERABLE = 0.2
"""The share of questions that no paper answers, among those that people ask: a set may hold more of them."""
_MOST = 6
_SMOOTH = 8  # steps of 0.005 on either side over which the threshold's quality is averaged

Array = npt.NDArray[np.float64]
Units = list[tuple[Evidence, bool]]
"""What was looked at for a case, each with whether it lies on the gold evidence."""


def looked_at(case: Case, pipeline: Pipeline) -> Units:
    """The evidence that the pipeline looks at for a case."""
    seen: list[Evidence] = []

    def keep(stage: str, value: Any) -> None:
        if stage == "evidence":
            seen.extend(value)

    pipeline.ask(Question(case.question, tuple(Turn(q, a) for q, a in case.history)), keep)
    return [(evidence, _is_gold(case, evidence)) for evidence in seen]


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
    dev = [case for case in cases if case.split == "dev"]
    found = [looked_at(case, pipeline) for case in dev]
    result = fit_units(found, np.array([case.answerable for case in dev]))
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def fit_units(found: Sequence[Units], answerable: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Both models and both thresholds, from the units of each case and whether the papers answer it."""
    fold = np.arange(len(found)) % FOLDS
    share = (~answerable).mean()
    weight = (
        np.where(answerable, (1 - UNANSWERABLE) / (1 - share), UNANSWERABLE / share)
        if 0 < share < 1
        else np.ones(len(found))
    )
    scored: list[Units] = [[] for _ in found]
    for held in range(FOLDS):
        unit = _choice([units for i, units in enumerate(found) if fold[i] != held])
        for i in (int(n) for n in np.flatnonzero(fold == held)):
            scored[i] = [(replace(e, score=float(_row(e) @ unit)), gold) for e, gold in found[i]]
    seen = np.array([i for i, units in enumerate(scored) if units])
    whole = np.array([_case_row([e for e, _ in scored[i]]) for i in seen])
    sure = np.zeros(len(found))  # a case for which nothing was found is refused
    for held in range(FOLDS):
        inside = fold[seen] == held
        weights, bias = _logistic(whole[~inside], answerable[seen][~inside], weight[seen][~inside])
        sure[seen[inside]] = 1 / (1 + np.exp(-(whole[inside] @ weights + bias)))
    answer = _answer_threshold(answerable, sure, weight)
    weights, bias = _logistic(whole, answerable[seen], weight[seen])
    unit = _choice(found)
    golden = [units for units in scored if any(gold for _, gold in units)]
    return {
        "version": f"{len(found)} cases, {sum(map(len, found))} units",
        "unit": {name: round(float(w), 5) for name, w in zip(FEATURES, unit, strict=True)},
        "question": {
            "weights": {name: round(float(w), 5) for name, w in zip(answerability.FEATURES, weights, strict=True)},
            "bias": round(bias, 5),
        },
        "answer": round(answer, 4),
        "more": round(_more_odds(golden), 4),
        "fitted_on": {
            "units": sum(map(len, found)),
            "gold_units": sum(gold for units in found for _, gold in units),
            "answerable_answered": round(float((sure[answerable] >= answer).mean()), 4),
            "unanswerable_refused": round(float((sure[~answerable] < answer).mean()), 4),
            "gold_unit_was_read": round(len(golden) / max(1, int(answerable.sum())), 4),
            "best_unit_is_gold": round(
                sum(max(units, key=lambda u: u[0].score)[1] for units in golden) / max(1, int(answerable.sum())), 4
            ),
        },
    }


def _row(evidence: Evidence) -> Array:
    return np.array([evidence.features.get(name, 0.0) for name in FEATURES])


def _case_row(evidence: list[Evidence]) -> Array:
    values = answerability.features(evidence)
    return np.array([values[name] for name in answerability.FEATURES])


def _choice(found: Sequence[Units]) -> Array:
    """Weights of a conditional logit: the probability that a case's best-scored unit is a gold one, maximised."""
    from scipy.optimize import minimize

    groups = [(np.array([_row(e) for e, _ in units]), np.array([g for _, g in units])) for units in found]
    spread = np.concatenate([rows for rows, _ in groups if len(rows)]).std(axis=0) + 1e-9
    groups = [(rows / spread, gold) for rows, gold in groups if len(rows) and gold.any()]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = UNIT_PENALTY * float(weights @ weights) / 2, UNIT_PENALTY * weights
        for rows, gold in groups:
            scores = rows @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            of_gold = share[gold].sum()
            total -= float(np.log(of_gold + 1e-12))
            slope = slope - rows.T @ (np.where(gold, share / (of_gold + 1e-12), 0.0) - share)
        return total, slope

    best = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(best.x / spread)


def _logistic(rows: Array, answerable: npt.NDArray[np.bool_], weight: Array) -> tuple[Array, float]:
    """Weights and bias, for features as they are."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit((rows - mean) / spread, answerable, weight)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - mean @ weights)


def _answer_threshold(answerable: npt.NDArray[np.bool_], sure: Array, weight: Array) -> float:
    """The threshold at which refusals have the best F1: the unanswerable is refused, little else."""
    grid = np.linspace(0.01, 0.99, 197)

    def f1(threshold: float) -> float:
        refused = sure < threshold
        return float(2 * weight[refused & ~answerable].sum() / (weight[refused].sum() + weight[~answerable].sum()))

    quality = np.array([f1(t) for t in grid])
    # Averaged over its neighbours, and the middle of those as good, so that no single case decides.
    width = 2 * _SMOOTH + 1
    smooth = np.convolve(np.pad(quality, _SMOOTH, mode="edge"), np.full(width, 1 / width), mode="valid")
    good = grid[smooth >= smooth.max() - 0.01]
    return float((good.min() + good.max()) / 2)


def _more_odds(golden: Sequence[Units]) -> float:
    """The odds against the best unit from which a further unit is cited: the lowest at which `RELEVANT` of what is
    cited is still gold, over the cases that have any.
    """

    def precision(odds: float) -> float:
        shares = []
        for units in golden:
            ranked = sorted(units, key=lambda u: u[0].score, reverse=True)[:_MOST]
            floor = ranked[0][0].score + np.log(odds)
            shares.append(np.mean([gold for e, gold in ranked if e.score >= floor]))
        return float(np.mean(shares))

    grid = np.geomspace(0.02, 1.0, 60)
    return float(next((odds for odds in grid if precision(odds) >= RELEVANT), 1.0))
