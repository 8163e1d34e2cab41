"""Fit the calibration: which unit of a paper answers a question, whether any does, and where to draw the lines.

Every unit that the pipeline looks at for a `dev` case is an example; those that lie on the case's evidence are the
positives, and cases that no paper answers have none. What is fitted:

- where answers lie: the adapter for questions (`eval.fit.adapter`);
- what is read in words: the network of the reader is tuned (`eval.fit.network`);
- which unit: the log-odds that a unit answers, linear in its features and in the reader's states, so that a case's gold
  units come first (a conditional logit, McFadden 1974; ListNet with one relevant group, Cao et al. 2007) and so that
  the log-odds are right by themselves (a logistic regression), L2;
- whether at all: a logistic regression (L2) on what `rag.answerability` makes of a case's units.

The thresholds, and the scores that the last model sees, come from cross-validation over cases, so that no case judges
itself; and a case is asked with an adapter, and read by a network, that were fitted without it. What ships of the
network is the mean of those fitted (a model soup, Wortsman et al. 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.cases import CasesError
from eval.fit.adapter import examples, fit_adapter
from eval.fit.looked_at import Recording, looked_at
from eval.fit.network import tune
from eval.fit.question import answer_threshold, case_row, fit_question, without_gold
from eval.fit.units import FEATURES, Units, fit_units
from eval.models import Case
from index.onnx_graph import Weights
from rag import answerability
from rag.adapter import FITTED_FOR, Adapted, Matrix
from rag.calibration import Reading, logistic
from rag.evidence import shown
from rag.pipeline import Pipeline, Rules
from rag.rerankers import READER, WHOLE, open_reranker
from rag.rerankers.reader import DIMENSION, Reader

Parts = npt.NDArray[np.int64]

FOLDS = 8
PARTS = 3
"""The adapter that a case is asked with, and the network that reads it, are fitted without one part of the cases in so
many."""
_BLOCK = 20  # cases that stand together and may be much alike, such as a question and its near miss
RELEVANT = 0.52
"""The share of cited units that must be gold where there is any: answers stay short and to the point."""
WITHOUT = 0.3
"""What an answerable case counts once more as one that the papers do not answer: with the files that answer it away."""
UNANSWERABLE = 0.25
"""The share of questions that no paper answers, among those that people ask: a set may hold more of them."""
_MOST = 6


def fit(
    sets: Sequence[tuple[Sequence[Case], Pipeline]],
    path: Path,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> dict[str, Any]:
    """Fit on the `dev` cases of sets, each asked of its own papers; write `path`, and return what was written.

    The adapter is written beside it, as `adapter.npy`, where the sets are asked with the embedder that it is for, and
    what was tuned of the reader's network as `reader.npz`. `progress` is told what is being done, how much of it is,
    and of how much.

    Raises:
        CasesError: there is no `dev` case with an answer, or none without.
    """
    dev = [(case, place) for place, (cases, _) in enumerate(sets) for case in cases if case.split == "dev"]
    if len({case.answerable for case, _ in dev}) < 2:
        raise CasesError(
            "The dev cases are all answerable, or none of them is: what is worth refusing cannot be learnt from them.",
            "Write some of the other kind; docs/evaluation.md tells how.",
        )
    pipelines = [pipeline for _, pipeline in sets]
    parts = _parts(len(dev))
    adapters = _adapters(dev, pipelines, parts, progress)
    if adapters:
        np.save(path.with_name("adapter.npy"), adapters[-1].astype(np.float16))
    recording = None
    if any(pipeline.reranker.name == READER for pipeline in pipelines):
        recording = Recording(Reader(READER), open_reranker(WHOLE))
    found: list[Units] = [[] for _ in dev]
    asked = 0
    for part in range(PARTS):
        # Nothing is refused, so that the units of every case are looked at.
        asking = [
            Pipeline(
                each.engine,
                each.embedder,
                recording if recording and each.reranker.name == READER else each.reranker,
                rules=Rules(refuse=False),
                queries=Adapted(each.embedder, adapters[part]) if adapters else None,
            )
            for each in pipelines
        ]
        for number, (case, place) in enumerate(dev):
            if parts[number] == part:
                found[number] = looked_at(case, asking[place])
                progress("asked", asked := asked + 1, len(dev))
    if recording:
        network, found = tuned(found, parts, progress)
        arrays: dict[str, Any] = {name: values.astype(np.float16) for name, values in network.items()}
        np.savez(path.with_name("reader.npz"), **arrays)
    result = calibrate(found, np.array([case.answerable for case, _ in dev]))
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _parts(cases: int) -> Parts:
    """Which part each of so many cases is in: blocks in turn; smaller ones with few cases, so that none is empty."""
    return np.arange(cases) // min(_BLOCK, math.ceil(cases / PARTS)) % PARTS


def _adapters(
    dev: Sequence[tuple[Case, int]],
    pipelines: Sequence[Pipeline],
    parts: Parts,
    progress: Callable[[str, int, int], None],
) -> list[Matrix]:
    """For every part of the cases an adapter fitted without it, and last the one fitted on all of them."""
    if any(pipeline.embedder.name != FITTED_FOR for pipeline in pipelines):
        return []
    of_indexes = []
    for place, pipeline in enumerate(pipelines):
        own = [(number, case) for number, (case, where) in enumerate(dev) if where == place]
        of_indexes.append(examples(own, pipeline))
        progress("papers read", place + 1, len(pipelines))
    adapters = []
    for part in range(PARTS + 1):
        kept = [
            each._replace(by_case={n: e for n, e in each.by_case.items() if parts[n] != part}) for each in of_indexes
        ]
        adapters.append(fit_adapter(kept))
        progress("adapters fitted", part + 1, PARTS + 1)
    return adapters


def tuned(
    found: Sequence[Units], parts: Parts, progress: Callable[[str, int, int], None]
) -> tuple[Weights, list[Units]]:
    """The network, tuned, and all units with the states that it makes of them where it has not seen their case.

    `parts` says which part each case is in.
    """
    plain = Reader(READER, reading=Reading(np.zeros(DIMENSION, dtype=np.float32), 0.0))
    found = _read(found, plain)
    networks = []
    read: list[Units] = [[] for _ in found]
    for unseen in range(PARTS):
        seen = [units for i, units in enumerate(found) if parts[i] != unseen]
        network = tune(seen, fit_units(seen), plain, partial(progress, f"tuned, {unseen + 1} of {PARTS}: steps"))
        networks.append(network)
        own = Reader(READER, reading=replace(plain.reading, network=network))
        others = np.flatnonzero(parts == unseen)
        for i, units in zip(others, _read([found[i] for i in others], own), strict=True):
            read[i] = units
    return {name: np.mean([network[name] for network in networks], axis=0) for name in networks[0]}, read


def _read(found: Sequence[Units], reader: Reader) -> list[Units]:
    """The units with the states that a reader makes of them."""
    states = iter(reader.states([(unit.asked, shown(unit.evidence)) for units in found for unit in units]))
    return [[unit._replace(state=next(states).astype(np.float64)) for unit in units] for units in found]


def calibrate(found: Sequence[Units], answerable: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Both models and both thresholds, from the units of each case and whether the papers answer it: some, not all."""
    fold = np.arange(len(found)) % FOLDS
    share = (~answerable).mean()
    weight = np.where(answerable, (1 - UNANSWERABLE) / (1 - share), UNANSWERABLE / share)
    scored: list[Units] = [[] for _ in found]
    for held in range(FOLDS):
        model = fit_units([units for i, units in enumerate(found) if fold[i] != held])
        for i in (int(n) for n in np.flatnonzero(fold == held)):
            scored[i] = [model.judged(unit) for unit in found[i]]
    rows = [
        (i, case_row([unit.evidence for unit in units]), bool(answerable[i]), weight[i])
        for i, units in enumerate(scored)
        if units
    ]
    rows += [(i, case_row(rest), False, WITHOUT) for i, units in enumerate(scored) if (rest := without_gold(units))]
    of_case = np.array([i for i, *_ in rows])
    whole = np.array([row for _, row, *_ in rows])
    answered = np.array([yes for *_, yes, _ in rows])
    counts = np.array([count for *_, count in rows])
    sure = np.zeros(len(found))  # a case for which nothing was found is refused
    for held in range(FOLDS):
        inside = fold[of_case] == held
        weights, bias = fit_question(whole[~inside], answered[~inside], counts[~inside])
        for n in np.flatnonzero(inside & (answered == answerable[of_case])):
            sure[of_case[n]] = logistic(float(whole[n] @ weights) + bias)
    answer = answer_threshold(answerable, sure, weight)
    weights, bias = fit_question(whole, answered, counts)
    model = fit_units(found)
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
