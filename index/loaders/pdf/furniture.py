"""Running headers, footers and page numbers: lines at a page's edge that its neighbours repeat at the same place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from index.loaders.pdf.layout import Item, Laid
from index.loaders.pdf.lines import Line

_EDGE = 0.17  # of the page's height
_SAME_PLACE = 4.0  # points, for a short line
_SAME_EDGE = 30.0  # points, for one long enough that the words themselves tell
_LONG = 8
_REACH = 2  # pages on either side; left and right pages may differ
_ROMAN = "[ivxlc]{1,7}"
_NUMBERED = re.compile(rf"page\s*(\d{{1,4}}|{_ROMAN})(\s*(of|/)\s*\d{{1,4}})?", re.IGNORECASE)
_NUMBER = re.compile(rf"[-–—|\[(]?\s*(\d{{1,4}}|{_ROMAN})\s*[-–—|\])]?(\s*(of|/)\s*\d{{1,4}})?", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_HEADING = 1.15  # times the size of the body: a repeated line this large is a title, kept where it first stands


def part(pages: Sequence[Laid], body: float) -> tuple[list[list[Item]], list[tuple[int, str]]]:
    """The items of each page without its furniture, and the furniture with the number of its page.

    Args:
        pages: the laid out pages in order.
        body: size in points of the document's running text.
    """
    edges = [list(_edge_lines(page)) for page in pages]
    keys: list[dict[str, list[float]]] = []
    numbers: list[set[int]] = []
    for number, lines in enumerate(edges):
        places: dict[str, list[float]] = defaultdict(list)
        offsets: set[int] = set()
        for line, place in lines:
            places[_key(line.text)].append(place)
            value = _value(line.text)
            if value is not None:
                offsets.add(value - number)
        keys.append(places)
        numbers.append(offsets)
    kept: list[list[Item]] = []
    out: list[tuple[int, str]] = []
    titles: set[str] = set()
    for index, page in enumerate(pages):
        gone: set[int] = set()
        for line, place in edges[index]:
            repeated = _repeated(keys, index, _key(line.text), place, line.group > 0)
            if repeated and line.size > _HEADING * body and len(line.text.split()) > 1 and place > 0:
                if _key(line.text) not in titles:
                    titles.add(_key(line.text))
                    continue
            elif not repeated and not _is_page_number(line, index, numbers, place, page.height):
                continue
            gone.add(id(line))
        kept.append([item for item in page.items if id(item) not in gone])
        out.extend((index + 1, item.text) for item in page.items if isinstance(item, Line) and id(item) in gone)
    return kept, out


def _edge_lines(page: Laid) -> Iterator[tuple[Line, float]]:
    """Lines near the top with their distance from it, and lines near the bottom with it as a negative number."""
    for item in page.items:
        if isinstance(item, Line):
            if item.bottom < _EDGE * page.height:
                yield item, max(item.top, 0.1)
            elif item.top > (1 - _EDGE) * page.height:
                yield item, min(item.bottom - page.height, -0.1)


def _key(text: str) -> str:
    return _DIGITS.sub("0", text.casefold())


def _repeated(keys: Sequence[dict[str, list[float]]], index: int, key: str, place: float, boxed: bool) -> bool:
    near = [n for n in range(index - _REACH, index + _REACH + 1) if n != index and 0 <= n < len(keys)]
    reach = _SAME_EDGE if len(key) >= _LONG else _SAME_PLACE
    same = sum(any(abs(place - other) < reach for other in keys[n].get(key, ())) for n in near)
    needed = len(near) if boxed else min(2, max(1, len(near) - 1))
    return bool(near) and same >= needed


def _value(text: str) -> int | None:
    """The number of a line that is nothing but a page number."""
    found = _NUMBERED.fullmatch(text) or _NUMBER.fullmatch(text)
    if not found:
        return None
    return int(found[1]) if found[1].isdigit() else _roman(found[1].lower())


def _roman(text: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in text]
    return sum(-value if value < max(values[i:]) else value for i, value in enumerate(values))


def _is_page_number(line: Line, index: int, numbers: Sequence[set[int]], place: float, height: float) -> bool:
    """Whether a line is a page number: it says so, or it counts on with a neighbour, or it stands alone at the foot."""
    value = _value(line.text)
    if value is None:
        return False
    if _NUMBERED.fullmatch(line.text):
        return True
    near = [n for n in range(index - _REACH, index + _REACH + 1) if n != index and 0 <= n < len(numbers)]
    if any(value - index in numbers[n] for n in near):
        return True
    return place < 0 and -place < 0.1 * height and (not near or value == index + 1)
