"""The time a question restricts itself to."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.models import Period
from rag.when import understand_time

TODAY = date(2024, 6, 12)  # a Wednesday


def days(start: str | None, end: str | None) -> Period:
    return Period(date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What was found in 2021?", "2021-01-01", "2021-12-31"),
        ("What did the letter of December 2013 say?", "2013-12-01", "2013-12-31"),
        ("What was decided on 3 May 2022?", "2022-05-03", "2022-05-03"),
        ("How much was spent in 2021/22?", "2021-04-01", "2022-03-31"),
        ("How much was spent in 20/21?", "2020-04-01", "2021-03-31"),
        ("What happened between 2020 and 2022?", "2020-01-01", "2022-12-31"),
        ("What happened from 2020 to 2022?", "2020-01-01", "2022-12-31"),
        ("What has happened since the 2019 inspection?", "2019-01-01", None),
        ("What has happened since May 2020?", "2020-05-01", None),
        ("What was planned from 2020 onwards?", "2020-01-01", None),
        ("How many children were looked after in 2021?", "2021-01-01", "2021-12-31"),
        ("What was wrong before March 2020?", None, "2020-02-29"),
        ("How many were there until 2020?", None, "2020-12-31"),
        ("What was agreed last year?", "2023-01-01", "2023-12-31"),
        ("What was agreed this year?", "2024-01-01", "2024-12-31"),
        ("What was agreed two years ago?", "2022-01-01", "2022-12-31"),
        ("What was agreed last month?", "2024-05-01", "2024-05-31"),
        ("What was agreed last week?", "2024-06-03", "2024-06-09"),
        ("Who came yesterday?", "2024-06-11", "2024-06-11"),
        ("What rose over the last 2 years?", "2022-06-13", "2024-06-12"),
        ("In the 2022/23 report, how many were there in May 2022?", "2022-05-01", "2022-05-31"),
        ("What was booked for the week of 24 February 2014?", "2014-02-24", "2014-03-02"),
        ("What is on in the week commencing Monday 3 June 2024?", "2024-06-03", "2024-06-09"),
        ("What was said in March 2020, and in the previous December?", "2019-12-01", "2020-03-31"),
        ("What did the officers say in 2021 about homes for all by 2030?", "2021-01-01", "2021-12-31"),
        ("In 2019, what was the target for 2030?", "2019-01-01", "2019-12-31"),
        ("What is to be done by March 2025?", "2025-03-01", "2025-03-31"),
    ],
)
def test_a_period_is_a_limit(question: str, start: str | None, end: str | None) -> None:
    assert understand_time(question, TODAY).period == days(start, end)


@pytest.mark.parametrize(
    "question",
    [
        "What happened before the pandemic?",
        "What happened after the inspection?",
        "What does the Children Act 1989 require?",
        "Was £2021 spent on paint?",
        "Is there help 24/7?",
        "What may officers do?",
        "Who lives at 12 March Road?",
        "Is it 50/50?",
    ],
)
def test_what_names_no_time_is_left_alone(question: str) -> None:
    when = understand_time(question, TODAY)
    assert (when.period, when.sides, when.spans, when.latest) == (None, (), (), False)


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest grade?",
        "What did their last report say?",
        "How many posts are vacant now?",
        "the most recent figure",
    ],
)
def test_the_newest_is_asked_for_without_a_limit(question: str) -> None:
    when = understand_time(question, TODAY)
    assert when.latest
    assert when.period is None


def test_an_open_limit_goes_with_the_newest() -> None:
    when = understand_time("What is the latest since 2020?", TODAY)
    assert (when.period, when.latest) == (days("2020-01-01", None), True)


@pytest.mark.parametrize(
    "question", ["Compare 2013 with 2023.", "Were there more in 2023 than in 2013?", "2013 versus 2023"]
)
def test_a_comparison_has_two_sides_in_order(question: str) -> None:
    when = understand_time(question, TODAY)
    assert when.sides == (days("2013-01-01", "2013-12-31"), days("2023-01-01", "2023-12-31"))
    assert when.period == days("2013-01-01", "2023-12-31")
    assert not when.latest


@pytest.mark.parametrize("question", ["Are there more now than in 2013?", "Compare 2013 with now."])
def test_a_comparison_with_now_has_one_dated_side_and_the_newest(question: str) -> None:
    when = understand_time(question, TODAY)
    assert when.sides == (days("2013-01-01", "2013-12-31"),)
    assert when.latest
    assert when.period == days("2013-01-01", None)


def test_the_spans_are_the_words_that_say_when() -> None:
    question = "What changed between May 2020 and last year?"
    assert [question[start:end] for start, end in understand_time(question, TODAY).spans] == ["May 2020", "last year"]


@pytest.mark.parametrize("question", ["What was here 5000 years ago?", f"What rose in the last {'9' * 12} years?"])
def test_a_time_before_the_calendar_is_no_fault(question: str) -> None:
    period = understand_time(question, TODAY).period
    assert period is None or period.start == date.min


_WORDS = [
    *(
        "in",
        "since",
        "before",
        "after",
        "last",
        "next",
        "year",
        "month",
        "2019",
        "2021/22",
        "20/21",
        "March",
        "between",
    ),
    *(
        "and",
        "from",
        "to",
        "ago",
        "later",
        "after",
        "before",
        "29 February 2020",
        "previous",
        "two",
        "now",
        "than",
        "31",
        "April",
        "the",
    ),
]


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("Did rents rise between 2020 and 2022?", [2020, 2022]),
        ("From 2020 to 2021, how far did arrears fall?", [2020, 2021]),
        ("How many complaints came between 2020 and 2022?", []),
        ("Did rents rise in 2021/22?", []),
    ],
)
def test_a_change_over_years_sets_the_last_beside_the_first(question: str, years: list[int]) -> None:
    assert [side.start.year for side in understand_time(question, TODAY).sides if side.start] == years


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Said in 2020, and true a year later?", ["2020-01-01 2020-12-31", "2021-01-01 2021-12-31"]),
        ("How did 2019/20 compare with the previous year?", ["2018-04-01 2019-03-31", "2019-04-01 2020-03-31"]),
        ("Rents in May 2020 and the following year?", ["2020-05-01 2020-05-31", "2021-01-01 2021-12-31"]),
        ("What comes the year after?", []),
    ],
)
def test_a_year_may_be_counted_from_the_other_one(question: str, sides: list[str]) -> None:
    assert understand_time(question, TODAY).sides == tuple(days(*side.split()) for side in sides)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_WORDS), max_size=9), st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_any_words_are_read_without_a_fault(words: list[str], today: date) -> None:
    question = " ".join(words)
    when = understand_time(question, today)
    assert all(0 <= start < end <= len(question) for start, end in when.spans)
    if when.period and when.period.start and when.period.end:
        assert when.period.start <= when.period.end
