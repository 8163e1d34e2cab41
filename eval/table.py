"""Scores as text: for a terminal, and as Markdown for a CI job page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from eval.compare import GOODNESS, Comparison, goodness
from eval.gate import Verdict
from eval.metrics import METRICS
from eval.models import Case, Score
from eval.score import SPLITS, Estimate, Scores

BY_KIND = ("right", "facts", "evidence_quoted", "citation_precision", "evidence_recall@10", "mrr")
"""The metrics shown for every kind."""


def number(value: float | None, metric: str) -> str:
    """A value as it is read: milliseconds and words whole, shares with three digits."""
    if value is None:
        return "–"
    return (
        f"{value:.3f}"
        if METRICS[metric].range.startswith("0 to 1") or METRICS[metric].range == "0 or 1"
        else f"{value:.0f}"
    )


def with_interval(e: Estimate, metric: str) -> str:
    """A value with its 95% interval."""
    if e.value is None:
        return "–"
    return f"{number(e.value, metric)} [{number(e.low, metric)}, {number(e.high, metric)}]"


def metric_rows(scores: Scores) -> list[list[str]]:
    """Every metric, over each split."""
    rows = [["metric", *(f"{split} (n={len(scores.select(split=split))})" for split in SPLITS)]]
    for name in METRICS:
        estimates = [scores.estimate(name, split=split) for split in SPLITS]
        if any(e.n for e in estimates):
            rows.append([name, *(with_interval(e, name) for e in estimates)])
    return rows


def kind_rows(scores: Scores, split: str = "all") -> list[list[str]]:
    """The main metrics of every kind."""
    rows = [["kind", "n", *BY_KIND]]
    for kind in scores.kinds:
        chosen = scores.select(kind, split)
        values = [number(scores.estimate(name, kind, split).value, name) for name in BY_KIND]
        rows.append([kind, str(len(chosen)), *values])
    return rows


def stage_rows(scores: Scores) -> list[list[str]]:
    """How many cases went wrong at which stage."""
    counts = {split: Counter(s.stage for s in scores.select(split=split)) for split in SPLITS}
    return [["stage", *SPLITS]] + [
        [stage, *(str(counts[split][stage]) for split in SPLITS)] for stage, _ in counts["all"].most_common()
    ]


def wrong(scores: Scores, split: str = "all") -> list[Score]:
    """The cases that did not come out right, worst first."""
    return sorted((s for s in scores.select(split=split) if s.stage != "right"), key=lambda s: (goodness(s), s.case_id))


def wrong_rows(scores: Scores, cases: Mapping[str, Case], split: str = "all") -> list[list[str]]:
    """The cases that did not come out right, with where they went wrong."""
    rows = [["case", "split", "kind", "went wrong", *GOODNESS[1:4], "question"]]
    for s in wrong(scores, split):
        marks = [f"{s.parts[m].got:.2f}" if m in s.parts else "–" for m in GOODNESS[1:4]]
        rows.append([s.case_id, s.split, s.kind, s.error or s.stage, *marks, cases[s.case_id].question])
    return rows


def shortened(rows: list[list[str]], most: int, width: int) -> list[list[str]]:
    """The first rows, their last cell cut: what a terminal can show."""
    kept = [[*row[:-1], row[-1] if len(row[-1]) <= width else row[-1][: width - 1] + "…"] for row in rows[: most + 1]]
    left = len(rows) - len(kept)
    return kept + ([[f"and {left} more", *[""] * (len(rows[0]) - 1)]] if left else [])


def verdict_rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """What each gate said."""
    return [["gate", "value", "verdict"]] + [
        [v.gate.name, number(v.value, v.gate.metric), "passed" if v.passed else f"FAILED: {v.why}"] for v in verdicts
    ]


def comparison_rows(comparison: Comparison) -> list[list[str]]:
    """The differences to the baseline."""
    rows = [["metric", "n", "difference", "95% interval"]]
    for name, e in comparison.differences.items():
        if e.value is None or e.low is None or e.high is None:
            continue
        digits = 3 if METRICS[name].quantile is None else 0
        rows.append([name, str(e.n), f"{e.value:+.{digits}f}", f"[{e.low:+.{digits}f}, {e.high:+.{digits}f}]"])
    return rows


def change_rows(comparison: Comparison) -> list[list[str]]:
    """The cases that changed, worse ones first."""
    changes = [*comparison.worse, *comparison.better]
    return [["case", "by", "was", "now"]] + [[c.case_id, f"{c.by:+.2f}", c.was, c.now] for c in changes]


def plain_table(rows: Sequence[Sequence[str]]) -> str:
    """Columns in line, for a terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def sections(
    scores: Scores, cases: Mapping[str, Case], verdicts: Sequence[Verdict], comparison: Comparison | None
) -> Iterable[tuple[str, list[list[str]]]]:
    """Title and rows of everything a run has to say."""
    if verdicts:
        yield "Gates", verdict_rows(verdicts)
    yield "Scores, with 95% intervals", metric_rows(scores)
    yield "By kind", kind_rows(scores)
    yield "Where cases went wrong", stage_rows(scores)
    if comparison:
        yield "Compared with the baseline", comparison_rows(comparison)
        yield "Cases that changed", change_rows(comparison)
    yield "Cases that did not come out right, worst first", wrong_rows(scores, cases)


def text_summary(
    scores: Scores,
    cases: Mapping[str, Case],
    verdicts: Sequence[Verdict] = (),
    comparison: Comparison | None = None,
) -> str:
    """Everything, for a terminal, long tables cut; the gates last, where the eye falls."""
    parts = [(title, shortened(rows, 40, 80)) for title, rows in sections(scores, cases, verdicts, comparison)]
    if verdicts:
        parts = [*parts[1:], parts[0]]
    return "\n\n".join(f"{title}\n\n{plain_table(rows)}" for title, rows in parts if len(rows) > 1)


def markdown_summary(
    scores: Scores,
    cases: Mapping[str, Case],
    verdicts: Sequence[Verdict] = (),
    comparison: Comparison | None = None,
) -> str:
    """Everything, for the page of a CI job."""
    parts = sections(scores, cases, verdicts, comparison)
    return "\n\n".join(f"## {title}\n\n{markdown_table(rows)}" for title, rows in parts if len(rows) > 1) + "\n"
