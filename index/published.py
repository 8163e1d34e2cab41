"""When a paper is from, by the dates of its lines, its title and its file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from index.dates import find_periods, iso_of, parse_iso
from index.models import Period

_JOINED = re.compile(r"_|(?<=\w)-(?=[A-Za-z]{3})|(?<=[A-Za-z]{3})-(?=\d)")  # "30th-Jan-2025", and no "2025-01-30"
_MONTH, _YEAR = 28, 400  # days; a day in a title is that of a meeting, a longer span ("Plan 2022 to 2026") no one time


def first_date(lines: Sequence[str]) -> str | None:
    """The first whole day that one of the lines names, else the first month, year or span."""
    dated = [mention for line in lines for mention in find_periods(line)]
    for mention in dated:
        if mention.period.start == mention.period.end:
            return iso_of(mention.period)
    return iso_of(dated[0].period) if dated else None


def labelled_date(lines: Sequence[str]) -> str | None:
    """The last line of the form "Date: 3 August 2021": an agenda names the meeting's date first, its own last."""
    dates = [line for line in lines if re.match(r"date\b", line, re.IGNORECASE) and find_periods(line)]
    return first_date(dates[-1:])


def date_of_name(source: str) -> tuple[str, str] | None:
    """The date in a file's name, or in its folder's (`2021-08-05 agenda.txt`), and which of the two."""
    path = PurePosixPath(source)
    for part in reversed(path.parts):
        where = "name" if part == path.name else "folder"
        words = _JOINED.sub(" ", path.stem if where == "name" else part)
        if (mentions := find_periods(words)) and (
            day := iso_of(mentions[-1].period if where == "name" else mentions[0].period)
        ):
            return day, where
        if year := re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", part):
            return year[0], where
    return None


def year_of(title: str) -> Period | None:
    """The year or month that a title names first: "Annual Report 2022-23", "Budget 2018/19 and plan to 2022"."""
    spans = (mention.period for mention in find_periods(title))
    return next((p for p in spans if p.start and p.end and _MONTH <= (p.end - p.start).days + 1 <= _YEAR), None)


def too_early(published: str, covers: Period | None) -> bool:
    """Whether a paper of that date would be older than the visit it reports on."""
    period = parse_iso(published)
    return bool(period and period.end and covers and covers.start and period.end < covers.start)
