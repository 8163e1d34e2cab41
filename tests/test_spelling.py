"""Slips are mended towards the papers' words; nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.spelling import mend

VOCABULARY = {"children": 50, "inspection": 20, "rent": 9, "carers": 8, "careers": 1, "budget": 3}
KNOWN = frozenset({"teacher", "school", "where", "what", "about", "bus"})


def mended(text: str) -> str:
    return mend(text, VOCABULARY, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("How many chidlren?", "How many children?"),
        ("the inspecton of the budgte", "the inspection of the budget"),
        ("the carrers", "the carers"),  # one edit from both: the papers' more frequent word
        ("CHIDLREN", "CHILDREN"),
        ("wots the rent", "what's the rent"),
        ("r the children ok", "are the children ok"),
    ],
)
def test_a_slip_is_mended(typed: str, meant: str) -> None:
    assert mended(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "What about the rent?",
        "the teachers at school",  # the language knows them though the papers do not
        "the rents and budgeting",  # inflected
        "soften the loos",  # a dictionary knows them
        "What about NEET and SENDD?",
        "What did Mr Chidren say?",  # a name inside a sentence
        "the rnt",  # too short to tell
        "xqzzt blorp",  # nothing is near
        "What does Annex R say about R&D and U-turns?",
        "the meeting w/c 3 May, n.b. the budget",
        "a one-chidlren plan",
        "照顾离开者 и дети 🙂",
    ],
)
def test_everything_else_is_left_alone(text: str) -> None:
    assert mended(text) == text


@given(st.text(max_size=40))
def test_any_text_can_be_mended_and_only_its_words_change(text: str) -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'’"
    assert [c for c in mended(text) if c not in letters] == [c for c in text if c not in letters]
