"""Puts blocks into one text: an empty line between blocks, none between the items of a list or the rows of a table."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def folded(text: str) -> str:
    """One space for any run of white space, line feeds kept."""
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def raised(text: str) -> str:
    """Digits as superscripts, so that the mark of a footnote does not become a part of the word before it."""
    return text.translate(_SUPERSCRIPTS) if text.strip().isdigit() else text


class Writer:
    """Collects blocks in order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._last = ""

    def block(self, text: str) -> None:
        """A heading or paragraph."""
        self._add(folded(text), "")

    def item(self, text: str, marker: str = "-") -> None:
        """An item of a list, on one line."""
        if text := folded(text).replace("\n", " "):
            self._add(f"{marker} {text}", "item")

    def row(self, cells: list[str], first: bool = False) -> None:
        """A row of a table; `first` begins a new table."""
        texts = [folded(cell).replace("\n", " ") for cell in cells]
        if first:
            self._last = ""
        if any(texts):
            self._add("\t".join(texts).rstrip(), "row")

    def verbatim(self, text: str) -> None:
        """Text whose line breaks and spaces are meant."""
        self._add(text.strip("\n"), "")

    def _add(self, text: str, kind: str) -> None:
        if text.strip():
            if self._parts:
                self._parts.append("\n" if kind and kind == self._last else "\n\n")
            self._parts.append(text)
            self._last = kind

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)
