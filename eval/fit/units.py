"""Which unit of a paper answers a question: a conditional logit over the units of each case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from eval.fit.least import Array, Bounds, bounds, least
from rag.evidence import Evidence

FEATURES = (
    "reading", "rank", "dense", "coverage", "context_coverage", "name_missing", "term_missing", "terms_missing",
    "wants_met", "wants_unmet", "number_near", "number_far", "quantifies", "second_hand", "date_loose",
    "dated", "kind_met", "kind_unmet", "words", "bare", "heading", "list", "row",
)  # fmt: skip
READING = FEATURES.index("reading")
UNIT_PENALTY = 1.0
"""L2 penalty of the model of units, on standardised features."""
STATE_PENALTY = 10.0
"""The same on the reader's states, turned to their principal components (`_COMPONENTS` of them): less of it suits the
papers fitted on, more of it papers unlike them."""
ALONE = 0.3
"""What the log-odds of a unit by itself count beside its place among the units of its case; less by the number of the
case's gold units: where a whole passage is the evidence, not every sentence of it answers."""
_COMPONENTS = 512
_RIDGE = 10.0


class Unit(NamedTuple):
    """What was looked at for a case: a unit, whether it lies on the gold evidence, what the reader's states and the
    whole network's logit of it are, and the wording of the question beside which it was read."""

    evidence: Evidence
    gold: bool
    state: Array
    logit: float = 0.0
    asked: str = ""


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
        return unit._replace(evidence=replace(evidence, score=float(row(evidence) @ self.features)))


def row(evidence: Evidence) -> Array:
    """The values of `FEATURES`."""
    return np.array([evidence.features.get(name, 0.0) for name in FEATURES])


def fit_units(found: Sequence[Units]) -> UnitModel:
    """The log-odds that a unit answers: each case's gold units before its others, and every unit by itself.

    What the whole network would say can be read off the states. That sum is weighed as one feature among others, so
    that only what the states hold beyond it has to be learnt from few cases.
    """
    cases = [units for units in found if units]
    states = np.array([unit.state for units in cases for unit in units])
    middle, turned = _principal(states) if states.shape[1] else (np.zeros(0), np.zeros((0, 0)))
    read = turned.shape[1] > 0
    features = np.array([row(unit.evidence) for units in cases for unit in units])
    whole = np.zeros(states.shape[1])
    if read:
        whole = _ridge(states - middle, np.array([unit.logit for units in cases for unit in units]))
        features[:, READING] = states @ whole
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.hstack([(features - mean) / spread, (states - middle) @ turned, np.ones((len(features), 1))])
    gold = np.array([unit.gold for units in cases for unit in units])
    starts = np.cumsum([0, *(len(units) for units in cases[:-1])])
    case = np.repeat(np.arange(len(cases)), [len(units) for units in cases])
    golden = np.add.reduceat(gold, starts, dtype=np.int64)[case]
    chosen = golden > 0
    alone = ALONE / np.maximum(golden, 1)
    penalty = np.array([UNIT_PENALTY] * len(FEATURES) + [STATE_PENALTY] * turned.shape[1] + [0.0])

    def loss(weights: Array) -> tuple[float, Array]:
        scores = rows @ weights
        share = np.exp(scores - np.maximum.reduceat(scores, starts)[case])
        share /= np.add.reduceat(share, starts)[case]
        of_gold = np.add.reduceat(np.where(gold, share, 0.0), starts) + 1e-12
        slope = np.where(chosen, share - np.where(gold, share / of_gold[case], 0.0), 0.0)
        total = -float(np.log(of_gold[np.unique(case[chosen])]).sum())
        total += float(alone @ np.logaddexp(0, np.where(gold, -scores, scores)))
        slope += alone * (1 / (1 + np.exp(-scores)) - gold)
        return total + float(penalty @ weights**2) / 2, rows.T @ slope + penalty * weights

    free: list[Bounds] = [(None, None)] * (turned.shape[1] + 1)
    weights = least(loss, [*(bounds(name) for name in FEATURES), *free])
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
