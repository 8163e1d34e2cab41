"""A question as it is read: what it asks, and what restricts it."""

from __future__ import annotations

from datetime import date

import pytest

from index.dates import month_span, year_span
from index.errors import InvalidQuestion
from index.models import Filters, Period
from rag.limits import check_question
from rag.models import Question, Turn, Understood
from rag.understand import Background, describe_period, understand

TODAY = date(2024, 6, 12)
BACKGROUND = Background(
    vocabulary={"rents": 9, "rose": 4, "north": 2, "housing": 8},
    known=frozenset({"what", "did", "say", "about", "rents", "visit", "letter"}).__contains__,
    voices=("Auditwatch", "Northam Council", "officers", "members"),
    aliases={"inspectors": "Auditwatch"},
    abbreviations={"HRA": ("Housing Revenue Account",)},
)


def read(text: str, *earlier: str, voice: str | None = None) -> Understood:
    history = tuple(Turn(question) for question in earlier)
    return understand(Question(text, history, Filters(voice=voice)), BACKGROUND, TODAY)


def test_a_question_is_read_with_its_limits() -> None:
    found = read("What did Auditwatch say about rents in 2021?")
    assert (found.period, found.voice) == (year_span(2021), "Auditwatch")
    assert found.text == "What did Auditwatch say about rents in 2021?"
    assert found.terms == ("rents",)


def test_time_and_speaker_are_no_part_of_the_topic_as_long_as_enough_is_left() -> None:
    topic = read("What did Auditwatch say about housing rents in 2021?").topic
    assert "rents" in topic
    assert "2021" not in topic
    assert "Auditwatch" not in topic
    assert "2021" in read("What happened in 2021?").topic


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How many housing rents rose in 2020, and how many in 2021?", "How many housing rents rose, and how many?"),
        ("Were housing rents higher in 2021 than they were in 2020?", "Were housing rents higher?"),
        ("How were housing rents in 2020 and again in 2021?", "How were housing rents?"),
        ("How do Auditwatch and officers compare on rents in 2021?", "What about rents?"),
    ],
)
def test_the_topic_of_a_comparison_is_what_either_side_is_asked(question: str, topic: str) -> None:
    assert read(question).topic == topic


@pytest.mark.parametrize(
    ("question", "added"), [("What is in the HRA?", "Housing Revenue Account"), ("the housing revenue account", "HRA")]
)
def test_the_other_form_of_an_abbreviation_is_searched_but_not_shown(question: str, added: str) -> None:
    found = read(question)
    assert added in found.query
    assert found.text == question


def test_a_mended_slip_is_noted() -> None:
    found = read("What about the rnets?")
    assert found.text == "What about the rents?"
    assert found.notes
    assert read("What about the rents?").notes == ()


def test_a_voice_in_the_filters_wins() -> None:
    assert read("What did officers say about rents?", voice="Auditwatch").voice == "Auditwatch"


def test_an_alias_stands_for_its_voice() -> None:
    assert read("What did the inspectors say about rents?").voice == "Auditwatch"


def test_someone_else_asked_about_takes_the_place_of_the_voice() -> None:
    assert read("What about officers?", "What did Auditwatch say about rents?").voice == "officers"


def test_a_follow_up_inherits_and_says_so() -> None:
    found = read("Who wrote it?", "What did Auditwatch say about rents in 2021?")
    assert found.inherited
    assert found.period == year_span(2021)
    assert found.wants == "person"
    assert not read("What did Auditwatch say about rents in 2021?").inherited


def test_names_are_what_is_capitalised_within_a_sentence() -> None:
    assert read("What about rents in Northam and Eastwick?").names == ("Northam", "Eastwick")
    assert read("RENTS ROSE NORTH").names == ()


def test_limits_can_be_taken_off() -> None:
    found = read("What did Auditwatch say about rents in 2021?")
    assert found.without(["period"]).period is None
    assert found.without(["period"]).voice == "Auditwatch"
    assert found.without(["voice"]).voice is None
    assert found.without(["voice"], "officers").voice == "officers"
    assert found.without([]) == found


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * 2001, "rents\x00", "rents\x07", "rents \ud800", "rents \uffff"])
def test_what_is_no_question_is_said_to_be_none(text: str) -> None:
    with pytest.raises(InvalidQuestion) as error:
        check_question(text)
    assert error.value.field == "question"
    assert error.value.todo


@pytest.mark.parametrize("text", ["rents", "x" * 2000, "a\nb\r\n\tc", "照顾", "👩‍👧", "e\u0301", "\u202erents"])
def test_any_text_of_some_length_is_a_question(text: str) -> None:
    assert check_question(f"  {text}\n") == text


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (None, "any time"),
        (Period(), "any time"),
        (year_span(2021), "2021"),
        (year_span(2020, 2022), "2020 to 2022"),
        (month_span(2021, 7), "July 2021"),
        (Period(date(2021, 7, 8), date(2021, 7, 8)), "8 July 2021"),
        (Period(date(2021, 4, 1), date(2022, 3, 31)), "April 2021 to March 2022"),
        (Period(date(2019, 1, 1), None), "since January 2019"),
        (Period(None, date(2020, 2, 29)), "until 29 February 2020"),
    ],
)
def test_a_period_is_written_as_people_write_it(period: Period | None, words: str) -> None:
    assert describe_period(period) == words


def test_which_of_a_row_is_meant_is_a_name() -> None:
    assert read("What did the team find on its sixth visit?").names == ("sixth",)
