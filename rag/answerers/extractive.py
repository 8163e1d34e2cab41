"""Answers made of the papers' own sentences, verbatim, the most direct first, and few."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.settings import Settings
from rag.answerers import Draft
from rag.evidence import Evidence
from rag.models import Understood
from rag.words import stems

_ENOUGH_WORDS = 150
_SAME = 0.75  # share of common words above which two units say the same


class Extractive:
    """Each statement is one unit of a paper: its words, white space folded, its bullet or number left out."""

    name = "extractive"

    def draft(self, understood: Understood, evidence: Sequence[Evidence], limit: int) -> list[Draft]:
        """The evidence in order, without repeats, until enough is said."""
        chosen: list[Evidence] = []
        words = 0
        for unit in evidence:
            size = len(unit.text.split())
            if len(chosen) >= limit:
                break
            if chosen and words + size > _ENOUGH_WORDS and not unit.features.get("side"):
                continue
            if any(_overlaps(unit, other) or _repeats(unit, other) for other in chosen):
                continue
            chosen.append(unit)
            words += size
        return [Draft(statement_text(unit.text), (unit,)) for unit in chosen]


def statement_text(quote: str) -> str:
    """A quote as a statement: white space folded, and a literal `[3]` as `(3)`, so that it is no marker."""
    return re.sub(r"\[(\d+)\]", r"(\1)", " ".join(quote.split()))


def _overlaps(one: Evidence, other: Evidence) -> bool:
    return one.document.id == other.document.id and one.start < other.end and other.start < one.end


def _repeats(one: Evidence, other: Evidence) -> bool:
    """Whether two units say the same; not when their figures differ, or when each answers for a side of its own."""
    if one.features.get("side") and other.features.get("side"):
        return False
    a, b = stems(one.text), stems(other.text)
    figures = [set(re.findall(r"\d[\d,.]*", unit.text)) for unit in (one, other)]
    return len(a & b) >= _SAME * min(len(a), len(b)) and figures[0] == figures[1]


def open_extractive(settings: Settings) -> Extractive:
    """Open the answerer that quotes; it has no settings."""
    return Extractive()
