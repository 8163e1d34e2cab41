"""The default reranker: two thirds of the cross-encoder ms-marco-MiniLM-L-12-v2, tuned, and weights of our own on top.

A cross-encoder trained to rank passages by topic gives up, in its last layers, everything but that one judgement. What
its middle layers still hold says better whether a sentence answers a question or merely sits next to the answer, and
costs a third less to reckon. The biases and norms of the upper of these layers are tuned (`eval/fit/network.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.errors import ModelError
from index.onnx_graph import float_weights
from index.onnx_model import Array, OnnxModel
from index.weights import MS_MARCO_MINILM, folder_of, read_weights
from rag.calibration import Reading, load_reading
from rag.rerankers import Scores

if TYPE_CHECKING:
    from tokenizers import Encoding

Places = npt.NDArray[np.bool_]

MAX_TOKENS = 512
DIMENSION = 768
LAYERS = 8
_TOP = f"/bert/encoder/layer.{LAYERS - 1}/output/LayerNorm/Add_1_output_0"
"""What the eighth of twelve layers puts out: with a linear probe (Alain & Bengio 2017, arXiv:1610.01644) on each, it
told answers from their neighbours best."""


class Reader:
    """Reads a question together with a text: the log-odds that the text answers it, by a weighted sum of the states.

    The states are the mean, over the tokens of the question and over those of the text, of what the eighth layer puts
    out. The weights are part of the calibration. A pair is cut at 512 tokens, the longer of the two first.
    """

    def __init__(self, name: str, threads: int = 0, reading: Reading | None = None) -> None:
        self.name = name
        self.reading = reading or load_reading()
        self._model = OnnxModel(MS_MARCO_MINILM, threads, MAX_TOKENS, until=_TOP, instead=self.reading.network)
        if len(self.reading.weights) != DIMENSION:
            raise ModelError(
                f"The calibration was fitted with another reranker than {name!r}.",
                "Name that one as the reranker, or fit the calibration again: footnote eval calibrate.",
            )

    def states(self, pairs: Sequence[tuple[str, str]]) -> Array:
        """What the network makes of questions, each beside a text, of shape (pairs, 768)."""
        if not pairs:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.stack(self._model.run(pairs, _means))

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Log-odds of shape (texts,), higher is better. A text's score does not depend on the other texts."""
        return self.reading(self.states([(query, text) for text in texts]))

    def encoded(self, pairs: Sequence[tuple[str, str]]) -> list[Encoding]:
        """What goes into the network for pairs of a question and a text."""
        return self._model.encode(pairs)


def weights() -> dict[str, Array]:
    """The numbers of the packaged network by name, as floats."""
    return float_weights(read_weights(MS_MARCO_MINILM, folder_of(MS_MARCO_MINILM)))


def halves(encoding: Encoding) -> tuple[Places, Places]:
    """Which tokens are the question's and which the text's, without the special ones between and around them.

    Where there are none, the first token stands for them.
    """
    own = np.array(encoding.special_tokens_mask) == 0
    of_text = np.array(encoding.type_ids) == 1
    first = np.arange(len(own)) == 0
    question, text = own & ~of_text, own & of_text
    return question if question.any() else first, text if text.any() else first


def _means(output: Any, encoding: Encoding) -> Array:
    states: Array = output[0]
    return np.concatenate([states[half].mean(axis=0) for half in halves(encoding)])


def open_reader(name: str, threads: int = 0) -> Reader:
    """Open the packaged reader. Raises `ModelError`."""
    return Reader(name, threads)
