"""The ranked passages of a case as `ir_measures` reads them."""

from __future__ import annotations

from functools import lru_cache

import ir_measures
from ir_measures import RR, nDCG

from eval.match import rank
from eval.models import Case, Outcome, Part

_MEASURES = {"RR": RR, "nDCG@10": nDCG @ 10}


def ranking_measure(name: str, case: Case, outcome: Outcome) -> Part | None:
    """One case's value of a ranking measure.

    A passage is as relevant as the number of needed evidences that are first found at it; an evidence that is
    never found is one relevant passage that is not ranked.
    """
    if not case.answerable:
        return None
    ranks = tuple(rank(group, outcome.hits) for group in case.needed)
    return Part(_values(ranks, len(outcome.hits))[name])


@lru_cache(maxsize=4096)
def _values(ranks: tuple[int | None, ...], hits: int) -> dict[str, float]:
    relevant: dict[str, int] = {}
    for number, place in enumerate(ranks):
        name = f"missing {number}" if place is None else f"hit {place}"
        relevant[name] = relevant.get(name, 0) + 1
    run = {"q": {f"hit {place}": float(hits - place) for place in range(1, hits + 1)}}
    if not hits:
        return dict.fromkeys(_MEASURES, 0.0)
    values = ir_measures.calc_aggregate(list(_MEASURES.values()), {"q": relevant}, run)
    return {name: float(values[measure]) for name, measure in _MEASURES.items()}
