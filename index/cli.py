"""`footnote index` and `footnote documents`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from index.settings import Settings, load_settings

if TYPE_CHECKING:
    from index.build import Outcome, Report
    from index.engines import Engine
    from index.models import Document


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands about papers."""
    index = commands.add_parser(
        "index",
        help="bring the index up to date with a folder of papers",
        description="Bring the index up to date with a folder: read what is new or changed, remove what is gone.",
    )
    index.add_argument("folder", type=Path, help="the folder, or one file")
    index.add_argument("--again", action="store_true", help="read unchanged files again, too")
    index.set_defaults(run=_index)
    documents = commands.add_parser(
        "documents", help="list the papers in the index", description="List the papers in the index."
    )
    documents.add_argument("query", nargs="?", default="", help="words that the title, source or publisher must hold")
    documents.add_argument("--json", action="store_true", help="print JSON, one paper a line")
    documents.set_defaults(run=_documents)


def _index(args: argparse.Namespace) -> int:
    from index.build import Recipe, index_folder
    from index.embedders import open_embedder
    from index.engines import open_engine

    settings = load_settings(data=args.data)
    embedder = open_embedder(settings.embedder, settings.threads)
    engine = open_engine(
        settings.engine, settings.data, embedder=embedder.name, dimension=embedder.dimension, create=True
    )
    began = time.monotonic()
    try:
        report = index_folder(
            args.folder, engine, embedder, Recipe(settings.chunk_tokens), max_file_mb=settings.max_file_mb,
            leave_out=settings.data, again=args.again, progress=_progress(sys.stderr.isatty()),
        )  # fmt: skip
    finally:
        engine.close()
    print(_summary(report, time.monotonic() - began, settings))
    counts = report.counts()
    nothing_read = not (counts["indexed"] or counts["replaced"] or counts["unchanged"])
    return 1 if counts["skipped"] and nothing_read else 0


def _progress(live: bool) -> Callable[[Outcome, int, int], None]:
    """A line for each file that something was done with, and on a terminal a count with the time left."""
    began = time.monotonic()

    def show(outcome: Outcome, done: int, total: int) -> None:
        if live:
            left = (time.monotonic() - began) / done * (total - done)
            print(f"\r\033[K{done}/{total} files, about {left:.0f} s left", end="", file=sys.stderr, flush=True)
        if outcome.what != "unchanged":
            start = "\r\033[K" if live else ""
            papers = f"{len(outcome.documents)} papers, {outcome.passages} passages" if outcome.documents else ""
            print(f"{start}{outcome.what:>9}  {outcome.source}  {papers}", file=sys.stderr)
            for reason in outcome.reasons:
                print(f"{'':>9}  {reason}", file=sys.stderr)
        if live and done == total:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    return show


def _summary(report: Report, seconds: float, settings: Settings) -> str:
    counts = ", ".join(f"{count} {what}" for what, count in report.counts().items() if count) or "nothing to do"
    rate = f" ({report.passages} passages, {report.passages / seconds:.0f} a second)" if report.passages else ""
    lines = [f"{counts} in {seconds:.1f} s{rate}. The index is in {settings.data}."]
    lines += [f"  skipped {o.source}: {' '.join(o.reasons)}" for o in report.outcomes if o.what == "skipped"]
    return "\n".join(lines)


def _documents(args: argparse.Namespace) -> int:
    from index.engines import open_engine

    settings = load_settings(data=args.data)
    engine = open_engine(settings.engine, settings.data)
    shown = 0
    try:
        for document in _all(engine, args.query):
            print(json.dumps(_as_dict(document), ensure_ascii=False) if args.json else _line(document))
            shown += 1
    finally:
        engine.close()
    if not args.json:
        print(f"{shown} papers.")
    return 0


def _all(engine: Engine, query: str) -> Iterator[Document]:
    """Every document, page by page."""
    cursor: str | None = None
    while True:
        page = engine.documents(query, 200, cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _line(document: Document) -> str:
    d = document
    publisher = d.publisher or "publisher unknown"
    return f"{d.id}  {d.published or 'undated':<10}  {d.kind:<10}  {d.title}  ({publisher})\n{'':18}{d.source}"


def _as_dict(document: Document) -> dict[str, object]:
    return {**asdict(document), "covers": document.covers.as_dict() if document.covers else None}
