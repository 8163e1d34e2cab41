"""Dates and periods as people write them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import MONTHS, bounded, find_periods, iso_of, month_span, parse_iso, written_by, year_span
from index.models import Period


def days(first: str, last: str | None = None) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last or first))


def found(text: str) -> list[Period]:
    return [mention.period for mention in find_periods(text)]


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("8 July 2021", days("2021-07-08")),
        ("8th of July, 2021", days("2021-07-08")),
        ("8 JULY 2021", days("2021-07-08")),
        ("8 Sept. 2021", days("2021-09-08")),
        ("July 8, 2021", days("2021-07-08")),
        ("2021-07-08", days("2021-07-08")),
        ("08/07/2021", days("2021-07-08")),
        ("8.7.21", days("2021-07-08")),
        ("25 and 26 May 2021", days("2021-05-25", "2021-05-26")),
        ("25–26 May 2021", days("2021-05-25", "2021-05-26")),
        ("28 April to 3 May 2021", days("2021-04-28", "2021-05-03")),
        ("30 December 2020 to Saturday, 2 January 2021", days("2020-12-30", "2021-01-02")),
        ("July 2021", days("2021-07-01", "2021-07-31")),
        ("February 2024", days("2024-02-01", "2024-02-29")),
        ("April to June 2021", days("2021-04-01", "2021-06-30")),
        ("November to January 2022", days("2021-11-01", "2022-01-31")),
        ("April 2022 until March 2023", days("2022-04-01", "2023-03-31")),
        ("between April 2022 and March 2023", days("2022-04-01", "2023-03-31")),
        ("between 1 April 2022 and 31 March 2023", days("2022-04-01", "2023-03-31")),
        ("between April 2022 and 15 March 2023", days("2022-04-01", "2023-03-15")),
        ("autumn term 2021", days("2021-09-01", "2021-11-30")),
        ("2021/22", days("2021-04-01", "2022-03-31")),
        ("2021-22", days("2021-04-01", "2022-03-31")),
        ("2021/2022", days("2021-04-01", "2022-03-31")),
        ("2023-25", days("2023-01-01", "2025-12-31")),
        ("academic year 2021/22", days("2021-09-01", "2022-08-31")),
        ("2021-22 academic year", days("2021-09-01", "2022-08-31")),
        ("Q1 2021/22", days("2021-04-01", "2021-06-30")),
        ("Q3 11/12", days("2011-10-01", "2011-12-31")),
        ("Q4 2021/22", days("2022-01-01", "2022-03-31")),
        ("from 2019 to 2021", days("2019-01-01", "2021-12-31")),
        ("2021", days("2021-01-01", "2021-12-31")),
    ],
)
def test_one_mention_is_read_as_its_days(words: str, period: Period) -> None:
    text = f"It was ready {words}, and opened."
    (mention,) = find_periods(text)
    assert mention.period == period
    assert text[mention.start : mention.end] in words


@pytest.mark.parametrize(
    "text",
    [
        "the Children Act 1989",
        "Regulations 2010",
        "ISO 2022",
        "£2021",
        "2021%",
        "1,2021",
        "2021.5 metres",
        "page 2,021",
        "12021",
        "2019-12",
        "the march of time in may",
    ],
)
def test_what_is_no_time_is_not_found(text: str) -> None:
    assert found(text) == []


def test_a_day_that_does_not_exist_is_no_day() -> None:
    assert found("on 31 April 2021") == [month_span(2021, 4)]


def test_several_mentions_stand_in_order() -> None:
    text = "Visits in May 2021 and on 8 July 2021, compared with 2019 and 2020/21."
    assert found(text) == [
        days("2021-05-01", "2021-05-31"),
        days("2021-07-08"),
        year_span(2019),
        days("2020-04-01", "2021-03-31"),
    ]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("It opened in November.", (2022, 11)),
        ("It opened in March.", (2023, 3)),
        ("It opened in April.", (2022, 4)),
    ],
)
def test_a_month_without_a_year_is_the_last_one_when_it_was_written(text: str, month: tuple[int, int]) -> None:
    assert [mention.period for mention in find_periods(text, date(2023, 3, 2))] == [month_span(*month)]
    assert find_periods(text) == []


def test_a_month_with_its_year_is_not_read_twice() -> None:
    assert [m.period for m in find_periods("in March 2019", date(2023, 3, 2))] == [month_span(2019, 3)]


@pytest.mark.parametrize(
    ("text", "period", "is_open"),
    [
        ("since 2019", Period(date(2019, 1, 1), None), True),
        ("after March 2020", Period(date(2020, 3, 1), None), True),
        ("from 2019 onwards", Period(date(2019, 1, 1), None), True),
        ("from 2019", year_span(2019), False),
        ("before March 2020", Period(None, date(2020, 2, 29)), True),
        ("until March 2020", Period(None, date(2020, 3, 31)), True),
        ("in 2019", year_span(2019), False),
    ],
)
def test_a_mention_may_be_open_at_one_end(text: str, period: Period, is_open: bool) -> None:
    (mention,) = find_periods(text)
    assert bounded(text, mention) == (period, is_open)


@pytest.mark.parametrize(
    ("value", "period"),
    [
        ("2021-07-08", days("2021-07-08")),
        ("2021-07", month_span(2021, 7)),
        ("2021", year_span(2021)),
        ("2021-02-30", None),
        ("2021-13", None),
        ("0000", None),
        ("21", None),
        ("2021-07-08T10:00", None),
        ("", None),
    ],
)
def test_iso_dates_of_any_precision(value: str, period: Period | None) -> None:
    assert parse_iso(value) == period
    assert written_by(value) == (period and period.end)
    if period:
        assert iso_of(period) == value


def test_an_open_period_has_no_iso_date() -> None:
    assert iso_of(Period(None, date(2021, 1, 1))) is None
    assert iso_of(Period(date(2021, 1, 1), None)) is None
    assert written_by(None) is None


TIME_WORDS = st.sampled_from(
    [
        *MONTHS, "0", "9", "30", "31", "1st", "2nd", "1999", "2021", "2024", "22", "2021/22", "2021-2025", "Q4", "Q1",
        "academic year", "winter", "to", "and", "between", "from", "until", "–", "-", "/", ".", ",", "of", "2021-02-30",
        "99/99", "29/02/2023", "Act", "since", "\n", "’s", "²", "٣",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(TIME_WORDS, max_size=12).map(" ".join), st.lists(TIME_WORDS).map("".join)))
def test_any_text_gives_mentions_inside_it_in_order(text: str) -> None:
    mentions = find_periods(text, date(2023, 3, 2))
    assert all(0 <= m.start < m.end <= len(text) for m in mentions)
    assert all(before.end <= after.start for before, after in pairwise(mentions))
    for mention in mentions:
        bounded(text, mention)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("from 2024 to 1999", [year_span(2024), year_span(1999)]),
        ("March 2022 to May 2019", [month_span(2022, 3), month_span(2019, 5)]),
        ("May 2021 to March 2021", [month_span(2021, 5), month_span(2021, 3)]),
        ("between 8 July 2022 and 2019", [days("2022-07-08"), year_span(2019)]),
    ],
)
def test_what_runs_backwards_is_no_range(text: str, periods: list[Period]) -> None:
    assert found(text) == periods


@given(st.lists(TIME_WORDS, max_size=12).map(" ".join))
def test_no_period_ends_before_it_starts(text: str) -> None:
    for mention in find_periods(text):
        start, end = mention.period.start, mention.period.end
        assert start is not None
        assert end is not None
        assert start <= end, text[mention.start : mention.end]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["{0:%Y-%m-%d}", "{0.day} {0:%B} {0.year}"]))
def test_every_day_is_read_back(day: date, style: str) -> None:
    assert found(f"On {style.format(day)} it rained.") == [Period(day, day)]
