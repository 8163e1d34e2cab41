"""The formats that are read: to add one, write a loader and name it here.

Each loader imports its library when it is first called, so that naming it costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from index.loaders import docx, eml, html, markdown, pdf, text
from index.loaders.limits import Tick, idle
from index.models import Loaded


class Loader(Protocol):
    """Turns the bytes of one file into text, or raises `LoadError`."""

    def __call__(self, data: bytes, tick: Tick = idle) -> Loaded:
        """Read `data`, calling `tick` after each page."""
        ...


LOADERS: Mapping[str, Loader] = {
    "docx": docx.load,
    "eml": eml.load,
    "html": html.load,
    "markdown": markdown.load,
    "pdf": pdf.load,
    "text": text.load,
}
