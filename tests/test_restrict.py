"""What time and voice allow to be cited: a restriction is hard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from index.dates import month_span, year_span
from index.models import Document, Passage, Period
from rag.restrict import date_fit, dates, first_hand, second_hand

PAPER = Document("d", "d.txt", "Rents", "report", "Northam Council", None, "2023-03-02", None, None, (), "")
LETTER = replace(PAPER, kind="letter", publisher="Auditwatch", voice="Auditwatch")
PASSAGE = Passage("d", 0, 9, "Rents rose.")
Y2021, Y2023 = year_span(2021), year_span(2023)


def fit(
    unit: str, period: Period, paper: Document = PAPER, passage: Passage = PASSAGE, kind: str = "sentence"
) -> float:
    return date_fit(paper, passage, unit, kind, period)


def test_words_that_say_when_fit_their_own_time() -> None:
    assert fit("In 2021 rents rose.", Y2021) == 1.0
    assert fit("In May 2021 rents rose.", Y2021) == 1.0


def test_words_of_another_time_never_count() -> None:
    assert fit("Rents rose.", Y2021) == 0.0
    assert fit("In 2019 rents rose.", Y2021) == 0.0
    covers_it = replace(PAPER, published="2022-01-01", covers=Y2021)
    assert fit("In 2019 rents rose.", Y2021, covers_it) == 0.0
    assert fit("In 2019 rents rose.", Y2021, passage=replace(PASSAGE, periods=(Y2021,))) == 0.0


def test_a_time_that_is_compared_with_is_not_the_time_of_the_words() -> None:
    covers_it = replace(PAPER, published="2022-01-01", covers=Y2021)
    assert fit("Rents rose to nine, compared with seven in 2019.", Y2021, covers_it) == 1.0
    assert fit("Rents were up from seven in 2019.", Y2021, covers_it) == 1.0
    assert fit("Rents rose to seven in 2019.", Y2021, covers_it) == 0.0
    assert fit("Rents rose to nine, compared with seven in 2019.", year_span(2020), covers_it) == 0.0


def test_a_paper_speaks_of_the_time_of_its_date() -> None:
    assert fit("Rents rose.", Y2023) == 1.0
    assert fit("Rents rose.", month_span(2023, 3)) == 1.0
    assert fit("Rents rose.", month_span(2023, 4)) == 0.0


def test_what_is_dated_loosely_fits_less() -> None:
    yearly = replace(PAPER, published="2023")
    assert 0 < fit("Rents rose.", month_span(2023, 3), yearly) < 1
    covering = replace(PAPER, covers=Period(date(2022, 4, 1), date(2023, 3, 31)))
    assert 0 < fit("Rents rose.", month_span(2022, 5), covering) < 1
    assert 0 < fit("Rents rose.", Y2021, passage=replace(PASSAGE, periods=(Y2021,))) < 1


def test_a_paper_without_a_date_fits_by_its_words_alone() -> None:
    undated = replace(PAPER, published=None)
    assert fit("Rents rose.", Y2023, undated) == 0.0
    assert fit("In 2023 rents rose.", Y2023, undated) == 1.0


def test_a_long_span_does_not_date_what_is_said_of_it() -> None:
    assert dates(year_span(2010, 2030), Y2021) == 0.0
    assert dates(Y2021, Period(date(2021, 5, 3), date(2021, 5, 9))) == 0.0
    assert 0 < dates(Y2021, month_span(2021, 5)) < dates(month_span(2021, 5), Y2021) == 1.0


@pytest.mark.parametrize(
    ("paper", "passage", "unit", "voice", "speaks"),
    [
        (LETTER, PASSAGE, "Rents rose.", "Auditwatch", True),
        (LETTER, PASSAGE, "Rents rose.", "auditwatch", True),
        (PAPER, PASSAGE, "Auditwatch came.", "Auditwatch", False),
        (PAPER, PASSAGE, "Rents rose.", "Northam Council", False),  # many voices speak in a council's reports
        (PAPER, PASSAGE, "Officers confirmed that rents rose.", "officers", True),
        (PAPER, PASSAGE, "Members asked whether rents rose.", "officers", False),
        (PAPER, replace(PASSAGE, voice="officers"), "Rents rose.", "officers", True),
        (replace(PAPER, voice="chair"), PASSAGE, "Rents rose.", "members", True),
        (replace(PAPER, voice="portfolio holder"), PASSAGE, "Rents rose.", "members", False),  # whom members question
        (replace(PAPER, voice="members"), PASSAGE, "Rents rose.", "portfolio holder", False),
    ],
)
def test_who_speaks_first_hand(paper: Document, passage: Passage, unit: str, voice: str, speaks: bool) -> None:
    assert first_hand(paper, passage, unit, voice) is speaks


def test_who_goes_on_speaking_is_whoever_spoke_before() -> None:
    passage = replace(PASSAGE, text="The Director of Roads said that it was so. She added that rents rose. They rose.")
    assert first_hand(PAPER, passage, "She added that rents rose.", "officers")
    assert not first_hand(PAPER, passage, "They rose.", "officers")
    assert not first_hand(PAPER, passage, "She added that rents rose.", "members")


def test_a_voice_is_reported_where_it_is_named() -> None:
    assert second_hand(PAPER, PASSAGE, "Auditwatch found that rents rose.", ["Auditwatch"])
    assert second_hand(PAPER, PASSAGE, "The inspectors found it.", ["Auditwatch", "inspectors"])
    assert second_hand(PAPER, replace(PASSAGE, text="Auditwatch came. It was so."), "It was so.", ["Auditwatch"])
    assert second_hand(PAPER, PASSAGE, "An officer found it.", ["officers"])
    assert not second_hand(PAPER, PASSAGE, "The inspectors found it.", ["Auditwatch"])
    assert not second_hand(PAPER, PASSAGE, "Auditwatchers found it.", ["Auditwatch"])
