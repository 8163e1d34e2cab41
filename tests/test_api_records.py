import io
import json
import sqlite3
from pathlib import Path

import pytest

from api.records import NAME, Records, export_feedback
from api.routes.examples import ANSWER, REFUSAL
from api.schemas.responses import AnswerOut
from index.errors import NotFound, StoreBroken, StoreUnavailable


def answer(identifier: str, body: dict[str, object] = ANSWER) -> AnswerOut:
    return AnswerOut.model_validate(body | {"id": identifier})


def test_feedback_is_exported_with_the_question_and_its_places_but_no_quoted_word(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.keep(answer("ans_1"), "How many?")
    records.keep(answer("ans_2", REFUSAL), "And in 1950?")
    records.judge("ans_2", False, "They do say so.")
    records.judge("ans_1", True, "")
    records.close()
    out = io.StringIO()
    assert export_feedback(tmp_path, out) == 2
    second, first = (json.loads(line) for line in out.getvalue().splitlines())
    assert (second["answer_id"], second["helpful"], second["comment"]) == ("ans_2", False, "They do say so.")
    assert second["reason"] == "outside_period"
    assert (first["question"], first["helpful"]) == ("How many?", True)
    assert first["citations"] == [
        {"document_id": "d1f0c2", "source": "2022/annual-report.pdf", "start": 1204, "end": 1241}
    ]
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"How many?" in files
    assert b"Fourteen libraries" not in files


def test_judged_again_the_last_word_counts(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.keep(answer("ans_1"), "How many?")
    records.judge("ans_1", False, "No.")
    records.judge("ans_1", True, "Yes, after all.")
    assert [(f["helpful"], f["comment"]) for f in records.feedback()] == [(True, "Yes, after all.")]
    records.close()


def test_only_the_newest_answers_are_kept_but_their_feedback_stays(tmp_path: Path) -> None:
    records = Records(tmp_path, kept=3)
    records.keep(answer("ans_0"), "How many?")
    records.judge("ans_0", True, "")
    for number in range(1, 5):
        records.keep(answer(f"ans_{number}"), "How many?")
    for number in (2, 3, 4):
        records.judge(f"ans_{number}", True, "")
    for number in (0, 1):
        with pytest.raises(NotFound):
            records.judge(f"ans_{number}", True, "")
    assert [f["answer_id"] for f in records.feedback()] == ["ans_0", "ans_2", "ans_3", "ans_4"]
    records.close()


def test_no_feedback_without_a_file_and_none_is_made(tmp_path: Path) -> None:
    assert export_feedback(tmp_path, io.StringIO()) == 0
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_and_one_held_by_another_say_so(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"not a database, " * 100)
    with pytest.raises(StoreBroken):
        Records(tmp_path).keep(answer("ans_1"), "How many?")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        Records(tmp_path / "file").keep(answer("ans_1"), "How many?")


def test_a_full_disk_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.keep(answer("ans_1"), "How many?")
    records.close()
    with sqlite3.connect(tmp_path / NAME) as file:
        pages = file.execute("PRAGMA page_count").fetchone()[0]
    file.close()
    small = Records(tmp_path)
    small.keep(answer("ans_2"), "How many?")
    assert small._open is not None
    small._open.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own word for a disk that is full
    with pytest.raises(StoreUnavailable, match="full"):
        small.keep(answer("ans_3"), "x" * 100_000)
    small.judge("ans_2", True, "")
    small.close()
