"""The default reranker: two thirds of the cross-encoder ms-marco-MiniLM-L-12-v2, and weights of our own on top.

A cross-encoder trained to rank passages by topic gives up, in its last layers, everything but that one judgement. What
its middle layers still hold says better whether a sentence answers a question or merely sits next to the answer, and
costs a third less to reckon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.onnx_model import Array, OnnxModel
from index.weights import MS_MARCO_MINILM
from rag.calibration import Reading, load_reading
from rag.rerankers import Scores

if TYPE_CHECKING:
    from tokenizers import Encoding

MAX_TOKENS = 512
DIMENSION = 768
_LAYER = "/bert/encoder/layer.7/output/LayerNorm/Add_1_output_0"
"""What the eighth of twelve layers puts out: with a linear probe (Alain & Bengio 2017, arXiv:1610.01644) on each, it
told answers from their neighbours best."""


class Reader:
    """Reads a question together with a text: the log-odds that the text answers it, by a weighted sum of the states.

    The states are the mean, over the tokens of the question and over those of the text, of what the eighth layer puts
    out. The weights are part of the calibration. A pair is cut at 512 tokens, the longer of the two first.
    """

    def __init__(self, name: str, threads: int = 0, reading: Reading | None = None) -> None:
        self.name = name
        self._model = OnnxModel(MS_MARCO_MINILM, threads, MAX_TOKENS, until=_LAYER)
        self.reading = reading or load_reading()
        if len(self.reading.weights) != DIMENSION:
            raise ModelError(
                f"The calibration was fitted with another reranker than {name!r}.",
                "Name that one as the reranker, or fit the calibration again: footnote eval calibrate.",
            )

    def states(self, query: str, texts: Sequence[str]) -> Array:
        """What the network makes of the question beside each text, of shape (texts, 768)."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.stack(self._model.run([(query, text) for text in texts], _means))

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Log-odds of shape (texts,), higher is better. A text's score does not depend on the other texts."""
        return self.reading(self.states(query, texts))


def _means(output: Any, encoding: Encoding) -> Array:
    """Of the tokens of the question, and of those of the text, without the special ones between and around them."""
    states: Array = output[0]
    own = np.array(encoding.special_tokens_mask) == 0
    of_text = np.array(encoding.type_ids) == 1
    halves = [states[part].mean(axis=0) if part.any() else states[0] for part in (own & ~of_text, own & of_text)]
    return np.concatenate(halves)


def open_reader(name: str, threads: int = 0) -> Reader:
    """Open the packaged reader. Raises `ModelError`."""
    return Reader(name, threads)
