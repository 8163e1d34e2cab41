"""What a person sets for the files of a folder in `footnote.yaml`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.build import index_folder
from index.embedders import Embedder
from index.engines import open_engine
from index.errors import SettingsError
from index.models import Period
from index.sidecar import corrections_for, read_sidecar, take_sidecars

SAYS = """
minutes.txt: {title: "Minutes of the Cabinet", published: 2024-05-07}
"*.txt": {authority: Northam, covers: {from: 2024-04, to: 2024-06-30}}
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_later_entry_and_the_nearer_file_win() -> None:
    sidecars = {
        "": {"*.txt": {"authority": "Northam", "kind": "report"}, "a.txt": {"kind": "letter"}},
        "2024/may": {"a.txt": {"authority": "Fenshire"}},
    }
    assert corrections_for("a.txt", sidecars) == (("authority", "Northam"), ("kind", "letter"))
    assert corrections_for("2024/may/a.txt", sidecars) == (("authority", "Fenshire"), ("kind", "letter"))
    assert corrections_for("2024/b.pdf", sidecars) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.txt: {publishd: 2024}", "'publishd' cannot be set. Known: title"),
        ("a.txt: {published: soon}", "'a.txt': 'published' is no date. Write it like"),
        ("a.txt: {published: 2024-02-31}", "footnote.yaml"),
        ("a.txt: {covers: {from: 2024, to: 2023}}", "'covers' is no span of days"),
        ("a.txt: {covers: {from: 2024}}", "'covers' is no span of days"),
        ("a.txt: {title: [1, 2]}", "'title' is no text"),
        ("a.txt: 2024", "must hold file names"),
        ("- a.txt", "must hold file names"),
        ("a.txt: {title: 'open", "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_file_entry_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "footnote.yaml", text)
    with pytest.raises(SettingsError) as raised:
        read_sidecar(path, "papers/footnote.yaml")
    assert message in str(raised.value)
    assert str(raised.value).startswith("papers/footnote.yaml")


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert read_sidecar(write(tmp_path / "footnote.yaml", "# nothing yet\n"), "footnote.yaml") == {}


def test_the_file_beside_a_single_file_counts(tmp_path: Path) -> None:
    paper = write(tmp_path / "minutes.txt", "Minutes")
    write(tmp_path / "footnote.yaml", SAYS)
    assert take_sidecars({}, paper)[""]["minutes.txt"]["published"] == "2024-05-07"


def test_what_is_set_is_stored_and_a_change_reads_exactly_its_files_again(tmp_path: Path, embedder: Embedder) -> None:
    papers = tmp_path / "papers"
    write(papers / "minutes.txt", "Minutes\n\nThe Cabinet resolved to mend the bridge.\n")
    write(papers / "2024" / "letter.md", "# Letter\n\nThe bridge was mended.\n")
    write(papers / "footnote.yaml", SAYS)
    engine = open_engine("local", tmp_path / "data", embedder=embedder.name, dimension=embedder.dimension, create=True)

    def run() -> dict[str, str]:
        return {o.source: o.what for o in index_folder(papers, engine, embedder).outcomes}

    assert run() == {"minutes.txt": "indexed", "2024/letter.md": "indexed"}
    (minutes,) = engine.documents("minutes.txt").items
    assert (minutes.title, minutes.published, minutes.authority) == ("Minutes of the Cabinet", "2024-05-07", "Northam")
    assert minutes.covers == Period(date(2024, 4, 1), date(2024, 6, 30))
    assert {key for key, origin in minutes.origins.items() if origin == "footnote.yaml"} == {
        "title", "published", "authority", "covers",
    }  # fmt: skip
    assert set(run().values()) == {"unchanged"}
    write(papers / "2024" / "footnote.yaml", "letter.md: {publisher: Childmark}")
    assert run() == {"minutes.txt": "unchanged", "2024/letter.md": "replaced"}
    assert engine.publishers() == ("Childmark",)
    (papers / "2024" / "footnote.yaml").unlink()
    assert run() == {"minutes.txt": "unchanged", "2024/letter.md": "replaced"}
    write(papers / "footnote.yaml", "minutes.txt: {kid: letter}")
    with pytest.raises(SettingsError, match="'kid' cannot be set"):
        run()
    engine.close()
