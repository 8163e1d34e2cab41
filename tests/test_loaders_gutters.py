"""Tables whose columns no line parts, as grade tables often are: each judgement keeps its grade."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fixtures.made import PROSE, docx_table, pdf, text, wrapped

from index.loaders.docx import load as load_docx
from index.loaders.html import load as load_html
from index.loaders.pdf import load

GRADES = [
    ["Judgement", "Grade"],
    ["The impact of leaders on social work practice with children and families", "Good"],
    ["The experiences and progress of children who need help and protection", "Good"],
    ["The experiences and progress of children in care", "Requires improvement to be good"],
    ["The experiences and progress of care leavers", "Requires improvement to be good"],
    ["Overall effectiveness", "Requires improvement to be good"],
]
PARTS = [
    ["1. Children who need help and protection", "", "Requires improvement"],
    ["2. Children looked after and achieving permanence", "", "Good"],
    ["", "2.1 Adoption performance", "Good"],
    ["", "2.2 Experiences and progress of care leavers", "Outstanding"],
    ["3. Leadership, management and governance", "", "Good"],
]
TOP, MIDDLE = ("VALIGN", (0, 0), (-1, -1), "TOP"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")
BELOW = ("LINEBELOW", (0, 0), (-1, -1), 0.5, (0, 0, 0))
STYLES: dict[str, list[Any]] = {
    "ruled": [("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0))],
    "lines below the rows": [BELOW, ("LINEABOVE", (0, 0), (-1, 0), 0.5, (0, 0, 0))],
    "no line above the head": [BELOW],
    "white": [TOP],
    "white, grades in the middle": [MIDDLE],
    "every other row shaded": [TOP, ("ROWBACKGROUNDS", (0, 0), (-1, -1), [(0.8, 0.8, 0.8), (1, 1, 1)])],
    "framed": [TOP, ("LINEBELOW", (0, 0), (-1, 0), 0.5, (0, 0, 0)), ("LINEBELOW", (0, -1), (-1, -1), 1, (0, 0, 0))],
}


def between_paragraphs(rows: list[list[str]], style: list[Any], widths: tuple[int, ...]) -> bytes:
    """A page with a paragraph, a table of cells that wrap, and a paragraph."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    body = getSampleStyleSheet()["BodyText"]
    cells = [[Paragraph(words, body) for words in row] for row in rows]
    table = Table(cells, colWidths=widths, style=TableStyle(style))
    out = io.BytesIO()
    SimpleDocTemplate(out).build([Paragraph(PROSE, body), Spacer(1, 12), table, Spacer(1, 12), Paragraph(PROSE, body)])
    return out.getvalue()


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_judgement_keeps_its_grade(style: list[Any]) -> None:
    before, table, after = load(between_paragraphs(GRADES, style, (220, 160))).text.split("\n\n")
    assert [row.split("\t") for row in table.split("\n")] == GRADES
    assert before == after == PROSE


@pytest.mark.parametrize("style", ["ruled", "lines below the rows"])
def test_empty_cells_keep_their_place(style: str) -> None:
    table = load(between_paragraphs(PARTS, STYLES[style], (120, 180, 120))).text.split("\n\n")[1]
    assert [row.split("\t") for row in table.split("\n")] == PARTS


def test_columns_of_prose_are_no_table() -> None:
    def draw(canvas: Any) -> None:
        for left in (60, 320):
            top = 100.0
            for _ in range(3):  # paragraphs that begin side by side
                top = text(canvas, left, top, *wrapped(PROSE, 40)) + 12

    assert "\t" not in load(pdf(draw)).text


def test_shaded_columns_belong_to_the_labels_beside_them() -> None:
    rows = [
        ("Adult care", "585.9", "429.9", "201.7"),
        ("Schools", "275.4", "432.5", "414.7"),
        ("Roads", "7.1", "3.3", "6.5"),
    ]

    def draw(canvas: Any) -> None:
        canvas.setFillColorRGB(0.8, 0.9, 1)
        for left in (300, 380):
            canvas.rect(left, 842 - 200, 80, 105, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        for index, cells in enumerate([("", "Core", "Adults", "Roads"), *rows]):
            canvas.setFont("Helvetica", 10)
            canvas.drawString(60, 842 - 115 - 20 * index, cells[0])
            for edge, words in zip((280, 375, 455), cells[1:], strict=True):
                canvas.drawRightString(edge, 842 - 115 - 20 * index, words)

    lines = load(pdf(draw)).text.split("\n")
    assert [line.split("\t") for line in lines] == [["", "Core", "Adults", "Roads"], *map(list, rows)]


def test_word_and_web_tables_keep_merged_cells_in_their_columns() -> None:
    """A cell over two rows or two columns stands once, and what is beside it keeps its column."""
    expected = ["Service\t\tGrade\tYear", "Care\tChildren in care\tGood\t2024", "\tCare leavers\tPoor\t2023"]
    html = (
        "<main><table><tr><th colspan=2>Service</th><th>Grade</th><th>Year</th></tr>"
        "<tr><td rowspan=2>Care</td><td>Children in care</td><td><p>Good</p></td><td>2024</td></tr>"
        "<tr><td>Care leavers</td><td>Poor</td><td>2023</td></tr></table></main>"
    )
    assert load_html(html.encode()).text.split("\n") == expected
    assert load_docx(docx_table()).text.split("\n") == expected
