"""Rows of tables, read with the heads of their columns: a figure alone does not say what it counts."""

from __future__ import annotations

import re

from index.blocks import is_figure
from index.models import Passage

_NAMES_VALUES = re.compile(
    r"(?:\w+ ){0,2}(?:grade|judge?ment|rating|outcome|result|score|finding|view|status|amount|number|value|date|role|"
    r"name)s?(?: \w+)?",
    re.IGNORECASE,
)
"""What stands over a column of words."""


def under_heads(passage: Passage, row: str) -> str:
    """A row, each cell after its column's head: "Libraries: 2023/24 £000s 4,185; Change £000s -215".

    Where the table has no heads, or they cannot be told apart, the row as it is.
    """
    cells = _cells(row)
    heads = _heads(passage, row)
    if len(heads) == len(cells) - 1 and any(map(str.isdigit, heads[0])):
        heads = ["", *heads]  # years over the figures, nothing over the first column
    if len(heads) != len(cells) or not _are_heads(heads, cells):
        return row
    return f"{cells[0]}: {'; '.join(f'{head} {cell}' for head, cell in zip(heads[1:], cells[1:], strict=True) if cell)}"


def only_heads(passage: Passage, row: str) -> bool:
    """Whether a row of a passage is the heads of the columns over the next, which say nothing by themselves."""
    if _heads(passage, row):
        return False
    below = [line for line in passage.text.split("\n") if "\t" in line][1:2]
    return any(under_heads(passage, other) != other for other in below)


def _heads(passage: Passage, row: str) -> list[str]:
    """The first row of the table, from the context of a passage that goes on with it; none over the first itself."""
    if "\t" in passage.context:
        first, *rest = _cells(passage.context)  # the first one has the title before it
        return [first.rsplit(". ", 1)[-1], *rest]
    first = next((line for line in passage.text.split("\n") if "\t" in line), "")
    return [] if first == row else _cells(first)


def _are_heads(first: list[str], cells: list[str]) -> bool:
    """Whether the first row of a table stands over `cells`: it has no figure where they have one.

    Rows of two cells of words are a label and its value ("Overall effectiveness", "Good"), the first one too, unless it
    names what the others give ("Judgement", "Grade").
    """
    figures = [is_figure(cell) for cell in cells]
    return (any(figures) or len(cells) > 2 or bool(_NAMES_VALUES.fullmatch(first[-1]))) and not any(
        figure and is_figure(head) for head, figure in zip(first, figures, strict=True)
    )


def _cells(row: str) -> list[str]:
    return [" ".join(cell.split()) for cell in row.split("\t")]
