"""Which of the evidence is cited beside the best."""

from __future__ import annotations

from dataclasses import replace
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


def row(score: float, start: int, coverage: float, table: int = 1) -> Evidence:
    found = unit(score, start, coverage=coverage)
    return replace(found, kind="row", hit=cast(Any, SimpleNamespace(**{**vars(found.hit), "key": table})))


def test_of_a_table_only_the_row_that_names_all_that_is_asked_about_is_cited() -> None:
    """Care leavers' grade is not that of children in care."""
    assert cited(row(1.0, 0, 0.8), row(-1.0, 100, 1.0), row(0.9, 200, 0.3)) == [-1.0]


def test_rows_are_cited_as_likely_as_they_are_where_none_names_all() -> None:
    assert cited(row(1.0, 0, 0.8), row(0.0, 100, 0.9), row(-0.5, 200, 0.3)) == [1.0, 0.0, -0.5]


def test_a_row_that_names_all_and_is_far_less_likely_keeps_nothing_out() -> None:
    assert cited(row(1.0, 0, 0.8), row(-4.0, 100, 1.0)) == [1.0]


def test_a_row_keeps_out_nothing_of_another_table() -> None:
    assert cited(row(1.0, 0, 0.8), row(0.0, 100, 1.0, table=2)) == [1.0, 0.0]
