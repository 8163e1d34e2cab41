"""The gate shuts when the product is broken on purpose, on the metric that should see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from eval.cases import load, resolve
from eval.clients import LocalClient
from eval.gate import GATES, Verdict, judge, load_gates
from eval.models import Case
from eval.run import HITS, run
from eval.score import Scores, score
from index.embedders import Embedder
from index.engines import Engine
from index.models import Hit
from index.settings import Settings
from rag.models import Answer, Citation, Question, Refusal, Statement, Understood
from rag.pipeline import Pipeline, Rules
from rag.rerankers import Reranker, open_reranker

TIMING = {"latency_p50", "latency_p95"}


def subset() -> tuple[Case, ...]:
    """A fixed part of the set with every kind in it, quick to ask again and again: every fifth case that restricts
    which papers may be cited, and every tenth of the others.
    """
    cases = sorted(load(resolve("medway")), key=lambda c: (c.kind, c.id))
    restricted = [case for case in cases if case.must_not_cite]
    return (*restricted[::5], *[case for case in cases if not case.must_not_cite][::10])


CASES = subset()


@pytest.fixture(scope="module")
def whole(indexed: Engine, embedder: Embedder, reranker: Reranker) -> Pipeline:
    """The product as it is."""
    return Whole(indexed, embedder, reranker)


@pytest.fixture(scope="module")
def baseline(whole: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """The scores of the product as it is."""
    return measured(whole, tmp_path_factory.mktemp("baseline"))


def measured(pipeline: Pipeline, folder: Path) -> Scores:
    client = LocalClient(pipeline, Settings())
    return score(CASES, run(CASES, client, folder / "answers.jsonl"), client.configuration())


def verdicts(scores: Scores, baseline: Scores) -> list[Verdict]:
    """What the shipped gates say of a run, compared with the product as it is.

    Their floors are for the whole set, so where a gate has a `drop` that alone is looked at. How fast this machine
    is today does not matter.
    """
    gates = [gate for gate in load_gates(GATES) if gate.metric not in TIMING]
    return judge([gate if gate.drop is None else replace(gate, floor=None) for gate in gates], scores, baseline)


class Whole(Pipeline):
    """The product as it is, which remembers what it said: a spoiled answer need not be found again."""

    @cache  # noqa: B019
    def ask(self, question: Question) -> Answer:
        return super().ask(question)

    @cache  # noqa: B019
    def search(self, question: Question, limit: int = 10) -> tuple[Understood, tuple[Hit, ...]]:
        return super().search(question, limit)


class Spoiled(Pipeline):
    """The product, its answers spoiled on the way out."""

    def __init__(self, whole: Pipeline, spoil: Callable[[Pipeline, Question, Answer], Answer]) -> None:
        super().__init__(whole.engine, whole.embedder, whole.reranker)
        self._whole, self._spoil = whole, spoil

    def ask(self, question: Question) -> Answer:  # type: ignore[override]
        return self._spoil(self._whole, question, self._whole.ask(question))

    def search(self, question: Question, limit: int = 10) -> tuple[Understood, tuple[Hit, ...]]:
        return self._whole.search(question, limit)


def shift_offsets(pipeline: Pipeline, question: Question, answer: Answer) -> Answer:
    return replace(answer, citations=tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations))


def always_refuse(pipeline: Pipeline, question: Question, answer: Answer) -> Answer:
    return replace(answer, statements=(), citations=(), refusal=Refusal("not_found", "The papers do not say."))


def always_answer(pipeline: Pipeline, question: Question, answer: Answer) -> Answer:
    return cite_hit(pipeline, question, answer, 0) if answer.refusal else answer


def cite_second_best(pipeline: Pipeline, question: Question, answer: Answer) -> Answer:
    return answer if answer.refusal else cite_hit(pipeline, question, answer, 1)


def cite_hit(pipeline: Pipeline, question: Question, answer: Answer, place: int) -> Answer:
    """An answer that is one whole passage."""
    hits = pipeline.search(question, HITS)[1]
    if len(hits) <= place:
        return answer
    hit = hits[place]
    citation = Citation(1, hit.document, hit.passage, hit.passage.text, hit.passage.start, hit.passage.end)
    statement = Statement(" ".join(hit.passage.text.split()), (1,))
    return replace(answer, statements=(statement,), citations=(citation,), refusal=None)


def test_the_product_as_it_is_passes(baseline: Scores) -> None:
    assert [v.why for v in verdicts(baseline, baseline) if not v.passed] == []


SPOILS = {
    "shift offsets by one": (shift_offsets, "contract"),
    "always answer": (always_answer, "refusal_recall"),
    "always refuse": (always_refuse, "facts"),
    "cite the second-best passage": (cite_second_best, "evidence_quoted"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_a_spoiled_answer_shuts_the_gate(name: str, whole: Pipeline, baseline: Scores, tmp_path: Path) -> None:
    spoil, metric = SPOILS[name]
    scores = measured(Spoiled(whole, spoil), tmp_path)
    assert metric in {v.gate.metric for v in verdicts(scores, baseline) if not v.passed}


CUTS: dict[str, tuple[Callable[[Pipeline], Pipeline], str]] = {
    "drop the time rule": (
        lambda whole: Pipeline(whole.engine, whole.embedder, whole.reranker, rules=Rules(time=False)),
        "no_wrong_period",
    ),
    "cut the reranker": (
        lambda whole: Pipeline(whole.engine, whole.embedder, open_reranker("none")),
        "citation_precision",
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_part_cut_out_shuts_the_gate(name: str, whole: Pipeline, baseline: Scores, tmp_path: Path) -> None:
    cut, metric = CUTS[name]
    scores = measured(cut(whole), tmp_path)
    assert metric in {v.gate.metric for v in verdicts(scores, baseline) if not v.passed}
