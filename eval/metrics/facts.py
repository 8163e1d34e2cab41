"""Facts stated."""

from __future__ import annotations

from eval.match import states
from eval.metrics.base import Metric, share
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """The share of the case's facts of which one variant stands in the answer or in its quotes."""
    if not case.answerable:
        return None
    if outcome.answer is None:
        return Part(0.0)
    text = "\n".join([outcome.answer["answer"], *(c["quote"] for c in outcome.citations)])
    return Part(share(sum(any(states(text, v) for v in variants) for variants in case.facts), len(case.facts)))


FACTS = Metric(
    measure,
    "Share of the facts a case asks for of which an accepted variant stands in the answer or its quotes, from the "
    "beginning of a word and, if that is short or a number, to its end; capitals, white space, quote marks and dashes "
    "do not count. Answerable cases.",
    "0 to 1",
    "Answer-nugget recall as in TREC QA (Voorhees 2003), with given variants in place of a judge.",
)
