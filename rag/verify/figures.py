"""Numbers, amounts, shares and dates in one writing: "1,200" and "1200", "eight" and "8", "£2m" and "£2 million"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from index.dates import Mention, find_periods
from index.models import Period

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: n for n, word in enumerate(_ONES)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
NUMBERS = {word: str(value) for word, value in _VALUES.items() if value > 1}
"""Number words of one word, in digits."""
_SCALES = {
    "hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000, "m": 1_000_000, "mn": 1_000_000,
    "billion": 1_000_000_000, "bn": 1_000_000_000,
}  # fmt: skip
_ORDINALS = {
    word: n
    for n, word in enumerate(["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 2)
}
_SHARES = {"half": "1/2", "halves": "1/2", "third": "1/3", "thirds": "1/3", "quarter": "1/4", "quarters": "1/4"}
_PERCENT = {"1/2": Decimal(50), "1/4": Decimal(25), "3/4": Decimal(75)}

_DIGITS = re.compile(
    r"(?P<sign>[£$€]\s?)?(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?:\s?(?P<scale>hundred|thousand|million|billion|bn|mn|[mk])\b)?"
    r"(?P<unit>\s?(?:%|per\s?cent\b|percent\b|(?<=\d)(?:st|nd|rd|th)\b))?",
    re.IGNORECASE,
)
_WORD = "|".join([*sorted(_VALUES, key=len, reverse=True), "hundred", "thousand", "million", "billion"])
_WORDS = re.compile(
    rf"\b(?:(?:a|an)\s+(?=hundred|thousand|million|billion))?(?P<words>(?:{_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{_WORD}))*)\b"
    r"(?P<unit>\s?(?:%|per\s?cent\b|percent\b))?",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?<!every )(?<!each )(?<!first )(?<!last )(?<!second )(?<!third )(?<!fourth )(?<!next )(?<!this )(?<!per )"
    r"\b(?:(?P<n>a|one|two|three)[\s-]+)?(?P<d>half|thirds?|quarters?)\b(?!\s+(?:of\s+)?(?:year|term|\d{4}))",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS)})\b(?!\s+(?:of|term)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is meant: `value` in its smallest unit, `unit` one of "", "£" (any currency), "%" and "th".

    `start` and `end` say where it stands.
    """

    value: Decimal
    unit: str
    start: int
    end: int


def figures(text: str) -> list[Figure]:
    """Every number of `text` that is no part of a date, in order of kind. "One" and "first" are words like others."""
    blank = _without_dates(text)
    found = list(_shares(blank))
    taken = [(f.start, f.end) for f in found]
    for figure in (*_in_digits(blank), *_in_words(blank)):
        if not any(figure.start < end and start < figure.end for start, end in taken):
            found.append(figure)
            taken.append((figure.start, figure.end))
    return found


def missing_figures(claim: str, quotes: str) -> list[str]:
    """The numbers of a claim that its quotes do not give, as the claim writes them."""
    have = figures(quotes)
    missing = []
    for figure in figures(claim):
        if not any(_same(figure, other, quotes) for other in have):
            missing.append(claim[figure.start : figure.end].strip())
    return missing


def missing_dates(claim: str, quotes: Iterable[str]) -> list[str]:
    """The dates of a claim that no quote mentions; a day of July 2021 lies in "July 2021" and in "2021".

    A span ("from 2013 to 2021") may take its two ends from two mentions.
    """
    have = [mention.period for quote in quotes for mention in find_periods(quote)]
    missing = []
    for mention in find_periods(claim):
        period = mention.period
        inside = _is_one(period) and any(other.within(period) for other in have)
        ends = period in have or (any(o.start == period.start for o in have) and any(o.end == period.end for o in have))
        if not inside and not ends:
            missing.append(claim[mention.start : mention.end])
    return missing


def _is_one(period: Period) -> bool:
    """Whether a period is a month, a season or a year as such, which may stand for a day in it."""
    if period.start is None or period.end is None:
        return True
    return (
        period.start.day == 1 and (period.end + timedelta(days=1)).day == 1 and (period.end - period.start).days <= 366
    )


def without_dates(text: str) -> str:
    """`text` with its dates blanked out, so that their numbers and months are not taken for others."""
    return _without_dates(text)


def _without_dates(text: str) -> str:
    mentions: list[Mention] = find_periods(text)
    for mention in mentions:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def _same(claim: Figure, quote: Figure, quotes: str) -> bool:
    if claim.value != quote.value:
        return False
    if claim.unit == quote.unit or not claim.unit:
        return True
    if claim.unit == "%" and not quote.unit:  # a table's column may say it once for all its cells
        return re.search(r"%|per\s?cent|proportion|rate\b", quotes, re.IGNORECASE) is not None
    return claim.unit == "£" and not quote.unit and re.search(r"[£$€]", quotes) is not None


def _in_digits(text: str) -> Iterator[Figure]:
    for match in _DIGITS.finditer(text):
        value = Decimal(match["number"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
        yield Figure(value.normalize(), _unit(match["sign"], match["unit"]), match.start(), match.end())


def _in_words(text: str) -> Iterator[Figure]:
    for match in _WORDS.finditer(text):
        value = _value(re.findall(r"[a-z]+", match["words"].lower()))
        if value not in {0, 1}:
            yield Figure(Decimal(value).normalize(), _unit(None, match["unit"]), match.start(), match.end())
    for match in _ORDINAL.finditer(text):
        yield Figure(Decimal(_ORDINALS[match[1].lower()]), "th", match.start(), match.end())


def _shares(text: str) -> Iterator[Figure]:
    for match in _SHARE.finditer(text):
        above = {"two": 2, "three": 3}.get((match["n"] or "").lower(), 1)
        below = _SHARES[match["d"].lower()][-1]
        if below == "3" and not match["n"]:
            continue  # "the third meeting"
        name = f"{above}/{below}"
        value = _PERCENT.get(name, Decimal(above) / Decimal(below))
        yield Figure(value.normalize(), "%", match.start(), match.end())


def _unit(sign: str | None, unit: str | None) -> str:
    if sign:
        return "£"
    unit = (unit or "").strip().lower()
    return "" if not unit else "th" if unit in {"st", "nd", "rd", "th"} else "%"


def _value(words: list[str]) -> int:
    total = current = 0
    for word in words:
        if word == "hundred":
            current = max(1, current) * 100
        elif word in _SCALES:
            total += max(1, current) * _SCALES[word]
            current = 0
        elif word in _VALUES:
            current += _VALUES[word]
    return total + current
