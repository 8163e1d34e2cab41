"""A list is cited as a whole, or only the item that answers."""

from __future__ import annotations

from rag.lexicon import Lexicon
from rag.lists import one_says_it
from rag.words import stem

ITEMS = [
    "the supervision of social workers",
    "the timeliness of health checks",
    "the help that care leavers get with housing",
]
LEXICON = Lexicon({stem(word): 2.0 for word in ("care", "leavers", "improve", "housing")}, {}, {})


def test_the_item_that_names_what_is_asked_about_answers_alone() -> None:
    assert one_says_it(["improve", "care", "leavers"], "What needs to improve", ITEMS, LEXICON)


def test_what_the_heading_asks_is_answered_by_the_whole_list() -> None:
    assert not one_says_it(["improve"], "What needs to improve", ITEMS, LEXICON)


def test_items_that_share_the_answer_stay_together() -> None:
    items = ["the help that care leavers get", "the housing of care leavers"]
    assert not one_says_it(["improve", "care", "leavers"], "What needs to improve", items, LEXICON)
