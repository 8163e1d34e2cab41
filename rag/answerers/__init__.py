"""Answerers turn judged evidence into statements, each resting on exact words.

To add one: a module in this folder with an opening function, and a line in `ANSWERERS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, cast

from index.errors import SettingsError
from index.registry import opener
from index.settings import Settings
from rag.evidence import Evidence
from rag.models import Understood


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it is verified: its text and the evidence it cites, which may be none or the wrong one.

    `whole` says that it was written to its end.
    """

    text: str
    evidence: tuple[Evidence, ...]
    whole: bool = True


class AnswererFailed(Exception):
    """The answerer could not write, or not go on; the message says why in a few words, for the reader of the answer."""


class Declined(AnswererFailed):
    """The model says that the passages do not answer the question."""


class Answerer(Protocol):
    """One way of making an answer. Shared by threads."""

    @property
    def name(self) -> str:
        """The name it was opened by."""

    def draft(self, understood: Understood, evidence: Sequence[Evidence], limit: int) -> Iterable[Draft]:
        """About `limit` statements from evidence that was judged to answer, the most probable first, as they are made.

        Raises:
            AnswererFailed: also in the middle; what came before still counts.
        """


ANSWERERS: dict[str, str] = {
    "extractive": "rag.answerers.extractive:open_extractive",
    "openai": "rag.answerers.openai:open_openai",
    "transformers": "rag.answerers.transformers:open_transformers",
}
"""Name of each answerer and where it is opened, as `module:function`; imported when first used."""

NEEDS: dict[str, tuple[str, ...]] = {"openai": ("openai_url", "openai_model"), "transformers": ("transformers_model",)}
"""The settings without which an answerer cannot be opened."""


def configured(settings: Settings) -> tuple[str, ...]:
    """The answerers for which the settings say what they need."""
    return tuple(name for name in ANSWERERS if all(getattr(settings, need) for need in NEEDS.get(name, ())))


def open_answerer(name: str, settings: Settings | None = None) -> Answerer:
    """Open an answerer by name.

    Raises:
        UnknownName: there is none of that name.
        SettingsError: the settings do not say which model it is to use.
        ModelError: its model or its library cannot be loaded.
    """
    settings = settings or Settings()
    if name in ANSWERERS and name not in configured(settings):
        needed = " and ".join(NEEDS[name])
        raise SettingsError(f"The answerer `{name}` has no model.", f"Set {needed}; see docs/written-answers.md.")
    return cast(Answerer, opener("answerer", name, ANSWERERS)(settings))


class Answerers:
    """Opens each answerer once, when it is first asked for. Shared by threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, Answerer] = {}
        self._lock = Lock()

    def __call__(self, name: str) -> Answerer:
        """The answerer of that name. Raises what `open_answerer` raises."""
        if name not in self._open:
            with self._lock:
                if name not in self._open:
                    self._open[name] = open_answerer(name, self._settings)
        return self._open[name]
