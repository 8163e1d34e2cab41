"""How long answers are."""

from __future__ import annotations

from eval.match import words
from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part

ROOM = 60
"""Words an answer may have before it counts as long, if its evidence is not longer."""


def length(outcome: Outcome) -> int:
    """Words of the statements."""
    return sum(len(words(s["text"])) for s in outcome.answer["statements"]) if outcome.answer else 0


def measure_brevity(case: Case, outcome: Outcome) -> Part | None:
    """1 for an answer within its room, falling with every word more."""
    if not case.answerable:
        return None
    n = length(outcome)
    room = max(ROOM, sum(len(words(group[0].text)) for group in case.needed) * 3 // 2)
    return Part(min(1.0, room / n) if n else 0.0)


def measure_words(case: Case, outcome: Outcome) -> Part | None:
    """The words of an answer that was given."""
    if not case.answerable:
        return None
    n = length(outcome)
    return Part(float(n), float(n > 0))


BREVITY = Metric(
    measure_brevity,
    f"1 for an answer of at most {ROOM} words, or of one and a half times its needed evidence if that is longer; "
    "beyond that, room / words. No answer scores zero. Answerable cases.",
    "0 to 1",
    "Own definition; a length penalty as in ROUGE-limited summarisation (Lin 2004).",
)
WORDS = Metric(
    measure_words,
    "Mean words of the answers that were given. It describes and does not score: what was not answered has no words.",
    "0 and more",
    "Own definition.",
    higher_is_better=False,
)
