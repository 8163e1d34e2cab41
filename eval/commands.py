"""What `footnote eval` and its commands do."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval import junit
from eval.cases import FOLDER, CasesError, dump, load, read, resolve
from eval.check import check as check_cases
from eval.clients import Client, HttpClient, LocalClient
from eval.compare import compare
from eval.draft import draft as propose
from eval.draft import draft_feedback, notes, read_corpus
from eval.gate import GATES, judge, load_gates
from eval.models import Case, Outcome
from eval.report import report
from eval.run import load_outcomes
from eval.run import run as run_cases
from eval.score import as_dict, load_scores
from eval.score import score as score_cases
from eval.table import markdown_summary, text_summary
from index.settings import Settings, load_settings

ANSWERS = "answers.jsonl"


def evaluate(args: argparse.Namespace) -> int:
    """Run, score, print and gate."""
    run(args)
    return score(args)


def run(args: argparse.Namespace) -> int:
    """Ask every case."""
    cases = chosen(args)
    with client_of(args) as client:
        outcomes = run_cases(cases, client, args.out / ANSWERS, timeout=args.timeout, progress=show_progress)
    failed = sum(outcome.error is not None for outcome in outcomes.values())
    print(f"{len(outcomes)} cases asked, {failed} failed: {args.out / ANSWERS}", file=sys.stderr)
    return 0


def score(args: argparse.Namespace) -> int:
    """Score a run, write every report, print the table; 1 when a gate fails."""
    cases = chosen(args)
    header, outcomes = load_outcomes(args.out / ANSWERS)
    scores = score_cases(cases, outcomes, header["configuration"])
    baseline = load_scores(args.baseline) if args.baseline else None
    path = args.gates or (GATES if resolve(args.cases).parent == FOLDER else None)
    verdicts = judge(load_gates(path), scores, baseline) if path else []
    comparison = compare(scores, baseline) if baseline else None
    by_id = {case.id: case for case in cases}
    content = as_dict(scores) | {
        "gates": [{"gate": v.gate.name, "value": v.value, "passed": v.passed, "why": v.why} for v in verdicts]
    }
    if comparison:
        content["comparison"] = comparison.as_dict()
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "scores.json").write_text(json.dumps(content, indent=1, default=str) + "\n", encoding="utf-8")
    (args.out / "summary.md").write_text(markdown_summary(scores, by_id, verdicts, comparison), encoding="utf-8")
    (args.out / "report.html").write_text(report(cases, outcomes, scores, verdicts, comparison), encoding="utf-8")
    junit.write(args.out / "junit.xml", scores, outcomes, verdicts)
    print(text_summary(scores, by_id, verdicts, comparison))
    print(f"\nReports: {args.out / 'report.html'}, summary.md, scores.json, junit.xml")
    if not path:
        print("No gates were judged: give your own with --gates FILE.", file=sys.stderr)
    return 0 if all(v.passed for v in verdicts) else 1


def check(args: argparse.Namespace) -> int:
    """Look for mistakes in a set."""
    path = resolve(args.file)
    cases, problems = read(path)
    if args.papers:
        texts = {
            p.relative_to(args.papers).as_posix(): [p.read_bytes().decode("utf-8", "replace")]
            for p in sorted(args.papers.rglob("*.txt"))
        }
        problems += check_cases(cases, texts, exact=True)
    else:
        with client_of(args) as client:
            found: dict[str, list[str]] = {}
            titles: dict[str, list[str]] = {}
            for document in client.documents():
                found.setdefault(document["source"], []).append(client.text(document["id"]))
                titles.setdefault(document["source"], []).append(document["title"])
        problems += check_cases(cases, found, titles)
    for problem in problems:
        print(problem)
    drafts = sum(case.draft for case in cases)
    print(f"{len(cases)} cases, {drafts} of them drafts, {len(problems)} mistakes: {path}")
    return 1 if problems else 0


def chosen(args: argparse.Namespace) -> tuple[Case, ...]:
    """The cases the arguments choose; drafts are left out and counted.

    Raises:
        CasesError: none is left.
    """
    everything = load(resolve(args.cases))
    drafts = sum(case.draft for case in everything)
    if drafts:
        print(f'{drafts} drafts are left out: take out their "draft" when they are edited.', file=sys.stderr)
    cases = tuple(
        case
        for case in everything
        if args.split in ("all", case.split) and args.kind in ("all", case.kind) and not case.draft
    )
    if not cases:
        raise CasesError(f"No case of {args.cases} is of split {args.split} and kind {args.kind}.", "Choose others.")
    return cases


@contextmanager
def client_of(args: argparse.Namespace) -> Iterator[Client]:
    """The server at `--url`, or a pipeline of this process over the index or the folder asked for."""
    if getattr(args, "url", ""):
        yield HttpClient(args.url, os.environ.get("FOOTNOTE_API_KEY", ""), args.timeout)
        return
    from rag.pipeline import open_pipeline

    settings = settings_of(args)
    if args.papers:
        settings = replace(settings, data=args.out / "index")
        index_folder(args.papers, settings)
    pipeline = open_pipeline(settings)
    try:
        yield LocalClient(pipeline, settings)
    finally:
        pipeline.close()


def index_folder(folder: Path, settings: Settings) -> None:
    """Index a folder of papers; unchanged files are skipped."""
    raise NotImplementedError


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings of this folder, with those of `--set`."""
    pairs = dict(item.partition("=")[::2] for item in args.set)
    return load_settings(**pairs)


def show_progress(done: int, total: int, outcome: Outcome) -> None:
    """One line, rewritten on a terminal; every tenth case where it is written to a file."""
    note = f"  {outcome.case_id}: {outcome.error}" if outcome.error else ""
    if sys.stderr.isatty():
        print(f"\r{done}/{total}{note}", end="\n" if note or done == total else "", file=sys.stderr, flush=True)
    elif note or done % 50 == 0 or done == total:
        print(f"{done}/{total}{note}", file=sys.stderr, flush=True)


def draft(args: argparse.Namespace) -> int:
    """Propose cases, from an index or from feedback."""
    if args.from_feedback:
        drafts = list(draft_feedback(args.from_feedback))
    else:
        with client_of(args) as client:
            drafts = notes(propose(read_corpus(client), args.count))
    lines = "".join(dump(case, note) + "\n" for case, note in drafts)
    if args.to is None:
        print(lines, end="")
        return 0
    if args.to.exists():
        raise CasesError(f"{args.to} is there already.", "Name another file: drafts never overwrite edited cases.")
    args.to.write_text(lines, encoding="utf-8")
    print(f"{len(drafts)} drafts: {args.to}. Edit them, then: footnote eval check {args.to}")
    return 0


def ablate(args: argparse.Namespace) -> int:
    raise NotImplementedError


def calibrate(args: argparse.Namespace) -> int:
    raise NotImplementedError


def beir(args: argparse.Namespace) -> int:
    raise NotImplementedError


_ = (Any, Sequence)
