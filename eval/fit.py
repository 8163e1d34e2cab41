"""Fit the calibration: which unit of a paper answers a question, whether any does, and where to draw the lines.

Every unit that the pipeline looks at for a `dev` case is an example; those that lie on the case's evidence are the
positives, and cases that no paper answers have none. Two models are fitted:

- which unit: a conditional logit (McFadden 1974; ListNet with one relevant group, Cao et al. 2007) over the units of
  each answerable case, L2;
- whether at all: a logistic regression (L2) on what `rag.answerability` makes of a case's units.

The thresholds, and the scores that the second model sees, come from cross-validation over cases, so that no case judges
itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
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
AGAINST = frozenset((
    "name_missing", "term_missing", "terms_missing", "wants_unmet", "number_far", "date_loose", "kind_unmet", "bare",
    "heading", "second_hand", "thing_unmet", "uncounted",
))  # fmt: skip
"""Features that speak against an answer; the others speak for it. A fit may not turn a sign around: what few cases
suggest against reason ("the less the words fit, the surer") is chance, and goes wrong on whatever is unlike them."""
EITHER = frozenset({"words", "list", "row"})
"""Features that may count either way."""
FOLDS = 8
UNIT_PENALTY = 1.0
"""L2 penalty of the choice among units, on standardised features."""
QUESTION_PENALTY = 16.0
"""L2 penalty of the model of answering at all, on standardised features: it has few cases."""
RELEVANT = 0.52
"""The share of cited units that must be gold where there is any: answers stay short and to the point."""
BETA = 1.2
"""How much more a wrong answer counts than a wrong refusal when the threshold is chosen (F-beta, van Rijsbergen)."""
WITHOUT = 0.3
"""What an answerable case counts once more as one that the papers do not answer: with the files that answer it away."""
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
        if stage == "evidence":  # what a report states by its form is not weighed
            seen.extend(unit for unit in value if "stated" not in unit.features)

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


def fit(sets: Sequence[tuple[Sequence[Case], Pipeline]], path: Path) -> dict[str, Any]:
    """Fit on the `dev` cases of sets, each asked of its own papers; write `path`, and return what was written."""
    seen = [(case, looked_at(case, pipeline)) for cases, pipeline in sets for case in cases if case.split == "dev"]
    result = fit_units([units for _, units in seen], np.array([case.answerable for case, _ in seen]))
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
    rows = [
        (i, _case_row([e for e, _ in units]), bool(answerable[i]), weight[i]) for i, units in enumerate(scored) if units
    ]
    rows += [(i, _case_row(rest), False, WITHOUT) for i, units in enumerate(scored) if (rest := _without_gold(units))]
    of_case = np.array([i for i, *_ in rows])
    whole = np.array([row for _, row, *_ in rows])
    answered = np.array([yes for *_, yes, _ in rows])
    counts = np.array([count for *_, count in rows])
    sure = np.zeros(len(found))  # a case for which nothing was found is refused
    for held in range(FOLDS):
        inside = fold[of_case] == held
        weights, bias = _logistic(whole[~inside], answered[~inside], counts[~inside])
        for n in np.flatnonzero(inside & (answered == answerable[of_case])):
            sure[of_case[n]] = 1 / (1 + np.exp(-(whole[n] @ weights + bias)))
    answer = _answer_threshold(answerable, sure, weight)
    weights, bias = _logistic(whole, answered, counts)
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


def _without_gold(units: Units) -> list[Evidence]:
    """What is left of a case's evidence when the files that answer it are away."""
    answering = {e.document.source for e, gold in units if gold}
    return [e for e, _ in units if e.document.source not in answering] if answering else []


def _row(evidence: Evidence) -> Array:
    return np.array([evidence.features.get(name, 0.0) for name in FEATURES])


def _case_row(evidence: list[Evidence]) -> Array:
    values = answerability.features(evidence)
    return np.array([values[name] for name in answerability.FEATURES])


def _choice(found: Sequence[Units]) -> Array:
    """Weights of a conditional logit: the probability that a case's best-scored unit is a gold one, maximised."""
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

    best: Array = _least(loss, [_bounds(name) for name in FEATURES]) / spread
    return best


def _logistic(rows: Array, answerable: npt.NDArray[np.bool_], weight: Array) -> tuple[Array, float]:
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
    found = _least(loss, [*(_bounds(name) for name in names), (None, None)])
    weights = found[:-1] / spread
    return weights, float(found[-1] - mean @ weights)


def _bounds(name: str) -> tuple[float | None, float | None]:
    return (None, None) if name in EITHER else (None, 0.0) if name in AGAINST else (0.0, None)


def _least(loss: Callable[[Array], tuple[float, Array]], bounds: list[tuple[float | None, float | None]]) -> Array:
    """Where a loss, given with its slope, is least within the bounds (L-BFGS-B, Byrd et al. 1995)."""
    from scipy.optimize import minimize

    start = np.zeros(len(bounds))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x)


def _answer_threshold(answerable: npt.NDArray[np.bool_], sure: Array, weight: Array) -> float:
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
