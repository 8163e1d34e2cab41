"""The time a question restricts itself to: "in 2021", "since 2019", "last year", "2020 and 2023", "latest"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.dates import MONTHS, Mention, bounded, find_periods, month_span, year_span
from index.models import Period

_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|(?:the|their|its|'s|your) last (?:report|letter|inspection|visit|minutes|"
    r"meeting|paper|review)|"
    r"(?:current|present)(?:ly)?|these days|at the moment|right now|nowadays|so far|now)\b",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"\b(?:compar\w+|versus|vs\.?|against|differ\w*|chang\w+|than|between .* and|improv\w+|better|worse|rise|risen|"
    r"fall|fallen|"
    r"more|fewer|less|trend|progress\w*|moved on|still|decade|over time|then and now|bear (?:that|this|it) out|"
    r"squared? with)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:compar\w+|differ\w*|chang\w+|improv\w+|better|worse|rise|rose|risen|fall|fell|fallen|grow|grew|grown|"
    r"increas\w+|decreas\w+|reduc\w+|declin\w+|drop\w*|trend|progress\w*|spread|move[ds]? on|gone (?:up|down))\b",
    re.IGNORECASE,
)
_GOAL = re.compile(r"\b(?:by|(?:target|goal|aim|plan|forecast)s? (?:for|of))\s+(?:the end of\s+)?$", re.IGNORECASE)
_FROM_TO = re.compile(r"(?:between|from)\b", re.IGNORECASE)
_SHORT_YEARS = re.compile(r"(?<![\d/.-])(\d\d)/(\d\d)(?![\d/])")
_YEARLONG = range(363, 366)  # days from the first to the last of a year
_PREVIOUS_MONTH = re.compile(
    r"\bthe (?:previous|preceding) (" + "|".join(m for m in MONTHS if len(m) > 3) + r")\b", re.IGNORECASE
)
_YEAR_LATER = re.compile(
    r"\b(?:an?|one) year (?:later|on|after(?:wards)?)\b|\bthe (?:following|next) year\b|\bthe year after\b",
    re.IGNORECASE,
)
_YEAR_EARLIER = re.compile(
    r"\b(?:an?|one) year (?:earlier|before)\b|\bthe (?:(?:previous|preceding) year|year before)\b", re.IGNORECASE
)
_AGO = re.compile(r"\b(\w+)\s+(year|month)s?\s+ago\b", re.IGNORECASE)
_WEEK_OF = re.compile(r"\b(?:the )?week\s+(?:of|commencing|beginning|starting|from)\s+(?:\w+day,?\s+)?$", re.IGNORECASE)
_PAST = re.compile(r"\b(?:in|over|during|for) the (?:last|past) (?:(\w+) )?(year|month|week)s?\b", re.IGNORECASE)
_NUMBERS = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), range(1, 11), strict=True)
)


@dataclass(frozen=True, slots=True)
class When:
    """`period` is the hard limit (None: no limit). `sides` are the periods of a comparison, `latest` the newest wins.

    `spans` are the places in the question that say so.
    """

    period: Period | None = None
    sides: tuple[Period, ...] = ()
    latest: bool = False
    spans: tuple[tuple[int, int], ...] = ()


def understand_time(text: str, today: date) -> When:
    """Read the time a question speaks of. What cannot be resolved ("before the pandemic") is left alone."""
    mentions = _mentions(text, today)
    if not _CHANGES.search(text):
        # "What did they say in 2021 about homes for all by 2030": a goal is no time that is spoken of.
        mentions = [m for m in mentions if not _GOAL.search(text, 0, m.start)] or mentions
    latest = bool(_LATEST.search(text))
    spans = tuple((m.start, m.end) for m in mentions)
    if not mentions:
        return When(latest=latest)
    read = [bounded(text, mention) for mention in mentions]
    distinct = list(dict.fromkeys(period for period, _ in read))
    comparing = bool(_COMPARE.search(text))
    if len(distinct) > 1:
        closed = [period for period, bound in read if not bound]
        outer = next((p for p in distinct if all(q.within(p) for q in distinct)), None)
        if outer is not None or len(closed) < 2:
            # "in the 2022/23 report, how many in May 2022": the narrower one is what is asked for.
            narrow = min(distinct, key=_length) if outer is not None else closed[0] if closed else distinct[0]
            return When(narrow, latest=latest, spans=spans)
        hull = Period(min(p.start for p in closed if p.start), max(p.end for p in closed if p.end))
        return When(hull, sides=tuple(sorted(set(closed), key=lambda p: p.start or date.min)), spans=spans)
    period, bound = read[0]
    if (ends := _ends(period)) and _CHANGES.search(text) and _FROM_TO.match(text, mentions[0].start):
        # "Did rents rise between 2020 and 2022?": the one year beside the other.
        return When(period, sides=ends, spans=spans)
    if latest and comparing and not bound and re.search(r"\bthan\b|\bcompar|\bsince\b|\bfrom\b", text, re.IGNORECASE):
        # "more now than in 2013": one side is dated, the other is whatever is newest.
        return When(Period(period.start, None), sides=(period,), latest=True, spans=spans)
    return When(period, latest=latest and bound, spans=spans)


def _ends(period: Period) -> tuple[Period, Period] | None:
    """The first and the last year of a span of whole years."""
    if period.start is None or period.end is None or period.start.year == period.end.year:
        return None
    first, last = year_span(period.start.year), year_span(period.end.year)
    return (first, last) if (period.start, period.end) == (first.start, last.end) else None


def _moved(period: Period, years: int) -> Period | None:
    """The year, calendar or financial, that lies `years` after that of a period."""
    if period.start is None or not 1 < period.start.year + years < date.max.year:
        return None
    leap = {(day.month, day.day) for day in (period.start, period.end) if day} & {(2, 29)}
    if period.end and _length(period) in _YEARLONG and not leap:
        return Period(
            period.start.replace(year=period.start.year + years),
            period.end.replace(year=period.end.year + years),
        )
    return year_span(period.start.year + years)


def _length(period: Period) -> int:
    return (period.end - period.start).days if period.start and period.end else 10**6


def _mentions(text: str, today: date) -> list[Mention]:
    """Dates that are written out, and those counted from today."""
    found = find_periods(text)
    for n, mention in enumerate(found):
        day = mention.period.start
        if day and mention.period == Period(day, day) and (week := _WEEK_OF.search(text[: mention.start])):
            found[n] = Mention(week.start(), mention.end, Period(day, day + timedelta(days=6)))
    taken = [(m.start, m.end) for m in found]

    def add(match: re.Match[str], period: Period) -> None:
        if not any(match.start() < end and start < match.end() for start, end in taken):
            found.append(Mention(match.start(), match.end(), period))
            taken.append((match.start(), match.end()))

    for match in _SHORT_YEARS.finditer(text):
        if int(match[2]) == int(match[1]) + 1:
            year = 2000 + int(match[1])
            add(match, Period(date(year, 4, 1), date(year + 1, 3, 31)))
    for match in _AGO.finditer(text):
        number = _NUMBERS.get(match[1].lower(), int(match[1]) if match[1].isdigit() else 0)
        if 0 < number < today.year and match[2].lower() == "year":
            add(match, year_span(today.year - number))
    for match in _PAST.finditer(text):
        number = _NUMBERS.get((match[1] or "one").lower(), int(match[1]) if (match[1] or "").isdigit() else 1)
        days = {"year": 365, "month": 30, "week": 7}[match[2].lower()] * number
        add(match, Period(today - timedelta(days=min(days, today.toordinal() - 1)), today))
    monday = today - timedelta(days=today.weekday())
    previous = today.replace(day=1) - timedelta(days=1)
    for words, period in (
        (r"last year|the past year", year_span(today.year - 1)),
        (r"this year", year_span(today.year)),
        (r"next year", year_span(today.year + 1)),
        (r"last month", month_span(previous.year, previous.month)),
        (r"this month", month_span(today.year, today.month)),
        (r"last week", Period(monday - timedelta(days=7), monday - timedelta(days=1))),
        (r"this week", Period(monday, monday + timedelta(days=6))),
        (r"yesterday", Period(today - timedelta(days=1), today - timedelta(days=1))),
        (r"today|this morning|this afternoon|tonight|right this minute", Period(today, today)),
        (r"tomorrow", Period(today + timedelta(days=1), today + timedelta(days=1))),
    ):
        for match in re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE):
            add(match, period)
    earliest = min((m.period for m in found if m.period.start), key=lambda p: p.start or date.max, default=None)
    first = earliest and earliest.start
    if first and (before := _PREVIOUS_MONTH.search(text)):
        month = MONTHS[before[1].lower()]
        add(before, month_span(first.year - (month >= first.month), month))
    for pattern, years in ((_YEAR_LATER, 1), (_YEAR_EARLIER, -1)):
        # "in 2020, and a year later": counted from the other date in the question
        if earliest and (counted := pattern.search(text)) and (moved := _moved(earliest, years)):
            add(counted, moved)
    return sorted(found, key=lambda m: m.start)
