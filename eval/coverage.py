"""Precision against coverage: what refusing more, or less, would buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.metrics.right import measure as right
from eval.models import Case, Outcome


@dataclass(frozen=True, slots=True)
class Point:
    """What holds when only answers of at least this confidence are given.

    `coverage`: of the answerable cases, the share answered. `precision`: of the answers given, the share that
    is right. `recall`: of the cases that are not answerable, the share refused.
    """

    threshold: float
    coverage: float
    precision: float
    recall: float


def curve(cases: Sequence[Case], outcomes: Mapping[str, Outcome]) -> list[Point]:
    """A point for every confidence an answer was given with, from the strictest to the one that holds now.

    Selective prediction after El-Yaniv and Wiener (2010). Answers without a `confidence` are left as they are:
    with none at all, there is no curve.
    """
    answerable = sum(case.answerable for case in cases)
    refusable = len(cases) - answerable
    given = []
    for case in cases:
        outcome = outcomes.get(case.id)
        if outcome is None or outcome.answer is None or outcome.refused:
            continue
        confidence = outcome.answer.get("confidence")
        part = right(case, outcome)
        if isinstance(confidence, int | float) and part is not None:
            given.append((float(confidence), case.answerable, part.got if case.answerable else 0.0))
    given.sort(key=lambda item: -item[0])
    points = []
    good = covered = 0.0
    for i, (confidence, can, value) in enumerate(given, 1):
        good += value
        covered += can
        if i < len(given) and given[i][0] == confidence:
            continue
        wrongly = i - covered
        points.append(
            Point(
                confidence,
                covered / answerable if answerable else 0.0,
                good / i,
                1 - wrongly / refusable if refusable else 1.0,
            )
        )
    return points
