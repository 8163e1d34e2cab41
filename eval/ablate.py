"""What each part is worth: the same cases in several configurations, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.compare import difference
from eval.score import Scores
from eval.table import number, with_interval

FULL = "as it is"
METRICS_SHOWN = (
    "right",
    "facts",
    "evidence_quoted",
    "citation_precision",
    "no_wrong_period",
    "no_wrong_voice",
    "refusal_f1",
    "evidence_recall@5",
    "mrr",
    "latency_p50",
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings and rules (`rag.pipeline.Rules`) that differ from those in use."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, bool] = field(default_factory=dict)


CONFIGURATIONS: dict[str, Configuration] = {
    FULL: Configuration(),
    "dense only": Configuration({"reranker": "none"}, {"lexical": False}),
    "BM25 only": Configuration({"reranker": "none"}, {"dense": False}),
    "fused": Configuration({"reranker": "none"}),
    "fused, without adapter": Configuration({"reranker": "none"}, {"adapter": False}),
    "without adapter": Configuration(rules={"adapter": False}),
    "dense, reranked": Configuration(rules={"lexical": False}),
    "BM25, reranked": Configuration(rules={"dense": False}),
    "without time": Configuration(rules={"time": False}),
    "without voice": Configuration(rules={"voice": False}),
    "without time and voice": Configuration(rules={"time": False, "voice": False}),
    "without refusing": Configuration(rules={"refuse": False}),
}
"""The configurations compared; to add one, a line here."""


def rows(runs: Mapping[str, Scores], split: str) -> list[list[str]]:
    """A row for every configuration: the metrics, and how `right` differs from the full product, paired."""
    table = [["configuration", *METRICS_SHOWN, "right, less the full product"]]
    for name, scores in runs.items():
        values = [number(scores.estimate(metric, split=split).value, metric) for metric in METRICS_SHOWN]
        change = "" if name == FULL else with_interval(difference("right", scores, runs[FULL], split=split), "right")
        table.append([name, *values, change])
    return table


def chosen(only: Sequence[str] | None) -> dict[str, Configuration]:
    """The configurations asked for, the full product always among them.

    Raises:
        UnknownName: there is no such configuration.
    """
    from index.errors import UnknownName

    for name in only or ():
        if name not in CONFIGURATIONS:
            raise UnknownName("configuration", name, CONFIGURATIONS)
    return {name: c for name, c in CONFIGURATIONS.items() if not only or name in only or name == FULL}
