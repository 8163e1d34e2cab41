"""`footnote bench`: how fast it is on this machine and how much memory it takes, on any folder of papers.

Everything is measured on the real thing, in a temporary data folder: commands as whole processes, a server over HTTP,
warm answers through the pipeline of this process. Other work on the machine falsifies times, so the load is reported.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from eval.cases import FOLDER, load
from eval.clients import question_of
from eval.models import Case
from eval.processes import footnote, imports_torch, largest_child_mb, resident_mb, serving
from eval.table import plain_table
from index import loaders
from index.errors import FootnoteError, LoadError
from index.files import File, find_files
from index.loaders import Workers
from index.search import search
from index.settings import load_settings
from rag.opening import open_pipeline
from rag.pipeline import Pipeline

SERVED = 20
"""Questions after which the server's memory is read."""
_EMBEDDED = 256
"""The most passages that are embedded to see how fast that is by itself."""
_STAGES = ("understand", "retrieve", "rerank", "answer")


class BenchError(FootnoteError):
    """Something could not be measured."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `target` is what it should stay under, or over when `more` is better; None asks for nothing."""

    name: str
    value: float
    unit: str
    target: float | None = None
    more: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None when there is none."""
        if self.target is None:
            return None
        return self.value > self.target if self.more else self.value < self.target

    def row(self) -> list[str]:
        """The figure, its target and whether it is met, as text."""
        if self.target is None:
            return [self.name, f"{self.value:.4g} {self.unit}", "", ""]
        sign, verdict = (">" if self.more else "<"), ("yes" if self.met else "NO")
        return [self.name, f"{self.value:.4g} {self.unit}", f"{sign} {self.target:g} {self.unit}", verdict]


@dataclass(frozen=True, slots=True)
class Bench:
    """What was measured, of how much, and where."""

    measures: tuple[Measure, ...]
    torch_imported: bool
    folder: str
    passages: int
    questions: int
    machine: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Everything, for `--json`."""
        return asdict(self) | {"measures": [asdict(m) | {"met": m.met} for m in self.measures]}

    def text(self) -> str:
        """The table for a terminal."""
        torch = [
            "torch imported by `footnote ask`",
            *(["yes", "no", "NO"] if self.torch_imported else ["no", "no", "yes"]),
        ]
        rows = [["measure", "measured", "target", "met"], *(m.row() for m in self.measures), torch]
        where = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        return f"{plain_table(rows)}\n\n{self.passages} passages of {self.folder}, {self.questions} questions; {where}"


def run(args: Namespace) -> int:
    """Measure and print; always 0, whatever the figures."""
    bench = measure(args.folder, questions_for(args.folder, args.questions, args.most), args.runs)
    print(json.dumps(bench.as_dict(), indent=1) if args.json else bench.text())
    return 0


def measure(folder: Path, cases: Sequence[Case], runs: int) -> Bench:
    """Measure on a folder of papers, with the settings of the current folder but for where the index is.

    Args:
        folder: the papers.
        cases: the questions that are asked, at least one.
        runs: how many processes ask one question each.

    Raises:
        ProcessError: a command or the server failed.
        BenchError: the folder holds nothing to index.
    """
    machine = {
        "CPUs": os.cpu_count(),
        "load": _load(),
        "system": platform.platform(),
        "Python": platform.python_version(),
    }
    with tempfile.TemporaryDirectory(prefix="footnote-bench-", ignore_cleanup_errors=True) as place:
        settings = replace(load_settings(), data=Path(place))
        _say("indexing the folder")
        passages, seconds = _index(folder, settings.data)
        indexing_memory = largest_child_mb()
        _say("reading the folder")
        reading = _reading(folder)
        _say(f"asking in {runs} processes")
        cold = [_timed(settings.data, "ask", case.question) for case in islice(cycle(cases), runs)]
        _say(f"asking {len(cases)} questions in this process")
        pipeline = open_pipeline(settings)
        try:
            warm = _warm(pipeline, cases)
            embedding = _embedding(pipeline, cases)
        finally:
            pipeline.engine.close()
        _say(f"asking a server {SERVED} questions")
        with serving(settings) as (client, process):
            for case in islice(cycle(cases), SERVED):
                client.ask(case)
            memory = resident_mb(process)
        torch = imports_torch(settings.data, cases[0].question)
    measures = (
        Measure("cold `footnote ask`, median", statistics.median(cold), "s", 1.5),
        *_quantiles("warm answer", warm["total"], 300, 600),
        *(m for stage in _STAGES for m in _quantiles(f"  {stage}", warm[stage])),
        Measure("indexing, whole command", passages / seconds, "passages/s", 60, more=True),
        Measure("indexing, reading only", reading, "pages/s", 30, more=True),
        Measure("indexing, embedding only", embedding, "passages/s"),
        Measure("indexing, memory at its peak", indexing_memory, "MB", 1536),
        Measure(f"server's memory after {SERVED} questions", memory, "MB", 500),
    )
    return Bench(measures, torch, str(folder), passages, len(cases), machine | {"load after": _load()})


def questions_for(folder: Path, file: Path | None, most: int) -> tuple[Case, ...]:
    """At most `most` questions, spread evenly over those that the papers answer.

    They are those of `file` (a set of cases, or text with one question a line), else those of the set that comes with
    the product and has all its evidence in the folder.

    Raises:
        BenchError: there are none.
    """
    if file is not None and file.suffix != ".jsonl":
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BenchError(
                f"{file} cannot be read: {error}.", "Save it as UTF-8 text, one question a line."
            ) from error
        cases = [Case(str(n), "fact", line.strip(), True) for n, line in enumerate(lines) if line.strip()]
    else:
        paths = [file] if file else sorted(FOLDER.glob("*.jsonl"))
        sets = [[case for case in load(path) if case.answerable and not case.draft] for path in paths]
        cases = next((some for some in sets if file or _is_about(some, folder)), [])
    if not cases:
        raise BenchError(
            f"There are no questions to ask about {folder}.", "Give some with --questions FILE, one a line."
        )
    return tuple(cases[i] for i in sorted({int(i) for i in np.linspace(0, len(cases) - 1, min(most, len(cases)))}))


def _is_about(cases: Sequence[Case], folder: Path) -> bool:
    return all((folder / evidence.source).is_file() for case in cases for evidence in case.evidence)


def _index(folder: Path, data: Path) -> tuple[int, float]:
    """Passages and seconds of one `footnote index`, from the start of the process to its end."""
    began = time.perf_counter()
    said = footnote(data, "index", str(folder))
    seconds = time.perf_counter() - began
    counted = re.search(r"\((\d+) passages", said)
    if not counted:
        raise BenchError(f"`footnote index {folder}` stored no passages.", said.strip())
    return int(counted[1]), seconds


def _reading(folder: Path) -> float:
    """Pages read in a second, nothing else done, by a process on each core; a file without pages is one."""
    with Workers() as workers, ThreadPoolExecutor(workers.count) as threads:

        def pages(file: File) -> int:
            try:
                return max(1, len(loaders.load(file.source, file.path.read_bytes(), workers).pages))
            except LoadError:
                return 0

        began = time.perf_counter()
        count = sum(threads.map(pages, find_files(folder).files.values()))
        return count / (time.perf_counter() - began)


def _timed(data: Path, *arguments: str) -> float:
    began = time.perf_counter()
    footnote(data, *arguments)
    return time.perf_counter() - began


def _warm(pipeline: Pipeline, cases: Sequence[Case]) -> dict[str, list[float]]:
    """Milliseconds of each question, in all and by stage, after one that is not counted."""
    # Words of no case: an embedder may remember the questions it was asked.
    pipeline.ask(replace(question_of(cases[0]), text=f"First of all: {cases[0].question}"[:2000]))
    times: dict[str, list[float]] = {name: [] for name in ("total", *_STAGES)}
    for case in cases:
        began = time.perf_counter()
        answer = pipeline.ask(question_of(case))
        times["total"].append((time.perf_counter() - began) * 1000)
        for stage in _STAGES:
            times[stage].append(float(answer.timings_ms.get(stage, 0)))
    return times


def _embedding(pipeline: Pipeline, cases: Sequence[Case]) -> float:
    """Passages embedded in a second, nothing else done; of those that the questions find."""
    found: dict[int, str] = {}
    for case in cases:
        if len(found) >= _EMBEDDED:
            break
        for hit in search(pipeline.engine, pipeline.embedder, case.question, k=_EMBEDDED):
            found[hit.key] = hit.passage.text
    texts = list(found.values())[:_EMBEDDED]
    began = time.perf_counter()
    pipeline.embedder.embed_passages(texts)
    return len(texts) / (time.perf_counter() - began)


def _quantiles(
    name: str, times: Sequence[float], p50: float | None = None, p95: float | None = None
) -> tuple[Measure, ...]:
    middle, high = (float(value) for value in np.percentile(times, (50, 95)))
    return Measure(f"{name}, p50", middle, "ms", p50), Measure(f"{name}, p95", high, "ms", p95)


def _load() -> str:
    """The load average of the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
