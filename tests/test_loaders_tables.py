"""Layouts met in real papers that were once read wrongly."""

from __future__ import annotations

from typing import Any

from fixtures import made
from fixtures.made import PROSE, text, wrapped

from index.loaders.pdf import load


def right(canvas: Any, edges: tuple[float, ...], top: float, *words: str) -> None:
    canvas.setFont("Helvetica", 10)
    for edge, word in zip(edges, words, strict=False):
        canvas.drawRightString(edge, 842 - top - 10, word)


def test_a_number_that_touches_its_paragraph_is_a_number() -> None:
    def draw(canvas: Any) -> None:
        text(canvas, 60, 100, "1.6")
        text(canvas, 60 + canvas.stringWidth("1.6") + 1, 100, "The council has long been of this opinion.")

    assert load(made.pdf(draw)).text == "1.6 The council has long been of this opinion."


def test_boxes_side_by_side_are_read_one_after_the_other() -> None:
    def draw(canvas: Any) -> None:
        for left, lines in ((60, ("Decision to be taken by:", "Cabinet")), (330, ("Decision number:", "24/00096"))):
            canvas.rect(left - 5, 842 - 160, 200, 65)
            text(canvas, left, 102, lines[0], bold=True)
            text(canvas, left, 125, lines[1])

    words = " ".join(load(made.pdf(draw)).text.split())
    assert words == "Decision to be taken by: Cabinet Decision number: 24/00096"


def test_questions_and_answers_in_one_box_stay_apart() -> None:
    def draw(canvas: Any) -> None:
        canvas.rect(55, 842 - 230, 480, 135)
        pairs = ("Service change", "No"), ("Commissioning or procurement of services", "No"), ("Strategy", "Yes")
        for index, (question, answer) in enumerate(pairs):
            text(canvas, 60, 100 + 28 * index, question, bold=True)
            text(canvas, 60, 114 + 28 * index, answer)

    assert load(made.pdf(draw)).text.split("\n\n") == [
        "Service change",
        "No",
        "Commissioning or procurement of services",
        "No",
        "Strategy",
        "Yes",
    ]


def test_heads_in_several_lines_and_labels_around_their_figures() -> None:
    """The rules frame the table; a label of two lines has its figures between them."""
    edges = (330, 410, 490)

    def draw(canvas: Any) -> None:
        canvas.rect(50, 842 - 260, 460, 170)
        right(canvas, edges, 98, "Budget", "Forecast", "Variance")
        right(canvas, edges, 110, "£000s", "£000s", "£000s")
        for index, figures in enumerate((("1,200.0", "1,180.5", "-19.5"), ("88.0", "90.0", "2.0"))):
            text(canvas, 60, 132 + 17 * index, ("Adult care", "Schools")[index], size=10)
            right(canvas, edges, 132 + 17 * index, *figures)
        text(canvas, 60, 171, "Highways and", "transport", size=10)
        right(canvas, edges, 177, "7.5", "9.1", "1.6")
        text(
            canvas,
            60,
            206,
            *wrapped("The forecast rests on a mild winter and on contracts let in the spring.", 50),
            size=10,
        )
        right(canvas, edges, 238, "1,295.5", "1,279.6", "-15.9")

    assert load(made.pdf(draw)).text.split("\n") == [
        "\tBudget £000s\tForecast £000s\tVariance £000s",
        "Adult care\t1,200.0\t1,180.5\t-19.5",
        "Schools\t88.0\t90.0\t2.0",
        "Highways and transport\t7.5\t9.1\t1.6",
        "The forecast rests on a mild winter and on contracts let in the spring.",
        "\t1,295.5\t1,279.6\t-15.9",
    ]


def test_a_head_over_several_columns_stands_at_the_first() -> None:
    edges = (180, 240, 300, 380, 440, 500)

    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", 10)
        for middle, year in ((222, "2024-25"), (422, "2025-26")):
            canvas.drawCentredString(middle, 842 - 100, year)
        right(canvas, edges, 104, *("Core", "Grant", "Total") * 2)
        for index, label in enumerate(("Pay", "Prices", "Demand")):
            text(canvas, 60, 122 + 14 * index, label, size=10)
            right(canvas, edges, 122 + 14 * index, *("1,429.8", "100.0", "1,529.8") * 2)

    assert load(made.pdf(draw)).text.split("\n")[0] == "\t2024-25 Core\tGrant\tTotal\t2025-26 Core\tGrant\tTotal"


def test_the_rest_of_a_cell_stays_with_its_row() -> None:
    def draw(canvas: Any) -> None:
        pairs = (
            ("Subject:", ("Transfer of the young adults' service", "from one directorate to another")),
            ("Decision:", ("24/00109",)),
            ("Class:", ("Unrestricted",)),
        )
        top = 100.0
        for label, lines in pairs:
            text(canvas, 60, top, label, bold=True)
            top = text(canvas, 200, top, *lines) + 6

    assert load(made.pdf(draw)).text.split("\n") == [
        "Subject:\tTransfer of the young adults' service from one directorate to another",
        "Decision:\t24/00109",
        "Class:\tUnrestricted",
    ]


def test_a_stamp_drawn_last_does_not_end_the_last_sentence() -> None:
    def first(canvas: Any) -> None:
        text(canvas, 60, 90, *wrapped(PROSE, 80))
        text(canvas, 60, 700, "These duties of the director involve the planning of all services and ensuring the")
        text(canvas, 430, 30, "Agenda Item 7")

    def second(canvas: Any) -> None:
        text(canvas, 60, 90, "safety of children and young people in the county.")

    blocks = load(made.pdf(first, second)).text.split("\n\n")
    assert blocks[0] == "Agenda Item 7"
    assert blocks[-1].endswith("ensuring the safety of children and young people in the county.")


def test_a_bullet_taller_than_its_text_begins_a_list_item() -> None:
    def draw(canvas: Any) -> None:
        text(canvas, 60, 80, *wrapped(PROSE, 80))
        text(canvas, 60, 150, "The board should:")
        for index, lines in enumerate(
            (("gather accurate data and use it to see where there", "are gaps;"), ("report.",))
        ):
            text(canvas, 60, 159 + 32 * index, "•", size=24)
            text(canvas, 80, 172 + 32 * index, *lines)

    assert load(made.pdf(draw)).text.endswith(
        "The board should:\n\n- gather accurate data and use it to see where there are gaps;\n- report."
    )


def test_a_footer_in_two_lines_that_wanders_is_furniture() -> None:
    def page(number: int) -> Any:
        def draw(canvas: Any) -> None:
            text(canvas, 60, 200, f"Part {number} of the findings.", *wrapped(PROSE, 80))
            text(canvas, 60, 790 + 12 * (number % 2), "Inspection of Westmere, 2 to 6", "October 2023", size=9)

        return draw

    loaded = load(made.pdf(*(page(number) for number in range(1, 6))))
    assert "October" not in loaded.text
    assert [words for page, words in loaded.furniture if page == 3] == [
        "Inspection of Westmere, 2 to 6",
        "October 2023",
    ]
