"""The visible structure of plain text, and the sentences in it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.blocks import is_list, parse, sentences, units
from index.loaders.text import load


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.body : block.end]) for block in parse(text)]


def unit_texts(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in units(text)]


def test_headings_paragraphs_bullets_and_rows() -> None:
    text = "Findings\n\nThe bridge is sound.\n\n- The lamps work.\n• The bell rings.\n\nYear\tCost\n2021\t£3\n"
    assert kinds(text) == [
        ("heading", "Findings"),
        ("paragraph", "The bridge is sound."),
        ("bullet", "The lamps work."),
        ("bullet", "The bell rings."),
        ("row", "Year\tCost"),
        ("row", "2021\t£3"),
    ]


@pytest.mark.parametrize(
    ("line", "label", "body"),
    [
        ("1.2 The bridge is sound.", "1.2", "The bridge is sound."),
        ("- 1.2. The bridge is sound.", "1.2.", "The bridge is sound."),
        ("7. Next steps", "7.", "Next steps"),
        ("10 Progress report", "10", "Progress report"),
        ("(a) the bridge", "(a)", "the bridge"),
        ("iv) the bridge", "iv)", "the bridge"),
        ("A1. The bridge", "A1.", "The bridge"),
        ("2 September 2024", None, "2 September 2024"),
        ("12 bridges are sound.", None, "12 bridges are sound."),
        ("1.5", None, "1.5"),
    ],
)
def test_numbers_of_paragraphs_are_labels(line: str, label: str | None, body: str) -> None:
    (block,) = parse(line)
    assert (block.label, line[block.body : block.end]) == (label, body)


@pytest.mark.parametrize(
    "line",
    [
        "the bridge",
        "The bridge is sound.",
        "Is the bridge sound?",
        "Date: 5 August",
        "The bridges that we looked at were:",
        "roads@example.org",
        "See www.example.org",
        "01999 555010",
        "Dear Mr Bloggs",
        "Yours sincerely",
        "- Bridges of the county",
        "1.2 Bridges that were looked at by the county in the year",
        "Bridges and roads and lamps and bells and ferries and docks and locks and quays and canals and rails",
        "Year\tCost",
    ],
)
def test_what_is_no_heading(line: str) -> None:
    assert parse(f"{line}\n\nMore words.")[0].kind != "heading"


@pytest.mark.parametrize("line", ["Bridges", "7. Next steps", "- 7. Next steps", "3.1 Bridges", "Bridges:", "BRIDGES"])
def test_what_is_a_heading(line: str) -> None:
    assert parse(f"{line}\n\nMore words.")[0].kind == "heading"


def test_a_heading_that_asks() -> None:
    text = "What needs to improve?\n\n- The lamps.\n- The bell.\n\nWhy?\n\nThe bridge is old. Is it sound?\n"
    assert [words for kind, words in kinds(text) if kind == "heading"] == ["What needs to improve?"]


@pytest.mark.parametrize(
    "heading", ["THE BRIDGE AND ITS LAMPS", "16. The bridge and its lamps", "16. The bridge: lamps"]
)
def test_a_heading_without_a_gap_stands_over_its_paragraph(heading: str) -> None:
    text = f"{heading}\nSam Poe said that the bridge was sound, and that its lamps would be lit in the evening.\n"
    assert [kind for kind, _ in kinds(text)] == ["heading", "paragraph"]


@pytest.mark.parametrize(
    "text",
    [
        "THE BRIDGE AND ITS LAMPS\nAND ITS BELL",
        "16. That the bridge be mended by the end of the year, and the\nLamp Committee be told of it at once by us.",
        "16. See roads@example.org\nThe lamps will be lit in the evening, and the bell will be rung at noon.",
        "16. That the bridge be mended.\nThe lamps will be lit in the evening, and the bell will be rung at noon.",
    ],
    ids=["a longer title", "a line that the page's width breaks", "an address", "a sentence"],
)
def test_what_stands_over_nothing(text: str) -> None:
    assert len(parse(text)) == 1


def test_a_wrapped_line_goes_on() -> None:
    text = "The bridge that we\nlooked at is sound.\nIt was painted.\n- The lamps\nwork.\n"
    assert kinds(text) == [
        ("paragraph", "The bridge that we\nlooked at is sound.\nIt was painted."),
        ("bullet", "The lamps\nwork."),
    ]


@pytest.mark.parametrize("page", ["\n\n\n\n", "\f", "\n\f\n"])
def test_a_sentence_cut_by_a_page_break_is_healed(page: str) -> None:
    text = f"We looked at all of the bridges and the{page}lamps of the town. The bell rings."
    assert unit_texts(text) == [f"We looked at all of the bridges and the{page}lamps of the town.", "The bell rings."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("We looked at all of the bridges.", "and then we went home."),
        ("We looked at all of the bridges and the", "Lamps of the town."),
        ("We looked at all of the bridges and the", "1.2 lamps of the town."),
        ("The bridges", "are the subject of this paper."),
        ("We looked at all of the\tbridges and", "lamps"),
        ("The following bridges are to be mended:", "the one at the harbour"),
    ],
)
def test_two_paragraphs_are_not_joined(first: str, second: str) -> None:
    assert len(parse(f"{first}\n\n\n{second}")) == 2


def test_an_agenda_item_keeps_its_pages() -> None:
    assert kinds("7 Discharge from hospital\n\n(Pages 3 - 6)\n\nMore words.")[0][1].endswith("(Pages 3 - 6)")


def test_the_cut_sentences_of_the_samples_are_whole(corpus: Path) -> None:
    letter = load(next(corpus.glob("2021*")).read_bytes()).text
    whole = [" ".join(unit.split()) for unit in unit_texts(letter)]
    assert (
        "Increasingly, direct work and purposeful visiting are informing an understanding of children's lived "
        "experiences."
    ) in whole
    report = load(next(corpus.glob("2013*")).read_bytes()).text
    assert any("made since the inspection of safeguarding services" in " ".join(u.split()) for u in unit_texts(report))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two? Three! Four", ["One.", "Two?", "Three!", "Four"]),
        ("Cllr. Roe met Dr. Doe. They agreed.", ["Cllr. Roe met Dr. Doe.", "They agreed."]),
        ("It cost £3.50. J. Bloggs paid.", ["It cost £3.50.", "J. Bloggs paid."]),
        ('He said "Yes." Then he left.', ['He said "Yes."', "Then he left."]),
        ("See para. 3 and fig. 2. £5 is due.", ["See para. 3 and fig. 2.", "£5 is due."]),
        ("At 3 p.m. on Monday. done", ["At 3 p.m. on Monday. done"]),
        (" One.  \n Two. ", ["One.", "Two."]),
        ("   ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_sentences_of_a_part_stay_in_it() -> None:
    text = "One. Two. Three. Four."
    assert [text[a:b] for a, b in sentences(text, 5, 16)] == ["Two.", "Three."]


def test_bullets_and_numbers_stand_outside_their_units() -> None:
    assert unit_texts("- 1.2 One. Two.\n- Three\nYear\tCost") == ["One.", "Two.", "Three", "Year\tCost"]


LINES = st.lists(
    st.sampled_from(
        [
            "Bridges", "We looked at all of the bridges and the", "lamps of the town. Then", "- bullet", "• 1.2 Both.",
            "1.",
            "(a)", "(Pages 3", "\t", "a\tb", "\f", "\n", "\n\n\n\n", " ", "\u00a0", "\u2028", "\x85", "2 May 2021", "-",
            "*", "Dr. X.", '."', "\r", "\x0b",
        ]
    )
).map("".join)  # fmt: skip


@given(st.one_of(st.text(), LINES))
def test_blocks_and_units_of_any_text_lie_in_it_in_order(text: str) -> None:
    blocks, quoted = parse(text), units(text)
    assert all(0 <= b.start <= b.body <= b.end <= len(text) for b in blocks)
    assert all(0 <= u.start < u.end <= len(text) for u in quoted)
    assert all(first.end <= second.start for first, second in pairwise(blocks))
    assert all(first.end <= second.start for first, second in pairwise(quoted))


@given(st.one_of(st.text(), LINES))
def test_no_word_of_any_text_falls_between_blocks(text: str) -> None:
    inside = [text[b.start : b.end] for b in parse(text)]
    assert "".join("".join(inside).split()) == "".join(text.split())


@given(st.one_of(st.text(), LINES))
def test_the_sentences_of_any_text_hold_every_word(text: str) -> None:
    spans = list(sentences(text))
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
    assert all(text[a:b].strip() == text[a:b] for a, b in spans)


def test_a_row_that_only_heads_columns_of_figures_is_not_quoted_alone() -> None:
    figures = "Service\t2023/24 £000s\t2024/25 £000s\nLibraries\t4,185\t-215\nWaste\t17,330\t575"
    text = f"{figures}\n\nJudgement\tGrade\nCare\tGood"
    quoted = [text[unit.start : unit.end] for unit in units(text)]
    assert quoted == ["Libraries\t4,185\t-215", "Waste\t17,330\t575", "Judgement\tGrade", "Care\tGood"]


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("- The roof.\n- The walls.", True),
        ("• The roof\n• The walls\n• The floor", True),
        ("- The roof.", False),
        ("These need repair:\n- The roof.\n- The walls.", False),
        ("The roof needs repair.", False),
    ],
)
def test_a_list_is_nothing_but_bullets(text: str, yes: bool) -> None:
    assert is_list(text) is yes
