"""A row of a table is read with the heads of its columns."""

from __future__ import annotations

import pytest

from index.chunk import chunk
from index.models import Document, Passage
from index.papers import Paper
from rag.rows import only_heads, under_heads


def passage(text: str, context: str = "Budget") -> Passage:
    return Passage(document_id="d", start=0, end=len(text), text=text, context=context)


@pytest.mark.parametrize(
    ("table", "row", "told"),
    [
        ("Service\t2023/24\tChange\nParks\t300\t-2", "Parks\t300\t-2", "Parks: 2023/24 300; Change -2"),
        ("Ticket\tPrice\nOne term\t£210", "One term\t£210", "One term: Price £210"),
        ("Risk\tAction\tRating\nFlood\tWalls\tC3", "Flood\tWalls\tC3", "Flood: Action Walls; Rating C3"),
        ("Overall\tGood\nLeaders\tInadequate", "Leaders\tInadequate", "Leaders\tInadequate"),
        ("Judgement\tGrade\nLeaders\tGood", "Leaders\tGood", "Leaders: Grade Good"),
        ("Table 1: Money\nTicket\tPrice\nOne term\t£210", "One term\t£210", "One term: Price £210"),
        ("Libraries\t4,185\nParks\t300", "Parks\t300", "Parks\t300"),
        ("Service\t2023/24\nParks\t300\t12", "Parks\t300\t12", "Parks\t300\t12"),
        ("Service\t2023/24\nParks\t300", "Service\t2023/24", "Service\t2023/24"),
        ("22-23\t23-24\nParks\t300\t12", "Parks\t300\t12", "Parks: 22-23 300; 23-24 12"),
    ],
    ids=[
        "figures", "price", "words", "labels and values", "grades", "a caption", "no heads", "other columns",
        "the heads", "years alone",
    ],
)  # fmt: skip
def test_cells_are_told_with_the_heads_of_their_columns(table: str, row: str, told: str) -> None:
    assert under_heads(passage(table), row) == told


def test_a_table_that_goes_on_in_a_further_passage_keeps_its_heads() -> None:
    text = "Service\t2023/24\tChange\n" + "\n".join(f"Service number {n} of many\t{n},000\t{n}" for n in range(1, 30))
    document = Document("d", "b.txt", "Budget", "report", None, None, None, None, None, (), "0")
    passages = chunk(Paper(document, text))
    assert len(passages) > 1
    row = passages[-1].text.split("\n")[0]
    assert not any(only_heads(passages[-1], line) for line in passages[-1].text.split("\n"))
    assert under_heads(passages[-1], row) == row.replace("\t", ": 2023/24 ", 1).replace("\t", "; Change ", 1)


def test_the_heads_of_columns_are_no_row_to_cite() -> None:
    table = passage("Judgement\tGrade\nOverall\tGood\nLeaders\tGood")
    assert [only_heads(table, row) for row in table.text.split("\n")] == [True, False, False]
    labels = passage("Overall\tGood\nLeaders\tInadequate")
    assert not any(only_heads(labels, row) for row in labels.text.split("\n"))
    assert not only_heads(passage("One row\t210"), "One row\t210")
