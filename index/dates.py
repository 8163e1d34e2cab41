"""Dates and periods as people write them: days, months, years, financial and academic years, ranges.

`find_periods` reads what a text mentions; `rag.understand` adds what only questions say ("since", "last year").
Every mention becomes a `Period` of whole days, both ends included, so that comparing is plain overlap.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from index.models import Period

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
            ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"),
            ("november", "nov"), ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "winter": (12, 12)}

_MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:\s?(?:st|nd|rd|th))?"
_YEAR = r"(?:19|20)\d\d"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
_TO = r"\s*(?:-|–|—|to|until|and|&)\s*"

# The order matters: the longest reading of a place wins.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("iso", rf"\b(?P<y>{_YEAR})-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])\b"),
        ("numeric", rf"\b(?P<d>0?[1-9]|[12]\d|3[01])[/.](?P<m>0?[1-9]|1[0-2])[/.](?P<y>{_YEAR}|\d\d)\b"),
        (
            "day_range",
            rf"\b(?P<d1>{_DAY})(?:\s+(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?)?{_TO}"
            rf"{_WEEKDAY}(?P<d2>{_DAY})\s+(?P<m2>{_MONTH}),?\s+(?P<y2>{_YEAR})\b",
        ),
        ("day", rf"\b(?P<d>{_DAY})\s+(?:of\s+)?(?P<m>{_MONTH}),?\s+(?P<y>{_YEAR})\b"),
        ("us_day", rf"\b(?P<m>{_MONTH})\s+(?P<d>{_DAY}),?\s+(?P<y>{_YEAR})\b"),
        ("month_range", rf"\b(?P<m1>{_MONTH})(?:\s+(?P<y1>{_YEAR}))?{_TO}(?P<m2>{_MONTH})\s+(?P<y2>{_YEAR})\b"),
        ("month", rf"\b(?P<m>{_MONTH}),?\s+(?:of\s+)?(?P<y>{_YEAR})\b"),
        ("season", rf"\b(?P<s>spring|summer|autumn|winter)\s+(?:term\s+)?(?:of\s+)?(?P<y>{_YEAR})\b"),
        ("academic", rf"\b(?:academic|school)\s+year(?:\s+of)?,?\s+(?P<y1>{_YEAR})\s?[/–-]\s?(?P<y2>{_YEAR}|\d\d)\b"),
        ("academic", rf"(?<![\d/-])(?P<y1>{_YEAR})\s?[/–-]\s?(?P<y2>{_YEAR}|\d\d)\s+(?:academic|school)\s+year\b"),
        ("quarter", r"\bQ(?P<q>[1-4])\s+(?:of\s+)?(?P<y1>(?:20)?\d\d)\s?[/–-]\s?(?P<y2>(?:20)?\d\d)\b"),
        ("year_pair", rf"(?<![\d/£$€.,-])(?P<y1>{_YEAR})\s?[/–-]\s?(?P<y2>{_YEAR}|\d\d)\b(?![/–-]?\d)"),
        ("year_range", rf"\b(?:between|from)\s+(?P<y1>{_YEAR})\s+(?:and|to|until)\s+(?P<y2>{_YEAR})\b"),
        ("year", rf"(?<![\d£$€.,/#-])(?P<y>{_YEAR})(?![\d%/]|[.,]\d|-\d)(?:'s)?\b"),
    )
)  # fmt: skip

# "Children looked after in 2021" were so in that year, not after it.
_SINCE = re.compile(
    r"(?<!look )(?<!looks )(?<!looked )(?<!looking )\b(since|from|after|following)\s+(?:\w+\s+){0,4}$", re.IGNORECASE
)
_ONWARDS = re.compile(r"^\s*(?:onwards?|and (?:after|later))\b", re.IGNORECASE)
_BEFORE = re.compile(r"\b(before|prior to|until|up to|earlier than)\s+(?:\w+\s+){0,3}$", re.IGNORECASE)
_BARE_MONTH = re.compile(
    r"\b(?:in|during|since|by|from|until|early|late|mid|of|this|last)\s+(?P<m>"
    + "|".join(m.capitalize() for m in MONTHS if len(m) > 3 or m == "may")
    + r")\b(?!\s+\d)"
)
Parts = Mapping[str, str]
"""The named groups of a match: y, m and d for year, month and day, with 1 and 2 for the two ends of a range."""

# A year in the name of a law or a standard is not a time that is spoken of.
_NAME_BEFORE = re.compile(r"\b(?:Acts?|Regulations?|Order|Rules|Directive|ISO|BS)\s*\(?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A period mentioned at `text[start:end]`."""

    start: int
    end: int
    period: Period


def month_span(year: int, first: int, last: int | None = None) -> Period:
    """The days from the first of month `first` to the end of month `last` (default: the same month)."""
    last = last or first
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def year_span(first: int, last: int | None = None) -> Period:
    """The days of the calendar years `first` to `last` (default: the same year)."""
    return Period(date(first, 1, 1), date(last or first, 12, 31))


def parse_iso(value: str) -> Period | None:
    """The days that an ISO 8601 date (`2021-07-08`, `2021-07`, `2021`) stands for; None if it is none."""
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", value)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        if year and month and day:
            return Period(date(year, month, day), date(year, month, day))
        return month_span(year or 0, month) if month else year_span(year or 0)
    except ValueError:
        return None


def written_by(published: str | None) -> date | None:
    """The last day on which a paper of this date (ISO 8601, of any precision) can have been written."""
    period = parse_iso(published or "")
    return period.end if period else None


def iso_of(period: Period) -> str | None:
    """The most precise single ISO 8601 date that names exactly this period's start: a day, a month or a year."""
    if period.start is None or period.end is None:
        return None
    if period.start == period.end:
        return period.start.isoformat()
    if (period.start.year, period.start.month) == (period.end.year, period.end.month):
        return f"{period.start:%Y-%m}"
    return f"{period.start:%Y}"


def find_periods(text: str, written: date | None = None) -> list[Mention]:
    """Every date or period that `text` mentions, in order, none overlapping another.

    With `written`, the day a paper was written, "in November" is the last November that had begun by then.
    """
    return list(_found(text, written))


@lru_cache(maxsize=20_000)  # the same sentences are looked at for question after question
def _found(text: str, written: date | None) -> tuple[Mention, ...]:
    taken: list[Mention] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < m.end and m.start < match.end() for m in taken):
                continue
            if kind == "year" and _NAME_BEFORE.search(text[: match.start()]):
                continue
            period = _period(kind, match)
            if period is not None:
                taken.append(Mention(match.start(), match.end(), period))
    if written:
        taken += [
            Mention(match.start("m"), match.end("m"), _last_month(MONTHS[match["m"].lower()], written))
            for match in _BARE_MONTH.finditer(text)
            if not any(match.start() < m.end and m.start < match.end() for m in taken)
        ]
    return tuple(_joined(text, sorted(taken, key=lambda m: m.start)))


def bounded(text: str, mention: Mention) -> tuple[Period, bool]:
    """The mention as a limit, and whether it is open at an end: "since 2019", "before March 2020"."""
    before, after = text[: mention.start], text[mention.end :]
    period = mention.period
    if (since := _SINCE.search(before)) or _ONWARDS.search(after):
        word = since[1].lower() if since else "from"
        if word == "from" and since and not _ONWARDS.search(after):
            return period, False
        return Period(period.start, None), True
    if (until := _BEFORE.search(before)) and period.start:
        if until[1].lower() in {"until", "up to"}:
            return Period(None, period.end), True
        return Period(None, period.start - timedelta(days=1)), True
    return period, False


def _last_month(month: int, written: date) -> Period:
    """The last such month that had begun on the day `written`."""
    return month_span(written.year - (month > written.month), month)


def _joined(text: str, mentions: list[Mention]) -> Iterator[Mention]:
    """Join "between April 2022 and March 2023" and "from April 2022 until March 2023" into one span."""
    index = 0
    while index < len(mentions):
        first = mentions[index]
        if index + 1 < len(mentions):
            second = mentions[index + 1]
            before = text[max(0, first.start - 12) : first.start].lower()
            between = text[first.end : second.start].strip().lower()
            opener = re.search(r"\b(between|from|during|period)\s*$", before)
            range_word = between in {"to", "until", "till", "–", "-"}
            between_and = between == "and" and opener is not None and opener[1] == "between"
            if (range_word or between_and) and _in_order(first.period, second.period):
                yield Mention(first.start, second.end, Period(first.period.start, second.period.end))
                index += 2
                continue
        yield first
        index += 1


def _period(kind: str, match: re.Match[str]) -> Period | None:
    """The days that one match stands for; None when there are none (31 April, from 2021 to 2019)."""
    try:
        period = _READERS[kind](match.groupdict())
    except ValueError:
        return None
    return period if period and _in_order(period, period) else None


def _in_order(first: Period, last: Period) -> bool:
    return first.start is not None and last.end is not None and first.start <= last.end


def _one_day(part: Parts) -> Period:
    day = date(_year(part["y"]), _month(part["m"]), _day(part["d"]))
    return Period(day, day)


def _day_range(part: Parts) -> Period:
    """25 and 26 May 2021; 28 April to 3 May 2021; 30 December 2020 to 2 January 2021."""
    year, month = int(part["y2"]), _month(part["m2"])
    end = date(year, month, _day(part["d2"]))
    start = date(int(part["y1"] or year), _month(part["m1"] or part["m2"]), _day(part["d1"]))
    return Period(min(start, end), max(start, end))


def _month_range(part: Parts) -> Period:
    """April to June 2021; November to January 2022, which began in the year before."""
    first, last = _month(part["m1"]), _month(part["m2"])
    year = int(part["y2"])
    start_year = int(part["y1"] or (year if first <= last else year - 1))
    return Period(month_span(start_year, first).start, month_span(year, last).end)


def _one_month(part: Parts) -> Period:
    return month_span(int(part["y"]), _month(part["m"]))


def _season(part: Parts) -> Period:
    return month_span(int(part["y"]), *_SEASONS[part["s"].lower()])


def _one_year(part: Parts) -> Period:
    return year_span(int(part["y"]))


def _year_range(part: Parts) -> Period:
    return year_span(int(part["y1"]), int(part["y2"]))


def _financial_year(part: Parts) -> Period | None:
    """2021/22: April to March; 2022-2025: the calendar years from the first to the last."""
    return _pair(part, 4, 3)


def _academic_year(part: Parts) -> Period | None:
    """September to August."""
    return _pair(part, 9, 8)


def _quarter(part: Parts) -> Period | None:
    """Q1 2021/22 of a financial year: April to June; Q4: January to March of its second year."""
    years = _pair_of_years(part)
    if years is None:
        return None
    quarter = int(part["q"])
    return month_span(years[1], 1, 3) if quarter == 4 else month_span(years[0], 3 * quarter + 1, 3 * quarter + 3)


def _pair(part: Parts, start: int, end: int) -> Period | None:
    years = _pair_of_years(part)
    if years is None or years[1] - years[0] != 1:
        return years and year_span(*years)
    return Period(date(years[0], start, 1), month_span(years[1], end).end)


def _pair_of_years(part: Parts) -> tuple[int, int] | None:
    """2021/22 as (2021, 2022); None when the second is before the first or too far from it (a time, a code)."""
    first = _year(part["y1"])
    last = int(part["y2"]) if len(part["y2"]) == 4 else first - first % 100 + int(part["y2"])
    return (first, last) if 0 <= last - first <= 30 else None


_READERS: Mapping[str, Callable[[Parts], Period | None]] = {
    "iso": _one_day,
    "numeric": _one_day,
    "day_range": _day_range,
    "day": _one_day,
    "us_day": _one_day,
    "month_range": _month_range,
    "month": _one_month,
    "season": _season,
    "academic": _academic_year,
    "quarter": _quarter,
    "year_pair": _financial_year,
    "year_range": _year_range,
    "year": _one_year,
}


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS[text.lower().rstrip(".")]


def _day(text: str) -> int:
    return int(re.sub(r"\D", "", text))
