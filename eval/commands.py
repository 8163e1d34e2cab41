"""What `footnote eval` and its commands do."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from eval import ablate as ablation
from eval import beir as bench
from eval import junit
from eval.cases import CasesError, dump, load, read, resolve
from eval.check import check as check_cases
from eval.clients import Client, HttpClient, LocalClient
from eval.compare import compare
from eval.draft import draft as propose
from eval.draft import draft_feedback, notes, read_corpus
from eval.gate import gates_of, judge, load_gates
from eval.models import Case, Outcome
from eval.report import report
from eval.run import load_outcomes
from eval.run import run as run_cases
from eval.score import as_dict, load_scores
from eval.score import score as score_cases
from eval.table import markdown_summary, markdown_table, plain_table, text_summary
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
    path = args.gates or gates_of(resolve(args.cases))
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
    if args.url:
        yield HttpClient(args.url, os.environ.get("FOOTNOTE_API_KEY", ""), args.timeout)
        return
    from rag.opening import open_pipeline

    settings = indexed(args)
    pipeline = open_pipeline(settings)
    try:
        yield LocalClient(pipeline, settings)
    finally:
        pipeline.engine.close()


def indexed(args: argparse.Namespace) -> Settings:
    """The settings, with the folder of `--papers` indexed into the output folder; unchanged files are skipped."""
    from index.build import index_folder
    from index.embedders import open_embedder
    from index.engines import open_engine
    from index.indexer import Recipe

    settings = settings_of(args)
    if args.papers is None:
        return settings
    settings = replace(settings, data=args.out / "index")
    embedder = open_embedder(settings.embedder, settings.threads)
    engine = open_engine(
        settings.engine, settings.data, embedder=embedder.name, dimension=embedder.dimension, create=True
    )
    report = index_folder(
        args.papers, engine, embedder, Recipe(settings.chunk_tokens), max_file_mb=settings.max_file_mb
    )
    engine.close()
    for outcome in report.outcomes:
        if outcome.what == "unreadable":
            print(f"unreadable {outcome.source}: {'; '.join(outcome.reasons)}", file=sys.stderr)
    return settings


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings of this folder, with those of `--set`."""
    pairs = dict(item.partition("=")[::2] for item in args.set)
    return load_settings(Path(), None, **({"data": getattr(args, "data", None)} | pairs))


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
    """Ask the set in every configuration and print the table."""
    from rag.opening import open_pipeline
    from rag.pipeline import Rules

    cases = chosen(args)
    settings = indexed(args)
    runs = {}
    for name, configuration in ablation.chosen(args.only).items():
        print(name, file=sys.stderr)
        rules = dict(configuration.rules)
        pipeline = open_pipeline(replace(settings, **configuration.settings), rules=Rules(**rules))
        client = LocalClient(pipeline, settings, {**configuration.settings, **rules})
        path = args.out / "ablation" / f"{name.replace(' ', '-').replace(',', '')}.jsonl"
        outcomes = run_cases(cases, client, path, timeout=args.timeout, progress=show_progress)
        runs[name] = score_cases(cases, outcomes, client.configuration())
        pipeline.engine.close()
    tables = {split: ablation.rows(runs, split) for split in ("dev", "test") if args.split in ("all", split)}
    for split, rows in tables.items():
        print(f"\n{split}\n\n{plain_table(rows)}")
    content = "\n\n".join(f"## {split}\n\n{markdown_table(rows)}" for split, rows in tables.items())
    (args.out / "ablation.md").write_text(content + "\n", encoding="utf-8")
    return 0


def calibrate(args: argparse.Namespace) -> int:
    """Fit the calibration on the dev cases, and write it."""
    from eval.fit import fit
    from rag.opening import open_pipeline

    if args.split == "test":
        raise CasesError("The calibration looks at the dev cases only.", "Leave out --split test.")
    path = args.to or args.out / "calibration.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    args.split = "dev"
    sets = [(chosen(args), args)]
    for number, (papers, cases) in enumerate([*(args.also or ()), *_councils(args.councils)]):
        other = argparse.Namespace(**{**vars(args), "papers": Path(papers), "cases": cases})
        other.out = args.out / f"also-{number}"
        sets.append((chosen(other), other))
    asked = [(cases, open_pipeline(indexed(where))) for cases, where in sets]
    fitted = fit(asked, path, Ticker())
    for _, pipeline in asked:
        pipeline.engine.close()
    print(json.dumps(fitted, indent=1))
    print(f"Written to {path}.", file=sys.stderr)
    return 0


def _councils(folder: Path | None) -> list[tuple[str, str]]:
    """The papers and cases of every council in a folder that has cases to fit on."""
    sets = sorted(folder.glob("*/cases.jsonl")) if folder else []
    return [(str(path.with_name("papers")), str(path)) for path in sets if any(c.split == "dev" for c in load(path))]


def beir(args: argparse.Namespace) -> int:
    """Index a BEIR folder, ask its queries and print what each stage finds."""
    from index.embedders import open_embedder
    from index.engines import open_engine
    from rag.rerankers import READER, WHOLE, open_reranker

    settings = settings_of(args)
    benchmark = bench.load_benchmark(args.folder, args.qrels)
    embedder = open_embedder(settings.embedder, settings.threads)
    # Entries are ranked whole, and the default reader was fitted to judge sentences.
    reranker = open_reranker(WHOLE if settings.reranker == READER else settings.reranker, settings.threads)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(
            settings.engine, Path(folder), embedder=embedder.name, dimension=embedder.dimension, create=True
        )
        places = bench.build(benchmark, engine, embedder, Ticker())
        runs = {
            scope: bench.ask(benchmark, places, engine, embedder, reranker, within=within, progress=Ticker())
            for scope, within in (("everything", False), ("the query's group", True))
            if not within or benchmark.grouped
        }
        engine.close()
    table = bench.rows(benchmark, runs)
    print(f"{len(benchmark.corpus)} passages, {len(benchmark.queries)} queries: {args.folder}\n\n{plain_table(table)}")
    return 0


def claims(args: argparse.Namespace) -> int:
    """Measure the checker of statements on the test split of our claims, or on all claims of the files given."""
    from eval.claims import MADE, OUTPUT, WRITTEN, load_claims, save_claims
    from eval.claims.fit import fit
    from eval.claims.make import make
    from eval.claims.measure import as_lines, figures, judge, text
    from rag.verify import open_verifier

    if args.make:
        save_claims(make(load_claims(WRITTEN), args.make), MADE)
    if args.fit:
        by_hand = [*load_claims(WRITTEN), *load_claims(OUTPUT)]
        fitted = fit(by_hand, load_claims(MADE), open_verifier(), args.fit, Ticker().counting("claims"))
        print(json.dumps(fitted, indent=1))
        return 0
    verifier = open_verifier()
    args.out.mkdir(parents=True, exist_ok=True)
    found = {}
    for path in args.files or [WRITTEN, MADE, OUTPUT]:
        chosen_ = [claim for claim in load_claims(path) if args.files or claim.split == "test"]
        judged = judge(chosen_, verifier, Ticker().counting(path.stem))
        found[path.stem] = figures(judged)
        print(text(path.stem, judged) + "\n")
        (args.out / f"claims-{path.stem}.jsonl").write_text(as_lines(judged), encoding="utf-8")
    (args.out / "claims.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"Every verdict: {args.out}/claims-*.jsonl")
    return 0


class Ticker:
    """Says how far something is, every few seconds."""

    def __init__(self, seconds: float = 5.0) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    def __call__(self, what: str, done: int, total: int) -> None:
        """`done` of `total` are `what`."""
        if done == total or time.monotonic() >= self._next:
            self._next = time.monotonic() + self._seconds
            print(f"{what} {done}/{total}", file=sys.stderr, flush=True)

    def counting(self, what: str) -> Callable[[int, int], None]:
        """The same for work that knows no name for what it does."""
        return lambda done, total: self(what, done, total)
