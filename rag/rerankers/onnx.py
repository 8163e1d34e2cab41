"""The cross-encoder ms-marco-MiniLM-L-12-v2, whole, in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from index.onnx_model import OnnxModel
from index.weights import MS_MARCO_MINILM
from rag.rerankers import Scores

if TYPE_CHECKING:
    from tokenizers import Encoding

MAX_TOKENS = 512


class OnnxReranker:
    """ms-marco-MiniLM-L-12-v2 (Nogueira & Cho 2019, "Passage Re-ranking with BERT", arXiv:1901.04085).

    A pair is cut at `max_tokens`, the longer of the two first.
    """

    def __init__(self, name: str, threads: int = 0, max_tokens: int = MAX_TOKENS) -> None:
        self.name = name
        self._model = OnnxModel(MS_MARCO_MINILM, threads, max_tokens)

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Raw logits of shape (texts,), higher is better. A text's score does not depend on the other texts."""
        return np.array(self._model.run([(query, text) for text in texts], _logit), dtype=np.float32)


def _logit(output: Any, encoding: Encoding) -> Scores:
    logit: Scores = output[0, 0]
    return logit


def open_onnx(name: str, threads: int = 0) -> OnnxReranker:
    """Open the packaged ms-marco-MiniLM-L-12-v2. Raises `ModelError`."""
    return OnnxReranker(name, threads)
