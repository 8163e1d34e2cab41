"""Any embedding model that sentence-transformers opens, by hub id or folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

import numpy as np

from index.embedders import Vectors
from index.errors import ModelError
from index.torch_model import loaded


class SentenceTransformersEmbedder:
    """A bi-encoder in torch, with the query and document prompts that its own folder declares.

    One request at a time uses the model: torch already spreads one over all threads, and its tokeniser
    must not be shared.
    """

    def __init__(self, name: str, threads: int = 0) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._model = loaded("embedder", name, threads, lambda: SentenceTransformer(name, device="cpu"))
        dimension = self._model.get_embedding_dimension()
        if not dimension:
            raise ModelError(f"The embedder {name!r} does not say how long its vectors are.", "Name another model.")
        self.dimension = int(dimension)
        self._lock = Lock()
        self._query = lru_cache(maxsize=256)(self._embed_query)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, dimension), each of length 1."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, of shape (dimension,), of length 1."""
        return self._query(text)

    def knows(self, word: str) -> bool:
        """Whether a word is a token of its own for this model."""
        with self._lock:
            tokens = self._model.tokenizer.tokenize(word)
        return len(tokens) == 1 and tokens != [self._model.tokenizer.unk_token]

    def _embed_query(self, text: str) -> Vectors:
        with self._lock:
            vector = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        vector = np.asarray(vector, dtype=np.float32)
        vector.flags.writeable = False  # it is shared by everyone who asks the same
        return vector


def open_sentence_transformers(name: str, threads: int = 0) -> SentenceTransformersEmbedder:
    """Open an embedding model by hub id or folder. Raises `ModelError`."""
    return SentenceTransformersEmbedder(name, threads)
