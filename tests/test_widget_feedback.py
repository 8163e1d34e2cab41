"""From an answer that did not help to a draft case, by the commands that people type."""

import json
from pathlib import Path

import pytest

from api.records import Records
from api.routes.examples import ANSWER
from api.schemas.responses import AnswerOut
from cli import main


def test_unhelpful_answers_become_draft_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = Records(tmp_path / "data")
    for identifier, question in (("ans_1", "How many libraries?"), ("ans_2", "And in 2023?"), ("ans_3", "Who?")):
        records.keep(AnswerOut.model_validate(ANSWER | {"id": identifier}), question, ["How many libraries?"])
    records.judge("ans_2", False, "That is the wrong year: caffi.")
    records.judge("ans_3", True, "")
    records.close()
    assert main(["--data", str(tmp_path / "data"), "feedback", "export"]) == 0
    exported = capsys.readouterr()
    assert [json.loads(line)["answer_id"] for line in exported.out.splitlines()] == ["ans_2", "ans_3"]
    assert exported.err == "2 judged answers.\n"
    file = tmp_path / "feedback.jsonl"
    file.write_text(exported.out, encoding="utf-8")
    assert main(["eval", "draft", "--from-feedback", str(file)]) == 0
    drafts = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [draft["question"] for draft in drafts] == ["And in 2023?"]
    assert drafts[0]["history"][0]["question"] == "How many libraries?"
    assert "wrong year" in json.dumps(drafts[0])


def test_without_feedback_the_export_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "none"), "feedback", "export"]) == 0
    exported = capsys.readouterr()
    assert (exported.out, exported.err) == ("", "0 judged answers.\n")
    assert not (tmp_path / "none").exists()
