"""Rerankers read a question together with each passage and say how well the passage answers it.

To add one: a module in this folder with an opening function, and a line in `RERANKERS`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from index.registry import opener

Scores = npt.NDArray[np.float32]


class Reranker(Protocol):
    """One reranking model. Shared by threads."""

    @property
    def name(self) -> str:
        """The name it was opened by."""

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """How well each text answers the query: log-odds, or raw logits, of shape (texts,), higher is better."""


class Remembering:
    """A reranker that reads a pair of texts once: who asks and then searches asks the same of the same passages.

    The latest `_REMEMBERED` pairs are kept, a few megabytes.
    """

    def __init__(self, reranker: Reranker) -> None:
        self.name = reranker.name
        self._reranker = reranker
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """What the reranker says, shape (texts,)."""
        with self._lock:
            known = {text: self._known[query, text] for text in texts if (query, text) in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known |= zip(new, map(float, self._reranker.score(query, new)), strict=True)
        with self._lock:
            for text in new:
                self._known[query, text] = known[text]
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return np.array([known[text] for text in texts], dtype=np.float32)


_REMEMBERED = 4096

READER, WHOLE = "minilm-reader", "ms-marco-MiniLM-L-12-v2"
"""The default, which judges sentences, and the whole network that it is the lower part of, which ranks passages."""

RERANKERS: dict[str, str] = {
    READER: "rag.rerankers.reader:open_reader",
    WHOLE: "rag.rerankers.onnx:open_onnx",
    "none": "rag.rerankers.none:open_none",
}
"""Name of each packaged reranker and where it is opened, as `module:function`; imported when first used."""

OTHERWISE = "rag.rerankers.sentence_transformers:open_sentence_transformers"
"""Any other name is a hub id or a folder, which sentence-transformers opens."""


def open_reranker(name: str, threads: int = 0) -> Reranker:
    """Open a reranking model by its packaged name, hub id or folder; 0 threads means every core.

    Raises:
        ModelError: its weights are missing, or are not the ones expected.
    """
    return Remembering(cast(Reranker, opener("reranker", name, RERANKERS, OTHERWISE)(name, threads)))
