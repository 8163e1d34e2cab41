"""What the pipeline looks at for a case, with what the models made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eval.clients import question_of
from eval.fit.least import Array
from eval.fit.units import Unit, Units
from eval.match import ENOUGH, covered, words
from eval.models import Case
from rag.evidence import Evidence, shown
from rag.pipeline import Pipeline
from rag.rerankers import Reranker, Scores
from rag.rerankers.reader import Reader


class Recording:
    """A reader that keeps, of every text it reads for a case, the state beside the question that the text answers best,
    what the whole network says of the same pair, and that question."""

    def __init__(self, reader: Reader, whole: Reranker) -> None:
        self.name = reader.name
        self.seen: dict[str, tuple[float, Array, float, str]] = {}
        self._reader = reader
        self._whole = whole

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """What the reader says, shape (texts,)."""
        states = self._reader.states([(query, text) for text in texts])
        scores = self._reader.reading(states)
        logits = self._whole.score(query, texts)
        for text, state, score, logit in zip(texts, states, map(float, scores), map(float, logits), strict=True):
            if text not in self.seen or score > self.seen[text][0]:
                self.seen[text] = (score, state.astype(np.float64), logit, query)
        return scores


def looked_at(case: Case, pipeline: Pipeline) -> Units:
    """The evidence that the pipeline looks at for a case, with states where its reranker is a `Recording`."""
    found: list[Evidence] = []

    def keep(stage: str, value: Any) -> None:
        if stage == "evidence":  # what a report states by its form is not weighed
            found.extend(unit for unit in value if "stated" not in unit.features)

    reranker = pipeline.reranker
    seen = reranker.seen if isinstance(reranker, Recording) else {}
    seen.clear()
    pipeline.ask(question_of(case), keep)
    nothing = (0.0, np.zeros(0), 0.0, "")
    read = [seen[shown(e)] if seen else nothing for e in found]
    return [
        Unit(evidence, lies_on(case, evidence.document.source, evidence.text), state, logit, asked)
        for evidence, (_, state, logit, asked) in zip(found, read, strict=True)
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
