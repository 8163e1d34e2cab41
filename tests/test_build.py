"""A folder becomes an index, stays up to date with it, and survives being killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index import loaders
from index.build import Done, index_bytes, index_folder
from index.embedders import Embedder, Vectors
from index.embedding import context_of
from index.engines import Engine, open_engine
from index.errors import LoadError, StoreUnavailable, UnreadableFile, UnsupportedFormat
from index.indexer import Outcome, Recipe
from index.models import Document, Filters, Loaded, Passage

LETTER = "We visited the bus station on 8 July 2021. It was clean and open, and the lamps were lit.\n"
REPORT = "Report of the Director of Roads\n\nPotholes were mended in every street of the town last year.\n"


@pytest.fixture
def engine(tmp_path: Path, embedder: Embedder) -> Iterator[Engine]:
    opened = open_engine("local", tmp_path / "data", embedder=embedder.name, dimension=embedder.dimension, create=True)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "papers"
    (path / "2021").mkdir(parents=True)
    (path / "2021" / "letter.txt").write_text(LETTER, encoding="utf-8")
    (path / "report.txt").write_text(REPORT, encoding="utf-8")
    return path


def did(outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    return {outcome.source: outcome.what for outcome in outcomes}


def texts(engine: Engine, query: str) -> str:
    return " ".join(f.passage.text for f in engine.fetch([key for key, _ in engine.lexical(query, Filters(), 50)]))


def test_a_passage_is_embedded_with_what_a_reader_knows() -> None:
    paper = Document("id", "visit.pdf", "Visit to Dorset Council", "report", None, None, None, None, None, (), "")
    passage = Passage("id", 0, 4, "Bus.", context="Visit to Dorset Council. Findings")
    assert context_of(passage, paper) == "Visit to Dorset Council. Findings"
    of_ofsted = replace(paper, publisher="Ofsted", authority="Dorset")
    assert context_of(passage, of_ofsted) == "Ofsted. Visit to Dorset Council. Findings"
    assert context_of(passage, replace(paper, publisher="DORSET council")) == passage.context
    assert context_of(Passage("id", 0, 4, "Bus."), paper) == ""


def test_the_sample_papers_keep_the_invariant_of_the_house(indexed: Engine) -> None:
    page = indexed.documents(limit=100)
    assert page.total >= 5
    for document in page.items:
        text = indexed.text(document.id)
        keys = [key for key, _ in indexed.lexical("the of and", Filters(documents=(document.id,)), 1000)]
        for found in indexed.fetch(keys):
            assert text[found.passage.start : found.passage.end] == found.passage.text
        path, name = indexed.original(document.id)
        assert path.stat().st_size
        assert name == document.source


def test_a_folder_is_brought_up_to_date(engine: Engine, embedder: Embedder, folder: Path) -> None:
    first = index_folder(folder, engine, embedder)
    assert did(first.outcomes) == {"2021/letter.txt": "indexed", "report.txt": "indexed"}
    assert first.counts() == {"indexed": 2, "replaced": 0, "unchanged": 0, "removed": 0, "unreadable": 0}
    assert first.passages >= 2
    version = engine.version
    assert index_folder(folder, engine, embedder).counts()["unchanged"] == 2
    assert engine.version == version

    (folder / "report.txt").write_text(REPORT.replace("Potholes", "Footways"), encoding="utf-8")
    (folder / "2021" / "letter.txt").unlink()
    (folder / "new.txt").write_text("A tram line was opened to the harbour.", encoding="utf-8")
    third = index_folder(folder, engine, embedder)
    assert did(third.outcomes) == {"2021/letter.txt": "removed", "new.txt": "indexed", "report.txt": "replaced"}
    assert "Potholes" not in texts(engine, "mended potholes")
    assert "Footways" in texts(engine, "mended")
    assert texts(engine, "bus station clean") == ""
    assert {document.source for document in engine.documents().items} == {"new.txt", "report.txt"}


def test_a_file_written_anew_with_the_same_bytes_is_unchanged(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_folder(folder, engine, embedder)
    os.utime(folder / "report.txt", (1, 1))
    assert index_folder(folder, engine, embedder).counts()["unchanged"] == 2
    monkeypatch.setattr("index.build.read_file", lambda *_: pytest.fail("it was read again"))
    assert index_folder(folder, engine, embedder).counts()["unchanged"] == 2


def test_another_recipe_indexes_again(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_folder(folder, engine, embedder)
    closed = index_folder(folder, engine, embedder, Recipe(groups=("hr",)))
    assert closed.counts()["replaced"] == 2
    assert engine.documents().total == 0
    assert engine.documents(groups=("hr",)).total == 2
    assert index_folder(folder, engine, embedder, Recipe(20, groups=("hr",))).passages > closed.passages
    again = index_folder(folder, engine, embedder, Recipe(20, groups=("hr",)), again=True)
    assert again.counts()["replaced"] == 2


def test_a_moved_folder_is_not_embedded_again(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_folder(folder, engine, embedder)
    moved = folder.rename(folder.with_name("moved"))
    assert index_folder(moved, engine, embedder).counts()["unchanged"] == 2
    assert {source.root for source in engine.sources()} == {str(moved.resolve())}
    shutil.rmtree(moved / "2021")
    assert index_folder(moved, engine, embedder).counts()["removed"] == 1


class Counted:
    """An embedder that remembers what it embedded."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self.embedded: list[str] = []
        self._real = embedder

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self._real.embed_passages(texts)

    def embed_query(self, text: str) -> Vectors:
        return self._real.embed_query(text)

    def knows(self, word: str) -> bool:
        return self._real.knows(word)


def test_no_text_is_embedded_twice(engine: Engine, embedder: Embedder, folder: Path) -> None:
    counted = Counted(embedder)
    more = "2.1 The ferry goes to the island at noon, weather allowing, and comes back before dusk with the mail."
    (folder / "2021" / "twin.txt").write_text(f"{LETTER}\n{more}\n", encoding="utf-8")
    index_folder(folder, engine, counted)
    assert len(counted.embedded) == len(set(counted.embedded))
    assert counted.embedded.count(LETTER.strip()) == 1
    keys = [key for key, score in engine.dense(embedder.embed_query("bus station"), Filters(), 2)]
    assert {found.document.source for found in engine.fetch(keys)} == {"2021/letter.txt", "2021/twin.txt"}
    counted.embedded.clear()
    (folder / "2021" / "twin.txt").write_text(f"{LETTER}\n{more}\n\n2.2 A bridge was built.\n", encoding="utf-8")
    assert index_folder(folder, engine, counted, again=True).counts()["replaced"] == 3
    assert counted.embedded == ["2.2 A bridge was built."]


def test_versions_are_told_anew_only_when_something_changed(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr("index.versions.superseded", lambda papers: told.append(len(papers)) or {})
    with pytest.raises(ZeroDivisionError):  # a run that is interrupted has not told them
        index_folder(folder, engine, embedder, progress=lambda outcome, done: 1 // (done.of_files - done.files))
    assert told == []
    index_folder(folder, engine, embedder)
    index_folder(folder, engine, embedder)
    assert told == [2]
    index_bytes("more.txt", b"Trams run every ten minutes on weekdays.", engine, embedder)
    assert told == [2, 3]


def test_a_copied_folder_leaves_the_first_alone(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_folder(folder, engine, embedder)
    copy = shutil.copytree(folder, folder.with_name("copy"))
    assert index_folder(copy, engine, embedder).counts()["unchanged"] == 2
    assert {source.root for source in engine.sources()} == {str(folder.resolve())}


def test_two_folders_do_not_remove_each_others_files(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_folder(folder, engine, embedder)
    other = folder.with_name("other")
    other.mkdir()
    (other / "report.txt").write_text("Trams ran on time.", encoding="utf-8")
    assert index_folder(other, engine, embedder).counts()["indexed"] == 1
    assert index_folder(folder, engine, embedder).counts()["unchanged"] == 2
    assert engine.documents().total == 3


def test_one_file_is_indexed_alone(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_folder(folder, engine, embedder)
    (folder / "new.txt").write_text("A tram line was opened.", encoding="utf-8")
    (folder / "report.txt").unlink()
    report = index_folder(folder / "new.txt", engine, embedder)
    assert did(report.outcomes) == {"new.txt": "indexed"}
    assert engine.documents().total == 3  # only a run over the folder removes what is gone


def test_hidden_files_and_the_index_itself_are_left_out(embedder: Embedder, folder: Path) -> None:
    data = folder / "data"
    engine = open_engine("local", data, embedder=embedder.name, dimension=embedder.dimension, create=True)
    (folder / ".hidden.txt").write_text("Bus.", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("Bus.", encoding="utf-8")
    report = index_folder(folder, engine, embedder, leave_out=data)
    assert did(report.outcomes) == {"2021/letter.txt": "indexed", "report.txt": "indexed"}
    engine.close()


@pytest.mark.skipif(os.name != "posix", reason="special files of POSIX")
def test_what_is_no_file_is_reported(engine: Engine, embedder: Embedder, folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.txt").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "bad").mkdir()
    with open(os.fsencode(folder) + b"/bad/\xff.txt", "w", encoding="utf-8") as file:
        file.write("Bus.")
    report = index_folder(folder, engine, embedder)
    unreadable = {o.source: o.reasons[0] for o in report.outcomes if o.what == "unreadable"}
    assert "not followed" in unreadable["loop"]
    assert "No such file" in unreadable["dangling.txt"]
    assert "no regular file" in unreadable["pipe"]
    assert "UTF-8" in unreadable["bad/?.txt"]
    assert report.counts()["indexed"] == 2


def test_files_in_a_folder_that_cannot_be_read_are_not_taken_for_gone(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_folder(folder, engine, embedder)
    scandir = os.scandir

    def denied(path: str) -> object:
        if Path(path).name == "2021":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    report = index_folder(folder, engine, embedder)
    assert did(report.outcomes) == {"2021": "unreadable", "report.txt": "unchanged"}
    assert "Permission denied" in report.outcomes[0].reasons[0]
    assert engine.documents().total == 2


def test_a_file_that_cannot_be_loaded_is_skipped_with_its_reason(
    engine: Engine, embedder: Embedder, folder: Path
) -> None:
    (folder / "empty.txt").touch()
    (folder / "large.txt").write_text("Bus. " * 500_000, encoding="utf-8")
    report = index_folder(folder, engine, embedder, max_file_mb=2)
    reasons = {o.source: o.reasons for o in report.outcomes if o.what == "unreadable"}
    assert "max_file_mb" in reasons["large.txt"][0]
    assert len(reasons["empty.txt"][0]) > 10
    assert report.counts()["indexed"] == 2
    (folder / "report.txt").write_bytes(b"")
    report = index_folder(folder, engine, embedder, max_file_mb=2)
    assert {o.source: o.reasons[-1:] for o in report.outcomes}["report.txt"] == (
        "What was indexed of it before stays.",
    )
    assert "Potholes" in texts(engine, "potholes")


def test_a_mistake_of_ours_about_one_file_does_not_stop_the_run(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = loaders.load
    monkeypatch.setattr(loaders, "load", lambda name, *args: load(name, *args) if "report" in name else 1 / 0)
    report = index_folder(folder, engine, embedder)
    assert did(report.outcomes) == {"2021/letter.txt": "unreadable", "report.txt": "indexed"}
    assert "ZeroDivisionError" in report.outcomes[0].reasons[0]


def test_a_fault_of_the_store_does_stop_the_run(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(type(engine), "replace", full)
    with pytest.raises(StoreUnavailable):
        index_folder(folder, engine, embedder)


def test_the_files_in_a_container_are_one_source(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expand(name: str, data: bytes, limits: object) -> Iterator[tuple[str, bytes | LoadError]]:
        if not name.endswith(".zip"):
            yield name, data
            return
        yield f"{name}/a.txt", LETTER.encode()
        yield f"{name}/b.bin", UnsupportedFormat("No loader reads it.")
        yield f"{name}/c.txt", REPORT.encode()

    monkeypatch.setattr(loaders, "expand", expand)
    (folder / "pack.zip").write_bytes(b"PK")
    report = index_folder(folder, engine, embedder)
    pack = next(outcome for outcome in report.outcomes if outcome.source == "pack.zip")
    assert pack.what == "indexed"
    assert {document.source for document in pack.documents} == {"pack.zip/a.txt", "pack.zip/c.txt"}
    assert pack.reasons == ("pack.zip/b.bin: No loader reads it.",)
    stored = next(source for source in engine.sources() if source.source == "pack.zip")
    assert stored.problems == pack.reasons
    path, name = engine.original(pack.documents[0].id)
    assert (path.read_bytes(), name) == (b"PK", "pack.zip")
    (folder / "pack.zip").unlink()
    index_folder(folder, engine, embedder)
    assert engine.documents().total == 2


def test_what_a_loader_could_not_read_is_reported(
    engine: Engine, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaders, "load", lambda *_: Loaded("Some words.", problems=("page 2 is a picture",)))
    assert index_bytes("a.txt", b"x", engine, embedder).reasons == ("page 2 is a picture",)
    monkeypatch.setattr(loaders, "load", lambda *_: Loaded(" \n", problems=("page 1 is a picture",)))
    with pytest.raises(UnreadableFile, match=r"no text.*page 1 is a picture"):
        index_bytes("b.txt", b"y", engine, embedder)


def test_a_folder_without_files_is_an_error_and_removes_nothing(
    engine: Engine, embedder: Embedder, folder: Path
) -> None:
    index_folder(folder, engine, embedder)
    shutil.rmtree(folder / "2021")
    (folder / "report.txt").unlink()
    with pytest.raises(UnreadableFile, match="holds no files"):
        index_folder(folder, engine, embedder)
    shutil.rmtree(folder)
    with pytest.raises(UnreadableFile, match="no file or folder"):
        index_folder(folder, engine, embedder)
    assert engine.documents().total == 2


def test_progress_tells_of_each_file_when_it_is_done(engine: Engine, embedder: Embedder, folder: Path) -> None:
    told: list[tuple[str, Done]] = []

    def progress(outcome: Outcome, done: Done) -> None:
        assert len(engine.sources()) == done.files
        told.append((outcome.source, done))

    index_folder(folder, engine, embedder, progress=progress)
    letter, report = (len(words.encode()) for words in (LETTER, REPORT))
    assert told == [
        ("2021/letter.txt", Done(1, 2, letter, letter + report)),
        ("report.txt", Done(2, 2, letter + report, letter + report)),
    ]


# Uploads


def test_the_same_bytes_again_are_nothing_new(engine: Engine, embedder: Embedder) -> None:
    first = index_bytes("letter.txt", LETTER.encode(), engine, embedder)
    assert first.what == "indexed"
    version = engine.version
    second = index_bytes("other name.txt", LETTER.encode(), engine, embedder)
    assert (second.what, second.documents) == ("unchanged", first.documents)
    assert engine.version == version


def test_bytes_of_a_folder_are_nothing_new_either(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_folder(folder, engine, embedder)
    upload = index_bytes("letter.txt", LETTER.encode(), engine, embedder)
    assert (upload.what, upload.source) == ("unchanged", "2021/letter.txt")


def test_an_upload_that_was_deleted_can_be_uploaded_again(engine: Engine, embedder: Embedder) -> None:
    first = index_bytes("letter.txt", LETTER.encode(), engine, embedder)
    assert engine.remove_document(first.documents[0].id)
    again = index_bytes("letter.txt", LETTER.encode(), engine, embedder)
    assert again.what == "indexed"
    assert engine.documents().total == len(first.documents)


def test_a_document_missing_of_several_is_brought_back(engine: Engine, embedder: Embedder, corpus: Path) -> None:
    pack = next(corpus.glob("2021-*.txt")).read_bytes()
    first = index_bytes("pack.txt", pack, engine, embedder)
    assert len(first.documents) > 1
    engine.remove_document(first.documents[0].id)
    assert index_bytes("pack.txt", pack, engine, embedder).what == "indexed"
    assert engine.documents().total == len(first.documents)


def test_two_uploads_of_one_name_are_two_files(engine: Engine, embedder: Embedder) -> None:
    index_bytes("minutes.txt", b"The tram line was opened.", engine, embedder)
    index_bytes("minutes.txt", b"The bus line was closed.", engine, embedder)
    assert [document.source for document in engine.documents().items] == ["minutes.txt"] * 2


def test_indexing_a_folder_leaves_uploads_alone(engine: Engine, embedder: Embedder, folder: Path) -> None:
    index_bytes("upload.txt", b"The tram line was opened.", engine, embedder)
    index_bytes("report.txt", REPORT.encode(), engine, embedder)
    assert did(index_folder(folder, engine, embedder).outcomes)["report.txt"] == "unchanged"
    (folder / "report.txt").unlink()
    index_folder(folder, engine, embedder)
    assert {document.source for document in engine.documents().items} == {
        "2021/letter.txt", "report.txt", "upload.txt"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "source"),
    [("../../etc/passwd", "passwd"), ("C:\\papers\\a.txt", "a.txt"), ("a\0\nb.txt", "ab.txt"), ("", "upload"),
     ("..", "upload"), ("\ud800.txt", "?.txt"), ("papers/", "papers")],
)  # fmt: skip
def test_an_uploaded_name_is_made_safe(engine: Engine, embedder: Embedder, name: str, source: str) -> None:
    assert index_bytes(name, b"The tram line was opened.", engine, embedder).source == source


def test_an_upload_without_text_is_refused(engine: Engine, embedder: Embedder) -> None:
    with pytest.raises(LoadError):
        index_bytes("empty.txt", b"", engine, embedder)
    assert engine.sources() == ()


# Interruptions

INDEXING = """
import sys
from pathlib import Path
from index.build import index_folder
from index.embedders import open_embedder
from index.engines import open_engine
embedder = open_embedder("bge-small-en-v1.5", 1)
engine = open_engine("local", Path(sys.argv[2]), embedder=embedder.name, dimension=embedder.dimension, create=True)
print("ready", flush=True)
index_folder(Path(sys.argv[1]), engine, embedder,
             progress=lambda outcome, done: print(outcome.what, outcome.source, flush=True))
print("finished", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_what_was_reported_survives_being_killed_at_any_moment(tmp_path: Path, embedder: Embedder) -> None:
    papers, data = tmp_path / "papers", tmp_path / "data"
    papers.mkdir()
    for n in range(30):
        lines = "\n\n".join(f"{i}. Paper number {n} says that street {n * i} has a tram stop." for i in range(1, 9))
        (papers / f"{n:02}.txt").write_text(lines, encoding="utf-8")
    chance = random.Random(1)
    reported: set[str] = set()
    finished = False
    for _ in range(7):
        process = subprocess.Popen(
            [sys.executable, "-c", INDEXING, str(papers), str(data)],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        for _ in range(chance.randrange(1, 8)):
            line = process.stdout.readline()
            reported |= {line.split()[1]} if line.startswith(("indexed", "unchanged")) else set()
            finished |= line == "finished\n"
        if not finished:
            time.sleep(chance.random() * 0.08)
            process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=60)
        reported |= {line.split()[1] for line in rest.splitlines() if line.startswith("indexed")}
        engine = open_engine("local", data, embedder=embedder.name, dimension=embedder.dimension)
        stored = {record.source: record for record in engine.sources()}
        assert reported <= stored.keys()
        for source, record in stored.items():
            documents = engine.documents_of(source, record.root)
            assert len(documents) == record.documents
            for document in documents:
                assert engine.text(document.id) == (papers / source).read_text(encoding="utf-8")
                assert engine.original(document.id)[0].read_bytes() == (papers / source).read_bytes()
        engine.close()
    engine = open_engine("local", data, embedder=embedder.name, dimension=embedder.dimension)
    before = len(engine.sources())
    report = index_folder(papers, engine, embedder)
    assert report.counts() | {"indexed": 30 - before, "unchanged": before} == report.counts()
    vector = embedder.embed_query("tram stop")
    dense = {key for key, _ in engine.dense(vector, Filters(), 10_000)}
    assert dense == {key for key, _ in engine.lexical("tram", Filters(), 10_000)}
    assert {found.document.source for found in engine.fetch(sorted(dense))} == {f"{n:02}.txt" for n in range(30)}
    engine.close()


def test_an_interruption_leaves_the_file_at_hand_undone(
    engine: Engine, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = "index.engines.local._changed"

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(changed, interrupt)  # the last step before the commit
    with pytest.raises(KeyboardInterrupt):
        index_folder(folder, engine, embedder)
    assert engine.sources() == ()
    monkeypatch.undo()
    assert index_folder(folder, engine, embedder).counts()["indexed"] == 2
