"""`footnote eval`: exit codes, outputs, the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from test_eval_oracle import CASES, Oracle, fail, make_case

from eval import cli, commands
from eval.cases import dump
from eval.compare import compare
from eval.gate import Gate, judge
from eval.metrics import METRICS
from eval.report import report
from eval.run import load_outcomes, run
from eval.score import score


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `footnote eval ...` over the oracle; the cases are in a file of their own."""
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(dump(case) + "\n" for case in CASES), encoding="utf-8")
    spoil: dict[str, Any] = {}

    @contextmanager
    def client_of(args: Any) -> Iterator[Oracle]:
        yield Oracle(spoil=spoil)

    monkeypatch.setattr(commands, "client_of", client_of)

    def do(*argv: str, **spoiled: Any) -> int:
        spoil.clear()
        spoil.update({name.replace("_", "-"): how for name, how in spoiled.items()})
        return cli.main([*argv, "--cases", str(cases), "--out", str(tmp_path / "out")])

    return do


def test_exit_codes_and_outputs(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text('[[gate]]\nmetric = "facts"\nfloor = 0.95\ndrop = 0.01\n', encoding="utf-8")
    assert command("--gates", str(gates)) == 0
    out = tmp_path / "out"
    shown = capsys.readouterr().out
    assert "facts / all / all" in shown
    assert "FAILED" not in shown
    (out / "scores.json").rename(tmp_path / "baseline.json")
    assert (
        command("--gates", str(gates), "--baseline", str(tmp_path / "baseline.json"), case_0="refuse", case_1=fail) == 1
    )
    shown = capsys.readouterr().out
    assert "worse than the baseline" in shown
    assert "wrongly refused" in shown
    assert json.loads((out / "scores.json").read_text())["comparison"]["worse"]
    summary = (out / "summary.md").read_text(encoding="utf-8")
    assert "| case-0 |" in summary
    tree = ET.parse(out / "junit.xml").getroot()
    assert [suite.get("name") for suite in tree] == ["gates", "cases"]
    assert len(tree.findall(".//failure")) == 1
    assert [e.get("message") for e in tree.findall(".//error")] == ["ValueError: the index is gone"]
    assert len(tree.findall("testsuite[@name='cases']/testcase")) == len(CASES)
    assert command("score", "--gates", str(tmp_path / "none.toml")) == 2
    assert "holds no gates" in capsys.readouterr().err


def test_the_harness_failing_is_not_a_gate_failing(
    command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("score") == 2
    assert "footnote eval run" in capsys.readouterr().err
    assert command("--kind", "tables") == 2


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--url", "nowhere", "--out", str(tmp_path)]) == 2
    assert "not the address of a server" in capsys.readouterr().err
    assert cli.main(["--url", "http://127.0.0.1:9", "--out", str(tmp_path)]) == 2
    assert "Is the server running?" in capsys.readouterr().err


def test_split_and_kind_are_chosen(command: Any, tmp_path: Path) -> None:
    with (tmp_path / "cases.jsonl").open("a", encoding="utf-8") as file:
        file.write(dump(make_case(1, id="test-case-1")) + "\n")
    asked = {}
    for name, options in {"dev": ["run", "--split", "dev"], "test": ["--split", "test", "run"]}.items():
        assert command(*options) == 0
        asked[name] = set(load_outcomes(tmp_path / "out" / "answers.jsonl")[1])
    assert asked == {"dev": {case.id for case in CASES}, "test": {"test-case-1"}}
    assert command("--kind", "time", "run") == 0
    _, outcomes = load_outcomes(tmp_path / "out" / "answers.jsonl")
    assert set(outcomes) == {"case-1", "case-3", "case-5", "test-case-1"}


def test_check_says_what_to_do(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(dump(make_case(0, facts=(("999",),))) + "\n", encoding="utf-8")
    assert cli.main(["check", str(path)]) == 1
    assert "Write the fact as the evidence has it" in capsys.readouterr().out
    assert cli.main(["check", str(tmp_path / "cases.jsonl")]) == 0


def test_the_report_stands_alone_and_shows_the_worst_first(tmp_path: Path) -> None:
    odd = make_case(0, question="<script>alert(1)</script> & more?")
    cases = (odd, *CASES[1:])
    client = Oracle(spoil={"case-3": fail, "case-5": "refuse", "case-1": 0.4})
    outcomes = run(cases, client, tmp_path / "answers.jsonl")
    scores = score(cases, outcomes, client.configuration())
    page = report(cases, outcomes, scores, judge([Gate("facts", floor=1.0)], scores), compare(scores, scores))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    for outside in ("src=", "href=", "@import", "url("):
        assert outside not in page
    assert page.count("<svg") == 6
    assert page.index("<b>case-3</b>") < page.index("<b>case-5</b>") < page.index("<b>case-0</b>")
    assert "<mark>Waste collected in the old district fell to 410 kg in the year.</mark>" in page
    assert all(name in page for name in METRICS)
    from html.parser import HTMLParser

    HTMLParser().feed(page)


def test_drafts_are_left_out_of_a_run(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "cases.jsonl").open("a", encoding="utf-8") as file:
        file.write(dump(make_case(99, draft=True)) + "\n")
    assert command("run") == 0
    assert "1 drafts are left out" in capsys.readouterr().err
    assert "case-99" not in load_outcomes(tmp_path / "out" / "answers.jsonl")[1]
