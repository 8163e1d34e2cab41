"""Which of the evidence is cited beside the best."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rag.calibration import Calibration, Linear
from rag.evidence import Evidence
from rag.select import answering

FITTED = Calibration(Linear({}), Linear({}), answer=0.5, more=0.02, version="of these tests")


def unit(score: float, start: int, text: str = "The wall is high.", paper: str = "a", **features: float) -> Evidence:
    hit: Any = SimpleNamespace(key=start, passage=SimpleNamespace(text=text), document=SimpleNamespace(id=paper))
    return Evidence(cast(Any, hit), start, start + len(text), "sentence", text, {"coverage": 1.0, **features}, score)


def cited(*evidence: Evidence, wants: str | None = None) -> list[float]:
    chosen = answering(list(evidence), FITTED, wants=wants, refuse=False)
    return [e.score for e in chosen]


@pytest.mark.parametrize(
    ("best", "other", "beside"),
    [
        (2.0, 1.0, True),
        (2.0, -3.0, False),  # far less likely than the best
        (-1.0, -4.0, True),
        (-1.0, -4.6, False),  # little less likely than the best, and hardly an answer by itself
    ],
)
def test_what_is_cited_beside_the_best(best: float, other: float, *, beside: bool) -> None:
    assert cited(unit(best, 0), unit(other, 100)) == ([best, other] if beside else [best])


def test_the_best_is_cited_however_little_it_is() -> None:
    assert cited(unit(-6.0, 0), unit(-6.1, 100)) == [-6.0]


def test_another_paper_is_not_cited_beside_the_best_one() -> None:
    assert cited(unit(2.0, 0), unit(1.9, 100, paper="b"), unit(1.0, 200)) == [2.0, 1.0]


@pytest.mark.parametrize(
    ("other", "both"),
    [("Ring the clerk on 01632 960503.", True), ("Ring the clerk on (01632) 960104.", False), ("Ring us.", False)],
)
def test_another_number_of_the_same_thing_is_cited(other: str, *, both: bool) -> None:
    found = cited(unit(2.0, 0, "The clerk: 01632 960104"), unit(-3.0, 100, other, "b"), wants="contact")
    assert found == ([2.0, -3.0] if both else [2.0])
