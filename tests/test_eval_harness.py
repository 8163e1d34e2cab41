"""The harness itself: sets, runs, scores, gates and reports, over a client whose every answer is known."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from eval import cli, commands
from eval.cases import CasesError, dump, load, read
from eval.check import check
from eval.compare import compare
from eval.coverage import curve
from eval.draft import draft, draft_feedback, notes, read_corpus
from eval.gate import GATES, Gate, GateError, judge, load_gates
from eval.metrics import METRICS
from eval.models import Case, Evidence, Outcome
from eval.report import report
from eval.run import load_outcomes, run
from eval.score import Scores, as_dict, load_scores, score

PAPERS = {
    "2019.txt": "Waste collected in the old district fell to 410 kg in the year. "
    "Recycling rates (RR) reached 31% across the whole of the district. "
    "Street lights were mended within 9 days of a report on average. "
    "The panel thanked Anna Jones for her work on the waste strategy.",
    "2023.txt": "Waste collected in the new district rose to 505 kg in the year. "
    "Fly tipping cost £120,000 to clear away. "
    "Street lights were mended within 4 days of a report on average. "
    "A new depot for the waste vehicles was opened by the mayor in June.",
}


def make_case(number: int, **changes: Any) -> Case:
    source, text, fact = [
        ("2019.txt", "Waste collected in the old district fell to 410 kg in the year.", "410"),
        ("2023.txt", "Fly tipping cost £120,000 to clear away.", "£120,000"),
    ][number % 2]
    fields: dict[str, Any] = {
        "id": f"case-{number}",
        "kind": ("fact", "time")[number % 2],
        "question": f"What about it, number {number}?",
        "answerable": True,
        "evidence": (Evidence(source, text),),
        "facts": ((fact,),),
    }
    return Case(**(fields | changes))


def unanswerable(number: int) -> Case:
    return Case(f"case-{number}", "refusal", f"Who, number {number}?", False, refusal_reasons=("not_found",))


CASES = (*(make_case(n) for n in range(6)), unanswerable(6), unanswerable(7))


class Oracle:
    """Answers every case with its own evidence; `spoil` changes the answer to some of them."""

    def __init__(self, workers: int = 1, spoil: Mapping[str, Any] | None = None) -> None:
        self.workers = workers
        self.spoil = dict(spoil or {})
        self.asked: list[str] = []

    def configuration(self) -> dict[str, Any]:
        return {"oracle": 1}

    def documents(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"id": name, "source": name, "title": f"Report of {name[:4]}", "published": name[:4], "publisher": name[:4]}
            for name in PAPERS
        ]

    def text(self, document_id: str) -> str:
        return PAPERS[document_id]

    def ask(self, case: Case) -> dict[str, Any]:
        self.asked.append(case.id)
        spoiled = self.spoil.get(case.id)
        if callable(spoiled):
            spoiled()
        if not case.answerable or spoiled == "refuse":
            refusal = {"reason": "not_found", "message": "The papers do not say.", "nearest": []}
            return _body(case, status="refused", answer="", statements=[], citations=[], refusal=refusal)
        cited = [self._place(group[0], number) for number, group in enumerate(case.needed, 1)]
        statements = [{"text": c["quote"], "citations": [c["number"]]} for c in cited]
        text = " ".join(f"{s['text']} [{s['citations'][0]}]" for s in statements)
        confidence = spoiled if isinstance(spoiled, float) else 0.9
        return _body(case, answer=text, statements=statements, citations=cited, confidence=confidence)

    def search(self, case: Case, answer: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        return [{**self._place(e, 1), "text": e.text, "scores": {"dense": 0.5}} for e in case.evidence][:limit]

    def _place(self, evidence: Evidence, number: int) -> dict[str, Any]:
        start = PAPERS[evidence.source].index(evidence.text)
        return {
            "number": number,
            "document_id": evidence.source,
            "source": evidence.source,
            "title": f"Report of {evidence.source[:4]}",
            "voice": None,
            "published": evidence.source[:4],
            "quote": evidence.text,
            "start": start,
            "end": start + len(evidence.text),
        }


def _body(case: Case, **fields: Any) -> dict[str, Any]:
    return {
        "id": "ans_1",
        "status": "answered",
        "refusal": None,
        "understood": {"question": case.question, "period": {"from": "2019-01-01", "to": None}, "voice": None},
        "timings_ms": {"rerank": 3, "total": 4},
        "versions": {"answerer": "extractive"},
    } | fields


def scored(tmp_path: Path, **spoil: Any) -> Scores:
    client = Oracle(spoil={name.replace("_", "-"): how for name, how in spoil.items()})
    return score(CASES, run(CASES, client, tmp_path / "answers.jsonl"), client.configuration())


def fail() -> None:
    raise ValueError("the index is gone")


# --- sets -----------------------------------------------------------------------------------------------------------


def test_a_case_survives_being_written_and_read(tmp_path: Path) -> None:
    case = make_case(1, history=(("Before?", "Yes."),), draft=True, kind="follow_up")
    path = tmp_path / "set.jsonl"
    path.write_text(dump(case, "a note") + "\n\n", encoding="utf-8")
    assert load(path) == (case,)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"id": "a"}', "'kind' is missing"),
        (dump(make_case(0)).replace('"facts": [["410"]]', '"facts": ["410"]'), "'facts' has the wrong form"),
        (dump(make_case(0)).replace('"answerable": true', '"answerable": "yes"'), "must be true or false"),
        (dump(make_case(0)).replace('"kind"', '"knid"'), "'knid' is no field"),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(dump(make_case(1)) + "\n" + line, encoding="utf-8")
    cases, problems = read(path)
    assert len(cases) == 1
    assert any(words in str(p) for p in problems)
    assert all(str(p).startswith("line 2") for p in problems)
    with pytest.raises(CasesError, match="line 2"):
        load(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"evidence": (Evidence("2019.txt", "Waste fell to nothing at all in that one year."),)}, "word for word"),
        (
            {"evidence": (Evidence("2023.txt", "Waste collected in the old district fell to 410 kg"),)},
            "It is in 2019.txt",
        ),
        ({"evidence": (Evidence("2020.txt", "x"),)}, "no file of the index"),
        ({"facts": (("411",),)}, "occurs in the evidence"),
        ({"facts": ()}, "no facts"),
        ({"kind": "facts"}, "no kind"),
        ({"kind": "follow_up"}, "needs a 'history'"),
        ({"id": "Case 1"}, "not plain"),
        ({"refusal_reasons": ("unclear",)}, "do not agree"),
        ({"answerable": False}, "not answerable, but"),
        ({"question": " "}, "empty"),
    ],
)
@pytest.mark.parametrize("exact", [True, False])
def test_a_mistake_in_a_set_is_found(changes: dict[str, Any], words: str, exact: bool) -> None:
    texts = {name: [text] for name, text in PAPERS.items()}
    assert check([make_case(0)], texts, exact=exact) == []
    problems = check([make_case(0, **changes)], texts, exact=exact)
    assert any(words in str(p) for p in problems), problems


def test_ids_repeat_and_titles_are_looked_up() -> None:
    texts = {name: [text] for name, text in PAPERS.items()}
    assert "Two cases" in str(check([make_case(0), make_case(0)], texts)[0])
    raw = json.loads(dump(make_case(0))) | {"must_not_cite": [{"source": "2023.txt", "title": "minutes"}]}
    from eval.cases import parse

    problems = check([parse(raw)], texts, {"2023.txt": ["Report of 2023"], "2019.txt": ["Report"]})
    assert "titled 'minutes'" in str(problems[0])


# --- runs -----------------------------------------------------------------------------------------------------------


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


# --- scores and gates -----------------------------------------------------------------------------------------------


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


# --- reports and the command line -----------------------------------------------------------------------------------


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


def test_half_and_kind_are_chosen(command: Any, tmp_path: Path) -> None:
    assert command("run", "--split", "dev") == 0
    _, outcomes = load_outcomes(tmp_path / "out" / "answers.jsonl")
    assert set(outcomes) == {case.id for case in CASES if case.split == "dev"}
    assert command("--kind", "time", "run") == 0
    _, outcomes = load_outcomes(tmp_path / "out" / "answers.jsonl")
    assert set(outcomes) == {"case-1", "case-3", "case-5"}


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


# --- drafts ---------------------------------------------------------------------------------------------------------


def test_drafts_are_varied_marked_and_pass_the_check() -> None:
    corpus = read_corpus(Oracle())
    cases = draft(corpus, 12)
    assert all(case.draft for case in cases)
    assert any(not case.answerable for case in cases)
    assert len({case.kind for case in cases}) >= 3
    assert check(cases, {name: [text] for name, text in PAPERS.items()}) == []
    assert cases == draft(read_corpus(Oracle()), 12)
    assert all(note.startswith("Draft.") for _, note in notes(cases))


def test_drafts_are_left_out_of_a_run(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "cases.jsonl").open("a", encoding="utf-8") as file:
        file.write(dump(make_case(99, draft=True)) + "\n")
    assert command("run") == 0
    assert "1 drafts are left out" in capsys.readouterr().err
    assert "case-99" not in load_outcomes(tmp_path / "out" / "answers.jsonl")[1]


def test_drafts_from_feedback(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    rows = [
        {"helpful": True, "question": "Good?"},
        {"helpful": False, "question": "Bad?", "comment": "wrong year", "answer": {"answer": "It was 2019. [1]"}},
        {"helpful": False, "question": "And then?", "history": [{"question": "Before?"}], "answer": None},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    drafts = list(draft_feedback(path))
    assert [case.question for case, _ in drafts] == ["Bad?", "And then?"]
    assert "wrong year" in drafts[0][1]
    assert "It was 2019. [1]" in drafts[0][1]
    assert drafts[1][0].kind == "follow_up"
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(CasesError, match="Line 1"):
        list(draft_feedback(path))
