"""Answers written by a model behind an OpenAI-compatible endpoint: vLLM, llama.cpp, Ollama, a hosted service."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from threading import BoundedSemaphore
from typing import Any

from index.errors import ModelError, SettingsError
from index.settings import Settings
from rag.answerers import AnswererFailed, Draft
from rag.answerers.prompt import Prompt, prompt_version
from rag.answerers.written import drafts
from rag.evidence import Evidence
from rag.models import Understood

_TRIES = 3
_BACKOFF = 0.5  # seconds before the second try, doubled before each further one
_CONNECT = 5.0  # seconds
_MOST_TOKENS = 300  # that the model may write


class OpenAIAnswerer:
    """Asks `/chat/completions`, streaming. Busy or broken endpoints are tried again while there is time."""

    name = "openai"

    def __init__(self, settings: Settings) -> None:
        try:
            import openai
        except ImportError as error:
            raise ModelError("The package openai is not installed.", "Run: pip install openai") from error
        self._library = openai
        self._model = settings.openai_model
        self._seconds = float(settings.answer_seconds)
        self._tokens = settings.prompt_tokens
        self._places = BoundedSemaphore(max(1, settings.answer_concurrency))
        self._client = openai.OpenAI(
            base_url=settings.openai_url,
            # Servers of one's own mostly ask for none, and the library insists on one.
            api_key=os.environ.get("OPENAI_API_KEY") or "none",
            timeout=openai.Timeout(self._seconds, connect=_CONNECT),
            max_retries=0,
        )
        self.versions = {"model": self._model, "prompt": prompt_version()}

    def draft(self, understood: Understood, evidence: Sequence[Evidence], limit: int) -> Iterator[Draft]:
        """The model's sentences as they come. Raises `AnswererFailed`, `Declined`."""
        return drafts(self._stream, understood, evidence, limit, self._tokens)

    def _stream(self, prompt: Prompt) -> Iterator[str]:
        deadline = time.monotonic() + self._seconds
        if not self._places.acquire(timeout=self._seconds):
            raise AnswererFailed("the model is busy with other questions")
        try:
            with self._started(prompt, deadline) as chunks:
                yield from self._pieces(chunks, deadline)
        except self._library.OpenAIError as error:
            raise AnswererFailed(self._why(error)) from error
        except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
            # A stream of something else than completions surfaces as any of these.
            raise AnswererFailed("the endpoint sends what is no answer") from error
        except Exception as error:
            if type(error).__module__.split(".")[0] not in {"httpx", "httpcore"}:
                raise
            raise AnswererFailed(self._why(error)) from error
        finally:
            self._places.release()

    def _started(self, prompt: Prompt, deadline: float) -> Any:
        """The stream of an accepted request; tried again with growing pauses, never beyond the deadline."""
        for attempt in range(1, _TRIES + 1):
            left = deadline - time.monotonic()
            try:
                return self._client.chat.completions.create(
                    model=self._model,
                    messages=prompt.messages,
                    stream=True,
                    temperature=0.0,
                    max_tokens=_MOST_TOKENS,
                    timeout=self._library.Timeout(max(0.1, left), connect=min(_CONNECT, max(0.1, left))),
                )
            except (
                self._library.RateLimitError,
                self._library.InternalServerError,
                self._library.APIConnectionError,
            ) as error:
                pause = max(_asked_to_wait(error), _BACKOFF * 2 ** (attempt - 1) * (1 + random.random() / 4))
                if attempt == _TRIES or time.monotonic() + pause >= deadline:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _pieces(self, chunks: Any, deadline: float) -> Iterator[str]:
        ended = False
        for chunk in chunks:
            if time.monotonic() > deadline:
                raise AnswererFailed(f"the model was not done within {self._seconds:g} seconds")
            for choice in chunk.choices[:1]:
                if choice.delta and choice.delta.content:
                    yield str(choice.delta.content)
                if choice.finish_reason == "length":
                    raise AnswererFailed("the model wrote on without end")
                ended = ended or choice.finish_reason is not None
        if not ended:
            raise AnswererFailed("the model's answer was cut off")

    def _why(self, error: Exception) -> str:
        if isinstance(error, self._library.APITimeoutError) or "Timeout" in type(error).__name__:
            return f"the model was not done within {self._seconds:g} seconds"
        if isinstance(error, self._library.APIStatusError):
            return f"the endpoint answered with status {error.status_code}"
        if isinstance(error, self._library.APIConnectionError):
            return "the endpoint cannot be reached"
        return "the model's answer was cut off"


def _asked_to_wait(error: Any) -> float:
    """The seconds of a `Retry-After`, 0 without one."""
    response = getattr(error, "response", None)
    value = response.headers.get("retry-after", "") if response is not None else ""
    return float(value) if value.replace(".", "", 1).isdigit() else 0.0


def open_openai(settings: Settings) -> OpenAIAnswerer:
    """Open the answerer for the endpoint that the settings name. Raises `SettingsError`, `ModelError`."""
    if not settings.openai_url.startswith(("http://", "https://")):
        raise SettingsError(f"openai_url is {settings.openai_url!r}.", "It looks like http://127.0.0.1:8080/v1.")
    return OpenAIAnswerer(settings)
