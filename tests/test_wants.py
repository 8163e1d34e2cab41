"""What kind of thing a question asks for, and whether words hold one."""

from __future__ import annotations

import pytest

from rag.wants import NEEDED, counted, holds, number_near, quantifies, wants


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many posts are vacant?", "number"),
        ("How much did the bridge cost?", "amount"),
        ("What was the total spend on buses?", "amount"),
        ("Under FOI: annual bill for buses, please.", "amount"),
        ("What percentage of posts are vacant?", "percentage"),
        ("How long did it take?", "duration"),
        ("When was the bridge opened?", "date"),
        ("Who is the director?", "identity"),
        ("Name the chair of the board.", "identity"),
        ("Name the three priorities.", None),
        ("What is the head of the service paid?", "amount"),
        ("Was it a one-day or a two-day visit?", "date"),
        ("Who wrote the letter?", "person"),
        ("Where was the meeting held?", "place"),
        ("Which school was closed?", "name"),
        ("Why did costs rise?", "reason"),
        ("What was the overall grade?", "grade"),
        ("What does SEND mean?", "meaning"),
        ("What is SEND?", "meaning"),
        ("What is the plan?", None),
        ("Under which Act was it inspected?", "law"),
        ("Under what powers was it closed?", "law"),
        ("What powers does the board have?", None),
        ("What is the maximum length of a speech?", "duration"),
        ("On what dates did they visit?", "date"),
        ("What did the report say about rents?", None),
        ("Tell me about the bridge", None),
    ],
)
def test_a_question_asks_for_a_kind_of_thing(question: str, kind: str | None) -> None:
    assert wants(question) == kind


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("number", "There were 35 posts.", "There were some posts."),
        ("number", "There were twelve posts.", "It was agreed in March 2021."),
        ("amount", "It cost £3m.", "It took 3 posts."),
        ("percentage", "It was 12% of posts.", "It was 12 posts."),
        ("duration", "It took six weeks.", "It took six people."),
        ("date", "It opened on 3 May 2021.", "It opened."),
        ("person", "Mrs Smith said so.", "It was said."),
        ("identity", "Jane Doe wrote it.", "The Director wrote it."),
        ("place", "They met at Northam Hall.", "They met somewhere nice."),
        ("name", "The school is in Northam.", "The school is small."),
        ("grade", "It requires improvement.", "It changed."),
        ("reason", "It fell because of rain.", "It fell."),
        ("law", "It was done under section 12 of the Highways Act 1980.", "They act on it."),
        ("date", "It opened in May 2021.", "It was the first since the judgement in May 2021."),
        ("identity", "It was led by Phil O’Neill.", "The Joint Area Inspection and Monitoring Visits went on."),
    ],
)
def test_words_hold_what_is_wanted_or_not(kind: str, yes: str, no: str) -> None:
    assert holds(kind, yes)
    assert not holds(kind, no)


@pytest.mark.parametrize("kind", [None, "meaning"])
def test_a_kind_without_a_form_is_held_by_anything(kind: str | None) -> None:
    assert holds(kind, "anything")


def test_a_name_that_the_question_gives_is_no_news() -> None:
    assert holds("identity", "The letter is from Jane Doe.", "Who wrote the letter?")
    assert not holds("identity", "The letter is about Jane Doe.", "Who wrote to Jane Doe?")


def test_what_is_needed_can_be_told_from_what_is_not() -> None:
    assert {kind for kind in NEEDED if holds(kind, "it is so.")} == set()


def test_what_is_counted() -> None:
    assert counted("How many foster carers are there in 2021?") == ("foster", "carers")
    assert counted("What is the number of vacant posts?") == ("vacant", "posts")
    assert counted("Why did rents rise?") == ()


def test_a_number_counts_what_follows_it() -> None:
    assert quantifies(("posts",), "There are 35 vacant posts.")
    assert not quantifies(("posts",), "Posts were cut in March 2021.")
    assert not quantifies(("posts",), "35 homes were built, and some were for holders of such posts.")
    assert quantifies(("youngsters",), "There were 35 children.")
    assert quantifies(("posts",), "The number of vacant posts fell to 35.")
    assert quantifies((), "nothing is counted")


def test_a_number_stands_near_what_is_counted() -> None:
    assert number_near(("posts",), "Vacant posts rose to 35.")
    assert not number_near(("posts",), "Vacant posts were cut in March 2021.")
    assert not number_near(("posts",), "Posts were cut while elsewhere in the town the council had built 35 homes.")
