"""`footnote eval` over the real product, on one paper: the whole command, drafts and ablation."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eval import cli
from eval.ablate import CONFIGURATIONS
from eval.cases import dump, load, resolve
from eval.gate import Gate
from eval.run import load_outcomes
from eval.score import load_scores

PAPER = "2020-minutes-report-on-ofsted-monitoring-visit.txt"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    """A folder with one paper in `papers/` and three cases about it."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "papers").mkdir()
    shutil.copy(corpus / PAPER, folder / "papers" / PAPER)
    about = [c for c in load(resolve("medway")) if {e.source for e in c.evidence} == {PAPER} and not c.must_not_cite]
    (folder / "cases.jsonl").write_text("".join(dump(case) + "\n" for case in about[:3]), encoding="utf-8")
    return folder


def options(place: Path) -> list[str]:
    return ["--papers", str(place / "papers"), "--out", str(place / "out")]


def test_the_whole_command(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gates = place / "gates.toml"
    gates.write_text('[[gate]]\nmetric = "contract"\nfloor = 1.0\n', encoding="utf-8")
    assert cli.main([*options(place), "--cases", str(place / "cases.jsonl"), "--gates", str(gates)]) == 0
    assert "contract / all / all" in capsys.readouterr().out
    header, outcomes = load_outcomes(place / "out" / "answers.jsonl")
    assert {o.error for o in outcomes.values()} == {None}
    assert all(papers for o in outcomes.values() for papers in o.papers), "every evidence is in a document"
    assert all(o.hits for o in outcomes.values())
    assert header["configuration"]["settings"]["reranker"]
    assert "api_key" not in header["configuration"]["settings"]
    assert load_scores(place / "out" / "scores.json").estimate("evidence_recall@10").value == 1.0


def test_check_against_an_index(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ["check", str(place / "cases.jsonl"), "--set", f"data={place / 'out' / 'index'}"]
    assert cli.main(shown) == 0, capsys.readouterr().out
    assert cli.main(["check", str(place / "cases.jsonl"), "--set", f"data={place / 'nowhere'}"]) == 2


def test_drafts_of_an_index_pass_the_check(place: Path) -> None:
    path = place / "drafts.jsonl"
    assert cli.main(["draft", *options(place), "--count", "10", "--to", str(path)]) == 0
    assert len(load(path)) == 10
    assert cli.main(["check", str(path), "--set", f"data={place / 'out' / 'index'}"]) == 0
    assert cli.main(["draft", *options(place), "--to", str(path)]) == 2


def test_ablation(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--only", "BM25 only", "--only", "without refusing"]
    assert cli.main(["ablate", *options(place), "--cases", str(place / "cases.jsonl"), "--split", "all", *wanted]) == 0
    table = capsys.readouterr().out
    for name in ("as it is", "BM25 only", "without refusing"):
        assert name in table
    assert "| BM25 only |" in (place / "out" / "ablation.md").read_text(encoding="utf-8")
    header, _ = load_outcomes(place / "out" / "ablation" / "BM25-only.jsonl")
    assert header["configuration"]["overrides"] == {"reranker": "none", "dense": "False"}
    assert cli.main(["ablate", *options(place), "--only", "magic"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in CONFIGURATIONS)


def test_the_command_line_is_light() -> None:
    code = "import json, sys, eval.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "ir_measures", "onnxruntime", "faiss", "torch", "eval.commands"}
    assert not heavy & set(json.loads(done.stdout))


def test_a_gate_has_a_name() -> None:
    assert Gate("facts", kind="time", floor=0.5).name == "facts / time / all"
