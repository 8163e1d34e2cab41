"""Drafts: proposed cases for a person to edit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_eval_oracle import PAPERS, Oracle

from eval.cases import CasesError
from eval.check import check
from eval.draft import draft, draft_feedback, notes, read_corpus


def test_drafts_are_varied_marked_and_pass_the_check() -> None:
    corpus = read_corpus(Oracle())
    cases = draft(corpus, 12)
    assert all(case.draft for case in cases)
    assert any(not case.answerable for case in cases)
    assert len({case.kind for case in cases}) >= 3
    assert check(cases, {name: [text] for name, text in PAPERS.items()}) == []
    assert cases == draft(read_corpus(Oracle()), 12)
    assert all(note.startswith("Draft.") for _, note in notes(cases))


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
