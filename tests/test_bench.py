"""`footnote bench` measures everything it promises, on two papers and two questions. No time is judged here."""

import json
import os
from pathlib import Path

import pytest

from cli import main
from eval.bench import Bench, BenchError, Measure, questions_for
from eval.processes import ProcessError, resident_mb


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "pond.txt").write_text("Minutes of the parks committee, 4 May 2022\n\nThe pond was drained.\n")
    (folder / "bins.txt").write_text("Waste report, 3 March 2023\n\nThe council bought 40 new bins for £9,000.\n")
    return folder


def test_everything_is_measured(
    papers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_API_KEY", "secret")  # a key of the folder's own settings must not keep the bench out
    (tmp_path / "q.txt").write_text("What happened to the pond?\n\nHow many bins were bought?\n")
    monkeypatch.chdir(tmp_path)
    assert main(["bench", str(papers), "--questions", "q.txt", "--runs", "1", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["questions"] == 2
    assert said["passages"] == 2
    assert said["torch_imported"] is False
    measured = {m["name"]: m for m in said["measures"]}
    assert {m["target"] for m in measured.values()} == {1.5, 300, 600, 60, 30, 1536, 500, None}
    assert len(measured) == 16
    assert all(m["value"] >= 0 for m in measured.values())
    assert measured["indexing, reading only"]["value"] > 0
    assert 20 < measured["indexing, memory at its peak"]["value"] < 20_000
    assert measured["warm answer, p95"]["value"] >= measured["warm answer, p50"]["value"] > 0
    assert measured["  rerank, p50"]["value"] <= measured["warm answer, p95"]["value"]
    assert not list(tmp_path.glob(".footnote*")), "the index is made elsewhere"


def test_a_folder_without_papers_cannot_be_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.txt").write_text("What?\n")
    assert main(["bench", str(tmp_path / "none"), "--questions", str(tmp_path / "q.txt")]) == 1
    assert "There is no file or folder" in capsys.readouterr().err


def test_questions_come_from_the_set_about_the_folder_spread_evenly(corpus: Path, tmp_path: Path) -> None:
    every = questions_for(corpus, None, 10**6)
    assert all(case.answerable for case in every)
    some = questions_for(corpus, None, 7)
    assert len(some) == 7
    assert (some[0], some[-1]) == (every[0], every[-1])
    with pytest.raises(BenchError, match="--questions"):
        questions_for(tmp_path, None, 7)
    with pytest.raises(BenchError, match="cannot be read"):
        questions_for(corpus, tmp_path / "missing.txt", 7)


def test_a_target_is_met_on_its_own_side() -> None:
    assert Measure("x", 1, "s", 2).met
    assert not Measure("x", 3, "s", 2).met
    assert Measure("x", 3, "/s", 2, more=True).met
    assert not Measure("x", 1, "/s", 2, more=True).met
    assert Measure("x", 1, "s").met is None


def test_the_table_says_what_is_not_met() -> None:
    text = Bench(
        (Measure("ask", 3.0, "s", 1.5), Measure("stage", 1.0, "ms")), True, "papers", 2, 2, {"load": "0.1"}
    ).text()
    assert [line.split()[-1] for line in text.splitlines()[2:5]] == ["NO", "ms", "NO"]
    assert "load 0.1" in text


def test_memory_is_read_of_a_process_that_is_there() -> None:
    assert resident_mb(os.getpid()) > 5
    with pytest.raises(ProcessError):
        resident_mb(2**22 + 1)  # no process has this number
