"""Answers written by a causal language model on this machine, through the library transformers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from index.errors import ModelError
from index.settings import Settings
from rag.answerers import AnswererFailed, Draft
from rag.answerers.prompt import Prompt, prompt_version
from rag.answerers.written import drafts
from rag.evidence import Evidence
from rag.models import Understood

_MOST_TOKENS = 300  # that the model may write


class TransformersAnswerer:
    """A model by folder, GGUF file or hub id, loaded once. One question at a time: the model uses every core as it
    is."""

    name = "transformers"

    def __init__(self, settings: Settings) -> None:
        self._seconds = float(settings.answer_seconds)
        self._tokens = settings.prompt_tokens
        self._tokenizer, self._model = _load(settings.transformers_model, settings.threads)
        self._lock = Lock()
        self.versions = {"model": Path(settings.transformers_model).name, "prompt": prompt_version()}

    def draft(self, understood: Understood, evidence: Sequence[Evidence], limit: int) -> Iterator[Draft]:
        """The model's sentences as they come. Raises `AnswererFailed`, `Declined`."""
        return drafts(self._stream, understood, evidence, limit, self._tokens)

    def _stream(self, prompt: Prompt) -> Iterator[str]:
        from transformers import StoppingCriteria, StoppingCriteriaList, TextIteratorStreamer

        deadline = time.monotonic() + self._seconds
        if not self._lock.acquire(timeout=self._seconds):
            raise AnswererFailed("the model is busy with other questions")
        stop = Event()

        class Stopping(StoppingCriteria):  # type: ignore[misc]
            def __call__(self, ids: Any, scores: Any, **kwargs: Any) -> bool:
                return stop.is_set() or time.monotonic() > deadline

        try:
            inputs = self._inputs(prompt)
            streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
            failed: list[BaseException] = []

            def generate() -> None:
                try:
                    self._model.generate(
                        **inputs,
                        streamer=streamer,
                        max_new_tokens=_MOST_TOKENS,
                        do_sample=False,
                        stopping_criteria=StoppingCriteriaList([Stopping()]),
                        pad_token_id=self._tokenizer.eos_token_id,
                    )
                except Exception as error:
                    failed.append(error)
                    streamer.end()

            thread = Thread(target=generate, name="transformers", daemon=True)
            thread.start()
            try:
                yield from streamer
            finally:
                stop.set()
                thread.join()
            if failed:
                raise AnswererFailed("the model failed") from failed[0]
            if time.monotonic() > deadline:
                raise AnswererFailed(f"the model was not done within {self._seconds:g} seconds")
        finally:
            self._lock.release()

    def _inputs(self, prompt: Prompt) -> Any:
        """The prompt in the model's own chat form; as plain text for a model that has none."""
        if self._tokenizer.chat_template:
            text = self._tokenizer.apply_chat_template(prompt.messages, tokenize=False, add_generation_prompt=True)
            return self._tokenizer(text, return_tensors="pt", add_special_tokens=False).to(self._model.device)
        text = f"{prompt.system}\n\n{prompt.user}\n\nAnswer:"
        return self._tokenizer(text, return_tensors="pt").to(self._model.device)


def _load(name: str, threads: int) -> tuple[Any, Any]:
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        if threads:
            torch.set_num_threads(threads)
        path = Path(name)
        gguf = {"gguf_file": path.name} if path.suffix == ".gguf" else {}
        folder = str(path.parent) if gguf else name
        tokenizer = AutoTokenizer.from_pretrained(folder, **gguf)
        # GGUF weights are widened anyway; elsewhere the model's own precision is kept.
        dtype = torch.float32 if gguf and not torch.cuda.is_available() else "auto"
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **gguf)
    except (ImportError, OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(
            f"The language model {name!r} cannot be loaded: {error}.",
            "Name a folder, a GGUF file (with `pip install gguf accelerate`) or a hub id of a causal language model.",
        ) from error
    if torch.cuda.is_available():
        model = model.to("cuda")
    return tokenizer, model.eval()


def open_transformers(settings: Settings) -> TransformersAnswerer:
    """Load the model that the settings name. Raises `ModelError`."""
    return TransformersAnswerer(settings)
