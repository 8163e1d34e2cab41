"""What of a passage can be quoted: its sentences, bullets and rows, and its lists as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.blocks import OPENS_LIST, Unit, parse, units
from index.models import Passage

_MAX_LIST_WORDS = 130
_FEW_WORDS = 4
_LABELLED = re.compile(r"[A-Z][\w ]{1,24}:\s")


def candidates(passage: Passage) -> list[tuple[int, int, str]]:
    """(start, end, kind) of everything in a passage that can be quoted, offsets into the passage's text.

    A lead-in is offered together with its list ("... on the following themes:" and the themes), and so are the bullets
    that make up all of a passage under a heading.
    """
    found: list[tuple[int, int, str]] = []
    parts = units(passage.text)
    found += _list_under_heading(passage, parts)
    for i, unit in enumerate(parts):
        words = passage.text[unit.start : unit.end]
        items = _items(passage.text, parts, i) if OPENS_LIST.search(words) else []
        if words.startswith("Yours "):
            signed = [part for part in parts[i + 1 : i + 4] if len(passage.text[part.start : part.end].split()) < 12]
            found.append((unit.start, (signed or [unit])[-1].end, "signature"))
            continue
        if items and len(passage.text[unit.start : items[-1].end].split()) <= _MAX_LIST_WORDS:
            found.append((unit.start, items[-1].end, "list"))
        else:
            found.append((unit.start, unit.end, unit.kind))
    return found


def _list_under_heading(passage: Passage, parts: Sequence[Unit]) -> list[tuple[int, int, str]]:
    """The whole passage, when it is nothing but bullets of a sentence each: its heading asks, all of them answer."""
    if passage.heading is None or len(parts) < 2 or len(passage.text.split()) > _MAX_LIST_WORDS:
        return []
    bullets = [block for block in parse(passage.text) if block.bulleted]
    return [(parts[0].start, parts[-1].end, "list")] if len(bullets) == len(parts) else []


def _items(text: str, parts: Sequence[Unit], i: int) -> list[Unit]:
    """The bullets, rows, labelled lines ("Venue: ...") or very short ones ("For (39)") that follow unit `i`."""
    items: list[Unit] = []
    for unit in parts[i + 1 :]:
        short = len(text[unit.start : unit.end].split()) <= _FEW_WORDS and text[unit.end - 1] not in ".?!:;"
        if unit.kind not in {"bullet", "row"} and not short and not _LABELLED.match(text, unit.start, unit.end):
            break
        items.append(unit)
    return items
