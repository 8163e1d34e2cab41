"""Runs: every case once, failures kept, interrupted runs resumed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from test_eval_oracle import CASES, Oracle, fail

from eval.run import load_outcomes, run


@pytest.mark.parametrize("workers", [1, 3])
def test_every_case_is_asked_once_and_kept(tmp_path: Path, workers: int) -> None:
    client = Oracle(workers)
    seen: list[int] = []
    outcomes = run(CASES, client, tmp_path / "a" / "answers.jsonl", progress=lambda done, total, o: seen.append(done))
    assert sorted(client.asked) == sorted(case.id for case in CASES)
    assert seen == list(range(1, len(CASES) + 1))
    header, kept = load_outcomes(tmp_path / "a" / "answers.jsonl")
    assert kept == outcomes
    assert header["configuration"]["oracle"] == 1
    assert kept["case-0"].context[0][1] == CASES[0].evidence[0].text
    assert kept["case-0"].papers == (("2019.txt",),)


def test_an_error_and_a_timeout_are_failed_outcomes(tmp_path: Path) -> None:
    release = threading.Event()
    client = Oracle(spoil={"case-1": fail, "case-2": lambda: release.wait(20)})
    started = time.monotonic()
    outcomes = run(CASES, client, tmp_path / "answers.jsonl", timeout=0.5)
    release.set()
    assert time.monotonic() - started < 15
    assert outcomes["case-1"].error == "ValueError: the index is gone"
    assert outcomes["case-2"].error == "no answer within 0.5 s"
    assert len(outcomes) == len(CASES)
    assert sum(o.error is None for o in outcomes.values()) == len(CASES) - 2


def test_an_interrupted_run_goes_on_and_asks_failed_cases_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    run(CASES, Oracle(spoil={"case-3": fail}), path)
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(lines[:6]) + "\n" + lines[6][:40], encoding="utf-8")
    client = Oracle()
    outcomes = run(CASES, client, path)
    assert sorted(client.asked) == ["case-3", "case-5", "case-6", "case-7"]
    assert len(outcomes) == len(load_outcomes(path)[1]) == len(CASES)


def test_a_finished_run_or_another_configuration_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    run(CASES, Oracle(), path)
    again = Oracle()
    run(CASES, again, path)
    assert len(again.asked) == len(CASES)
    path.write_text("\n".join(path.read_text(encoding="utf-8").split("\n")[:4]) + "\n", encoding="utf-8")
    other = Oracle()
    run(CASES, other, path, timeout=5)
    assert len(other.asked) == len(CASES)
