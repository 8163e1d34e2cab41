"""Transcripts of meetings: whose words each passage holds."""

from __future__ import annotations

import pytest

from index.blocks import parse
from index.chunk import chunk
from index.models import Loaded
from index.papers import split
from index.transcripts import plain_name, turns

TURNS = [
    ("Jane Doe AM", "Good morning. Item 2 today is the budget for school transport."),
    ("Sam Roe", "Thank you, Chair. The budget rose by £2 million in 2019, and we expect it to rise again next year."),
    ("The Chair", "Why did it rise?"),
    ("Sam Roe", "Because fuel cost more. " + "The routes are long, and the contracts run for five years. " * 20),
] * 3


def text() -> str:
    return "\n\n".join(f"{who}: {words}" for who, words in TURNS)


def test_every_turn_is_its_speakers() -> None:
    (paper,) = split(Loaded(text()), "meeting of 3 June 2019.txt", "0" * 64)
    assert (paper.document.kind, paper.document.title) == ("transcript", "meeting of 3 June 2019")
    passages = chunk(paper, 100)
    assert {p.voice for p in passages} == {"Jane Doe", "Sam Roe", "chair"}
    for passage in passages:
        assert paper.text[passage.start : passage.end] == passage.text
        begun = paper.text.rfind("\n\n", 0, passage.start + 1)
        assert ("Sam Roe" in paper.text[begun + 1 : passage.start + 9]) == (passage.voice == "Sam Roe")


def test_a_long_turn_keeps_its_speaker_in_what_is_searched() -> None:
    (paper,) = split(Loaded(text()), "meeting.txt", "0" * 64)
    later = [p for p in chunk(paper, 100) if p.text.startswith("The routes")]
    assert later
    assert all("Sam Roe" in p.context for p in later)


def test_a_form_is_no_transcript() -> None:
    form = "Report to: Cabinet\n\nDate: 3 June 2019\n\nAuthor: Jane Doe\n\nSubject: Rent\n\nThe rent rose by 2%.\n\n"
    labels = "".join(f"Label {letter}: some words about it\n\n" for letter in "ABCDEFGH")
    assert turns(form + labels, parse(form + labels)) == []


@pytest.mark.parametrize(
    "who",
    ["Jane Doe", "Jane Doe AM", "Rt Hon Jane Doe MP (Ind)", "Cllr Jane Doe", "The Hon. Jane Doe", "Dr Jane Doe CBE"],
)
def test_titles_and_parties_are_no_part_of_a_name(who: str) -> None:
    assert plain_name(who) == "Jane Doe"
