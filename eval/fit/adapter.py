"""The adapter for questions: a linear map that brings a question's vector nearer to the passages that answer it.

A softmax over the cosines to all passages that the question's filters allow, in which those that hold its evidence are
to be likely (InfoNCE, van den Oord et al. 2018, arXiv:1807.03748, with every other passage as a negative), L2 towards
leaving the vector as it is. Only questions are moved, as in query-side fine-tuning (Lewis et al. 2020,
arXiv:2005.11401).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eval.clients import question_of
from eval.fit.least import Array, least
from eval.fit.looked_at import lies_on
from eval.models import Case
from index.embedders import Vectors
from index.embedding import embed
from index.engines.vectors import joined
from index.models import Hit
from rag.pipeline import Pipeline, Rules

PENALTY = 55.0
"""L2 penalty beside the sum of the cases' losses: less of it suits the papers fitted on, more of it papers unlike
them."""
TEMPERATURE = 0.05
_FEW = 8  # words of a passage
_ALL = 1_000_000


class Example(NamedTuple):
    """A question that papers answer: its vector, the rows of the passages that it may be answered from, and which of
    these hold the evidence."""

    query: Vectors
    allowed: npt.NDArray[np.int64]
    gold: npt.NDArray[np.bool_]


class Examples(NamedTuple):
    """Those of one index: the vectors of all its passages, of shape (passages, dimension), and examples by place in the
    list of cases."""

    passages: Vectors
    by_case: dict[int, Example]


def examples(cases: Sequence[tuple[int, Case]], pipeline: Pipeline) -> Examples:
    """The examples that numbered cases give in one index: those whose evidence lies in passages that may be found."""
    finding = Pipeline(pipeline.engine, pipeline.embedder, pipeline.reranker, rules=Rules(rerank=False))
    keys: dict[int, int] = {}
    hits: list[Hit] = []
    found = {}
    for number, case in cases:
        if not case.answerable:
            continue
        understood, allowed = finding.search(question_of(case), _ALL)
        for hit in allowed:
            if hit.key not in keys:
                keys[hit.key] = len(keys)
                hits.append(hit)
        gold = np.array([lies_on(case, hit.document.source, hit.passage.text, _FEW) for hit in allowed], dtype=np.bool_)
        if gold.any():
            query = pipeline.embedder.embed_query(understood.query)
            found[number] = Example(query, np.array([keys[hit.key] for hit in allowed]), gold)
    vectors = embed([(hit.passage, hit.document) for hit in hits], pipeline.engine, pipeline.embedder)
    return Examples(joined(vectors.words, vectors.contexts), found)


def fit_adapter(of_indexes: Sequence[Examples]) -> npt.NDArray[np.float32]:
    """The adapter, of shape (dimension, dimension): zeros without examples.

    Many questions about the same papers count less, each by the root of their number: the adapter is to help with
    papers that it has not seen.
    """
    dimension = of_indexes[0].passages.shape[1]
    sets = [each for each in of_indexes if each.by_case]
    if not sets:
        return np.zeros((dimension, dimension), dtype=np.float32)
    prepared = [_prepared(each) for each in sets]
    shares = sum(weight * len(queries) for queries, _, _, weight in prepared)
    scale = sum(len(queries) for queries, *_ in prepared) / shares  # weights of one on average

    def loss(flat: Array) -> tuple[float, Array]:
        adapter = flat.reshape(dimension, dimension)
        value, slope = PENALTY * float(flat @ flat), 2 * PENALTY * adapter
        for each, (queries, closed, gold, weight) in zip(sets, prepared, strict=True):
            moved = queries + queries @ adapter
            length = np.linalg.norm(moved, axis=1, keepdims=True)
            unit = moved / length
            scores = (unit @ each.passages.T) / TEMPERATURE + closed
            share = np.exp(scores - scores.max(axis=1, keepdims=True))
            share /= share.sum(axis=1, keepdims=True)
            of_gold = np.where(gold, share, 0.0)
            likely = of_gold.sum(axis=1, keepdims=True) + 1e-12
            value -= weight * scale * float(np.log(likely).sum())
            pull = (share - of_gold / likely) @ each.passages * (weight * scale / TEMPERATURE)
            slope = slope + queries.T @ ((pull - unit * (pull * unit).sum(axis=1, keepdims=True)) / length)
        return value, slope.ravel()

    fitted = least(loss, [(None, None)] * dimension**2)
    return fitted.reshape(dimension, dimension).astype(np.float32)


def _prepared(each: Examples) -> tuple[Array, Array, npt.NDArray[np.bool_], float]:
    """The queries, what closes passages that they may not be answered from, what is gold, and each one's weight."""
    cases = list(each.by_case.values())
    closed = np.full((len(cases), len(each.passages)), -1e9)
    gold = np.zeros(closed.shape, dtype=np.bool_)
    for row, case in enumerate(cases):
        closed[row, case.allowed] = 0.0
        gold[row, case.allowed[case.gold]] = True
    return np.stack([case.query for case in cases]).astype(np.float64), closed, gold, len(cases) ** -0.5
