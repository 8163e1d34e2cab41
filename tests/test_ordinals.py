"""Which of a row is meant."""

from __future__ import annotations

import pytest

from rag.ordinals import another, numbered


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("When was the first visit?", "Their fifth visit was in May.", True),
        ("When was the first monitoring visit?", "The 5th monitoring visit was in May.", True),
        ("When was the 5th visit?", "Their fifth visit was in May.", False),
        ("When was the first visit?", "The second visit, like the first visit, went well.", False),
        ("When was the first visit?", "The fifth meeting was in May.", False),
        ("When was the first visit?", "The visit of 5th May went well.", False),
        ("When was the visit?", "Their fifth visit was in May.", False),
    ],
)
def test_words_about_another_one_of_a_row_are_told_apart(question: str, text: str, other: bool) -> None:
    assert another(numbered(question), text) is other
