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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.cases import CasesError
from eval.fit.looked_at import Recording, looked_at
from eval.fit.question import answer_threshold, case_row, fit_question, without_gold
from eval.fit.units import FEATURES, Units, fit_units
from eval.models import Case
from rag import answerability
from rag.calibration import logistic
from rag.pipeline import Pipeline
from rag.rerankers import READER, WHOLE, open_reranker
from rag.rerankers.reader import Reader

FOLDS = 8
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
    asked: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Fit on the `dev` cases of sets, each asked of its own papers; write `path`, and return what was written.

    `asked` is told how many cases were asked, and of how many.

    Raises:
        CasesError: there is no `dev` case with an answer, or none without.
    """
    dev = [(case, pipeline) for cases, pipeline in sets for case in cases if case.split == "dev"]
    if len({case.answerable for case, _ in dev}) < 2:
        raise CasesError(
            "The dev cases are all answerable, or none of them is: what is worth refusing cannot be learnt from them.",
            "Write some of the other kind; docs/evaluation.md tells how.",
        )
    readers = [pipeline for _, pipeline in sets if pipeline.reranker.name == READER]
    if readers:
        recording = Recording(Reader(READER), open_reranker(WHOLE))
        for pipeline in readers:
            pipeline.reranker = recording
    seen = []
    for number, (case, pipeline) in enumerate(dev, 1):
        seen.append((case, looked_at(case, pipeline)))
        asked(number, len(dev))
    result = calibrate([units for _, units in seen], np.array([case.answerable for case, _ in seen]))
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


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
