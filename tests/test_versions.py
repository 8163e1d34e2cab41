"""Which papers are versions of one paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from index.models import Document, Period
from index.versions import similarity, sketch, superseded

WORDS = " ".join(f"The council will spend {n} pounds on road number {n * 7} in ward {n % 9}." for n in range(60))
DRAFT = Document(
    "draft", "2025-01-30/budget.pdf", "Draft budget 2025-26", "report", None, None, "2025-01-30", None, None, (), "1"
)
FINAL = replace(DRAFT, id="final", source="2025-02-13/budget.pdf", title="Budget 2025-26", published="2025-02-13")


def changed(words: str) -> str:
    return words.replace("road number 49", "cycle way 49").replace("ward 3", "ward three")


def test_a_sketch_tells_how_much_two_texts_share() -> None:
    assert similarity(sketch(WORDS), sketch(WORDS)) == 1.0
    assert 0.6 < similarity(sketch(WORDS), sketch(changed(WORDS))) < 1.0
    assert similarity(sketch(WORDS), sketch("Something else altogether is written here.")) < 0.05
    assert sketch("Two words") == b""


def test_the_later_version_supersedes_the_earlier() -> None:
    papers = [(FINAL, sketch(changed(WORDS))), (DRAFT, sketch(WORDS))]
    assert superseded(papers) == {"draft": "final"}


def test_an_undated_draft_gives_way_to_what_is_none() -> None:
    undated = [replace(d, published=None, source=f"{d.id}.pdf") for d in (DRAFT, FINAL)]
    assert superseded([(d, sketch(WORDS)) for d in undated]) == {"draft": "final"}


def test_of_exact_copies_one_stays() -> None:
    copies = [(replace(FINAL, id=str(n), source=f"{n}/budget.pdf"), sketch(WORDS)) for n in range(4)]
    assert superseded(copies) == {"1": "0", "2": "0", "3": "0"}


def test_look_alike_papers_of_two_years_authorities_or_meetings_are_no_versions() -> None:
    words = sketch(changed(WORDS))
    other_visit = Period(date(2024, 1, 1), date(2024, 1, 5))
    for other in (
        replace(FINAL, published="2026-02-13", source="2026-02-13/budget.pdf"),
        replace(FINAL, authority="Westmere"),
        replace(FINAL, covers=other_visit),
        replace(FINAL, groups=("staff",)),
        replace(FINAL, title="Treasury strategy", source="2025-02-13/treasury.pdf"),
    ):
        assert superseded([(DRAFT, sketch(WORDS)), (other, words)]) == {}
    minutes = replace(DRAFT, kind="minutes", title="Minutes")
    later = replace(minutes, id="later", published="2025-02-13")
    assert superseded([(minutes, sketch(WORDS)), (later, sketch(WORDS))]) == {}
