"""Any cross-encoder that sentence-transformers opens, by hub id or folder."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from index.errors import ModelError
from rag.rerankers import Scores


class SentenceTransformersReranker:
    """A cross-encoder with one logit, in torch.

    One request at a time uses the model: torch already spreads one over all threads, and its tokeniser
    must not be shared.
    """

    def __init__(self, name: str, threads: int = 0) -> None:
        import torch
        from sentence_transformers import CrossEncoder

        self.name = name
        if threads:
            torch.set_num_threads(threads)
        try:
            self._model = CrossEncoder(name, device="cpu", activation_fn=torch.nn.Identity())
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelError(
                f"The reranker {name!r} cannot be loaded: {error}.",
                "Name a packaged reranker, a cross-encoder's hub id that can be reached, or its folder.",
            ) from error
        if self._model.num_labels != 1:
            raise ModelError(
                f"The reranker {name!r} gives {self._model.num_labels} numbers per pair, not one.",
                "Name a cross-encoder that was trained for ranking.",
            )
        self._lock = Lock()

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Raw logits of shape (texts,), higher is better."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        with self._lock:
            scores = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


def open_sentence_transformers(name: str, threads: int = 0) -> SentenceTransformersReranker:
    """Open a cross-encoder by hub id or folder. Raises `ModelError`."""
    return SentenceTransformersReranker(name, threads)
