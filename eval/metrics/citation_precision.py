"""Citation precision."""

from __future__ import annotations

from eval.match import holds
from eval.metrics.base import Metric, share
from eval.models import Case, Outcome, Part


def measure(case: Case, outcome: Outcome) -> Part | None:
    """The share of the citations that lie on gold evidence."""
    if not case.answerable:
        return None
    quotes = outcome.citations
    return Part(share(sum(any(holds(q, e) for e in case.evidence) for q in quotes), len(quotes)))


CITATION_PRECISION = Metric(
    measure,
    "Share of the citations whose quote lies on gold evidence, alternatives included: it holds at least 60% of the "
    "evidence's words, or is wholly inside it. No citations score zero. Answerable cases.",
    "0 to 1",
    "ALCE, Gao et al. 2023 (arXiv:2305.14627), section 4: with gold evidence in place of an entailment model.",
)
