"""What is not in the words it cites is never shown."""

from __future__ import annotations

import pytest
from test_answerers import evidence

from rag.answerers import Draft
from rag.verify import verified

(UNIT,) = evidence("Rents rose by 4.5% [3] in 2021, to £1,200.")
TEXTS = {"d": UNIT.text}


@pytest.mark.parametrize("text", ["Rents rose by 4.5% (3) in 2021, to £1,200.", "Rents rose by 4.5%.", "Rents rose."])
def test_words_whose_figures_are_quoted_pass(text: str) -> None:
    assert verified(Draft(text, (UNIT,)), TEXTS)


@pytest.mark.parametrize(
    "text", ["Rents rose by 5.4%.", "Rents rose by 4.5% in 2022.", "Rents rose to £1,2000.", "", "  \n"]
)
def test_other_figures_and_no_words_fail(text: str) -> None:
    assert not verified(Draft(text, (UNIT,)), TEXTS)


def test_a_statement_without_evidence_fails() -> None:
    assert not verified(Draft("Rents rose.", ()), TEXTS)


@pytest.mark.parametrize("stored", ["", "Rents fell by 4.5% [3] in 2021, to £1,200.", " " + UNIT.text])
def test_a_quote_that_is_no_slice_of_the_stored_text_fails(stored: str) -> None:
    assert not verified(Draft("Rents rose.", (UNIT,)), {"d": stored})


def test_every_quote_must_hold_and_figures_may_come_from_any() -> None:
    first, second = evidence("Rents rose by 4%.", "Fares rose by 7%.")
    stored = {"d": first.passage.text}
    assert verified(Draft("Rents rose by 4% and fares by 7%.", (first, second)), stored)
    assert not verified(Draft("Rents rose by 4%.", (first, UNIT)), stored)
