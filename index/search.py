"""Search: the dense and the lexical list, each filtered, fused by reciprocal rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.embedders import Embedder
from index.engines import Engine
from index.models import Filters, Hit

RRF_CONSTANT = 3
"""How much the first ranks count over the later ones: the lower, the more. Cormack, Clarke & Buettcher (SIGIR 2009)
have 60, for lists of a thousand; of lists of forty, 60 makes the last nearly as good as the first."""

WEIGHTS: Mapping[str, float] = {"dense": 2.0, "bm25": 1.0}
"""The lists that are fused, and how much each counts unless told otherwise. Few people ask in the words of papers."""


def search(
    engine: Engine,
    embedder: Embedder,
    query: str | Sequence[str],
    filters: Filters | None = None,
    k: int = 10,
    *,
    depth: int = 40,
    weights: Mapping[str, float] | None = None,
) -> list[Hit]:
    """The k passages that fit a query, or several wordings of one, best among those the filters allow.

    Args:
        engine: the index.
        embedder: the model that its vectors were made with.
        query: any text, or several: the lists of all are fused.
        filters: what may be found; None for everything that has no access groups.
        k: how many passages.
        depth: how many of each list take part in the fusion (at least k).
        weights: other weights than `WEIGHTS`; a list of weight 0 is not searched at all.

    Returns:
        Hits, best first, each with its scores: `rrf` (the fused score), and `dense` (cosine) and `bm25` where it
        was in that list.

    Raises:
        ValueError: a weight is for no list there is.
    """
    filters = filters or Filters()
    weights = {**WEIGHTS, **(weights or {})}
    if unknown := weights.keys() - WEIGHTS.keys():
        raise ValueError(f"there is no list called {', '.join(sorted(unknown))}; known: {', '.join(WEIGHTS)}")
    depth = max(depth, k)
    scores: dict[int, dict[str, float]] = {}
    for text in [query] if isinstance(query, str) else query:
        lists: dict[str, list[tuple[int, float]]] = {}
        if weights["dense"]:
            lists["dense"] = engine.dense(embedder.embed_query(text), filters, depth)
        if weights["bm25"]:
            lists["bm25"] = engine.lexical(text, filters, depth)
        for name, ranked in lists.items():
            for rank, (key, score) in enumerate(ranked, start=1):
                stages = scores.setdefault(key, {"rrf": 0.0})
                stages[name] = max(score, stages.get(name, score))
                stages["rrf"] += weights[name] / (RRF_CONSTANT + rank)
    best = sorted(scores, key=lambda key: (-scores[key]["rrf"], key))[:k]
    return [Hit(found.key, found.passage, found.document, scores[found.key]) for found in engine.fetch(best)]
