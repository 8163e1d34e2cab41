"""Papers become passages: nothing lost, nothing cut, no two numbered paragraphs in one."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.blocks import parse, units
from index.chunk import chunk
from index.embedding import words_of
from index.loaders.text import load
from index.models import Document, Loaded, Passage, Period
from index.papers import Paper, split
from index.tokens import count_tokens

DOCUMENT = Document("id", "a.txt", "Bridges", "report", None, "officers", "2024-11-12", None, None, (), "0")


def passages_of(text: str, kind: str = "report", max_tokens: int = 160) -> tuple[Passage, ...]:
    document = Document("id", "a.txt", "Bridges", kind, None, "officers", "2024-11-12", None, None, (), "0")
    return chunk(Paper(document, text), max_tokens)


@pytest.fixture(scope="module")
def samples(corpus: Path) -> list[tuple[Paper, tuple[Passage, ...]]]:
    files = sorted(corpus.glob("*.txt"))
    papers = [paper for file in files for paper in split(load(file.read_bytes()), file.name, "0")]
    return [(paper, chunk(paper)) for paper in papers]


def words(text: str) -> str:
    return "".join(text.split())


def assert_nothing_lost(text: str, passages: tuple[Passage, ...]) -> None:
    """Every character that is no white space is in a passage, or in the heading of one."""
    covered = bytearray(len(text))
    for passage in passages:
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    headings = " ".join(passage.heading or "" for passage in passages)
    for unit in units(text):
        if not all(covered[i] or text[i].isspace() for i in range(unit.start, unit.end)):
            assert unit.kind == "heading", text[unit.start : unit.end]
            assert words(text[unit.start : unit.end]) in words(headings)


def test_every_passage_is_a_slice_of_its_paper(samples: list[tuple[Paper, tuple[Passage, ...]]]) -> None:
    assert sum(len(passages) for _, passages in samples) > 100
    for paper, passages in samples:
        assert all(paper.text[p.start : p.end] == p.text for p in passages)
        assert all(p.document_id == paper.document.id for p in passages)
        assert all(before.end <= after.start for before, after in pairwise(passages))


def test_nothing_of_the_samples_is_lost(samples: list[tuple[Paper, tuple[Passage, ...]]]) -> None:
    for paper, passages in samples:
        assert_nothing_lost(paper.text, passages)


def test_no_passage_mixes_two_numbered_paragraphs(samples: list[tuple[Paper, tuple[Passage, ...]]]) -> None:
    seen = 0
    for paper, passages in samples:
        numbered = [b for b in parse(paper.text) if b.label and re.match(r"\d+\.\d", b.label) and b.kind != "heading"]
        for passage in passages:
            inside = [b for b in numbered if passage.start <= b.start < passage.end]
            assert len(inside) <= 1, passage.text
            assert all(passage.paragraph == (b.label or "").rstrip(".") for b in inside)
            seen += len(inside)
    assert seen > 80


def test_passages_keep_to_the_budget(samples: list[tuple[Paper, tuple[Passage, ...]]]) -> None:
    for paper, passages in samples:
        for passage in passages:
            quoted = [u for u in units(paper.text) if passage.start <= u.start < passage.end]
            assert count_tokens(passage.text) <= 160 * 1.2 or len(quoted) == 1, passage.text


def test_no_sentence_is_cut(samples: list[tuple[Paper, tuple[Passage, ...]]]) -> None:
    for paper, passages in samples:
        for unit in units(paper.text):
            touched = [p for p in passages if p.start < unit.end and unit.start < p.end]
            assert len(touched) <= 1
            assert all(p.start <= unit.start and unit.end <= p.end for p in touched)


def test_the_voices_of_the_samples(samples: list[tuple[Paper, tuple[Passage, ...]]]) -> None:
    for paper, passages in samples:
        if paper.document.kind == "minutes":
            assert {"officers", "committee"} <= {p.voice for p in passages}
        else:
            assert {p.voice for p in passages} == {paper.document.voice}


def test_headings_stand_with_what_is_below_them() -> None:
    first, second, third = passages_of(
        "Summary\n\nAll bridges of the county were looked at by two people, who wrote down in a book what they saw and "
        "heard.\n\n1 Background\n\n1.1 There are 412 bridges.\n\n1.2 Nine of them are closed.\n"
    )
    assert (first.heading, first.paragraph, first.context) == ("Summary", None, "Bridges. Summary")
    assert (second.heading, second.paragraph, second.text) == ("Background", "1.1", "1.1 There are 412 bridges.")
    assert (third.heading, third.paragraph, third.context) == ("Background", "1.2", "Bridges. Background")


def test_a_numbered_paragraph_stands_apart_from_a_line_without_a_number() -> None:
    passages = passages_of("1.1 There are 412 bridges.\n\nAll are old.\n\n1.2 Nine of them are closed.\n")
    assert [(p.paragraph, p.text[:3]) for p in passages] == [("1.1", "1.1"), (None, "All"), ("1.2", "1.2")]


def test_a_heading_over_a_heading_is_not_lost() -> None:
    text = "1.1 There are 412 bridges.\n\n2. Findings\n\nHarbour\n\nThe harbour bridge is sound.\n"
    passages = passages_of(text)
    assert_nothing_lost(text, passages)
    assert passages[-1].heading == "Findings: Harbour"


def test_a_list_of_numbered_items_is_not_taken_for_headings() -> None:
    text = "Items\n\n1. Apologies\n\n2. State of the bridges\n\n3. Winter gritting\n\nAll are welcome to come.\n"
    passages = passages_of(text)
    assert_nothing_lost(text, passages)
    assert "1. Apologies\n\n2. State of the bridges" in passages[0].text


def test_a_list_stays_with_its_lead_in() -> None:
    text = "1.1 We looked at all of these:\n\n- the bridge\n- the lamps\n\n1.2 All were sound.\n"
    first, second = passages_of(text)
    assert first.text == "1.1 We looked at all of these:\n\n- the bridge\n- the lamps"
    assert second.paragraph == "1.2"


def test_a_long_list_tells_every_part_its_lead_in() -> None:
    items = "".join(f"- the bridge over river number {n}, which is old and narrow\n" for n in range(30))
    passages = passages_of(f"We looked at all of these:\n\n{items}", max_tokens=80)
    assert len(passages) > 3
    assert all(p.context == "Bridges. We looked at all of these" for p in passages[1:])
    assert passages[0].context == "Bridges"


def test_a_long_table_tells_every_part_its_header() -> None:
    rows = "".join(f"River number {n}\tsound\t{n} metres\n" for n in range(40))
    passages = passages_of(f"The table shows the bridges.\n\nBridge\tState\tLength\n{rows}", max_tokens=80)
    table = [p for p in passages if "\t" in p.text]
    assert len(table) > 3
    assert all(p.context == "Bridges. Bridge\tState\tLength" for p in table[1:])
    assert all(re.fullmatch(r"(?:[^\t\n]+\t[^\t\n]+\t[^\t\n]+\n?)+", p.text) for p in table), "rows are whole"


def test_the_names_over_a_report_stay_together() -> None:
    text = "CABINET\n\n12 NOVEMBER 2024\n\nBRIDGES\n\nReport from\tSam Poe\n\nSummary\n\n" + "All is well here. " * 9
    first, second = passages_of(text)
    assert first.text == "CABINET\n\n12 NOVEMBER 2024\n\nBRIDGES\n\nReport from\tSam Poe"
    assert second.heading == "Summary"


def test_a_long_paragraph_is_cut_between_sentences_in_even_parts() -> None:
    text = "1.1 " + " ".join(f"Bridge number {n} was looked at and is sound." for n in range(40))
    passages = passages_of(text, max_tokens=100)
    assert len(passages) > 3
    assert {p.paragraph for p in passages} == {"1.1"}
    assert all(p.text.endswith(".") for p in passages)
    sizes = [count_tokens(p.text) for p in passages]
    assert max(sizes) <= 100
    assert min(sizes) > 50


def test_a_sentence_over_the_budget_stays_whole() -> None:
    text = "The bridge, " + "the lamps, " * 60 + "and the bell are sound."
    (passage,) = passages_of(text, max_tokens=30)
    assert passage.text == text


def test_minutes_tell_who_speaks() -> None:
    text = (
        "Minutes of the Roads Committee\n\n9 December 2024\n\n"
        "- Officers advised that the harbour bridge would open again in March, when its new lamps and bells had come.\n"
        "- Members asked what the repairs of the harbour bridge had cost, who had paid for them, and why.\n"
    )
    (paper,) = split(Loaded(text), "a.txt", "0")
    voices = {p.text.split()[1]: p.voice for p in chunk(paper) if p.text.startswith("-")}
    assert voices == {"Officers": "officers", "Members": "members"}
    assert {p.voice for p in passages_of(text)} == {"officers"}, "the paper is its author's when it is no minutes"


def test_pages_of_passages() -> None:
    cut = "1.2 We looked at all of the bridges and the\n\nlamps of the town."
    text = f"1.1 There are 412 bridges.\n\n{cut}\n\n1.3 Nine are closed.\n"
    pages = ((0, 4), (text.index("lamps"), 5), (text.index("1.3"), 6))
    first, second, third = chunk(Paper(DOCUMENT, text, pages))
    assert [first.page, second.page, third.page] == [4, 4, 6]
    assert second.page_breaks == (text.index("lamps"),)
    assert (second.page_at(second.start), second.page_at(text.index("town"))) == (4, 5)
    assert first.page_breaks == third.page_breaks == ()
    assert all(p.page is None for p in chunk(Paper(DOCUMENT, text)))


def test_passages_know_the_times_they_speak_of() -> None:
    (passage,) = passages_of("1.1 It closed on 8 July 2021, opened in 2023 and closed again in September.")
    assert passage.periods == (
        Period(date(2021, 7, 8), date(2021, 7, 8)),
        Period(date(2023, 1, 1), date(2023, 12, 31)),
        Period(date(2024, 9, 1), date(2024, 9, 30)),
    )


BLOCKS = st.lists(
    st.sampled_from(
        [
            "Summary", "1. Findings", "1.1 There are 412 bridges.", "- 1.2. Both are sound.", "- the lamps",
            "(a) the bell",
            "We looked at:", "We looked at all of the bridges and the", "lamps of the town. Then we went home.", "a\tb",
            "The bridge is sound. " * 12, "Dear Mr Bloggs", "8 July 2021", "(Pages 3 - 4)", "\f",
        ]
    ),
    max_size=12,
)  # fmt: skip


def test_the_time_of_a_paragraph_goes_on_in_the_next_that_names_none() -> None:
    text = """\
Why people are away

2.1 In the autumn of 2023 the council asked everybody who works for it why they had been away so often.

2.2 The reason that was given most often was worry about the work, and the second was that of poor sleep.

2.3 In 2019 the reason that was given most often was the cold, which the council had not thought of before.

What follows

3.1 The reason that is given for what follows is none of those that were given above, and has no time at all.
"""
    autumn, year = Period(date(2023, 9, 1), date(2023, 11, 30)), Period(date(2019, 1, 1), date(2019, 12, 31))
    assert [passage.periods for passage in passages_of(text)] == [(autumn,), (autumn,), (year,), ()]


def test_a_table_is_of_the_time_that_is_named_over_it() -> None:
    text = (
        "5.3 The numbers are to be cut from September 2024.\n\nTable 1: New numbers\nSchool\tNow\tNew\nHill\t90\t60\n"
    )
    *_, table = passages_of(text)
    assert "Hill" in table.text
    assert table.periods == (Period(date(2024, 9, 1), date(2024, 9, 30)),)


@settings(deadline=None)
@given(BLOCKS, st.sampled_from(["\n", "\n\n", "\n\n\n\n"]), st.integers(5, 200))
def test_nothing_of_any_paper_is_lost(parts: list[str], gap: str, max_tokens: int) -> None:
    text = gap.join(parts)
    passages = passages_of(text, max_tokens=max_tokens)
    assert_nothing_lost(text, passages)
    assert all(text[p.start : p.end] == p.text and p.text.strip() for p in passages)
    assert all(before.end <= after.start for before, after in pairwise(passages))


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_cut(text: str) -> None:
    assert_nothing_lost(text, passages_of(text))


def chunks(text: str, kind: str = "report") -> tuple[Passage, ...]:
    return chunk(Paper(Document("d", "b.txt", "Budget", kind, None, None, None, None, None, (), "0"), text))


def test_a_table_is_known_by_its_caption_also_over_a_note() -> None:
    table = "20-21\t21-22\nParks\t£1\t£2\nLibraries\t£3\t£4"
    before = "Spending rose again in the year, as it had in all the years before it."
    text = f"{before}\n\nTable 5: Cost of a place\n\nAll in £m\n\n{table}\n"
    passage = chunks(text)[-1]
    assert passage.text == table
    assert passage.heading == "Table 5: Cost of a place"
    assert "Table 5: Cost of a place" in passage.context


def test_lines_over_some_rows_of_a_table_stay_in_it() -> None:
    rows = "\n".join(f"Service number {n} of many\t{n},000\t{n}" for n in range(1, 30))
    text = f"Our services\n\nService\tBudget\tChange\nAdults\nCare at home\n{rows}\nChildren\n{rows}\n"
    passages = chunks(text)
    assert passages[0].text.startswith("Service\tBudget\tChange\nAdults\nCare at home\nService number 1")
    assert all("Service\tBudget\tChange" in passage.context for passage in passages[1:])


def test_a_lead_in_stands_at_the_head_of_its_list() -> None:
    before = "The fund was set up in 2019 and has grown in every year since then, by more than anybody thought. " * 6
    items = "\n".join(f"- grant number {n} for the people of this place" for n in range(4))
    passages = chunks(f"{before}Several grants were rolled into it, as listed below:\n\n{items}\n")
    assert passages[-1].text.startswith("Several grants were rolled into it, as listed below:\n\n- grant number 0")
    assert passages[-1].context.endswith("by more than anybody thought")


def test_what_goes_on_in_minutes_is_known_by_who_was_speaking() -> None:
    first = "Mr A Doe introduced the report and explained at length why the wall had been built where it now stands."
    rest = " so that it would hold for many years to come, whatever the weather and the sea might do to it" * 3
    text = f"Minutes of the Board\n\n6 June 2022\n\n{first}\n\nHe said it was built{rest}.\n\nIt was built{rest}.\n"
    context = {passage.text.split()[0]: passage.context for passage in chunks(text, "minutes")}
    assert context["He"].endswith("Mr A Doe")
    assert "Mr A Doe" not in context["It"]


def test_what_a_list_is_of_is_said_by_its_heading() -> None:
    text = "What must be repaired\n\n- The roof of the northern bridge.\n- The rails of the southern bridge.\n"
    (passage,) = passages_of(text)
    assert passage.context == "Bridges. What must be repaired. What must be repaired"
    assert words_of(passage).startswith("What must be repaired: - The roof")
    (single,) = passages_of("What must be repaired\n\nThe roof of the northern bridge is in need of repair.\n")
    assert single.context == "Bridges. What must be repaired"
    assert words_of(single) == single.text
