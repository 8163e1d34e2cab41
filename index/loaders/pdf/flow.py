"""Lines become paragraphs and the pages one text, so that what a page's end cuts in two is whole again."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.loaders.pdf.layout import Item, Table
from index.loaders.pdf.lines import Line

_END = re.compile(r"[.!?:;…][\"'’”)\]]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SAME_SIZE = 0.08
_WIDER = 1.25  # times the usual line pitch begins a new paragraph
_NEAR = 80.0  # points between the beginnings of lines of one column, lists within it included
_WRAPPED = 0.75  # of a cell's width: where no line reaches so far, none was broken for want of room
_PADDING = 10.0  # points between a cell's text and its wall
_FOOTNOTE = 0.92  # times the body's size


class Written(NamedTuple):
    """The text of a document, the offset at which each of its pages begins, and the heads that tables repeat overleaf
    with their page: such a head stands in the text once."""

    text: str
    pages: tuple[int, ...]
    repeated: tuple[tuple[int, str], ...]


def body_size(pages: Iterable[Sequence[Item]]) -> float:
    """The size in points in which most of the text is set."""
    sizes: Counter[float] = Counter()
    for items in pages:
        for item in items:
            if isinstance(item, Line):
                sizes[round(item.size * 2) / 2] += len(item.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def write(pages: Sequence[Sequence[Item]]) -> Written:
    """Put the pages' items into one text: paragraphs on one line each, blank lines between blocks."""
    flow = _Flow(pages)
    out: list[str] = []
    starts: list[int] = []
    length = 0
    before: Item | None = None
    page_before = 0
    for number, items in enumerate(flow.ordered(pages)):
        started = False
        for item in items:
            text, gap = flow.piece(before, item, number, page_before)
            if not text:
                continue
            if gap == "" and out and flow.is_soft(out[-1], text):
                out[-1] = out[-1][:-1]
                length -= 1
            out.append(gap)
            length += len(gap)
            if not started:
                starts.append(length)
                started = True
            out.append(text)
            length += len(text)
            before, page_before = item, number
        if not started:
            starts.append(length)
    return Written("".join(out), tuple(starts), tuple(flow.repeated))


class _Flow:
    """What the document as a whole tells: its usual line pitch, how far its lines reach, the words it uses."""

    def __init__(self, pages: Sequence[Sequence[Item]]) -> None:
        self.body = body_size(pages)
        self.pitches = _pitches(pages)
        self.margins = _margins(pages)
        self.words = Counter(
            word.lower()
            for items in pages
            for item in items
            if isinstance(item, Line)
            for word in _WORD.findall(item.text)
        )
        self.listed = False  # the paragraph being written is an item of a list
        self.head: tuple[str, ...] = ()  # of the table being written
        self.repeated: list[tuple[int, str]] = []

    def piece(self, before: Item | None, item: Item, page: int, page_before: int) -> tuple[str, str]:
        """The text of `item` and what parts it from the one before, which may stand on an earlier page."""
        turned = page != page_before
        if isinstance(item, Table):
            goes_on = turned and isinstance(before, Table) and len(before.rows[0]) == len(item.rows[0])
            rows = item.rows
            if not goes_on:
                self.head = rows[0]
            elif rows[0] == self.head:
                self.repeated.append((page + 1, " ".join(filter(None, rows[0]))))
                rows = rows[1:]
            self.listed = False
            text = "\n".join("\t".join(row).rstrip() for row in rows if any(row))
            return text, "\n" if goes_on else "\n\n" if before else ""
        gap = self.gap(before, item, turned) if before else ""
        if gap.startswith("\n"):
            self.listed = item.label == "bullet" or (self.listed and gap == "\n")
        elif before is None:
            self.listed = item.label == "bullet"
        return item.text, gap

    def gap(self, before: Item, line: Line, turned: bool) -> str:
        """`""` or a space within a paragraph, a line feed within a block, an empty line between blocks."""
        if isinstance(before, Table):
            return "\n\n"
        if line.label == "bullet":
            return "\n" if self.listed and (turned or line.group == before.group) else "\n\n"
        if turned or line.top < before.top - before.size or line.left > before.right:
            return self.within(before, line) if self._goes_on(before, line, turned) else "\n\n"
        if line.group != before.group or self._begins(before, line):
            return "\n\n"
        begun = line.text[:1].islower() and not line.label and not _END.search(before.text)
        return self.within(before, line) if begun or not self.fits(before, line) else "\n"

    def _goes_on(self, before: Line, line: Line, turned: bool) -> bool:
        """Whether a paragraph goes on at the top of the next page or column."""
        alike = abs(before.size - line.size) < _SAME_SIZE * before.size and before.bold == line.bold
        ended = line.label or _END.search(before.text)
        open_ended = line.text[:1].islower() or (turned and not self.fits(before, line))
        return alike and not ended and open_ended and (turned or line.group == before.group)

    def _begins(self, before: Line, line: Line) -> bool:
        """Whether a line begins a block: by its number, its type, or the white space above it."""
        sentence = not self.fits(before, line) and not _END.search(before.text)  # a line that is full, without an end
        if line.label == "number":
            whole = line.text.split()[0].rstrip(".)")
            return not (sentence and whole.isdigit() and abs(line.left - before.left) < 2)
        runs_on = sentence and line.text[:1].islower()  # as after words in bold, often a little larger
        if abs(before.size - line.size) >= _SAME_SIZE * before.size and not runs_on:
            return True
        if before.bold != line.bold and not sentence:
            return True
        return line.top - before.top > _WIDER * self.pitch(line.size) + 0.5

    def within(self, before: Line, line: Line) -> str:
        """A space, or nothing where a word is cut by a hyphen."""
        cut = len(before.text) > 1 and before.text[-1] in "-\xad‐" and before.text[-2].isalnum()
        return "" if cut and line.text[:1].isalnum() else " "

    def fits(self, before: Line, line: Line) -> bool:
        """Whether the first word of `line` would have had room on the line before it: then the break was meant."""
        room = self.margins[id(before)] - before.right
        return room > line.first + 0.8 * before.size

    def pitch(self, size: float) -> float:
        return self.pitches.get(round(size), 1.25 * size)

    def is_soft(self, before: str, after: str) -> bool:
        """Whether the hyphen between two pieces was only put there to break the word.

        The document decides: it writes the word elsewhere without the hyphen, and nowhere with it.
        """
        if before.endswith("\xad"):
            return True
        one, other = _WORD.findall(before), _WORD.match(after)
        if not before.endswith(("-", "‐")) or not one or other is None:
            return False
        first, last = one[-1].lower(), other[0].lower()
        return self.words[first + last] > 0 and self.words[f"{first}-{last}"] == 0

    def ordered(self, pages: Sequence[Sequence[Item]]) -> Iterable[Sequence[Item]]:
        """Each page's items, footnotes set before a paragraph that goes on overleaf so that it is not cut by them."""
        for number, items in enumerate(pages):
            following = next((page[0] for page in pages[number + 1 :] if page), None)
            yield self._footnotes_first(items, following) if isinstance(following, Line) else items

    def _footnotes_first(self, items: Sequence[Item], following: Line) -> Sequence[Item]:
        end = len(items)
        while end > 0 and self._is_small(items[end - 1]):
            end -= 1
        last = items[end - 1] if end else None
        if end == len(items) or not isinstance(last, Line) or self.gap(last, following, True) not in ("", " "):
            return items
        start = end - 1
        while start > 0 and self._same_paragraph(items[start - 1], items[start]):
            start -= 1
        return [*items[:start], *items[end:], *items[start:end]]

    def _is_small(self, item: Item) -> bool:
        return isinstance(item, Line) and item.size < _FOOTNOTE * self.body

    def _same_paragraph(self, one: Item, other: Item) -> bool:
        return isinstance(one, Line) and isinstance(other, Line) and self.gap(one, other, False) in ("", " ")


def _margins(pages: Iterable[Sequence[Item]]) -> dict[int, float]:
    """For each line, by its identity, how far right the lines of its column reach: those of its page, cell and size
    that begin near where it begins."""
    out: dict[int, float] = {}
    for items in pages:
        columns: dict[tuple[int, int], list[Line]] = defaultdict(list)
        for item in items:
            if isinstance(item, Line):
                columns[item.group, round(item.size)].append(item)
        for column in columns.values():
            for line in column:
                reach = max(other.right for other in column if abs(other.left - line.left) < _NEAR)
                short = line.group > 0 and reach - line.left < _WRAPPED * (line.limit - line.left)
                out[id(line)] = line.limit - _PADDING if short else reach
    return out


def _pitches(pages: Sequence[Sequence[Item]]) -> dict[int, float]:
    """For each size, the usual distance from one line to the next."""
    counts: dict[int, Counter[float]] = defaultdict(Counter)
    for items in pages:
        for one, other in pairwise(items):
            if isinstance(one, Line) and isinstance(other, Line) and one.group == other.group:
                step = other.top - one.top
                if abs(one.size - other.size) < 0.5 and 0.8 * one.size < step < 2.6 * one.size:
                    counts[round(one.size)][round(step * 2) / 2] += 1
    out = {}
    for size, steps in counts.items():
        most = steps.most_common(1)[0][1]
        if most >= 3:
            out[size] = min(step for step, count in steps.items() if count >= 0.25 * most)
    return out
