"""Scores, intervals, comparisons, gates and the curve of precision against coverage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_eval_oracle import CASES, Oracle, fail, make_case, scored, unanswerable

from eval.compare import compare
from eval.coverage import curve
from eval.gate import GATES, Gate, GateError, judge, load_gates
from eval.models import Outcome
from eval.score import as_dict, load_scores, score


def test_means_intervals_and_counts(tmp_path: Path) -> None:
    scores = scored(tmp_path, case_0="refuse", case_1=fail)
    facts = scores.estimate("facts")
    assert facts.value == pytest.approx(4 / 6)
    assert facts.n == 6
    assert facts.low is not None
    assert facts.high is not None
    assert 0.0 < facts.low < 4 / 6 < facts.high <= 1.0
    assert scores.estimate("facts", "time").value == pytest.approx(2 / 3)
    assert scores.estimate("facts", "refusal").n == 0
    assert scores.estimate("refusal_precision").value == pytest.approx(2 / 4)
    assert scores.estimate("refusal_recall").value == 1.0
    assert scores.estimate("refusal_f1").value == pytest.approx(2 * 0.5 / 1.5)
    assert scores.estimate("facts") == scores.estimate("facts")
    assert as_dict(scores)["failed"] == {"case-1": "ValueError: the index is gone"}


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    import numpy as np

    from eval.models import Part
    from eval.score import estimate

    random = np.random.default_rng(7)
    covered = 0
    for _ in range(100):
        e = estimate("facts", [Part(float(x)) for x in random.random(60) < 0.7])
        assert e.low is not None
        assert e.high is not None
        covered += e.low <= 0.7 <= e.high
    assert covered >= 88


def test_a_case_without_an_outcome_has_failed() -> None:
    scores = score(CASES, {}, {})
    assert scores.estimate("facts").value == 0.0
    assert {s.stage for s in scores.cases.values()} == {"failed"}


def test_a_run_compared_with_an_earlier_one(tmp_path: Path) -> None:
    then, now = scored(tmp_path, case_0="refuse"), scored(tmp_path, case_1="refuse", case_2=fail)
    comparison = compare(now, then)
    assert [c.case_id for c in comparison.better] == ["case-0"]
    assert {c.case_id for c in comparison.worse} == {"case-1", "case-2"}
    e = comparison.differences["facts"]
    assert e.value == pytest.approx(-1 / 6)
    assert e.low is not None
    assert e.high is not None
    assert e.low < -1 / 6 < e.high
    assert compare(now, now).differences["facts"].value == 0.0
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(as_dict(then)), encoding="utf-8")
    assert compare(now, load_scores(path)).differences["facts"] == e


def test_gates_open_and_shut(tmp_path: Path) -> None:
    good, bad = scored(tmp_path), scored(tmp_path, case_0="refuse")
    gates = (
        Gate("facts", floor=0.9),
        Gate("words", ceiling=90),
        Gate("facts", kind="time", floor=1.0),
        Gate("mrr", drop=0.1),
    )
    assert all(v.passed for v in judge(gates, good))
    assert [v.passed for v in judge(gates, bad)] == [False, True, True, True]
    drop = (Gate("facts", drop=0.1), Gate("facts", drop=0.2), Gate("latency_p50", ceiling=0.0))
    assert [v.passed for v in judge(drop, bad, good)] == [False, True, False]
    nothing = judge([Gate("facts", kind="table", floor=0.1)], good)[0]
    assert not nothing.passed
    assert "nothing to measure" in nothing.why


def test_the_shipped_gates_can_be_read() -> None:
    assert {"contract", "facts", "evidence_quoted", "refusal_recall"} <= {g.metric for g in load_gates(GATES)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gate = 1 2", "holds no gates"),
        ("", "holds no gates"),
        ('[[gate]]\nmetric = "fact"\nfloor = 1', "metric 'fact'"),
        ('[[gate]]\nmetric = "facts"\nflor = 1', "has flor"),
        ('[[gate]]\nmetric = "facts"', "demands nothing"),
        ('[[gate]]\nmetric = "facts"\nfloor = 1\nsplit = "train"', "split 'train'"),
    ],
)
def test_a_broken_file_of_gates_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GateError, match=words):
        load_gates(path)


def test_precision_against_coverage() -> None:
    cases = [make_case(0), make_case(1), unanswerable(2), make_case(3)]
    client = Oracle()
    outcomes = {}
    for case, confidence in zip(cases, (0.9, 0.5, 0.7, 0.3), strict=True):
        answer = Oracle().ask(replace(case, answerable=True)) if case.answerable else {**client.ask(make_case(0))}
        outcomes[case.id] = Outcome(case.id, {**answer, "confidence": confidence})
    points = curve(cases, outcomes)
    assert [p.threshold for p in points] == [0.9, 0.7, 0.5, 0.3]
    assert [p.coverage for p in points] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 1.0])
    assert [p.precision for p in points] == pytest.approx([1.0, 1 / 2, 2 / 3, 3 / 4])
    assert [p.recall for p in points] == [1.0, 0.0, 0.0, 0.0]
