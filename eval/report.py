"""`report.html`: one file with the scores, the plots and every case, the worst first. It loads nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from eval import plots
from eval.compare import Comparison, goodness
from eval.coverage import curve
from eval.gate import Verdict
from eval.match import found, holds, rank
from eval.metrics import METRICS
from eval.metrics.contract import violations
from eval.models import Case, Outcome, Score
from eval.score import Scores
from eval.stage import STAGES
from eval.table import change_rows, comparison_rows, kind_rows, metric_rows, stage_rows, verdict_rows

SHOWN = 6
"""Ranked passages shown of each case."""
_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1d2327, #e6e6e3); --soft: light-dark(#5d666d, #a3a9ad);
  --line: light-dark(#d9dcde, #42474a); --page: light-dark(#fff, #181b1d); --good: light-dark(#1b6e3c, #6fce95);
  --bad: light-dark(#ab2020, #ff8f87); --mark: light-dark(#fff0a8, #5c4d00); --a: light-dark(#1f5fa8, #7db4f0);
  --b: light-dark(#c05a00, #ffac5c); --c: light-dark(#4d7c0f, #a6d95f); }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 72rem;
  margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .875rem; }
td, th { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; } td { font-variant-numeric: tabular-nums; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } figure { margin: 0; width: min(29rem, 100%); }
figcaption { font-weight: 600; } svg text { font-size: 12px; fill: var(--ink); }
svg .grid { stroke: var(--line); } svg .bar { stroke: var(--a); stroke-width: 2; } svg .dot { fill: var(--a); }
svg .line { fill: none; stroke-width: 2; } svg .a { stroke: var(--a); } svg .b { stroke: var(--b); }
svg .c { stroke: var(--c); } svg .fill { stroke: none; } svg .fill.a { fill: var(--a); } svg .fill.b { fill: var(--b); }
details { border-top: 1px solid var(--line); padding: .5rem 0; } summary { cursor: pointer; }
summary .stage { color: var(--bad); } summary .right { color: var(--good); }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem 2rem; }
.soft { color: var(--soft); font-size: .875rem; } .bad { color: var(--bad); } .good { color: var(--good); }
mark { background: var(--mark); color: inherit; } blockquote { margin: .25rem 0 .75rem; padding-left: .75rem;
  border-left: 3px solid var(--line); white-space: pre-line; overflow-wrap: anywhere; }
pre { overflow-x: auto; font-size: .8125rem; }
"""


def report(
    cases: Sequence[Case],
    outcomes: Mapping[str, Outcome],
    scores: Scores,
    verdicts: Sequence[Verdict] = (),
    comparison: Comparison | None = None,
) -> str:
    """The page."""
    by_id = {case.id: case for case in cases}
    ordered = sorted(scores.cases.values(), key=lambda s: (s.stage == "right", goodness(s), s.case_id))
    body = [
        f"<h1>Evaluation of {len(cases)} cases</h1>",
        _section("Gates", _table(verdict_rows(verdicts))) if verdicts else "",
        _section("Scores", "<p>Values with 95% intervals.</p>" + _table(metric_rows(scores))),
        _section("Plots", f'<div class="plots">{"".join(_plots(cases, outcomes, scores))}</div>'),
        _section("By kind", _table(kind_rows(scores))),
        _section("Where cases went wrong", _table(_stages(scores))),
        _section("Compared with the baseline", _compared(comparison)) if comparison else "",
        _section(
            "Cases, the worst first", "".join(_case(by_id[s.case_id], outcomes.get(s.case_id), s) for s in ordered)
        ),
        _section("What the metrics mean", _definitions()),
        _section("Configuration", f"<pre>{escape(json.dumps(scores.configuration, indent=2, default=str))}</pre>"),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Footnote evaluation</title>'
        f"<style>{_STYLE}</style><body>{''.join(body)}</body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _stages(scores: Scores) -> list[list[str]]:
    rows = stage_rows(scores)
    return [[*rows[0], "which means"], *([*row, STAGES[row[0]]] for row in rows[1:])]


def _definitions() -> str:
    rows = [["metric", "definition", "range", "source"]]
    return _table(rows + [[name, m.definition, m.range, m.source] for name, m in METRICS.items()])


def _compared(comparison: Comparison) -> str:
    return _table(comparison_rows(comparison)) + "<h3>Cases that changed</h3>" + _table(change_rows(comparison))


def _plots(cases: Sequence[Case], outcomes: Mapping[str, Outcome], scores: Scores) -> Iterator[str]:
    for metric in ("right", "facts", "citation_precision"):
        rows = []
        for kind in ("all", *scores.kinds):
            e = scores.estimate(metric, kind)
            if e.value is not None and e.low is not None and e.high is not None:
                rows.append((f"{kind} ({e.n})", e.value, e.low, e.high))
        yield _figure(f"{metric} by kind", plots.intervals(rows, f"{metric}, with 95% interval"))
    recall = {split: _recall_by_k(cases, outcomes, split) for split in ("dev", "test")}
    recall = {split: points for split, points in recall.items() if points}
    if recall:
        deepest = max(len(points) for points in recall.values())
        yield _figure("Evidence recall by k", plots.lines(recall, "passages (k)", "evidence recall", deepest))
    points = curve(cases, outcomes)
    if points:
        series = {
            "precision": [(p.coverage, p.precision) for p in points],
            "refused": [(p.coverage, p.recall) for p in points],
        }
        yield _figure(
            "Precision against coverage, as the threshold for refusing moves",
            plots.lines(series, "coverage: answerable cases answered", "share", 1.0),
        )
    else:
        yield _figure("Precision against coverage", "<p class=soft>The answers carry no <code>confidence</code>.</p>")
    stages = scores.as_spread()
    if stages:
        rows_ms = [(name, s["p50"], s["p95"]) for name, s in stages.items()]
        yield _figure("Latency by stage", plots.bars(rows_ms, "milliseconds"))


def _recall_by_k(cases: Sequence[Case], outcomes: Mapping[str, Outcome], split: str) -> list[tuple[float, float]]:
    """Mean evidence recall for every k there are passages for."""
    deepest = max((len(o.hits) for o in outcomes.values()), default=0)
    ranks = []
    for case in cases:
        if case.answerable and case.split == split:
            outcome = outcomes.get(case.id)
            hits = outcome.hits if outcome else ()
            ranks.append([rank(group, hits) for group in case.needed])
    return [
        (float(k), sum(sum(r is not None and r <= k for r in rs) / len(rs) for rs in ranks) / len(ranks))
        for k in range(1, deepest + 1)
        if ranks
    ]


def _figure(title: str, body: str) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption>{body}</figure>"


def _case(case: Case, outcome: Outcome | None, score: Score) -> str:
    css = "right" if score.stage == "right" else "stage"
    marks = ", ".join(f"{name} {p.got:.2f}" for name, p in score.parts.items() if p.of == 1 and p.got <= 1)
    head = (
        f'<summary><b>{escape(case.id)}</b> <span class="{css}">{escape(score.stage)}</span> '
        f'<span class="soft">{escape(case.kind)}, {case.split}</span><br>{escape(case.question)}</summary>'
    )
    history = "".join(f'<p class="soft">Before: {escape(q)} → {escape(a)}</p>' for q, a in case.history)
    if outcome is None or outcome.answer is None:
        body = f'<p class="bad">{escape(score.error or "no answer")}</p>'
    else:
        body = _answered(case, outcome)
    return f'<details>{head}{history}{body}<p class="soft">{escape(marks)}</p></details>'


def _answered(case: Case, outcome: Outcome) -> str:
    answer = outcome.answer or {}
    understood = answer["understood"]
    period = understood["period"]
    about = f"Understood: {understood['question']}"
    if period:
        about += f"; period {period['from'] or '…'} to {period['to'] or '…'}"
    if understood["voice"]:
        about += f"; voice {understood['voice']}"
    if outcome.refused:
        refusal = answer["refusal"]
        said = f"<p>Refused ({escape(refusal['reason'])}): {escape(refusal['message'])}</p>"
    else:
        said = f"<p>{escape(answer['answer'])}</p>"
    for removed in answer.get("removed") or ():
        said += f'<p class="bad">Left out ({escape(removed["reason"])}): {escape(removed["text"])}</p>'
    writer = answer.get("writer") or {}
    if writer.get("reason"):
        said += f'<p class="soft">Written by {escape(writer["answerer"])}: {escape(writer["reason"])}</p>'
    broken = "".join(f'<p class="bad">Contract: {escape(v)}</p>' for v in violations(outcome))
    cited = "".join(_citation(case, c, at) for c, at in zip(outcome.citations, outcome.context, strict=True))
    return (
        f'<p class="soft">{escape(about)}</p>{said}{broken}<div class="beside"><div><h3>Cited</h3>{cited or "Nothing."}'
        f"</div><div><h3>Gold evidence</h3>{_gold(case, outcome)}</div></div>{_ranked(case, outcome)}"
    )


def _citation(case: Case, citation: Mapping[str, Any], context: tuple[str, str, str]) -> str:
    good = any(holds(citation, e) for e in case.evidence)
    before, at, after = (escape(part) for part in context)
    where = ", ".join(str(v) for v in (citation["title"], citation["voice"], citation["published"]) if v)
    mark = '<span class="good">on the evidence</span>' if good else '<span class="bad">elsewhere</span>'
    return (
        f'<div>[{citation["number"]}] {mark} <span class="soft">{escape(where)}</span>'
        f'<blockquote><span class="soft">{before}</span><mark>{at}</mark>'
        f'<span class="soft">{after}</span></blockquote></div>'
    )


def _gold(case: Case, outcome: Outcome) -> str:
    parts = []
    for group in case.needed:
        for e in group:
            place = rank([e], outcome.hits)
            notes = [e.source, f"passage {place}" if place else "not in the passages"]
            notes += ["alternative"] if e.alternative else []
            notes += ["cited"] if found(e, outcome.citations) else []
            parts.append(
                f'<span class="soft">{escape("; ".join(notes))}</span><blockquote>{escape(e.text)}</blockquote>'
            )
    facts = "; ".join(" | ".join(variants) for variants in case.facts)
    wanted = f"<p>Facts: {escape(facts)}</p>" if facts else "<p>The papers do not answer this.</p>"
    return "".join(parts) + wanted


def _ranked(case: Case, outcome: Outcome) -> str:
    rows = [["rank", "on evidence", "paper", "scores", "passage"]]
    for i, hit in enumerate(outcome.hits[:SHOWN], 1):
        on = "yes" if any(holds(hit, e, "text") for e in case.evidence) else ""
        stages = ", ".join(f"{name} {value:.3g}" for name, value in hit["scores"].items())
        paper = f"{hit['title']} ({hit['published'] or 'no date'})"
        rows.append([str(i), on, paper, stages, hit["text"]])
    return f"<details><summary>Ranked passages</summary>{_table(rows)}</details>" if len(rows) > 1 else ""
