"""Fit the calibration: which unit of a paper answers a question, whether any does, and where to draw the lines.

Every unit that the pipeline looks at for a `dev` case is an example; those that lie on the case's evidence are the
positives, and cases that no paper answers have none. Two models are fitted:

- which unit: the log-odds that a unit answers, linear in its features and in the reader's states, so that a case's gold
  units come first (a conditional logit, McFadden 1974; ListNet with one relevant group, Cao et al. 2007) and so that
  the log-odds are right by themselves (a logistic regression), L2;
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
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from eval.match import ENOUGH, covered, words
from eval.models import Case
from rag import answerability
from rag.evidence import Evidence, shown
from rag.models import Question, Turn
from rag.pipeline import Pipeline
from rag.rerankers import READER, WHOLE, Reranker, Scores, open_reranker
from rag.rerankers.reader import Reader

FEATURES = (
    "reading", "rank", "dense", "coverage", "context_coverage", "name_missing", "term_missing", "terms_missing",
    "wants_met", "wants_unmet", "number_near", "number_far", "quantifies", "second_hand", "date_loose",
    "dated", "kind_met", "kind_unmet", "words", "bare", "heading", "list", "row",
)  # fmt: skip
READING = FEATURES.index("reading")
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
"""L2 penalty of the model of units, on standardised features."""
STATE_PENALTY = 10.0
"""The same on the reader's states, turned to their principal components (`_COMPONENTS` of them): less of it suits the
papers fitted on, more of it papers unlike them."""
ALONE = 0.3
"""What the log-odds of a unit by itself count beside its place among the units of its case."""
QUESTION_PENALTY = 16.0
"""L2 penalty of the model of answering at all, on standardised features: it has few cases."""
RELEVANT = 0.52
"""The share of cited units that must be gold where there is any: answers stay short and to the point."""
BETA = 1.2
"""How much more a wrong answer counts than a wrong refusal when the threshold is chosen (F-beta, van Rijsbergen)."""
WITHOUT = 0.3
"""What an answerable case counts once more as one that the papers do not answer: with the files that answer it away."""
UNANSWERABLE = 0.25
"""The share of questions that no paper answers, among those that people ask: a set may hold more of them."""
_MOST = 6
_COMPONENTS = 512
_RIDGE = 10.0
_SMOOTH = 8  # steps of 0.005 on either side over which the threshold's quality is averaged

Array = npt.NDArray[np.float64]


class Unit(NamedTuple):
    """What was looked at for a case: a unit, whether it lies on the gold evidence, and what the reader's states and the
    whole network's logit of it are."""

    evidence: Evidence
    gold: bool
    state: Array
    logit: float = 0.0


Units = list[Unit]


class UnitModel(NamedTuple):
    """The log-odds that a unit answers: weights of `FEATURES`, and of the states, with their bias."""

    features: Array
    states: Array
    bias: float

    def reading(self, unit: Unit) -> float:
        """The part that the states give; without states, what the reranker gave."""
        if not len(self.states):
            return unit.evidence.features.get("reading", 0.0)
        return float(unit.state @ self.states) + self.bias

    def judged(self, unit: Unit) -> Unit:
        """The unit with the reading and the score that this model gives it."""
        features = {**unit.evidence.features, "reading": self.reading(unit)}
        evidence = replace(unit.evidence, features=features)
        return unit._replace(evidence=replace(evidence, score=float(_row(evidence) @ self.features)))


class Recording:
    """A reader that keeps, of every text it reads for a case, the state beside the question that the text answers best,
    and what the whole network says of the same pair."""

    def __init__(self, reader: Reader, whole: Reranker) -> None:
        self.name = reader.name
        self.seen: dict[str, tuple[float, Array, float]] = {}
        self._reader = reader
        self._whole = whole

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """What the reader says, shape (texts,)."""
        states = self._reader.states(query, texts)
        scores = self._reader.reading(states)
        logits = self._whole.score(query, texts)
        for text, state, score, logit in zip(texts, states, map(float, scores), map(float, logits), strict=True):
            if text not in self.seen or score > self.seen[text][0]:
                self.seen[text] = (score, state.astype(np.float64), logit)
        return scores


def looked_at(case: Case, pipeline: Pipeline) -> Units:
    """The evidence that the pipeline looks at for a case, with states where its reranker is a `Recording`."""
    found: list[Evidence] = []

    def keep(stage: str, value: Any) -> None:
        if stage == "evidence":  # what a report states by its form is not weighed
            found.extend(unit for unit in value if "stated" not in unit.features)

    reranker = pipeline.reranker
    seen = reranker.seen if isinstance(reranker, Recording) else {}
    seen.clear()
    pipeline.ask(Question(case.question, tuple(Turn(q, a) for q, a in case.history)), keep)
    nothing = (0.0, np.zeros(0), 0.0)
    read = [seen[shown(e)] if seen else nothing for e in found]
    return [Unit(e, _is_gold(case, e), state, logit) for e, (_, state, logit) in zip(found, read, strict=True)]


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
    readers = [pipeline for _, pipeline in sets if pipeline.reranker.name == READER]
    if readers:
        recording = Recording(Reader(READER), open_reranker(WHOLE))
        for pipeline in readers:
            pipeline.reranker = recording
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
        model = _units([units for i, units in enumerate(found) if fold[i] != held])
        for i in (int(n) for n in np.flatnonzero(fold == held)):
            scored[i] = [model.judged(unit) for unit in found[i]]
    rows = [
        (i, _case_row([unit.evidence for unit in units]), bool(answerable[i]), weight[i])
        for i, units in enumerate(scored)
        if units
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
    model = _units(found)
    golden = [units for units in scored if any(unit.gold for unit in units)]
    best_is_gold = sum(max(units, key=lambda unit: unit.evidence.score).gold for units in golden)
    return {
        "version": f"{len(found)} cases, {sum(map(len, found))} units",
        "reading": {"weights": [round(float(w), 4) for w in model.states], "bias": round(model.bias, 4)},
        "unit": {name: round(float(w), 5) for name, w in zip(FEATURES, model.features, strict=True)},
        "question": {
            "weights": {name: round(float(w), 5) for name, w in zip(answerability.FEATURES, weights, strict=True)},
            "bias": round(bias, 5),
        },
        "answer": round(answer, 4),
        "more": round(_more_odds(golden), 4),
        "fitted_on": {
            "units": sum(map(len, found)),
            "gold_units": sum(unit.gold for units in found for unit in units),
            "answerable_answered": round(float((sure[answerable] >= answer).mean()), 4),
            "unanswerable_refused": round(float((sure[~answerable] < answer).mean()), 4),
            "gold_unit_was_read": round(len(golden) / max(1, int(answerable.sum())), 4),
            "best_unit_is_gold": round(best_is_gold / max(1, int(answerable.sum())), 4),
        },
    }


def _without_gold(units: Units) -> list[Evidence]:
    """What is left of a case's evidence when the files that answer it are away."""
    answering = {unit.evidence.document.source for unit in units if unit.gold}
    rest = [unit.evidence for unit in units if unit.evidence.document.source not in answering]
    return rest if answering else []


def _row(evidence: Evidence) -> Array:
    return np.array([evidence.features.get(name, 0.0) for name in FEATURES])


def _case_row(evidence: list[Evidence]) -> Array:
    values = answerability.features(evidence)
    return np.array([values[name] for name in answerability.FEATURES])


def _units(found: Sequence[Units]) -> UnitModel:
    """The log-odds that a unit answers: each case's gold units before its others, and every unit by itself.

    What the whole network would say can be read off the states. That sum is weighed as one feature among others, so
    that only what the states hold beyond it has to be learnt from few cases.
    """
    cases = [units for units in found if units]
    states = np.array([unit.state for units in cases for unit in units])
    middle, turned = _principal(states) if states.shape[1] else (np.zeros(0), np.zeros((0, 0)))
    read = turned.shape[1] > 0
    features = np.array([_row(unit.evidence) for units in cases for unit in units])
    whole = np.zeros(states.shape[1])
    if read:
        whole = _ridge(states - middle, np.array([unit.logit for units in cases for unit in units]))
        features[:, READING] = states @ whole
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.hstack([(features - mean) / spread, (states - middle) @ turned, np.ones((len(features), 1))])
    gold = np.array([unit.gold for units in cases for unit in units])
    starts = np.cumsum([0, *(len(units) for units in cases[:-1])])
    case = np.repeat(np.arange(len(cases)), [len(units) for units in cases])
    chosen = np.logical_or.reduceat(gold, starts)[case]
    penalty = np.array([UNIT_PENALTY] * len(FEATURES) + [STATE_PENALTY] * turned.shape[1] + [0.0])

    def loss(weights: Array) -> tuple[float, Array]:
        scores = rows @ weights
        share = np.exp(scores - np.maximum.reduceat(scores, starts)[case])
        share /= np.add.reduceat(share, starts)[case]
        of_gold = np.add.reduceat(np.where(gold, share, 0.0), starts) + 1e-12
        slope = np.where(chosen, share - np.where(gold, share / of_gold[case], 0.0), 0.0)
        total = -float(np.log(of_gold[np.unique(case[chosen])]).sum())
        total += ALONE * float(np.logaddexp(0, np.where(gold, -scores, scores)).sum())
        slope += ALONE * (1 / (1 + np.exp(-scores)) - gold)
        return total + float(penalty @ weights**2) / 2, rows.T @ slope + penalty * weights

    free: list[tuple[float | None, float | None]] = [(None, None)] * (turned.shape[1] + 1)
    weights = _least(loss, [*(_bounds(name) for name in FEATURES), *free])
    of_features = weights[: len(FEATURES)] / spread
    of_states = turned @ weights[len(FEATURES) : -1]
    bias = float(weights[-1] - mean @ of_features - middle @ of_states)
    if read:
        of_states += of_features[READING] * whole
        of_features[READING] = 1.0
    return UnitModel(of_features, of_states, bias)


def _ridge(states: Array, logits: Array) -> Array:
    """Weights of states whose sum is the logit, but for a constant (ridge regression, Hoerl & Kennard 1970)."""
    solved: Array = np.linalg.solve(
        states.T @ states + _RIDGE * np.eye(states.shape[1]), states.T @ (logits - logits.mean())
    )
    return solved


def _principal(states: Array) -> tuple[Array, Array]:
    """The middle of states, and what turns them to their principal components.

    The components are brought half way to one size: the larger may be weighed more for the same penalty.
    """
    middle = states.mean(axis=0)
    sizes, axes = np.linalg.eigh(np.cov((states - middle).T))
    largest = np.argsort(sizes)[::-1][:_COMPONENTS]
    largest = largest[sizes[largest] > 1e-9 * sizes.max()]  # fewer units than dimensions leave some without any size
    return middle, axes[:, largest] / (sizes[largest] * sizes.max()) ** 0.25


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
            ranked = sorted(units, key=lambda u: u.evidence.score, reverse=True)[:_MOST]
            floor = ranked[0].evidence.score + np.log(odds)
            shares.append(np.mean([unit.gold for unit in ranked if unit.evidence.score >= floor]))
        return float(np.mean(shares))

    grid = np.geomspace(0.002, 1.0, 100)
    return float(next((odds for odds in grid if precision(odds) >= RELEVANT), 1.0))
