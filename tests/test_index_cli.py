"""`footnote index` and `footnote documents`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli import main
from index.build import Done
from index.indexer import Outcome
from index.progress import Display

LETTER = "Dear all\n\nBridges of the county\n\nThis letter tells what we saw on our visit on 8 July 2021.\n"
REPORT = "CABINET\n\n12 NOVEMBER 2024\n\nWINTER GRITTING\n\n1.1 Gritting begins at hospitals and schools.\n"
BROKEN = b"%PDF-1.7\nthis is no PDF"

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "papers"
    path.mkdir()
    (path / "letter.txt").write_text(LETTER, encoding="utf-8")
    (path / "report.txt").write_text(REPORT, encoding="utf-8")
    return path


def test_a_folder_is_indexed_kept_up_to_date_and_listed(folder: Path, tmp_path: Path, capsys: Output) -> None:
    assert main(["--data", "data", "index", "papers"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("2 indexed in ")
    assert out.endswith("The index is in data.\n")
    assert "  indexed  letter.txt  1 papers, " in err
    assert (tmp_path / "data").is_dir()

    assert main(["--data", "data", "index", "papers"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("2 unchanged in ")
    assert err == "", "nothing was done, so there is nothing to tell"

    assert main(["--data", "data", "index", "--again", "papers"]) == 0
    assert capsys.readouterr().out.startswith("2 replaced in ")

    (folder / "letter.txt").unlink()
    (folder / "report.txt").write_text(REPORT + "\n1.2 It ends in March.\n", encoding="utf-8")
    assert main(["--data", "data", "index", "papers"]) == 0
    out, err = capsys.readouterr()
    assert "1 replaced" in out
    assert "1 removed" in out
    assert "  removed  letter.txt" in err

    assert main(["--data", "data", "documents", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    paper = json.loads(line)
    assert (paper["source"], paper["title"], paper["published"]) == ("report.txt", "Winter gritting", "2024-11-12")
    assert paper["covers"] is None


def test_a_broken_file_is_reported_and_the_others_are_indexed(folder: Path, capsys: Output) -> None:
    (folder / "broken.pdf").write_bytes(BROKEN)
    assert main(["--data", "data", "index", "papers"]) == 0
    out, err = capsys.readouterr()
    assert "2 indexed, 1 unreadable" in out
    assert "  unreadable broken.pdf: " in out
    assert "unreadable  broken.pdf" in err

    assert main(["--data", "data", "documents"]) == 0
    assert "2 papers." in capsys.readouterr().out


def test_nothing_but_a_broken_file_is_a_failure(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "broken.pdf").write_bytes(BROKEN)
    assert main(["--data", "data", "index", "broken.pdf"]) == 1
    assert "1 unreadable" in capsys.readouterr().out


def test_a_missing_folder_and_a_missing_index_are_said_plainly(capsys: Output) -> None:
    assert main(["--data", "data", "index", "nowhere"]) == 1
    assert "footnote: " in capsys.readouterr().err
    assert main(["--data", "other", "documents"]) == 1
    assert "footnote: " in capsys.readouterr().err


def test_a_wrong_setting_stops_the_command(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setenv("FOOTNOTE_ENGIN", "local")
    assert main(["documents"]) == 2
    assert "FOOTNOTE_ENGIN sets 'engin', which is no setting." in capsys.readouterr().err


def test_papers_are_listed_for_people_and_programs(folder: Path, capsys: Output) -> None:
    assert main(["--data", "data", "index", "papers"]) == 0
    capsys.readouterr()
    assert main(["--data", "data", "documents", "gritting"]) == 0
    first, second, count = capsys.readouterr().out.splitlines()
    assert first.endswith("  2024-11-12  report      Winter gritting  (publisher unknown)")
    assert (second.strip(), count) == ("report.txt", "1 papers.")

    assert main(["--data", "data", "documents", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    letter = next(line for line in lines if line["source"] == "letter.txt")
    assert letter["title"] == "Bridges of the county"
    assert letter["covers"] == {"from": "2021-07-08", "to": "2021-07-08"}
    assert {"id", "kind", "publisher", "voice", "part_of", "groups", "sha256"} <= letter.keys()


def test_every_page_of_a_long_list_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for n in range(201):
        (many / f"{n}.txt").write_text(f"Paper number {n}\n", encoding="utf-8")
    assert main(["--data", "data", "index", "many"]) == 0
    capsys.readouterr()
    assert main(["--data", "data", "documents", "--json"]) == 0
    sources = [json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()]
    assert sorted(sources) == sorted(f"{n}.txt" for n in range(201))


def test_a_terminal_shows_how_far_a_run_is_and_a_file_does_not(capsys: Output) -> None:
    for live in (True, False):
        with Display(live) as display:
            display(Outcome("a.txt", "indexed", passages=3), Done(1, 2, 50, 100))
            display(Outcome("b.txt", "unreadable", reasons=("It is empty.",)), Done(2, 2, 100, 100))
        err = capsys.readouterr().err
        assert ("1 of 2 files" in err and "50%, " in err and " left" in err) == live
        assert "   indexed  a.txt\n" in err
        assert "unreadable  b.txt\n            It is empty.\n" in err
        first, reason = display.summary().splitlines()
        assert first.startswith("1 indexed, 1 unreadable in ")
        assert reason == "  unreadable b.txt: It is empty."
