"""Answerers turn judged evidence into statements, each resting on exact words.

To add one: a module in this folder with an opening function, and a line in `ANSWERERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from index.registry import opener
from rag.evidence import Evidence
from rag.models import Understood


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it is verified: its text and the evidence it cites (at least one)."""

    text: str
    evidence: tuple[Evidence, ...]


class Answerer(Protocol):
    """One way of making an answer. Shared by threads."""

    @property
    def name(self) -> str:
        """The name it was opened by."""

    def draft(self, understood: Understood, evidence: Sequence[Evidence], limit: int) -> list[Draft]:
        """At most `limit` statements from evidence that was judged to answer, the most probable first."""


ANSWERERS: dict[str, str] = {
    "extractive": "rag.answerers.extractive:Extractive",
}
"""Name of each answerer and where it is opened, as `module:function`; imported when first used."""


def open_answerer(name: str) -> Answerer:
    """Open an answerer by name. Raises `UnknownName`."""
    return cast(Answerer, opener("answerer", name, ANSWERERS)())
