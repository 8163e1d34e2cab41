"""The adapter for questions: what it does to their vectors, and how it is fitted, on the real models and papers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eval.cases import load, resolve
from eval.fit.adapter import Example, Examples, examples, fit_adapter
from eval.models import Case
from index.embedders import Embedder
from index.engines import Engine
from rag.adapter import Adapted, adapted
from rag.models import Question
from rag.pipeline import Pipeline, Rules
from rag.rerankers import Reranker

QUESTION = "What becomes of their belongings when children move?"


def test_a_question_is_moved_and_passages_are_not(embedder: Embedder) -> None:
    turn = np.zeros((embedder.dimension, embedder.dimension), dtype=np.float32)
    still = Adapted(embedder, turn)
    assert np.allclose(still.embed_query(QUESTION), embedder.embed_query(QUESTION), atol=1e-6)
    turn[:, 0] = 1.0
    moved = Adapted(embedder, turn)
    vector = embedder.embed_query(QUESTION)
    wanted = vector + np.eye(embedder.dimension, dtype=np.float32)[0] * vector.sum()
    assert np.allclose(moved.embed_query(QUESTION), wanted / np.linalg.norm(wanted), atol=1e-5)
    assert np.array_equal(moved.embed_passages([QUESTION]), embedder.embed_passages([QUESTION]))
    assert (moved.name, moved.dimension) == (embedder.name, embedder.dimension)
    assert moved.knows("children")
    assert not moved.knows("xyzzyq")


def test_the_shipped_adapter_is_for_the_default_embedder(embedder: Embedder) -> None:
    assert isinstance(adapted(embedder), Adapted)
    assert abs(float(np.linalg.norm(adapted(embedder).embed_query(QUESTION))) - 1.0) < 1e-5

    class Other:
        name, dimension = "another-model", 8

        def embed_passages(self, texts: object) -> None: ...
        def embed_query(self, text: str) -> None: ...
        def knows(self, word: str) -> None: ...

    other: Embedder = Other()  # type: ignore[assignment]
    assert adapted(other) is other


def test_searching_without_the_adapter_finds_otherwise(
    pipeline: Pipeline, indexed: Engine, embedder: Embedder, reranker: Reranker
) -> None:
    plain = Pipeline(indexed, embedder, reranker, rules=Rules(adapter=False, rerank=False))
    usual = Pipeline(indexed, embedder, reranker, rules=Rules(rerank=False))
    question = Question(QUESTION)
    _, one = plain.search(question)
    _, two = usual.search(question)
    assert [hit.scores.get("dense") for hit in one] != [hit.scores.get("dense") for hit in two]


def _first(set_: Examples, adapter: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """The mean reciprocal rank of a gold passage."""
    ranks = []
    for example in set_.by_case.values():
        moved = example.query + example.query @ adapter
        scores = set_.passages[example.allowed] @ (moved / np.linalg.norm(moved))
        ranks.append(1 + int((scores > scores[example.gold].max()).sum()))
    return float(np.mean(1.0 / np.array(ranks)))


def test_what_cases_show_helps_questions_that_were_not_among_them(pipeline: Pipeline) -> None:
    cases: list[tuple[int, Case]] = list(enumerate(load(resolve("medway"))[:120]))
    found = examples(cases, pipeline)
    assert len(found.by_case) > 60
    assert np.allclose(np.linalg.norm(found.passages, axis=1), 1.0, atol=1e-4)
    known, unknown = (
        Examples(found.passages, {n: e for n, e in found.by_case.items() if (n % 3 == 0) is held})
        for held in (False, True)
    )
    nothing = np.zeros((384, 384), dtype=np.float32)
    adapter = fit_adapter([known])
    assert _first(known, adapter) > _first(known, nothing) + 0.1
    assert _first(unknown, adapter) > _first(unknown, nothing)


def test_unanswerable_cases_and_papers_without_examples_teach_nothing(pipeline: Pipeline) -> None:
    case = next(case for case in load(resolve("medway")) if case.answerable)
    found = examples([(0, replace(case, answerable=False)), (1, replace(case, evidence=()))], pipeline)
    assert not found.by_case
    assert not fit_adapter([found]).any()


@pytest.mark.parametrize("allowed", [[0, 1], [1, 2]])
def test_only_passages_that_may_be_found_are_told_apart(allowed: list[int]) -> None:
    passages = np.eye(3, 4, dtype=np.float32)
    query = np.array([0.0, 0.0, 0.0, 1.0], dtype=np.float32)
    example = Example(query, np.array(allowed), np.array([True, False]))
    moved = query + query @ fit_adapter([Examples(passages, {0: example})])
    gold, other = allowed
    (closed,) = {0, 1, 2} - {gold, other}
    assert moved[gold] > 0 > moved[other]
    assert abs(moved[closed]) < 1e-6
