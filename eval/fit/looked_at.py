"""What the pipeline looks at for a case, with what the models made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eval.clients import question_of
from eval.fit.units import Unit, Units
from eval.match import ENOUGH, covered, words
from eval.models import Case
from rag.evidence import Evidence, shown
from rag.pipeline import Pipeline
from rag.rerankers import Reranker, Scores


class Recording:
    """A reader that keeps, of every text it reads for a case, the question that the text answers best, and what the
    whole network says of the two."""

    def __init__(self, reader: Reranker, whole: Reranker) -> None:
        self.name = reader.name
        self.seen: dict[str, tuple[float, float, str]] = {}
        self._reader = reader
        self._whole = whole

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """What the reader says, shape (texts,)."""
        scores = self._reader.score(query, texts)
        logits = self._whole.score(query, texts)
        for text, score, logit in zip(texts, map(float, scores), map(float, logits), strict=True):
            if text not in self.seen or score > self.seen[text][0]:
                self.seen[text] = (score, logit, query)
        return scores


def looked_at(case: Case, pipeline: Pipeline) -> Units:
    """The evidence that the pipeline looks at for a case, without states, with what a `Recording` kept of it."""
    found: list[Evidence] = []

    def keep(stage: str, value: Any) -> None:
        if stage == "evidence":  # what a report states by its form is not weighed
            found.extend(unit for unit in value if "stated" not in unit.features)

    reranker = pipeline.reranker
    seen = reranker.seen if isinstance(reranker, Recording) else {}
    seen.clear()
    pipeline.ask(question_of(case), keep)
    read = [seen[shown(e)] if seen else (0.0, 0.0, "") for e in found]
    return [
        Unit(evidence, lies_on(case, evidence.document.source, evidence.text), np.zeros(0), logit, asked)
        for evidence, (_, logit, asked) in zip(found, read, strict=True)
    ]


def lies_on(case: Case, source: str, text: str, few: int = 4) -> bool:
    """Whether a text of a file holds enough of one of the case's evidences, or is a good part of one: with `few` words
    or more, since less is anywhere.
    """
    for gold in case.evidence:
        if gold.source == source:
            if covered(gold.text, [text]) >= ENOUGH:
                return True
            if len(words(text)) >= few and covered(text, [gold.text]) >= 0.9:
                return True
    return False
