"""Numbers, dates, amounts and names of a statement occur in its quotes."""

from __future__ import annotations

import re

from eval.match import plain, words
from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part

_COUNT = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNT)}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][\w'’-]*")


def ungrounded(statement: str, quotes: str) -> list[str]:
    """The numbers and names of a statement that do not occur in its quotes.

    Dates and amounts are numbers with names of months and signs. A word that begins a sentence is no name.
    """
    have = _numbers(quotes)
    known = set(words(quotes))
    missing = sorted(_numbers(statement) - have)
    missing += [n for n in _NAME.findall(statement) if not set(words(n)) <= known]
    return missing


def _numbers(text: str) -> set[str]:
    """Numbers in digits without separators of thousands; small number words count as digits."""
    digits = {n.replace(",", "") for n in _NUMBER.findall(plain(text))}
    return digits | {_NUMBERS[w] for w in words(text) if w in _NUMBERS and w not in {"one", "zero"}}


def measure(case: Case, outcome: Outcome) -> Part | None:
    """The statements of a case that are grounded, of all its statements."""
    del case
    if outcome.answer is None:
        return Part(0.0)
    quotes = {c["number"]: c["quote"] for c in outcome.citations}
    statements = outcome.answer["statements"]
    good = [not ungrounded(s["text"], "\n".join(quotes.get(n, "") for n in s["citations"])) for s in statements]
    return Part(float(sum(good)), float(len(good)))


GROUNDING = Metric(
    measure,
    "Share of the statements of which every number, date, amount and name occurs in the statement's quotes. A failed "
    "case counts as one statement that is not. All cases.",
    "0 to 1",
    "Entity- and number-level faithfulness as in Nan et al. 2021 (arXiv:2102.09130).",
)
