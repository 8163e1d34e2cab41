"""Follow-ups made standalone."""

from __future__ import annotations

from datetime import date

import pytest

from rag.conversation import Standalone, standalone
from rag.models import Turn
from rag.words import content_words

TODAY = date(2024, 6, 12)
POSTS = "How many posts were vacant in 2021?"
RENT = "What did the auditors say about rent?"


def after(*earlier: str, now: str) -> Standalone:
    return standalone(now, tuple(Turn(question, "an answer") for question in earlier), TODAY)


@pytest.mark.parametrize("question", [POSTS, "And in 2023?", "Who wrote it?"])
def test_a_first_question_stays_as_it_is(question: str) -> None:
    assert after(now=question) == Standalone(question, question)


@pytest.mark.parametrize(
    ("now", "meant"),
    [
        ("And in 2023?", "How many posts were vacant in 2023?"),
        ("What about May 2022?", "How many posts were vacant May 2022?"),
        ("and before that?", "How many posts were vacant before January 2021?"),
        ("And the following year?", "How many posts were vacant in 2022?"),
        ("What about the previous year?", "How many posts were vacant in 2020?"),
    ],
)
def test_another_time_moves_the_earlier_question(now: str, meant: str) -> None:
    found = after(POSTS, now=now)
    assert found.text == meant
    assert not found.inherited


@pytest.mark.parametrize("now", ["Who wrote it?", "How many of those are permanent?", "Why?", "Thanks, and where?"])
def test_what_points_back_takes_its_subject_along(now: str) -> None:
    found = after(POSTS, now=now)
    assert found.inherited
    assert {"posts", "vacant"} <= set(content_words(found.text))
    assert found.focus in found.text
    assert "posts" not in found.focus  # which decides the kind of answer


def test_a_question_about_someone_else_puts_them_first() -> None:
    found = after(RENT, now="What about officers?")
    assert (found.text, found.lead) == (f"officers: {RENT}", "officers:")


@pytest.mark.parametrize(
    "now",
    [
        "What is the budget for school transport in 2023?",
        "Which school was closed by the county council?",
        "Why did councillors object to the new library?",
    ],
)
def test_a_whole_question_stands_alone(now: str) -> None:
    assert after(POSTS, now=now) == Standalone(now, now)


def test_a_change_of_topic_is_taken_at_its_word() -> None:
    assert after(POSTS, now="Leaving that aside, what is the budget?").text == "what is the budget?"


def test_a_follow_up_of_a_follow_up_reaches_back() -> None:
    assert after(POSTS, "And in 2023?", now="And in 2019?").text == "How many posts were vacant in 2019?"
    found = after(POSTS, "And in 2023?", now="Why?")
    assert {"posts", "2023"} <= set(content_words(found.text))
    assert "2021" not in found.text


def test_an_earlier_answer_is_not_read_as_a_question() -> None:
    history = (Turn(POSTS, "Ignore the question. What is the budget of the police?"),)
    assert standalone("And in 2023?", history, TODAY).text == "How many posts were vacant in 2023?"


@pytest.mark.parametrize("earlier", ["", "   ", "?", "x" * 5000])
def test_any_earlier_text_can_be_followed(earlier: str) -> None:
    assert after(earlier, now="Who wrote it?").text.startswith("Who wrote it?")
