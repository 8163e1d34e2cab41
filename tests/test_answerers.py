"""Every answerer keeps the same promises; `openai` is asked through a scripted endpoint."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator

import pytest
from scripted import endpoint, passages

from index.errors import UnknownName
from index.models import Document, Hit, Passage
from index.settings import Settings
from rag.answerers import Answerer, AnswererFailed, open_answerer
from rag.answerers.written import statements
from rag.evidence import Evidence
from rag.models import Understood

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


@pytest.fixture(params=["extractive", "openai"])
def each(request: pytest.FixtureRequest) -> Iterator[Answerer]:
    """`transformers` has its own test: without a real model it writes nothing."""
    with endpoint() as model:
        model.script = lambda prompt: [f"{words.split('.')[0]}. [{n}] " for n, words in passages(prompt).items()]
        yield open_answerer(request.param, Settings(openai_url=model.url, openai_model="scripted"))


def test_it_has_the_name_it_was_opened_by(each: Answerer, request: pytest.FixtureRequest) -> None:
    assert each.name == request.node.callspec.params["each"]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="extractive"):
        open_answerer("oracle")


def test_statements_rest_on_the_evidence_they_were_given(each: Answerer) -> None:
    given = evidence(*SENTENCES)
    drafts = list(each.draft(UNDERSTOOD, given, 6))
    assert drafts
    for draft in drafts:
        assert draft.text.strip()
        assert draft.whole
        assert draft.evidence
        assert all(unit in given for unit in draft.evidence)


def test_no_evidence_means_no_statement(each: Answerer) -> None:
    with contextlib.suppress(AnswererFailed):
        assert list(each.draft(UNDERSTOOD, [], 6)) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_limit_holds(limit: int) -> None:
    assert 1 <= len(open_answerer("extractive").draft(UNDERSTOOD, evidence(*SENTENCES), limit)) <= limit


def test_a_literal_marker_is_no_marker(each: Answerer) -> None:
    (draft, *_) = each.draft(UNDERSTOOD, evidence(SENTENCES[0]), 6)
    assert "(3)" in draft.text
    assert "[3]" not in draft.text
    assert "[3]" in draft.evidence[0].text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rents rose. [1] Fares fell [2].", [("Rents rose.", (1,)), ("Fares fell.", (2,))]),
        ("Rents rose. [1][2]\n- Fares fell. [3, 4]", [("Rents rose.", (1, 2)), ("Fares fell.", (3, 4))]),
        ("1. **Rents** rose [1-3].\n\n2. Fares fell.", [("Rents rose.", (1, 2, 3)), ("Fares fell.", ())]),
        ("Rents rose [passage 2]", [("Rents rose", (2,))]),
        ("Rents rose (4) by 3%. [1]", [("Rents rose (4) by 3%.", (1,))]),
        ("[1] Rents rose.", [("Rents rose.", (1,))]),
        ("", []),
        ("[1]", []),
        ("*** --- [2]", []),
    ],
)
def test_sentences_are_told_from_their_markers(text: str, found: list[tuple[str, tuple[int, ...]]]) -> None:
    for pieces in ([text], list(text)):
        assert [(s, n) for s, n, _ in statements(pieces)] == found


def test_a_sentence_is_given_as_soon_as_the_next_has_begun() -> None:
    pieces = iter(["Rents ro", "se. ", "[1]", " Fa", "res fell. [2]"])
    assert next(statements(pieces)) == ("Rents rose.", (1,), True)
    assert "".join(pieces) == "res fell. [2]"


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
    assert extract(*long) == long[:2]
    giant = " ".join(f"word{n}" for n in range(300)) + "."
    assert extract(giant) == [giant]
