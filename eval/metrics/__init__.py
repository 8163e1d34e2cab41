"""The metrics. To add one: a file in this folder, and a line in `METRICS`.

A metric says of one case what it adds (`Part`), or None when it does not speak of such a case. Whether it
speaks may depend on the case alone, never on what the product did: a case that failed adds zero and stays in
the mean. Over many cases the parts are added up; only latency is a quantile.
"""

from __future__ import annotations

from eval.metrics.base import Metric
from eval.metrics.brevity import BREVITY, WORDS
from eval.metrics.citation_precision import CITATION_PRECISION
from eval.metrics.citation_recall import CITATION_RECALL
from eval.metrics.contract import CONTRACT
from eval.metrics.evidence_quoted import EVIDENCE_QUOTED
from eval.metrics.evidence_recall import EVIDENCE_RECALL_1, EVIDENCE_RECALL_3, EVIDENCE_RECALL_5, EVIDENCE_RECALL_10
from eval.metrics.facts import FACTS
from eval.metrics.grounding import GROUNDING
from eval.metrics.kept import AS_ASKED, KEPT
from eval.metrics.latency import LATENCY_P50, LATENCY_P95
from eval.metrics.mrr import MRR
from eval.metrics.ndcg import NDCG_10
from eval.metrics.refusals import REFUSAL_F1, REFUSAL_PRECISION, REFUSAL_REASON, REFUSAL_RECALL
from eval.metrics.right import RIGHT
from eval.metrics.right_paper import RIGHT_PAPER_1
from eval.metrics.wrong_paper import NO_WRONG_PERIOD, NO_WRONG_VOICE

METRICS: dict[str, Metric] = {
    "right": RIGHT,
    "facts": FACTS,
    "evidence_quoted": EVIDENCE_QUOTED,
    "citation_precision": CITATION_PRECISION,
    "citation_recall": CITATION_RECALL,
    "no_wrong_period": NO_WRONG_PERIOD,
    "no_wrong_voice": NO_WRONG_VOICE,
    "contract": CONTRACT,
    "grounding": GROUNDING,
    "kept": KEPT,
    "as_asked": AS_ASKED,
    "brevity": BREVITY,
    "words": WORDS,
    "refusal_precision": REFUSAL_PRECISION,
    "refusal_recall": REFUSAL_RECALL,
    "refusal_f1": REFUSAL_F1,
    "refusal_reason": REFUSAL_REASON,
    "evidence_recall@1": EVIDENCE_RECALL_1,
    "evidence_recall@3": EVIDENCE_RECALL_3,
    "evidence_recall@5": EVIDENCE_RECALL_5,
    "evidence_recall@10": EVIDENCE_RECALL_10,
    "right_paper@1": RIGHT_PAPER_1,
    "mrr": MRR,
    "ndcg@10": NDCG_10,
    "latency_p50": LATENCY_P50,
    "latency_p95": LATENCY_P95,
}
