"""Whose words a question asks for. The voices are data: nothing here is about one body."""

from __future__ import annotations

import pytest

from rag.speakers import speakers_asked_for, subject_of_both, without_speaker

VOICES = ("Auditwatch", "Northam Council", "officers", "members", "portfolio holder", "committee")
ALIASES = {"inspectors": "Auditwatch", "inspector": "Auditwatch"}


def asked(question: str) -> str | None:
    found = speakers_asked_for(question, VOICES, ALIASES)
    assert len(found) < 2
    return found[0] if found else None


@pytest.mark.parametrize(
    ("question", "voice"),
    [
        ("What did Auditwatch say about rents?", "Auditwatch"),
        ("what did auditwatch say about rents?", "Auditwatch"),
        ("According to Auditwatch, why did rents rise?", "Auditwatch"),
        ("What was Auditwatch's view of rents?", "Auditwatch"),
        ("What concerns were raised by Auditwatch?", "Auditwatch"),
        ("Auditwatch on rents", "Auditwatch"),
        ("When Auditwatch came in May, were the files up to date?", "Auditwatch"),
        ("What did the inspectors find?", "Auditwatch"),
        ("What did Auditwatch write about rents?", "Auditwatch"),
        ("What did the inspectors point out?", "Auditwatch"),
        ("What did Northam Council say about rents?", "Northam Council"),
        ("What did officers tell the committee?", "officers"),
        ("What did the director say about rents?", "officers"),
        ("What concerns did councillors raise?", "members"),
        ("What was the members' view?", "members"),
        ("What did the lead member say about rents?", "portfolio holder"),
        ("What does the lead councillor say about rents?", "portfolio holder"),
        ("What about officers?", "officers"),
        ("What about Auditwatch?", "Auditwatch"),
        ("What does the lead member's report say about rents?", "portfolio holder"),
        ("In the lead member's annual report, what is new?", "portfolio holder"),
        ("What does the lead member think of rents?", "portfolio holder"),
        ("How did the lead member react to Auditwatch's rating of rents?", "portfolio holder"),
    ],
)
def test_asking_for_words_restricts_the_voice(question: str, voice: str) -> None:
    assert asked(question) == voice


@pytest.mark.parametrize(
    "question",
    [
        "When is the next visit of Auditwatch?",
        "When did Auditwatch visit?",
        "How many officers are there?",
        "Was the plan sent to Auditwatch?",
        "What do we pay Auditwatch?",
        "Who are the members?",
        "Which officers left?",
        "Which officer wrote the report?",
        "What did the committee agree?",
        "What did Auditwatchers say?",
        "What is said about rents?",
        "Why was the lead member's report so late?",
        "Compare the cabinet report with the lead member report.",
        "What did Councillor Doe say about rents?",
        "Where do officers live? I want to write to them.",
        "Which bridge did the lead member and his staff go to see?",
        "Which members and officers came to both meetings?",
    ],
)
def test_a_mere_mention_restricts_nothing(question: str) -> None:
    assert asked(question) is None


def test_a_voice_that_the_papers_do_not_have_is_none() -> None:
    assert speakers_asked_for("What did Auditwatch say?", ("officers",), {}) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Set Auditwatch's view of rents beside what officers said.",
        "What did Auditwatch find and what did officers say about it?",
        "How did Auditwatch's verdict differ from the officers' view?",
        "How do the views of Auditwatch and officers on rents differ?",
        "Did inspectors and the director agree on rents?",
        "Officers and Auditwatch told different stories about rents. What did each say?",
        "Compare Auditwatch's view of rents with that of officers.",
        "How does what Auditwatch says about rents compare with what officers said?",
    ],
)
def test_two_speakers_are_set_beside_each_other(question: str) -> None:
    assert set(speakers_asked_for(question, VOICES, ALIASES)) == {"Auditwatch", "officers"}


@pytest.mark.parametrize(
    "question",
    [
        "What did officers say about Auditwatch's findings?",
        "When did officers and Auditwatch agree on the rents?",
        "Did officers and Auditwatch agree the rents?",
        "Did offiCer\u017f and Auditwatch agree on rents?",
    ],
)
def test_two_speakers_in_a_row_are_no_comparison(question: str) -> None:
    assert asked(question) is not None


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What did Auditwatch say about rents?", "What about rents?"),
        ("According to Auditwatch, why did rents rise?", "why did rents rise?"),
        ("When is the next visit of Auditwatch?", "When is the next visit of Auditwatch?"),
    ],
)
def test_a_question_without_the_words_that_say_who(question: str, rest: str) -> None:
    assert without_speaker(question, "Auditwatch") == rest


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("How do the views of Auditwatch and officers on rents differ?", "What about rents?"),
        ("Do officers and Auditwatch tell the same story on rents?", "What about rents?"),
        ("What did Auditwatch find on rents, and what did officers say?", "What about find on rents?"),
        ("Compare Auditwatch's view of the old bridge with that of the officers.", "What about the old bridge?"),
    ],
)
def test_what_two_are_asked_about(question: str, rest: str) -> None:
    assert subject_of_both(question, ("Auditwatch", "officers")) == rest
