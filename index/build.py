"""How a folder of files becomes searchable, and stays so while files come, change and go."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index import loaders, sidecar, versions
from index.ahead import ahead
from index.embedders import Embedder
from index.engines import UPLOADS, Engine, SourceRecord
from index.errors import LoadError
from index.files import File, find_files, read_file, safe_name
from index.indexer import USUAL, Indexer, Outcome, Recipe

_AHEAD_BYTES = 256 * 1024**2  # of files that are read and not stored yet


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file, in the order in which they were dealt with."""

    outcomes: tuple[Outcome, ...]

    def counts(self) -> dict[str, int]:
        """How many files were indexed, replaced, unchanged, removed and unreadable."""
        counted = Counter(outcome.what for outcome in self.outcomes)
        return {what: counted[what] for what in ("indexed", "replaced", "unchanged", "removed", "unreadable")}

    @property
    def passages(self) -> int:
        """How many passages were stored."""
        return sum(outcome.passages for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Done:
    """How far a run is: files dealt with, and bytes of those that had to be read, each with how many there are."""

    files: int
    of_files: int
    size: int
    of_size: int


Progress = Callable[[Outcome, Done], None]
"""Called after each file with what became of it and how far the run is."""


def index_folder(
    path: Path,
    engine: Engine,
    embedder: Embedder,
    recipe: Recipe = USUAL,
    *,
    max_file_mb: int = 200,
    leave_out: Path | None = None,
    again: bool = False,
    progress: Progress | None = None,
    being_written: Callable[[File], bool] | None = None,
) -> Report:
    """Bring the index up to date with a folder, or with a single file.

    New files are added, changed files replaced, files that are gone are removed, the others left as they are.
    Names that start with a dot are left out, and so is the folder `leave_out` (where the index is). Files are read in
    parallel, one on each core, and stored in order of their names. What was reported as done stays done, wherever
    the run is interrupted; the next run does the rest.

    Args:
        path: the folder, or one file.
        engine: where to store.
        embedder: the model that the engine was opened with.
        recipe: how to index.
        max_file_mb: a larger file is reported as unreadable.
        leave_out: a folder not to look into.
        again: index unchanged files, too.
        progress: told of each file as soon as it is done.
        being_written: says of a file that it is not to be read yet; nothing is done about it.

    Raises:
        UnreadableFile: there is no such folder, or it holds no file at all.
        SettingsError: a `footnote.yaml` says what cannot be.
    """
    found = find_files(path, leave_out)
    told = sidecar.take_sidecars(found.files, path)
    root = str(path.resolve() if path.is_dir() else path.resolve().parent)
    sources = sorted(engine.sources(), key=lambda record: record.root == root)
    known = {record.source: record for record in sources if record.root == root}
    same_bytes = {(record.source, record.sha256, record.recipe): record for record in sources}

    def recipe_of(file: File) -> Recipe:
        return replace(recipe, corrections=sidecar.corrections_for(file.source, told))

    files = [file for file in found.files.values() if not (being_written and being_written(file))]
    to_read = [file for file in files if again or not _looks_the_same(file, known.get(file.source), recipe_of(file))]
    gone = [source for source in known if path.is_dir() and not found.may_hold(source)]
    outcomes: list[Outcome] = []
    size = 0

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if progress:
            of_files = len(found.unreadable) + len(gone) + len(files)
            progress(outcome, Done(len(outcomes), of_files, size, sum(file.size for file in to_read)))

    def begin(file: File) -> Callable[[], Outcome]:
        """Read a file; what is left to do is done where the outcomes are gathered, so that there is one writer."""
        own = replace(indexer, recipe=recipe_of(file))
        data = read_file(file, max_file_mb)
        record = _record(file.source, data, root, file.modified, own.recipe)
        same = None if again else same_bytes.get((record.source, record.sha256, record.recipe))
        if same is None:
            read = own.read(record, data)
            before = known.get(file.source)
            return lambda: replace(own.store(read), what="replaced" if before else "indexed")
        if same.root == root or _is_gone(same):  # written anew, or moved with its folder
            return lambda: _touched(engine, record)
        return lambda: Outcome(record.source, "unchanged")

    for source, reason in found.unreadable.items():
        done(Outcome(source, "unreadable", reasons=(reason,)))
    for source in gone:
        engine.remove_source(source, root)
        done(Outcome(source, "removed"))
    reading = {file.source for file in to_read}
    for file in files:
        if file.source not in reading:
            done(Outcome(file.source, "unchanged"))
    with loaders.Workers(limits=loaders.Limits(file_bytes=max_file_mb * 1024**2)) as workers:
        indexer = Indexer(engine, embedder, recipe, workers)
        for file, begun in ahead(begin, to_read, lambda file: file.size, workers.count, _AHEAD_BYTES):
            size += file.size
            try:
                outcome = begun.result()()
            except LoadError as error:
                stays = ("What was indexed of it before stays.",) if file.source in known else ()
                outcome = Outcome(file.source, "unreadable", reasons=(str(error), *stays))
            done(outcome)
    versions.update(engine)
    return Report(tuple(outcomes))


def index_bytes(
    name: str,
    data: bytes,
    engine: Engine,
    embedder: Embedder,
    recipe: Recipe = USUAL,
    *,
    embedded: Callable[[int, int], None] = lambda done, of: None,
) -> Outcome:
    """Index an uploaded file. Bytes that are already in the index, whatever their name, are left as they are.

    Two uploads of one name and different bytes are two files: a name like `minutes.pdf` says nothing. `embedded` is
    told how many of the file's passages are embedded, and of how many; what it raises ends the work, nothing is stored.

    Raises:
        LoadError: it cannot be turned into text.
    """
    record = _record(safe_name(name), data, UPLOADS, 0, recipe)
    record = replace(record, root=f"{UPLOADS}/{record.sha256}")
    for same in engine.sources():
        if (same.sha256, same.recipe) == (record.sha256, record.recipe):
            documents = engine.documents_of(same.source, same.root)
            if len(documents) == same.documents:  # none of them was deleted since
                return Outcome(same.source, "unchanged", documents)
    with loaders.Workers(1) as workers:
        indexer = Indexer(engine, embedder, recipe, workers)
        outcome = indexer.store(indexer.read(record, data), embedded)
    versions.update(engine)
    return outcome


def _record(source: str, data: bytes, root: str, modified: int, recipe: Recipe) -> SourceRecord:
    sha256 = hashlib.sha256(data).hexdigest()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return SourceRecord(source, sha256, len(data), root, now, modified, recipe=str(recipe))


def _looks_the_same(file: File, before: SourceRecord | None, recipe: Recipe) -> bool:
    if before is None:
        return False
    return (file.size, file.modified, str(recipe)) == (before.size, before.modified, before.recipe)


def _touched(engine: Engine, record: SourceRecord) -> Outcome:
    engine.touch(record)
    return Outcome(record.source, "unchanged")


def _is_gone(record: SourceRecord) -> bool:
    return not record.root.startswith(UPLOADS) and not Path(record.root, record.source).exists()
