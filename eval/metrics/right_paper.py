"""The right paper first."""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """1 when the first passage is of a paper that holds evidence."""
    if not case.answerable:
        return None
    if not outcome.hits:
        return Part(0.0)
    first = outcome.hits[0]
    ids = {i for papers in outcome.papers for i in papers}
    sources = {e.source for e, papers in zip(case.evidence, outcome.papers, strict=False) if not papers}
    return Part(float(first["document_id"] in ids or first["source"] in sources))


RIGHT_PAPER_1 = Metric(
    measure,
    "1 when the first passage is of a paper that holds evidence; a file may hold several papers, and where the "
    "evidence cannot be placed in one of them the file counts. Answerable cases.",
    "0 or 1",
    "Success@1 over papers.",
)
