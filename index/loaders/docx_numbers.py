"""The numbers and bullets that Word prints before paragraphs: they are computed, not stored (ECMA-376, 17.9)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%(\d)")
_LEVELS = 9


class Numbers:
    """Counts the numbered paragraphs of a document, met in order."""

    def __init__(self, document: Any) -> None:
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * _LEVELS)
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}  # abstract list: level: format, text, start
        self._lists: dict[str, str] = {}  # list: abstract list
        self._started: set[tuple[str, int]] = set()
        self._overrides: dict[tuple[str, int], int] = {}
        self._styles: dict[str, Any] = {
            style.get(f"{_W}styleId"): style for style in document.styles.element.iter(f"{_W}style")
        }
        root = next(
            (rel.target_part.element for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None
        )
        if root is not None:
            self._read(root)

    def _read(self, root: Any) -> None:
        for abstract in root.iter(f"{_W}abstractNum"):
            levels = {int(level.get(f"{_W}ilvl")): level for level in abstract.iter(f"{_W}lvl")}
            self._levels[abstract.get(f"{_W}abstractNumId")] = {
                index: (
                    _value(level, "numFmt", "decimal"),
                    _value(level, "lvlText", ""),
                    int(_value(level, "start", "1")),
                )
                for index, level in levels.items()
            }
        for entry in root.iter(f"{_W}num"):
            name = entry.get(f"{_W}numId")
            self._lists[name] = _value(entry, "abstractNumId", "")
            for override in entry.iter(f"{_W}lvlOverride"):
                start = _value(override, "startOverride", "")
                if start:
                    self._overrides[name, int(override.get(f"{_W}ilvl"))] = int(start)

    def marker(self, paragraph: Any) -> str:
        """`-` for a bullet, the number as printed for a numbered paragraph, else nothing. Call once for each."""
        name, level = self._place(paragraph)
        abstract = self._lists.get(name, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return ""
        form, text, start = levels[level]
        if form == "bullet":
            return "-"
        if form == "none":
            return ""
        counts = self._counts[abstract]
        if (name, level) in self._overrides and (name, level) not in self._started:
            counts[level] = self._overrides[name, level] - 1
        elif counts[level] == 0:
            counts[level] = start - 1
        self._started.add((name, level))
        counts[level] += 1
        counts[level + 1 :] = [0] * (_LEVELS - level - 1)
        return _PLACE.sub(lambda match: self._one(levels, counts, int(match[1]) - 1), text)

    def _one(self, levels: dict[int, tuple[str, str, int]], counts: list[int], level: int) -> str:
        form, _, start = levels.get(level, ("decimal", "", 1))
        return formatted(counts[level] or start, form)

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """The list and the level of a paragraph: its own, or those of its style and the styles that is based on."""
        properties = paragraph.find(f"{_W}pPr")
        style = _value(properties, "pStyle", "") if properties is not None else ""
        name, level = "", None
        for _ in range(12):
            found = properties.find(f"{_W}numPr") if properties is not None else None
            if found is not None:
                name = name or _value(found, "numId", "")
                own = _value(found, "ilvl", "")
                level = int(own) if level is None and own else level
            element = self._styles.get(style)
            if name or element is None:
                break
            properties = element.find(f"{_W}pPr")
            style = _value(element, "basedOn", "")
        return name, level or 0


def _value(parent: Any, name: str, default: str) -> str:
    found = parent.find(f"{_W}{name}")
    return default if found is None else str(found.get(f"{_W}val") or default)


def formatted(number: int, form: str) -> str:
    """`number` as a `numFmt` of Word writes it; forms that are not known as decimals."""
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if form == "lowerLetter" else letters.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        out = ""
        for value, digits in zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
            ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
            strict=True,
        ):
            out += digits * (number // value)
            number %= value
        return out if form == "lowerRoman" else out.upper()
    return str(number)
