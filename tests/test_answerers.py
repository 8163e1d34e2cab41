"""Every answerer keeps the same promises."""

from __future__ import annotations

import itertools

import pytest

from index.errors import UnknownName
from index.models import Document, Hit, Passage
from rag.answerers import ANSWERERS, Answerer, open_answerer
from rag.evidence import Evidence
from rag.models import Understood
from rag.verify import verified

UNDERSTOOD = Understood("What about rents?", "What about rents?", topic="rents", terms=("rents",))
SENTENCES = (
    "Rents rose by 4% in the north [3].",
    "- Bridges   were\n  mended at last.",
    "The library opens on Sundays for readers of every age.",
    "Nobody came to the market that was held beside the quay.",
)


def evidence(*sentences: str) -> list[Evidence]:
    """One unit for each sentence of a text, the most probable first."""
    text = " ".join(sentences)
    paper = Document("d", "d.txt", "Paper", "report", None, None, None, None, None, (), "")
    hit = Hit(1, Passage("d", 0, len(text), text), paper, {"rrf": 1.0})
    starts = [0, *itertools.accumulate(len(sentence) + 1 for sentence in sentences)]
    return [
        Evidence(hit, start, start + len(sentence), "sentence", sentence, {}, 0.9 - 0.1 * place)
        for place, (start, sentence) in enumerate(zip(starts, sentences, strict=False))
    ]


@pytest.fixture(params=sorted(ANSWERERS))
def each(request: pytest.FixtureRequest) -> Answerer:
    return open_answerer(request.param)


def test_it_has_the_name_it_was_opened_by() -> None:
    for name in ANSWERERS:
        assert open_answerer(name).name == name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="extractive"):
        open_answerer("oracle")


def test_statements_rest_on_the_evidence_they_were_given(each: Answerer) -> None:
    given = evidence(*SENTENCES)
    drafts = each.draft(UNDERSTOOD, given, 6)
    assert drafts
    for draft in drafts:
        assert draft.text.strip()
        assert draft.evidence
        assert all(unit in given for unit in draft.evidence)
        assert verified(draft, {"d": given[0].passage.text})


def test_no_evidence_means_no_statement(each: Answerer) -> None:
    assert each.draft(UNDERSTOOD, [], 6) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_limit_holds(each: Answerer, limit: int) -> None:
    assert 1 <= len(each.draft(UNDERSTOOD, evidence(*SENTENCES), limit)) <= limit


def test_a_literal_marker_is_no_marker(each: Answerer) -> None:
    (draft, *_) = each.draft(UNDERSTOOD, evidence(SENTENCES[0]), 6)
    assert "(3)" in draft.text
    assert "[3]" not in draft.text
    assert "[3]" in draft.evidence[0].text


def extract(*sentences: str, limit: int = 6) -> list[str]:
    return [draft.text for draft in open_answerer("extractive").draft(UNDERSTOOD, evidence(*sentences), limit)]


def test_extractive_statements_are_the_words_white_space_folded() -> None:
    assert extract("Bridges   were\n  mended\tat last.") == ["Bridges were mended at last."]


def test_the_same_is_said_once_unless_the_figures_differ() -> None:
    assert extract("Rents rose by 4% in the north.", "In the north rents rose by 4%.") == [
        "Rents rose by 4% in the north."
    ]
    assert len(extract("Rents rose by 4% in the north.", "In the north rents rose by 5%.")) == 2


def test_words_are_quoted_once_even_where_units_overlap() -> None:
    unit, _ = evidence("Rents rose by 4%.", "Fares rose by 7%.")
    whole = Evidence(unit.hit, 0, len(unit.passage.text), "list", unit.passage.text, {}, 0.5)
    assert len(open_answerer("extractive").draft(UNDERSTOOD, [unit, whole], 6)) == 1


def test_an_answer_is_short_but_never_cut_within_a_statement() -> None:
    long = [" ".join(f"{name}{n}" for n in range(60)) + "." for name in ("alpha", "beta", "gamma")]
    assert extract(*long) == long[:1]
    giant = " ".join(f"word{n}" for n in range(300)) + "."
    assert extract(giant) == [giant]
