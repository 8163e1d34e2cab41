"""`footnote index` and `footnote documents`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from index.errors import FootnoteError, UnreadableFile
from index.progress import Display
from index.settings import Settings, load_settings

if TYPE_CHECKING:
    from index.embedders import Embedder
    from index.engines import Engine
    from index.files import File
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
    index.add_argument("--watch", action="store_true", help="keep running, and take up every change until Ctrl-C")
    index.set_defaults(run=_index)
    documents = commands.add_parser(
        "documents",
        help="list the papers in the index, or what to mend in it",
        description="List the papers in the index; or, with `check`, what a person should mend in it.",
    )
    documents.add_argument(
        "query", nargs="?", default="", help="words that the title, source or publisher must hold, or `check`"
    )
    documents.add_argument("--json", action="store_true", help="print JSON, one paper a line")
    documents.set_defaults(run=_documents)


def _index(args: argparse.Namespace) -> int:
    from index.embedders import open_embedder
    from index.engines import open_engine

    if args.watch and not args.folder.is_dir():
        raise UnreadableFile(f"There is no folder {args.folder} to watch.", "Check the path.")
    settings = load_settings(data=args.data)
    embedder = open_embedder(settings.embedder, settings.threads)
    engine = open_engine(
        settings.engine, settings.data, embedder=embedder.name, dimension=embedder.dimension, create=True
    )
    try:
        return _watch(args, settings, engine, embedder) if args.watch else _once(args, settings, engine, embedder)
    finally:
        engine.close()


def _once(
    args: argparse.Namespace,
    settings: Settings,
    engine: Engine,
    embedder: Embedder,
    being_written: Callable[[File], bool] | None = None,
) -> int:
    """Bring the index up to date once. 1 when nothing could be read; Ctrl-C passes, once what was done is told."""
    from index.build import index_folder
    from index.indexer import Recipe

    with Display() as display:
        try:
            index_folder(
                args.folder, engine, embedder, Recipe(settings.chunk_tokens), max_file_mb=settings.max_file_mb,
                leave_out=settings.data, again=args.again, progress=display, being_written=being_written,
            )  # fmt: skip
        except KeyboardInterrupt:
            print(f"Stopped: {display.summary()}", flush=True)
            raise
    did = {outcome.what for outcome in display.outcomes}
    if not args.watch or did - {"unchanged"}:
        print(display.summary(), flush=True)
    if not args.watch:
        print(f"The index is in {settings.data}.")
    return 1 if did == {"unreadable"} else 0


def _watch(args: argparse.Namespace, settings: Settings, engine: Engine, embedder: Embedder) -> int:
    """Bring the index up to date now and after every change, until Ctrl-C or until asked to end (SIGTERM)."""
    from index.watch import being_written, changes

    left: list[File] = []  # files that were being written at the last look

    def not_whole(file: File) -> bool:
        still = being_written(file)
        if still:
            left.append(file)
        return still

    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    first = True
    try:
        for changed in changes(args.folder, settings.data, stop):
            if not (changed or left or first):
                continue
            left.clear()
            try:
                _once(args, settings, engine, embedder, not_whole)
            except FootnoteError as error:  # the folder may be back, or the index free, in a moment
                print(f"footnote: {error}", file=sys.stderr, flush=True)
            if first:
                print(f"Watching {args.folder}. Stop with Ctrl-C.", flush=True)
            first = args.again = False
    except KeyboardInterrupt:
        pass
    print("Stopped watching.")
    return 0


def _documents(args: argparse.Namespace) -> int:
    from index.check import all_documents
    from index.engines import open_engine

    settings = load_settings(data=args.data)
    engine = open_engine(settings.engine, settings.data)
    shown = 0
    try:
        if args.query == "check":
            return _check(engine, args.json)
        for document in all_documents(engine, args.query):
            print(json.dumps(_as_dict(document), ensure_ascii=False) if args.json else _line(document))
            shown += 1
    finally:
        engine.close()
    if not args.json:
        print(f"{shown} papers.")
    return 0


def _check(engine: Engine, as_json: bool) -> int:
    """List what there is to mend. 1 when there is something, as commands that check do."""
    from index.check import TELLS, check

    findings = list(check(engine))
    for kind, (several, todo) in TELLS.items():
        of_kind = [finding for finding in findings if finding.kind == kind]
        if as_json:
            for finding in of_kind:
                print(json.dumps({**asdict(finding), "todo": todo}, ensure_ascii=False))
        elif of_kind:
            print(f"{len(of_kind)} {several}. {todo}")
            print("\n".join(f"  {', '.join(finding.sources)}: {finding.what}" for finding in of_kind))
    if not (findings or as_json):
        print("There is nothing to mend.")
    return 1 if findings else 0


def _line(document: Document) -> str:
    d = document
    publisher = d.publisher or "publisher unknown"
    return f"{d.id}  {d.published or 'undated':<10}  {d.kind:<10}  {d.title}  ({publisher})\n{'':18}{d.source}"


def _as_dict(document: Document) -> dict[str, object]:
    return {**asdict(document), "covers": document.covers.as_dict() if document.covers else None}
