"""Search: two lists, fused by reciprocal rank."""

from __future__ import annotations

from datetime import date

import pytest

from index.embedders import Embedder
from index.engines import Engine
from index.models import Filters, Period
from index.search import RRF_CONSTANT, WEIGHTS, search

QUERY = "What did Ofsted say about care leavers?"


def test_hits_are_fused_by_reciprocal_rank(indexed: Engine, embedder: Embedder) -> None:
    dense = [key for key, _ in indexed.dense(embedder.embed_query(QUERY), Filters(), 40)]
    lexical = [key for key, _ in indexed.lexical(QUERY, Filters(), 40)]
    expected = {
        key: sum(
            WEIGHTS[name] / (RRF_CONSTANT + ranked.index(key) + 1)
            for name, ranked in (("dense", dense), ("bm25", lexical))
            if key in ranked
        )
        for key in {*dense, *lexical}
    }
    hits = search(indexed, embedder, QUERY, k=40)
    assert len(hits) == 40
    for hit in hits:
        assert hit.scores["rrf"] == pytest.approx(expected[hit.key])
        assert ("dense" in hit.scores, "bm25" in hit.scores) == (hit.key in dense, hit.key in lexical)
    assert [hit.key for hit in hits] == sorted(expected, key=lambda key: (-expected[key], key))[:40]
    assert [hit.key for hit in search(indexed, embedder, QUERY, k=5)] == [hit.key for hit in hits[:5]]


def test_a_hit_carries_its_passage_and_document(indexed: Engine, embedder: Embedder) -> None:
    for hit in search(indexed, embedder, QUERY, k=5):
        assert hit.document.id == hit.passage.document_id
        assert indexed.text(hit.document.id)[hit.passage.start : hit.passage.end] == hit.passage.text


def test_each_list_can_be_searched_alone(indexed: Engine, embedder: Embedder) -> None:
    dense = search(indexed, embedder, QUERY, k=8, weights={"bm25": 0})
    assert [hit.key for hit in dense] == [key for key, _ in indexed.dense(embedder.embed_query(QUERY), Filters(), 8)]
    assert all(set(hit.scores) == {"rrf", "dense"} for hit in dense)
    lexical = search(indexed, embedder, QUERY, k=8, weights={"dense": 0})
    assert [hit.key for hit in lexical] == [key for key, _ in indexed.lexical(QUERY, Filters(), 8)]
    assert all(set(hit.scores) == {"rrf", "bm25"} for hit in lexical)


def test_a_weight_moves_the_balance(indexed: Engine, embedder: Embedder) -> None:
    heavy = [hit.key for hit in search(indexed, embedder, QUERY, k=10, weights={"dense": 1000})]
    assert heavy == [key for key, _ in indexed.dense(embedder.embed_query(QUERY), Filters(), 10)]


def test_a_misspelt_list_is_refused(indexed: Engine, embedder: Embedder) -> None:
    with pytest.raises(ValueError, match="lexical"):
        search(indexed, embedder, QUERY, weights={"lexical": 0})


def test_filters_reach_both_lists(indexed: Engine, embedder: Embedder) -> None:
    year = Period(date(2013, 1, 1), date(2013, 12, 31))
    hits = search(indexed, embedder, QUERY, Filters(published=year), k=50)
    assert hits
    assert {hit.document.published for hit in hits} == {"2013-12-17"}
    assert search(indexed, embedder, QUERY, Filters(published=Period(date(1990, 1, 1), date(1990, 1, 2)))) == []


def test_a_query_without_words_still_finds_by_meaning(indexed: Engine, embedder: Embedder) -> None:
    assert all("bm25" not in hit.scores for hit in search(indexed, embedder, "?!", k=3))
