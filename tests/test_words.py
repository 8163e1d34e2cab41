"""The words that carry meaning, and how far a passage meets them."""

from __future__ import annotations

import pytest

from rag.words import content_words, coverage, covered, spells_out, stem, stems, synonyms, words


def test_words_keep_what_belongs_together() -> None:
    assert words("The Council's one-off £3.5m (2021/22) R&D plan.") == [
        "The",
        "Council's",
        "one-off",
        "3.5m",
        "2021/22",
        "R&D",
        "plan",
    ]


def test_a_stem_is_shared_by_the_forms_of_a_word() -> None:
    assert stem("Inspections") == stem("inspection") == stem("inspected") == stem("inspection's")
    assert stem("rent") != stem("road")


def test_content_words_are_the_subject_each_once() -> None:
    assert content_words("What did they say about the rents and the rent in Northam?") == ["rents", "Northam"]
    assert content_words("What about it?") == []


def test_parts_of_a_hyphenated_word_count() -> None:
    assert {stem("year"), stem("long")} <= stems("a year-long plan")


def test_coverage_is_a_share_by_weight() -> None:
    weight = {stem("rents"): 3.0, stem("bridges"): 1.0}
    assert coverage(["rents", "bridges"], stems("The rent rose."), weight) == pytest.approx(0.75)
    assert coverage(["rents", "bridges"], stems("The bridge fell; the rent rose."), weight) == 1.0
    assert coverage([], stems("The rent rose."), weight) == 1.0
    assert coverage(["rents"], stems("Nothing."), weight) == 0.0


def test_a_synonym_counts_less_than_the_word() -> None:
    root, others = next((root, others) for root, others in synonyms().items() if others)
    other = next(iter(others))
    assert 0 < covered(root, frozenset({other})) < covered(root, frozenset({root})) == 1.0


def test_synonyms_go_both_ways_and_never_to_themselves() -> None:
    for root, others in synonyms().items():
        assert root not in others
        assert all(root in synonyms()[other] for other in others)


def test_a_long_form_is_found_with_small_words_and_endings_aside() -> None:
    assert spells_out("Review of Rents", "the yearly reviews of the rent")
    assert not spells_out("Review of Rents", "the rent under review")
    assert not spells_out("the of", "the of")
