"""Papers of another period or another voice than the question restricts to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval.match import plain
from eval.metrics.base import Measure, Metric
from eval.models import Case, Outcome, Paper, Part

_HOW = (
    "1 when no citation is to a paper that the case says must not be cited; a refusal cites none, a failed case "
    "scores zero. Cases that forbid papers, "
)
_SOURCE = "Own definition; the complement of the share of answers with a mis-attributed citation."


def forbidden(citation: Mapping[str, Any], papers: tuple[Paper, ...]) -> bool:
    """Whether a citation is to one of the papers."""
    return any(
        citation["source"] == p.source and (p.title is None or plain(p.title) in plain(citation["title"]))
        for p in papers
    )


def _measure(voice: bool) -> Measure:
    def measure(case: Case, outcome: Outcome) -> Part | None:
        if not case.must_not_cite or (case.kind == "voice") != voice:
            return None
        clean = outcome.answer is not None and not any(forbidden(c, case.must_not_cite) for c in outcome.citations)
        return Part(float(clean))

    return measure


NO_WRONG_PERIOD = Metric(_measure(False), _HOW + "of every kind but `voice`.", "0 or 1", _SOURCE)
NO_WRONG_VOICE = Metric(_measure(True), _HOW + "of the kind `voice`.", "0 or 1", _SOURCE)
