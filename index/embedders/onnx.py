"""The default embedder: bge-small-en-v1.5 in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedders import Vectors
from index.onnx_model import OnnxModel
from index.weights import BGE_SMALL

if TYPE_CHECKING:
    from tokenizers import Encoding

QUERY_PREFIX = "Represent this sentence for searching relevant passages: "
"""What the model was trained to see before a question (Xiao et al. 2023, "C-Pack", arXiv:2309.07597)."""

DIMENSION = 384


class OnnxEmbedder:
    """bge-small-en-v1.5: the vector of the first ([CLS]) token, normalised. Texts are cut at 512 tokens."""

    dimension = DIMENSION

    def __init__(self, name: str, threads: int = 0) -> None:
        self.name = name
        self._model = OnnxModel(BGE_SMALL, threads)
        self._query = lru_cache(maxsize=256)(self._embed_query)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, 384), each of length 1."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.stack(self._model.run(texts, _first_token))

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, of shape (384,), of length 1."""
        return self._query(text)

    def read(self, texts: Sequence[str]) -> list[tuple[Vectors, list[str], Vectors]]:
        """For every text its vector of shape (384,), its tokens, and their vectors in context, of shape (tokens, 384).

        All have length 1. It takes no longer than `embed_passages`.
        """
        found = []
        for text, vectors in zip(texts, self._model.run(texts, _every_token), strict=True):
            tokens, each = self._model.tokens(text), vectors[1:-1]
            found.append((vectors[0], tokens[: len(each)], each[: len(tokens)]))
        return found

    def knows(self, word: str) -> bool:
        """Whether a word is one of the 30,000 tokens of the model, which are the common words of English and parts."""
        tokens = self._model.tokens(word)
        return len(tokens) == 1 and tokens != ["[UNK]"]

    def _embed_query(self, text: str) -> Vectors:
        vector = self._model.run([QUERY_PREFIX + text], _first_token)[0]
        vector.flags.writeable = False  # it is shared by everyone who asks the same
        return vector


def _first_token(output: Any, encoding: Encoding) -> Vectors:
    vector: Vectors = output[0, 0]
    return vector / np.linalg.norm(vector)


def _every_token(output: Any, encoding: Encoding) -> Vectors:
    """The first is the text's own, the last is the model's end mark."""
    vectors: Vectors = output[0] / np.linalg.norm(output[0], axis=1, keepdims=True)
    return vectors


def open_onnx(name: str, threads: int = 0) -> OnnxEmbedder:
    """Open the packaged bge-small-en-v1.5. Raises `ModelError`."""
    return OnnxEmbedder(name, threads)
