"""Markdown (CommonMark with tables and strikethrough): rendered, then read as the web page it stands for."""

from __future__ import annotations

import re

from index.errors import UnreadableFile
from index.loaders import html
from index.loaders.limits import Tick, idle
from index.loaders.text import decode
from index.models import Loaded

_FRONT = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FIELD = re.compile(r"^(title|author|date|created|modified)\s*:\s*[\"']?(.+?)[\"']?\s*$", re.IGNORECASE | re.MULTILINE)


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Read Markdown; title, author and dates of a front matter go into the metadata.

    Raises:
        UnreadableFile: there is no text in it.
    """
    from markdown_it import MarkdownIt

    source = decode(data)
    metadata: dict[str, str] = {}
    if front := _FRONT.match(source):
        metadata = {key.lower().replace("date", "created"): value for key, value in _FIELD.findall(front[1])}
        source = source[front.end() :]
    if not source.strip():
        raise UnreadableFile("The file holds no text.", "Check that it was saved whole.")
    read = html.read(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source))
    return Loaded(read.text, metadata={**read.metadata, **metadata}, furniture=read.furniture)
