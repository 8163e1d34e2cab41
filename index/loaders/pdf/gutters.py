"""Columns that no line parts: white gutters which run down between texts that stand beside each other, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.loaders.pdf.aligned import heights, is_figure
from index.loaders.pdf.geometry import Rule, Word
from index.loaders.pdf.lines import segments

_WIDE = 0.8  # ems, the least width of a gutter; a space between words has a quarter of one
_SAME = 5.0  # points within which rules begin, or end, under each other
_ROWS = 3  # at least, in which texts stand side by side
_FILLED = 0.4  # share of the rows in which a column holds something
_CROSSED = 0.25  # share of the rows that may run through a gutter, as the name of a part of the table does
_MOST = 0.6  # share of the words in one row; a row with more holds the rows of a table that only its frame rules
_FIGURES = 0.2  # share of the words, at most
_CELL_LINES = 6  # a table without rules has no taller cells; columns of prose have
_CELL_WORDS = 20  # on average, at most
_BEGUN = 0.25  # share of the cells that may begin with a small letter
_APART = 4.0  # line heights between two rows of a table without rules, at most
_STEP = 0.25  # ems of white space, more than between the lines of a cell, part two rows

Words = Sequence[Word]


class Band(NamedTuple):
    """One row of a table: its upper and its lower edge, and its words, whatever column they stand in."""

    top: float
    bottom: float
    words: Words


class Gutter(NamedTuple):
    """A white strip between two columns; `crossed` are the rows that run through it all the same."""

    left: float
    right: float
    crossed: frozenset[int]


def walls(flat: Iterable[Rule], upright: Sequence[Rule], words: Sequence[Word]) -> list[Rule]:
    """The rules that were left out of a table whose rows flat rules part: upright ones in the gutters and at both
    ends, and a flat one below its last row, or above its first, where that has none."""
    out: list[Rule] = []
    for stack in _stacks(flat):
        left, right = stack[0].left, stack[0].right
        for run in _tables(_bands(stack, words)):
            bands = [band.words for band in run]
            if sum(map(len, bands)) * _MOST < max(map(len, bands)) or _are_figures(bands):
                continue
            found = _gutters(bands)
            drawn = [_drawn(gutter, run, upright) for gutter in found]
            there = sum(map(bool, drawn))
            if there > 1 or 2 * there >= len(found):  # drawn with care: what is not parted is one column
                continue
            ends = [*_open_rows(run, [word for word in words if left < word.middle_across < right], found)]
            rows = sorted([*run, *ends], key=lambda band: band.top)
            out += [Rule(edge, rows[0].top, edge, rows[-1].bottom) for edge in (left, right)]
            out += [Rule(left, edge, right, edge) for row in ends for edge in (row.top, row.bottom)]
            for gutter, seen in zip(found, drawn, strict=True):
                for place in [wall.left for wall in seen] or [(gutter.left + gutter.right) / 2]:
                    out += [
                        Rule(place, row.top, place, row.bottom)
                        for row in rows
                        if any(low < place < high for low, high in _free(row.words, 0.0))
                    ]
    return out


def _drawn(gutter: Gutter, run: Sequence[Band], upright: Sequence[Rule]) -> list[Rule]:
    """The upright rules that do stand in a gutter, somewhere along the table."""
    return [
        wall
        for wall in upright
        if gutter.left - 2 <= wall.left <= gutter.right + 2 and wall.top < run[-1].bottom and wall.bottom > run[0].top
    ]


def _open_rows(run: Sequence[Band], words: Sequence[Word], found: Sequence[Gutter]) -> Iterator[Band]:
    """The row above the first rule and the one below the last, where close lines keep to the same columns."""
    below = sorted((line for line in heights(words) if line[0].middle > run[-1].bottom), key=lambda line: line[0].top)
    above = sorted((line for line in heights(words) if line[0].middle < run[0].top), key=lambda line: -line[0].top)
    for lines, edge, down in ((below, run[-1].bottom, True), (above, run[0].top, False)):
        row: list[Word] = []
        reach = edge
        for line in lines:
            top, bottom = min(word.top for word in line), max(word.bottom for word in line)
            space = top - reach if down else reach - bottom
            free = _free(line, 0.0)
            keeps = all(any(a < (g.left + g.right) / 2 < b for a, b in free) for g in found)
            if space > (0.6 if row else 1.5) * line[0].size or not keeps:
                break
            row += line
            reach = bottom if down else top
        beside = any(_holds(row, -1e9, gutter.left) and _holds(row, gutter.right, 1e9) for gutter in found)
        if beside:
            yield Band(edge, reach + 1, row) if down else Band(reach - 1, edge, row)


def _stacks(flat: Iterable[Rule]) -> list[list[Rule]]:
    """Flat rules of one width that lie under each other, from the top."""
    stacks: list[list[Rule]] = []
    for rule in sorted(flat, key=lambda rule: rule.top):
        for stack in stacks:
            if abs(stack[0].left - rule.left) < _SAME and abs(stack[0].right - rule.right) < _SAME:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > _ROWS]


def _bands(stack: Sequence[Rule], words: Words) -> Iterator[Band]:
    """What stands between one rule and the next."""
    left, right = stack[0].left - 2, stack[0].right + 2
    inside = [word for word in words if left < word.middle_across < right]
    for above, below in pairwise(stack):
        found = [word for word in inside if above.top < word.middle < below.top]
        if found:
            yield Band(above.top, below.top, found)


def _tables(bands: Iterable[Band]) -> Iterator[list[Band]]:
    """Runs of bands, parted where running text stands between two tables of one width."""
    run: list[Band] = []
    for band in bands:
        if _is_prose(band.words):
            if len(run) >= _ROWS:
                yield run
            run = []
        else:
            run.append(band)
    if len(run) >= _ROWS:
        yield run


def _are_figures(rows: Sequence[Words]) -> bool:
    """Whether there are so many figures that their places tell the columns better (`aligned`)."""
    words = [word for row in rows for word in row]
    return sum(is_figure(word.text) for word in words) > _FIGURES * len(words)


def _is_prose(words: Words) -> bool:
    """Whether most of three or more lines have no gap in them."""
    lines = heights(words)
    return len(lines) >= 3 and sum(len(segments(line)) == 1 and len(line) > 8 for line in lines) > 0.6 * len(lines)


def _gutters(rows: Sequence[Words]) -> list[Gutter]:
    """White strips between columns of texts, which stand side by side in at least `_ROWS` of the rows."""
    em = sorted(word.size for row in rows for word in row)[sum(map(len, rows)) // 2]
    least = _WIDE * em
    free = [_free(row, least) for row in rows]
    edges = sorted({edge for gaps in free for gap in gaps for edge in gap})
    strips: list[Gutter] = []
    for left, right in pairwise(edges):
        middle = (left + right) / 2
        crossed = frozenset(index for index, gaps in enumerate(free) if not any(a < middle < b for a, b in gaps))
        if len(crossed) > _CROSSED * len(rows):
            continue
        if strips and strips[-1].right == left:  # of one gutter, the part through which least runs
            if strips[-1].crossed == crossed:
                strips[-1] = Gutter(strips[-1].left, right, crossed)
            elif len(crossed) < len(strips[-1].crossed):
                strips[-1] = Gutter(left, right, crossed)
        else:
            strips.append(Gutter(left, right, crossed))
    kept: list[Gutter] = []
    for index, strip in enumerate(strips):
        before = kept[-1].right if kept else -1e9
        after = strips[index + 1].left if index + 1 < len(strips) else 1e9
        wide = strip.right - strip.left >= least
        if wide and _filled(rows, before, strip.left) and _filled(rows, strip.right, after):
            kept.append(strip)
    beside = sum(any(_holds(row, -1e9, strip.left) and _holds(row, strip.right, 1e9) for strip in kept) for row in rows)
    return kept if beside >= _ROWS else []


def _free(row: Words, least: float) -> list[tuple[float, float]]:
    """The strips of a row, at least so wide, in which no word stands; the first and the last have no end."""
    out: list[tuple[float, float]] = []
    reach = -1e9
    for word in sorted(row, key=lambda word: word.left):
        if word.left - reach >= least:
            out.append((reach, word.left))
        reach = max(reach, word.right)
    return [*out, (reach, 1e9)]


def _holds(row: Words, left: float, right: float) -> bool:
    return any(left - 1 < word.left and word.right < right + 1 for word in row)


def _filled(rows: Sequence[Words], left: float, right: float) -> bool:
    return sum(_holds(row, left, right) for row in rows) >= max(2, _FILLED * len(rows))


def tables(words: Sequence[Word]) -> Iterator[list[list[list[Word]]]]:
    """Tables without any rule whose cells may have several lines: for each its rows, and in those the words by column.

    Rows are told by the white space between them, so that a label in two lines stays with what stands beside it.
    """
    run: list[list[Word]] = []
    gutter: tuple[float, float] | None = None
    for line in heights(words):
        narrowed = _narrowed(gutter, line)
        far = bool(run) and line[0].middle - run[-1][0].middle > _APART * (run[-1][0].bottom - run[-1][0].top)
        if run and (far or narrowed is None):
            yield from _table(run)
            run, gutter = [], None
            narrowed = _narrowed(None, line)
        if narrowed is not None:
            run.append(line)
            gutter = narrowed
        elif gutter is None:
            run = []
    yield from _table(run)


def _narrowed(gutter: tuple[float, float] | None, line: Sequence[Word]) -> tuple[float, float] | None:
    """What a line leaves of a gutter; `None` where it runs through it. Without one so far, its own widest gap."""
    if gutter is None:
        parts = segments(line)
        gaps = [(one[-1].right, other[0].left) for one, other in pairwise(parts)]
        return max(gaps, key=lambda gap: gap[1] - gap[0], default=None)
    for left, right in _free(line, 0.0):
        low, high = max(left, gutter[0]), min(right, gutter[1])
        if high - low >= _WIDE * line[0].size:
            return low, high
    return None


def _table(lines: Sequence[Sequence[Word]]) -> Iterator[list[list[list[Word]]]]:
    bands = _rows(lines)
    if len(bands) < _ROWS or len(bands) == len(lines) or _are_figures(bands):
        return
    found = _gutters(bands)
    if not found:
        return
    cuts = [(gutter.left + gutter.right) / 2 for gutter in found]
    rows = [_cells(band, cuts) for band in bands]
    while rows and sum(map(bool, rows[0])) < 2:
        rows = rows[1:]
    while rows and sum(map(bool, rows[-1])) < 2:
        rows = rows[:-1]
    cells = [cell for row in rows for cell in row if cell]
    begun = sum(cell[0].text[:1].islower() for cell in cells)  # as most lines of running text in columns
    if (
        begun <= _BEGUN * len(cells)
        and sum(sum(map(bool, row)) >= 2 for row in rows) >= _ROWS
        and max(len(heights(cell)) for cell in cells) <= _CELL_LINES
        and sum(map(len, cells)) <= _CELL_WORDS * len(cells)
    ):
        yield rows


def _rows(lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """Lines put together to rows, where the space between rows is wider than that between the lines of a cell."""
    spaces = []  # above each line but the first, as far as nothing beside it reaches
    reach = 0.0
    for one, other in pairwise(lines):
        reach = max(reach, *(word.bottom for word in one))
        spaces.append(max(min(word.top for word in other) - reach, 0.0))
    usual = sorted(spaces)[len(spaces) // 4] if spaces else 0.0
    out = [list(lines[0])] if lines else []
    for space, line in zip(spaces, lines[1:], strict=True):
        if space > usual + _STEP * line[0].size:
            out.append(list(line))
        else:
            out[-1].extend(line)
    return out


def _cells(row: Words, cuts: Sequence[float]) -> list[list[Word]]:
    cells: list[list[Word]] = [[] for _ in range(len(cuts) + 1)]
    for word in sorted(row, key=lambda word: word.order):
        cells[sum(cut < word.left for cut in cuts)].append(word)
    return cells
