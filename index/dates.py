"""Dates and periods as people write them: days, months, years, financial and academic years, ranges.

`find_periods` reads what a text mentions; `rag.understand` adds what only questions say ("since", "last year").
Every mention becomes a `Period` of whole days, both ends included, so that comparing is plain overlap.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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
        ("day_range", rf"\b(?P<d1>{_DAY})(?:\s+(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?)?{_TO}{_WEEKDAY}(?P<d2>{_DAY})\s+(?P<m2>{_MONTH}),?\s+(?P<y2>{_YEAR})\b"),
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
    """The days that an ISO 8601 date of any precision (`2021-07-08`, `2021-07`, `2021`) stands for; None if it is none."""
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


def iso_of(period: Period) -> str | None:
    """The most precise single ISO 8601 date that names exactly this period's start: a day, a month or a year."""
    if period.start is None or period.end is None:
        return None
    if period.start == period.end:
        return period.start.isoformat()
    if (period.start.year, period.start.month) == (period.end.year, period.end.month):
        return f"{period.start:%Y-%m}"
    return f"{period.start:%Y}"


def find_periods(text: str) -> list[Mention]:
    """Every date or period that `text` mentions, in order, none overlapping another."""
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
    return list(_joined(text, sorted(taken, key=lambda m: m.start)))


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
            if between in {"to", "until", "till", "–", "-"} or (between == "and" and opener and opener[1] == "between"):
                yield Mention(first.start, second.end, Period(first.period.start, second.period.end))
                index += 2
                continue
        yield first
        index += 1


def _period(kind: str, match: re.Match[str]) -> Period | None:
    """The days that one match stands for; None when there is no such day (31 April)."""
    part = match.groupdict()
    try:
        if kind in {"iso", "numeric", "day", "us_day"}:
            day = date(_year(part["y"]), _month(part["m"]), _day(part["d"]))
            return Period(day, day)
        if kind == "day_range":
            year, month = int(part["y2"]), _month(part["m2"])
            end = date(year, month, _day(part["d2"]))
            start = date(int(part["y1"] or year), _month(part["m1"]) if part["m1"] else month, _day(part["d1"]))
            return Period(min(start, end), max(start, end))
        if kind == "month_range":
            last, first = _month(part["m2"]), _month(part["m1"])
            year = int(part["y2"])
            start_year = int(part["y1"]) if part["y1"] else (year if first <= last else year - 1)
            return Period(month_span(start_year, first).start, month_span(year, last).end)
        if kind == "month":
            return month_span(int(part["y"]), _month(part["m"]))
        if kind == "season":
            return month_span(int(part["y"]), *_SEASONS[part["s"].lower()])
        if kind in {"academic", "year_pair", "quarter"}:
            return _year_pair(kind, part)
        if kind == "year_range":
            return year_span(int(part["y1"]), int(part["y2"]))
        return year_span(int(part["y"]))
    except ValueError:
        return None


def _year_pair(kind: str, part: dict[str, str]) -> Period | None:
    """2021/22 is a financial year (April to March) or an academic one (September to August); 2022-2025 a span."""
    first = _year(part["y1"])
    last = int(part["y2"]) if len(part["y2"]) == 4 else first - first % 100 + int(part["y2"])
    if last < first or last - first > 30:
        return None
    if kind == "quarter":
        months = (("04", "06"), ("07", "09"), ("10", "12"), ("01", "03"))[int(part["q"]) - 1]
        return month_span(last if part["q"] == "4" else first, int(months[0]), int(months[1]))
    if last - first != 1:
        return year_span(first, last)
    start, end = (9, 8) if kind == "academic" else (4, 3)
    return Period(date(first, start, 1), month_span(last, end).end)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS[text.lower().rstrip(".")]


def _day(text: str) -> int:
    return int(re.sub(r"\D", "", text))
