"""Every engine keeps the same promises; the local one also survives what happens to files and disks."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.engines import ENGINES, Engine, Entry, SourceRecord, open_engine
from index.engines.connections import Connections, mentions
from index.engines.filters import words_of
from index.engines.schema import days_of
from index.errors import (
    EmbedderMismatch,
    InvalidQuestion,
    NoIndex,
    NotFound,
    StoreBroken,
    StoreUnavailable,
    UnknownName,
)
from index.models import Document, Filters, Passage, Period

DIMENSION = 8
YEAR_2021 = Period(date(2021, 1, 1), date(2021, 12, 31))


def unit(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


def paper(name: str, *sentences: str, **fields: object) -> Entry:
    """A document of one passage a sentence; the n-th passage's vector leans to the n-th axis."""
    document = Document(f"id-{name}", f"{name}.txt", name.title(), "report", None, None, None, None, None, (), "")
    passage_fields = {key: fields.pop(key) for key in ("voice", "periods") if key in fields}
    if "speaker" in fields:
        fields["voice"] = fields.pop("speaker")
    document = replace(document, **fields)  # type: ignore[arg-type]
    text = "\n".join(sentences)
    passages, start = [], 0
    for sentence in sentences:
        passages.append(Passage(document.id, start, start + len(sentence), sentence, name))
        start += len(sentence) + 1
    if passage_fields:
        passages[0] = replace(passages[0], **passage_fields)  # type: ignore[arg-type]
    vectors = np.stack([unit(*np.eye(DIMENSION)[n] + 0.1) for n in range(len(sentences))])
    return Entry(document, text, tuple(passages), vectors)


def record(source: str, data: bytes = b"", root: str = "/papers", **fields: object) -> SourceRecord:
    data = data or source.encode()
    filled = SourceRecord(source, sha256(data).hexdigest(), len(data), root, "2024-01-01T00:00:00+00:00")
    return replace(filled, **fields)  # type: ignore[arg-type]


def add(engine: Engine, *entries: Entry, root: str = "/papers", abbreviations: dict[str, str] | None = None) -> None:
    for entry in entries:
        source = entry.document.source
        engine.replace(record(source, root=root), [entry], abbreviations or {}, source.encode())


def found(engine: Engine, hits: list[tuple[int, float]]) -> list[str]:
    return [item.passage.text for item in engine.fetch([key for key, _ in hits])]


def both(engine: Engine, query: str, filters: Filters) -> set[str]:
    """What the dense search finds within the filters, which is what the lexical one must find, too."""
    dense = set(found(engine, engine.dense(unit(1), filters, 50)))
    lexical = set(found(engine, engine.lexical(query, filters, 50)))
    assert dense == lexical
    return dense


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(request.param, tmp_path / "data", embedder="test", dimension=DIMENSION, create=True)
    yield opened
    opened.close()


# What every engine promises


def test_what_goes_in_comes_out(engine: Engine) -> None:
    covers = Period(date(2020, 4, 1), None)
    entry = paper(
        "letter", "Bus routes changed.", "Ünïcode 😀 stays.", publisher="Ofsted", published="2021-07", covers=covers,
        groups=("staff", "members"), periods=(Period(None, date(2019, 1, 1)), YEAR_2021), voice="inspectors",
    )  # fmt: skip
    full = replace(
        entry.passages[1], page=3, heading="Roads", paragraph="7.4", context="Letter > Roads", voice="officers"
    )
    entry = replace(entry, passages=(entry.passages[0], full))
    noted = record("letter.txt", modified=123, recipe="r", problems=("page 2 is a picture",))
    engine.replace(noted, [entry], {"LAC": "Looked After Children"}, b"letter.txt")
    staff = ("staff",)
    keys = [key for key, _ in engine.dense(unit(1), Filters(groups=staff), 5)]
    assert [item.passage for item in engine.fetch(keys)] == list(entry.passages)
    assert {item.document for item in engine.fetch(keys)} == {entry.document}
    assert engine.document("id-letter", staff) == entry.document
    assert engine.text("id-letter", staff) == entry.text
    path, name = engine.original("id-letter", staff)
    assert (path.read_bytes(), name) == (b"letter.txt", "letter.txt")
    assert engine.sources() == (replace(noted, documents=1),)
    assert engine.documents_of("letter.txt", "/papers") == (entry.document,)
    assert engine.abbreviations(staff) == {"LAC": ("Looked After Children",)}
    assert engine.publishers(staff) == ("Ofsted",)
    assert engine.voices(staff) == ("inspectors", "officers")
    assert engine.extent(staff) == Period(date(2020, 4, 1), date(2021, 7, 31))
    assert dict(engine.vocabulary(staff)) == dict.fromkeys(["bus", "routes", "changed", "unicode", "stays"], 1)


def test_an_empty_index_finds_nothing(engine: Engine) -> None:
    assert engine.dense(unit(1), Filters(), 5) == []
    assert engine.lexical("bus", Filters(), 5) == []
    assert engine.documents().total == 0
    assert engine.extent() is None
    assert engine.vocabulary() == {}
    assert engine.fetch([1]) == []
    assert engine.neighbours(1) == ()


def test_dense_search_orders_by_cosine(engine: Engine) -> None:
    add(engine, paper("a", "one", "two", "three"))
    query = unit(0.2, 1, 0.5)
    hits = engine.dense(query, Filters(), 3)
    assert found(engine, hits) == ["two", "three", "one"]
    vectors = paper("a", "one", "two", "three").vectors
    assert np.allclose([score for _, score in hits], sorted(vectors @ query, reverse=True), atol=1e-6)
    assert len(engine.dense(query, Filters(), 2)) == 2


def test_lexical_search_knows_inflections_and_prefers_the_text(engine: Engine) -> None:
    add(
        engine,
        paper("visits", "Nothing of the kind."),
        paper("b", "The inspector visited."),
        paper("c", "Other words."),
    )
    hits = engine.lexical("Which visits?", Filters(), 5)
    assert found(engine, hits) == ["The inspector visited.", "Nothing of the kind."]
    assert hits[0][1] > hits[1][1] > 0


def test_stop_words_count_only_when_there_is_nothing_else(engine: Engine) -> None:
    add(engine, paper("a", "What it was for."), paper("b", "Bus."))
    assert found(engine, engine.lexical("what was the bus for", Filters(), 5)) == ["Bus."]
    assert found(engine, engine.lexical("what for", Filters(), 5)) == ["What it was for."]
    assert words_of("The Bus of THE bus") == ["bus"]


def test_a_file_is_replaced_as_a_whole(engine: Engine) -> None:
    two = [paper("a", "Old first."), replace(paper("b", "Old second."))]
    engine.replace(record("pack.txt"), two, {"OLD": "Obsolete Long Description"}, b"pack.txt")
    before = engine.dense(unit(1), Filters(), 9)
    path, _ = engine.original("id-a")
    assert engine.abbreviations() == {"OLD": ("Obsolete Long Description",)}
    assert "old" in engine.vocabulary()
    engine.replace(record("pack.txt", b"new"), [paper("a", "New only.")], {}, b"new")
    assert both(engine, "old new", Filters()) == {"New only."}
    assert engine.fetch([key for key, _ in before]) == []  # a key is never used again
    assert not path.exists()
    assert engine.abbreviations() == {}
    assert "old" not in engine.vocabulary()
    assert engine.documents().total == 1


def test_removing_is_removing(engine: Engine) -> None:
    add(engine, paper("a", "First paper."), paper("b", "Second paper."))
    path, _ = engine.original("id-a")
    assert engine.remove_source("a.txt", "/papers") == 1
    assert engine.remove_source("a.txt", "/papers") == 0
    assert both(engine, "paper", Filters()) == {"Second paper."}
    assert not path.exists()
    assert engine.remove_document("id-b") is True
    assert engine.remove_document("id-b") is False
    assert both(engine, "paper", Filters()) == set()
    assert engine.sources() == ()
    for method in (engine.document, engine.text, engine.original):
        with pytest.raises(NotFound):
            method("id-b")


def test_a_file_lives_as_long_as_one_of_its_documents(engine: Engine) -> None:
    papers = [paper("a", "First."), paper("b", "Second.", part_of="id-a")]
    engine.replace(record("pack.txt"), papers, {}, b"pack.txt")
    engine.remove_document("id-a")
    assert engine.document("id-b").part_of is None
    assert [source.documents for source in engine.sources()] == [2]  # so that it can be seen that one is missing
    assert engine.original("id-b")[0].exists()


def test_the_same_bytes_under_two_names_are_kept_until_both_are_gone(engine: Engine) -> None:
    for name in ("a", "b"):
        engine.replace(record(f"{name}.txt", b"same"), [paper(name, "Same.")], {}, b"same")
    path, _ = engine.original("id-a")
    engine.remove_source("a.txt", "/papers")
    assert path.read_bytes() == b"same"
    engine.remove_source("b.txt", "/papers")
    assert not path.exists()


def test_two_roots_may_hold_files_of_one_name(engine: Engine) -> None:
    for root, name in (("/one", "a"), ("/two", "b")):
        entry = paper(name, f"From {root}.", source="same.txt")
        engine.replace(record("same.txt", root.encode(), root), [entry], {}, root.encode())
    assert len(engine.sources()) == 2
    engine.remove_source("same.txt", "/one")
    assert both(engine, "from", Filters()) == {"From /two."}


def test_a_moved_folder_is_noted(engine: Engine) -> None:
    add(engine, paper("a", "Bus."), root="/old")
    version = engine.version
    engine.touch(record("a.txt", root="/new", modified=7))
    assert [(source.root, source.modified) for source in engine.sources()] == [("/new", 7)]
    assert engine.version == version


def test_the_version_changes_with_the_content(engine: Engine) -> None:
    versions = [engine.version]
    for change in (
        lambda: add(engine, paper("a", "Bus.")),
        lambda: add(engine, paper("a", "Tram.")),
        lambda: engine.remove_document("id-a"),
        lambda: add(engine, paper("b", "Bus.")),
        lambda: engine.remove_source("b.txt", "/papers"),
    ):
        change()
        versions.append(engine.version)
    assert len(set(versions)) == len(versions)
    assert engine.version == versions[-1]


def test_neighbours_are_the_passages_of_the_same_document_in_order(engine: Engine) -> None:
    add(engine, paper("a", "A1", "A2", "A3"), paper("b", "B1"))
    key = engine.dense(unit(0, 1), Filters(documents=("id-a",)), 1)[0][0]
    assert [item.passage.text for item in engine.fetch(engine.neighbours(key))] == ["A1", "A2", "A3"]


def test_wrong_vectors_and_passages_are_refused_whole(engine: Engine) -> None:
    good = paper("a", "Bus.")
    for bad in (
        replace(good, vectors=good.vectors[:, :4]),
        replace(good, vectors=good.vectors * np.nan),
        replace(good, text="Another text."),
        replace(good, passages=(replace(good.passages[0], document_id="other"),)),
    ):
        with pytest.raises(ValueError, match=r"expected finite vectors|no slice"):
            engine.replace(record("pack.txt"), [paper("b", "Tram."), bad], {}, b"pack.txt")
    assert engine.documents().total == 0


def test_what_fails_halfway_leaves_everything_as_it_was(engine: Engine) -> None:
    add(engine, paper("a", "Old."))
    version = engine.version
    same_id_twice = [paper("x", "One."), paper("x", "Two.")]
    with pytest.raises(sqlite3.IntegrityError):
        engine.replace(record("a.txt", b"new"), same_id_twice, {}, b"new")
    assert both(engine, "old one two", Filters()) == {"Old."}
    assert engine.version == version
    assert engine.original("id-a")[0].read_bytes() == b"a.txt"


# Filters


def test_filters_come_before_neighbours(engine: Engine) -> None:
    crowd = paper("crowd", *[f"Bus {n}." for n in range(8)])
    add(engine, *[paper(f"crowd{n}", "Bus.", "Bus bus.") for n in range(60)], crowd, paper("far", "Tram.", "A bus."))
    only = Filters(documents=("id-far",))
    assert found(engine, engine.dense(unit(1), only, 1)) == ["Tram."]
    assert found(engine, engine.dense(unit(0, 1), only, 1)) == ["A bus."]
    assert found(engine, engine.lexical("bus", only, 1)) == ["A bus."]
    assert both(engine, "bus tram", Filters(documents=("id-far", "unknown"))) == {"Tram.", "A bus."}
    assert both(engine, "bus", Filters(documents=("unknown",))) == set()


def test_published_is_about_the_paper_alone(engine: Engine) -> None:
    add(
        engine,
        paper("day", "bus day", published="2021-07-08"),
        paper("month", "bus month", published="2021-12"),
        paper("year", "bus year", published="2021"),
        paper("later", "bus later", published="2022-01-01"),
        paper("undated", "bus undated", covers=YEAR_2021, periods=(YEAR_2021,)),
    )

    def within(start: date | None, end: date | None) -> set[str]:
        return {text.removeprefix("bus ") for text in both(engine, "bus", Filters(published=Period(start, end)))}

    assert within(date(2021, 1, 1), date(2021, 12, 31)) == {"day", "month", "year"}
    assert within(date(2021, 7, 8), date(2021, 7, 8)) == {"day", "year"}
    assert within(date(2021, 12, 31), date(2022, 1, 1)) == {"month", "year", "later"}
    assert within(None, date(2021, 6, 30)) == {"year"}
    assert within(date(2022, 1, 1), None) == {"later"}
    assert within(None, None) == {"day", "month", "year", "later"}


def test_period_is_about_the_paper_or_what_the_passage_mentions(engine: Engine) -> None:
    add(
        engine,
        paper("dated", "bus dated", published="2021-07-08"),
        paper("covers", "bus covers", published="2023-03", covers=Period(date(2021, 12, 1), date(2022, 11, 30))),
        paper("mentions", "bus mentions", "bus silent", published="2023", periods=(Period(date(2021, 5, 1), None),)),
        paper("undated", "bus undated"),
    )
    assert both(engine, "bus", Filters(period=YEAR_2021)) == {"bus dated", "bus covers", "bus mentions"}
    assert both(engine, "bus", Filters(period=Period(date(2024, 1, 1), None))) == {"bus mentions"}
    assert both(engine, "bus", Filters(period=Period(None, date(2020, 12, 31)))) == set()


def test_voice_is_who_speaks_or_is_named(engine: Engine) -> None:
    add(
        engine,
        paper("speaks", "bus speaks", voice="Ofsted"),
        paper("published", "bus published", publisher="OFSTED"),
        paper("spoken", "bus spoken", speaker="ofsted"),
        paper("names", "bus, said Ofsted's inspector", "bus silent"),
        paper("other", "bus Ofstedian", voice="officers"),
    )
    expected = {"bus speaks", "bus published", "bus spoken", "bus, said Ofsted's inspector"}
    assert both(engine, "bus", Filters(voice="ofsted")) == expected
    assert both(engine, "bus", Filters(voice=" Ofsted ")) == expected
    assert both(engine, "bus", Filters(voice="Officers")) == {"bus Ofstedian"}
    assert both(engine, "bus", Filters(voice="&")) == set()
    assert len(both(engine, "bus", Filters(voice=" "))) == 6


def test_a_voice_ignores_case_in_any_script_but_keeps_capitals_apart(engine: Engine) -> None:
    add(engine, paper("a", "bus", voice="École Élémentaire"), paper("b", "bus is it"), paper("c", "bus by IT"))
    assert [item for item in engine.voices() if item] == ["École Élémentaire"]
    assert both(engine, "bus", Filters(voice="ÉCOLE ÉLÉMENTAIRE")) == {"bus"}
    assert both(engine, "bus", Filters(voice="IT")) == {"bus by IT"}
    assert mentions("the Lead \n Member said", "lead member")
    assert not mentions("misled members", "led member")


def test_filters_add_up(engine: Engine) -> None:
    add(
        engine,
        paper("a", "bus a", published="2021", publisher="Ofsted"),
        paper("b", "bus b", published="2021"),
        paper("c", "bus c", published="2020", publisher="Ofsted"),
    )
    assert both(engine, "bus", Filters(published=YEAR_2021, voice="Ofsted")) == {"bus a"}
    assert both(engine, "bus", Filters(documents=("id-b",), voice="Ofsted")) == set()


def test_a_restricted_document_exists_only_for_its_groups(engine: Engine) -> None:
    secret = paper("secret", "Bus secretword.", groups=("hr", "legal"), publisher="Hidden", published="1999", voice="X")
    add(engine, paper("open", "Bus openword."))
    add(engine, secret, abbreviations={"SW": "Secret Word"})
    for groups in ((), ("other",), ("hr'", "[]")):
        assert both(engine, "bus", Filters(groups=groups)) == {"Bus openword."}
        assert both(engine, "bus", Filters(groups=groups, documents=("id-secret",))) == set()
        assert engine.documents(groups=groups).total == 1
        assert set(engine.vocabulary(groups)) == {"bus", "openword"}
        assert engine.vocabulary(groups)["bus"] == 1
        assert engine.abbreviations(groups) == {}
        assert engine.publishers(groups) == engine.voices(groups) == ()
        assert engine.extent(groups) is None
        for method in (engine.document, engine.text, engine.original):
            with pytest.raises(NotFound):
                method("id-secret", groups)
    for groups in (("legal",), ("x", "hr")):
        assert both(engine, "bus", Filters(groups=groups)) == {"Bus openword.", "Bus secretword."}
        assert engine.documents(groups=groups).total == 2
        assert engine.vocabulary(groups)["bus"] == 2
        assert engine.abbreviations(groups) == {"SW": ("Secret Word",)}
        assert engine.document("id-secret", groups) == secret.document
    assert found(engine, engine.dense(unit(1), Filters(), 1)) == ["Bus openword."]


# Lists


def test_pages_hold_every_document_once_in_order(engine: Engine) -> None:
    add(engine, *[paper(f"paper{n:02}", "Bus.", title=f"Title {n % 3}", publisher="Council") for n in range(11)])
    cursor, seen = None, []
    while True:
        page = engine.documents(limit=4, cursor=cursor)
        assert page.total == 11
        seen += [document.source for document in page.items]
        if (cursor := page.next) is None:
            break
        assert len(page.items) == 4
    assert seen == [f"paper{n:02}.txt" for n in range(11)]
    assert engine.documents(limit=11).next is None
    assert engine.documents("title 2 COUNCIL").total == 3
    assert engine.documents("paper07.txt").total == 1
    assert engine.documents("%").total == 0


def test_a_page_stays_right_when_what_it_started_after_is_gone(engine: Engine) -> None:
    add(engine, *[paper(name, "Bus.") for name in "abcd"])
    first = engine.documents(limit=2)
    engine.remove_document("id-b")
    assert [document.source for document in engine.documents(limit=2, cursor=first.next).items] == ["c.txt", "d.txt"]


@pytest.mark.parametrize("cursor", ["x", "e30=", "W10=", "WzEsMiwzXQ==", "🚌", "WyJhIiwgImIiLCAiYyJd"])
def test_an_invented_cursor_is_refused(engine: Engine, cursor: str) -> None:
    with pytest.raises(InvalidQuestion, match="cursor"):
        engine.documents(cursor=cursor)


def test_abbreviations_with_several_meanings_give_the_commonest_first(engine: Engine) -> None:
    for name, meaning in [("a", "Alpha"), ("b", "Beta"), ("c", "Beta")]:
        add(engine, paper(name, "Bus."), abbreviations={"X": meaning})
    assert engine.abbreviations() == {"X": ("Beta", "Alpha")}


def test_vocabulary_counts_passages_and_keeps_words_whole(engine: Engine) -> None:
    add(engine, paper("title", "Children visited children.", "Visits to CHILDREN"))
    assert engine.vocabulary() == {"children": 2, "visited": 1, "visits": 1, "to": 1}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_engine("local", tmp_path_factory.mktemp("s"), embedder="t", dimension=DIMENSION, create=True)
    add(opened, paper("a", "Bus and tram, near the AND gate.", "地方議会 😀 NOT NEAR"), paper("b", "Café OR bistro"))
    yield opened
    opened.close()


ODD = ['"', "a AND", "NEAR(a b)", "text:bus", "bus*", "-bus", "^bus", "(", "'; DROP TABLE passages; --", "\0", "\ud800",
       "bus\0tram", "bus " * 3000, "{bus}", "a + b", "🚌", "_", "地方議会", "%", "\\", "NOT", "ﬁ", "İ"]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_any_text_is_a_query(small: Engine, text: str) -> None:
    _query_with(small, text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.text(alphabet='"*():^-+{}, \0AB NEAR\ud800', max_size=40))
def test_any_other_text_is_a_query(small: Engine, text: str) -> None:
    _query_with(small, text)


def _query_with(engine: Engine, text: str) -> None:
    engine.lexical(text, Filters(), 5)
    engine.lexical("bus", Filters(voice=text, documents=(text,), groups=(text,)), 5)
    assert engine.documents(text).total <= 2
    with pytest.raises(NotFound):
        engine.document(text, (text,))
    assert engine.remove_document(text) is False


def test_words_of_other_scripts_and_many_words_are_found(small: Engine) -> None:
    assert found(small, small.lexical("地方議会", Filters(), 1)) == ["地方議会 😀 NOT NEAR"]
    assert found(small, small.lexical("CAFE", Filters(), 1)) == ["Café OR bistro"]
    many = " ".join(f"word{n}" for n in range(2000)) + " tram"
    assert found(small, small.lexical(many, Filters(), 1)) == ["Bus and tram, near the AND gate."]


@pytest.mark.parametrize(
    ("published", "start", "end"),
    [
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2021", (2021, 1, 1), (2021, 12, 31)),
        ("2021-07-08", (2021, 7, 8), (2021, 7, 8)),
    ],
)
def test_a_date_means_all_its_days(published: str, start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    assert days_of(published) == Period(date(*start), date(*end))


@pytest.mark.parametrize("published", ["", "21", "2021-13", "2021-02-30", "8 July 2021", "2021-07-08T10:00"])
def test_a_date_that_is_none_is_refused(published: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        days_of(published)


# Opening


def test_an_unknown_engine_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="local"):
        open_engine("cloud", tmp_path)


@pytest.mark.parametrize("name", ENGINES)
def test_opening(name: str, tmp_path: Path) -> None:
    with pytest.raises(NoIndex, match="footnote index"):
        open_engine(name, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    open_engine(name, tmp_path / "data", embedder="a", dimension=DIMENSION, create=True).close()
    # Nothing is in it yet: another model may have it.
    engine = open_engine(name, tmp_path / "data", embedder="b", dimension=DIMENSION, create=True)
    add(engine, paper("a", "Bus."))
    engine.close()
    with pytest.raises(EmbedderMismatch, match=r"'b'.*'c'"):
        open_engine(name, tmp_path / "data", embedder="c", dimension=DIMENSION, create=True)
    with pytest.raises(EmbedderMismatch, match="9 dimensions"):
        open_engine(name, tmp_path / "data", embedder="b", dimension=9)
    again = open_engine(name, tmp_path / "data")
    assert both(again, "bus", Filters()) == {"Bus."}
    again.close()


def test_two_that_create_at_once_get_one_index(tmp_path: Path) -> None:
    def create(_: int) -> str:
        engine = open_engine("local", tmp_path, embedder="t", dimension=DIMENSION, create=True)
        version = engine.version
        engine.close()
        return version

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(16)))) == 1


# The local engine: threads, processes, disks


def open_local(folder: Path) -> Engine:
    return open_engine("local", folder, embedder="t", dimension=DIMENSION, create=True)


def test_readers_see_whole_files_while_another_engine_writes(tmp_path: Path) -> None:
    writer, reader = open_local(tmp_path), open_local(tmp_path)
    add(writer, paper("a", *["version 0"] * 5))

    def read(_: int) -> None:
        for hits in (reader.dense(unit(1), Filters(), 50), reader.lexical("version", Filters(), 50)):
            texts = found(reader, hits)
            assert len(set(texts)) <= 1  # of one version of the file; none if it was replaced after the search
            assert len(texts) in (0, 5)

    with ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(read, n) for n in range(150)]
        for n in range(1, 25):
            add(writer, paper("a", *[f"version {n}"] * 5))
        for future in reading:
            future.result()
    assert both(reader, "version", Filters()) == {"version 24"}
    writer.close()
    reader.close()


def test_writers_take_turns(tmp_path: Path) -> None:
    engines = [open_local(tmp_path) for _ in range(3)]

    def write(n: int) -> None:
        add(engines[n % 3], paper(f"n{n}", f"bus {n}"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(48)))
    assert both(engines[0], "bus", Filters()) == {f"bus {n}" for n in range(48)}
    for engine in engines:
        engine.close()


def test_a_serving_process_sees_what_another_process_indexes(tmp_path: Path) -> None:
    serving = open_local(tmp_path)
    assert both(serving, "tram", Filters()) == set()
    before = serving.version
    code = (
        "import sys; from pathlib import Path; from tests.test_engines import *\n"
        "engine = open_local(Path(sys.argv[1])); add(engine, paper('other', 'A tram.'))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=Path(__file__).parent.parent)
    assert serving.version != before
    assert both(serving, "tram", Filters()) == {"A tram."}
    assert "tram" in serving.vocabulary()
    serving.close()


def test_vectors_follow_additions_and_removals(tmp_path: Path) -> None:
    reader, writer = open_local(tmp_path), open_local(tmp_path)
    rng = np.random.default_rng(0)
    present: set[str] = set()
    for step in range(60):
        name = f"n{rng.integers(12)}"
        if name in present and rng.random() < 0.5:
            writer.remove_source(f"{name}.txt", "/papers")
            present.discard(name)
        else:
            add(writer, paper(name, f"{name} step {step}"))
            present.add(name)
        texts = found(reader, reader.dense(unit(1), Filters(), 50))
        assert sorted(text.split()[0] for text in texts) == sorted(present)
    reader.close()
    writer.close()


@pytest.mark.parametrize("damage", ["text", "header", "middle", "truncated"])
def test_a_damaged_file_is_reported_as_broken(tmp_path: Path, damage: str) -> None:
    engine = open_local(tmp_path)
    add(engine, *[paper(f"a{n}", f"Bus number {n}. " + "More words. " * 200) for n in range(20)])
    engine.close()
    file = tmp_path / "footnote.sqlite3"
    data = bytearray(file.read_bytes())
    if damage == "text":
        data[:] = b"not a database at all" * 1000
    elif damage == "header":
        data[:16] = b"x" * 16
    elif damage == "middle":
        data[4096:] = os.urandom(len(data) - 4096)
    else:
        del data[len(data) // 3 :]
    file.write_bytes(data)

    def use() -> None:
        broken = open_local(tmp_path)
        try:
            broken.dense(unit(1), Filters(), 50)
            broken.lexical("bus", Filters(), 50)
            broken.documents()
            broken.text("id-a7")
        finally:
            broken.close()

    with pytest.raises(StoreBroken, match="index again"):
        use()


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "footnote.sqlite3") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(StoreBroken, match="something else"):
        open_local(tmp_path)


def test_an_index_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    open_local(tmp_path).close()
    with sqlite3.connect(tmp_path / "footnote.sqlite3") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreBroken, match="format 99"):
        open_local(tmp_path)


def test_an_index_of_the_first_format_is_upgraded(tmp_path: Path) -> None:
    engine = open_local(tmp_path)
    add(engine, paper("a", "Bus.", publisher="Ofsted"))
    engine.close()
    with sqlite3.connect(tmp_path / "footnote.sqlite3") as older:
        older.execute("DROP INDEX documents_by_superseded_by")
        for column in ("authority", "origins", "superseded_by", "sketch"):
            older.execute(f"ALTER TABLE documents DROP COLUMN {column}")
        columns = "passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE, vector BLOB NOT NULL"
        older.execute(f"CREATE TABLE old ({columns})")
        older.execute("INSERT INTO old SELECT v.passage, e.vector FROM vectors v JOIN embeddings e ON e.key = v.words")
        for table in ("vectors", "embeddings"):
            older.execute(f"DROP TABLE {table}")
        older.execute("ALTER TABLE old RENAME TO vectors")
        older.execute("DELETE FROM meta WHERE name = 'compared'")
        older.execute("PRAGMA user_version = 1")
    older.close()
    engine = open_local(tmp_path)
    (kept,) = engine.documents().items
    assert (kept.publisher, kept.authority, kept.origins, kept.superseded_by) == ("Ofsted", None, {}, None)
    add(engine, paper("b", "Tram.", authority="Northam", origins={"authority": "folder"}))
    assert engine.document("id-b").origins == {"authority": "folder"}
    assert found(engine, engine.dense(paper("a", "Bus.").vectors[0], Filters(), 1)) == ["Bus."]
    assert engine.remove_document("id-a")
    assert len(engine.dense(unit(1), Filters(), 9)) == 1
    engine.close()


def test_an_interrupted_creation_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "footnote.sqlite3").touch()
    with pytest.raises(NoIndex):
        open_engine("local", tmp_path)
    engine = open_local(tmp_path)
    add(engine, paper("a", "Bus."))
    engine.close()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="`data`"):
        open_local(tmp_path / "file" / "data")


def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_local(tmp_path)
    add(engine, paper("a", "Bus."))
    engine.close()
    connect = Connections._connect

    def on_a_small_disk(self: Connections) -> sqlite3.Connection:
        connection = connect(self)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        return connection

    monkeypatch.setattr(Connections, "_connect", on_a_small_disk)
    engine = open_local(tmp_path)
    with pytest.raises(StoreUnavailable, match="room on the disk"):
        add(engine, paper("a", *["Tram. " * 5000] * 8))
    assert both(engine, "bus tram", Filters()) == {"Bus."}
    engine.close()


def test_an_original_that_cannot_be_written_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    engine = open_local(tmp_path)
    (tmp_path / "files").touch()
    with pytest.raises(StoreUnavailable, match="files"):
        add(engine, paper("a", "Tram."))
    assert engine.documents().total == 0
    engine.close()


def test_a_writer_that_holds_the_index_makes_others_wait_then_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.engines.connections.BUSY_SECONDS", 0.05)
    engine = open_local(tmp_path)
    add(engine, paper("a", "Bus."))
    other = sqlite3.connect(tmp_path / "footnote.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="Another process"):
        add(engine, paper("b", "Tram."))
    assert both(engine, "bus", Filters()) == {"Bus."}  # readers do not wait
    other.execute("ROLLBACK")
    other.close()
    add(engine, paper("b", "Tram."))
    engine.close()


READ_ONLY = """
import os, sys
import faiss, index.engines.local
from pathlib import Path
from tests.test_engines import *
if os.geteuid() == 0:
    os.seteuid(65534)  # the superuser may write anywhere
folder = Path(sys.argv[1])
try:
    (folder / "written").touch()
except OSError:
    pass
else:
    sys.exit("the folder can be written to")
engine = open_engine("local", folder, embedder="t", dimension=DIMENSION)
assert both(engine, "bus", Filters()) == {"Bus."}
assert engine.original("id-a")[0].read_bytes() == b"a.txt"
try:
    add(engine, paper("b", "Tram."))
except StoreUnavailable as error:
    assert "writable" in str(error) or "permissions" in str(error), error
else:
    sys.exit("it could be written to")
engine.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions of a POSIX file system")
def test_a_read_only_folder_is_served() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name, "data")
        engine = open_local(folder)
        add(engine, paper("a", "Bus."))
        engine.close()
        for path in (folder, folder / "files"):
            path.chmod(0o555)
        Path(name).chmod(0o555)
        run = subprocess.run(
            [sys.executable, "-B", "-c", READ_ONLY, str(folder)],
            check=False, capture_output=True, text=True, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        for path in (Path(name), folder, folder / "files"):
            path.chmod(0o755)
        assert run.returncode == 0, run.stderr


def test_a_lost_original_is_not_found(tmp_path: Path) -> None:
    engine = open_local(tmp_path)
    add(engine, paper("a", "Bus."))
    shutil.rmtree(tmp_path / "files")
    with pytest.raises(NotFound, match="Index it again"):
        engine.original("id-a")
    engine.close()


def test_a_killed_write_leaves_no_half_original(tmp_path: Path) -> None:
    engine = open_local(tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "partial").write_bytes(b"half of something")
    (tmp_path / "files" / "0123").write_bytes(b"written, but its transaction was never committed")
    add(engine, paper("a", "Bus."), paper("b", "Tram."))
    engine.remove_document("id-b")
    assert [path.name for path in (tmp_path / "files").iterdir()] == [record("a.txt").sha256]
    engine.close()


def test_an_authority_limits_what_is_found(engine: Engine) -> None:
    add(engine, paper("a", "Bus one.", authority="Northam"), paper("b", "Bus two.", authority="Fenshire"))
    add(engine, paper("c", "Bus three."), paper("d", "Bus four.", authority="Northam", groups=("staff",)))
    assert both(engine, "bus", Filters(authorities=("Northam",))) == {"Bus one."}
    assert both(engine, "bus", Filters(authorities=("Northam", "Fenshire"))) == {"Bus one.", "Bus two."}
    assert dict(engine.authorities()) == {"Fenshire": 1, "Northam": 1}
    assert dict(engine.authorities(("staff",))) == {"Fenshire": 1, "Northam": 2}
    matching = engine.matching(Filters(authorities=("Northam",), groups=("staff",)))
    assert [document.id for document in matching] == ["id-a", "id-d"]
    assert len(engine.keys_of("id-a")) == 1


def test_vectors_are_known_by_their_texts_as_long_as_a_passage_has_one(engine: Engine) -> None:
    two = paper("a", "Bus.", "Tram.")
    title = np.tile(unit(0, 0, 0, 1), (2, 1))
    add(engine, replace(two, contexts=title, digests=((b"bus", b"title"), (b"tram", b"title"))), paper("b", "Ferry."))
    add(engine, replace(paper("c", "Bus."), digests=((b"bus", b""),)))
    known = engine.vectors_of([b"bus", b"tram", b"title", b"ferry", b"bus", b""])
    assert known.keys() == {b"bus", b"tram", b"title"}
    assert known[b"tram"] == pytest.approx(two.vectors[1])
    engine.remove_document("id-a")
    assert engine.vectors_of([b"bus", b"tram", b"title"]).keys() == {b"bus"}


def test_a_passage_is_found_by_its_words_and_less_by_its_context(engine: Engine) -> None:
    add(engine, replace(paper("a", "Bus."), contexts=unit(0, 0, 1)[None]), paper("b", "Bus."))
    (_, titled), (_, bare) = engine.dense(unit(0, 0, 1), Filters(), 2)
    assert titled > bare
    (_, bare), (_, titled) = engine.dense(paper("b", "Bus.").vectors[0], Filters(), 2)
    assert pytest.approx(bare) == 1
    assert 0.8 < titled < 1


def test_a_superseded_document_is_found_only_where_it_is_asked_for(engine: Engine) -> None:
    add(
        engine,
        paper("draft", "Bus draft.", published="2025-01-30"),
        paper("final", "Bus final.", published="2025-02-13"),
    )
    assert not engine.versions_known
    stale = engine.version
    add(engine, paper("more", "Bus more."))  # by another process, say
    engine.supersede({"id-draft": "id-final"}, stale)
    assert not engine.versions_known
    engine.remove_document("id-more")
    assert engine.document("id-draft").superseded_by == "id-final"
    assert both(engine, "bus", Filters()) == {"Bus final."}
    assert both(engine, "bus", Filters(documents=("id-draft",))) == {"Bus draft."}
    january, year = Period(date(2025, 1, 1), date(2025, 1, 31)), Period(date(2025, 1, 1), date(2025, 12, 31))
    assert both(engine, "bus", Filters(period=january)) == {"Bus draft."}
    assert both(engine, "bus", Filters(period=year)) == {"Bus final."}
    before = engine.version
    engine.supersede({"id-draft": "id-final"}, before)
    assert engine.version == before  # nothing changed
    assert engine.versions_known
    engine.remove_document("id-final")
    assert both(engine, "bus", Filters()) == {"Bus draft."}
