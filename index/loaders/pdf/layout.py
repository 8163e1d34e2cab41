"""A page becomes lines and tables in reading order.

The order of the content stream is kept, since programs write a page as its author wrote it, cell by cell and column
by column; only where it jumps about is the page cut into columns and bands instead (recursive XY cut:
Nagy and Seth, 1984).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.loaders.pdf import aligned, gutters, lines, ruled
from index.loaders.pdf.aligned import Row
from index.loaders.pdf.geometry import Word
from index.loaders.pdf.lines import Line, Segment
from index.loaders.pdf.page import Page

_STAMPS = 4  # lines such as "Agenda item 6" or a page number that a program adds to a finished page
_BOTH = 0.7  # share of the rows of figures that begin or end outside their frame
_FIGURES = 3  # in a column, at least
_LONG_CELL = 150  # words; a table with such cells is there for its looks, its cells are read one after the other


class Table(NamedTuple):
    """Rows of cells, in the order they are read; the first row holds the heads where there are any."""

    rows: tuple[Row, ...]
    left: float
    top: float
    right: float
    bottom: float
    size: float


Item = Line | Table
Placed = tuple[int, Item]  # with the order of its first word


class Laid(NamedTuple):
    """A page in reading order, and the words that were struck out on it."""

    items: tuple[Item, ...]
    struck: str
    width: float
    height: float


def lay(page: Page) -> Laid:
    """Bring a page into reading order."""
    gone = lines.struck(page.words, page.rules)
    words = [word for word in page.words if word.order not in gone]
    placed: list[Placed] = []
    group = 1
    taken: set[int] = set()
    grids = [grid for grid in ruled.grids(page.rules, words) if not _shades_one_column(grid, words)]
    taken.update(word.order for grid in grids for word in grid.words)
    for grid in grids:
        beside = _beside(grid, [word for word in words if word.order not in taken])
        taken.update(word.order for word in beside)
        placed.extend(_of_grid(grid, group, beside))
        group += len(grid.cells) + 1
    free = [word for word in words if word.order not in taken]
    for region in aligned.regions(free):
        found = [word for line in region for word in line]
        taken.update(word.order for word in found)
        placed.append(_table(aligned.with_one_head(aligned.table(region)), found))
    free = [word for word in free if word.order not in taken]
    for rows in gutters.tables(free):
        found = [word for row in rows for cell in row for word in cell]
        taken.update(word.order for word in found)
        placed.append(_table([tuple(map(_cell_text, row)) for row in rows], found))
    free = [word for word in free if word.order not in taken]
    placed.extend(_of_text(free, {order for order, _ in placed}, page.width))
    items = [item for _, item in sorted(placed, key=lambda pair: pair[0])]
    items = _cut(items) if _jumps(items) else _edges_in_place(items)
    struck = " ".join(word.text for word in page.words if word.order in gone)
    return Laid(tuple(items), struck, page.width, page.height)


def _table(rows: Sequence[Row], words: Sequence[Word]) -> Placed:
    table = Table(
        tuple(rows),
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
        sorted(word.size for word in words)[len(words) // 2],
    )
    return min(word.order for word in words), table


def _lines(words: Sequence[Word], group: int, limit: float) -> Iterator[Placed]:
    for run in lines.joined(lines.segments(words)):
        yield run[0].order, lines.line(run, group, limit)


def _of_grid(grid: ruled.Grid, group: int, beside: Sequence[Word]) -> Iterator[Placed]:
    """Rows of a ruled area as tables; cells that stand alone in their row, or are whole texts, as lines."""
    if _frames_figures(grid):
        walls = grid.xs if beside else grid.xs[1:-1]
        yield from _figures([*grid.words, *beside], walls, group, grid.xs[-1])
        return
    columns = sorted({cell.column for cell in grid.cells})
    rows: dict[int, list[ruled.Cell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    alone = all(len(cells) == 1 for cells in rows.values())  # a box around text, whatever rules its border is made of
    pending: list[tuple[Row, list[Word]]] = []
    for cells in (rows[row] for row in sorted(rows)):
        whole = len(cells) == 1 and (alone or len(cells[0].words) > 25 or _full_width(cells[0], grid))
        if whole or any(len(cell.words) > _LONG_CELL for cell in cells):
            yield from _flush(pending)
            pending = []
            for cell in cells:
                group += 1
                yield from _lines(cell.words, group, grid.xs[cell.last_column])
        else:
            texts = {cell.column: _cell_text(cell.words) for cell in cells}
            row = tuple(texts.get(column, "") for column in columns)
            pending.append((row, [word for cell in cells for word in cell.words]))
    yield from _flush(pending)


def _beside(grid: ruled.Grid, words: Sequence[Word]) -> list[Word]:
    """Words that stand in the rows of figures of a ruled area and outside it, as when only some columns are shaded."""
    if not _frames_figures(grid):
        return []
    level = [word for word in words if grid.ys[0] - 1 <= word.middle <= grid.ys[-1] + 1]
    inside = {word.order for word in grid.words}
    rows = [line for line in aligned.heights([*grid.words, *level]) if len(aligned.figures(line, grid.xs)) >= 2]
    both = sum(len({word.order in inside for word in line}) == 2 for line in rows)
    return level if both > _BOTH * len(rows) else []


def _shades_one_column(grid: ruled.Grid, words: Sequence[Word]) -> bool:
    """Whether a box is only the colour of one column of figures: what belongs to them stands outside it."""
    own = {word.order for word in grid.words}
    level = [word for word in words if grid.ys[0] <= word.middle <= grid.ys[-1]]
    rows = [line for line in aligned.heights(level) if any(word.order in own for word in line)]
    figures = sum(any(word.order in own and aligned.is_figure(word.text) for word in line) for line in rows)
    outside = sum(any(word.order not in own for word in line) for line in rows)
    return len(grid.xs) == 2 and figures >= _FIGURES and figures > len(rows) / 2 and outside > _BOTH * len(rows)


def _figures(words: Sequence[Word], walls: Sequence[float], group: int, limit: float) -> Iterator[Placed]:
    """Tables by place within a frame, and lines of what else stands in it."""
    taken: set[int] = set()
    for region in aligned.regions(words, walls):
        found = [word for line in region for word in line]
        taken.update(word.order for word in found)
        yield _table(aligned.with_one_head(aligned.table(region, walls)), found)
    yield from _lines([word for word in words if word.order not in taken], group, limit)


def _full_width(cell: ruled.Cell, grid: ruled.Grid) -> bool:
    return cell.column == 0 and cell.last_column == len(grid.xs) - 1 and len(cell.words) > 12


def _flush(pending: list[tuple[Row, list[Word]]]) -> Iterator[Placed]:
    if pending:
        yield _table(
            aligned.with_one_head([row for row, _ in pending]), [word for _, found in pending for word in found]
        )


def _frames_figures(grid: ruled.Grid) -> bool:
    """Whether most figures share a cell with others: then the rules only frame the table, and places tell its cells."""
    counts = []
    for cell in grid.cells:
        counts.append(sum(len(aligned.figures(line, grid.xs)) for line in aligned.heights(cell.words)))
    return sum(counts) >= 6 and sum(count for count in counts if count >= 2) > 0.5 * sum(counts)


def _cell_text(words: Sequence[Word]) -> str:
    text = ""
    for _, line in _lines(words, 0, 0.0):
        assert isinstance(line, Line)
        cut = text.endswith(("-", "\xad")) and not text.endswith(" -") and text != "-"
        text += line.text if not text or cut else f" {line.text}"
    return text.replace("\xad", "")


def _of_text(words: Sequence[Word], starts: set[int], width: float) -> Iterator[Placed]:
    """Lines of the words outside ruled areas; short texts side by side as tables, long ones as columns."""
    runs = lines.segments(words)
    rows: list[list[Segment]] = []
    for run in runs:
        last = rows[-1][-1][-1] if rows else None
        if (
            last is not None
            and lines.same_height(last, run[0])
            and run[0].left > last.right - run[0].size
            and not any(last.order < start < run[0].order for start in starts)
        ):
            rows[-1].append(run)
        else:
            rows.append([run])
    rows = _split_under(rows)
    index = 0
    while index < len(rows):
        stretch = _stretch(rows, index)
        kind = aligned.side_by_side(stretch)
        found = [word for row in stretch for part in row for word in part]
        if kind == "table":
            yield _table(_texts(stretch), found)
        elif kind == "columns":
            edges = _starts(stretch)
            parts = sorted((part for row in stretch for part in row), key=lambda part: _under(part, edges))
            first = min(word.order for word in found)
            yield from ((first + at, lines.line(part, 0, width)) for at, part in enumerate(parts))
        else:
            for part in (part for row in stretch for part in lines.joined(row)):
                yield part[0].order, lines.line(part, 0, width)
        index += len(stretch)


def _split_under(rows: list[list[Segment]]) -> list[list[Segment]]:
    """Part a row where the one above it or below it is parted, if a word begins there after some space."""
    for one, other in [*pairwise(rows), *pairwise(rows[::-1])]:
        if len(one) < 2 or abs(one[0][0].middle - other[0][0].middle) > 3 * one[0][0].size:
            continue
        for start in (part[0].left for part in one[1:]):
            for index, part in enumerate(other):
                for at in range(1, len(part)):
                    if abs(part[at].left - start) < 2 and part[at].left - part[at - 1].right > 0.6 * part[at].size:
                        other[index : index + 1] = [part[:at], part[at:]]
                        break
    return rows


def _stretch(rows: list[list[Segment]], start: int) -> list[list[Segment]]:
    """Rows from `start` that have several segments each, with the rest of a cell below them, or the one row there."""
    end = start
    wide: list[Segment] = []
    while end < len(rows):
        row = rows[end]
        below = row[0][0].middle - rows[end - 1][0][0].middle if end > start else 0.0
        if len(row) >= 2 and (end == start or 0 < below < 4 * row[0][0].size):
            wide = row
        elif not (wide and 0 < below < 1.7 * row[0][0].size and any(_same_start(row[0], part) for part in wide[1:])):
            break
        end += 1
    return rows[start : max(end, start + 1)]


def _same_start(one: Segment, other: Segment) -> bool:
    return abs(one[0].left - other[0].left) < 3


def _starts(rows: Sequence[Sequence[Segment]]) -> list[float]:
    """Where the columns of rows begin."""
    starts: list[float] = []
    for left in sorted(part[0].left for row in rows for part in row):
        if not starts or left - starts[-1] > 12:
            starts.append(left)
    return starts


def _under(part: Segment, starts: Sequence[float]) -> int:
    return max(index for index, start in enumerate(starts) if start <= part[0].left)


def _texts(rows: Sequence[Sequence[Segment]]) -> list[Row]:
    """Cells of rows whose segments begin under each other; a row without a first cell is the rest of the one above."""
    starts = _starts(rows)
    out: list[list[str]] = []
    for row in rows:
        if not out or _under(row[0], starts) == 0 or len(row) > 1:
            out.append([""] * len(starts))
        for part in row:
            column = _under(part, starts)
            out[-1][column] = f"{out[-1][column]} {lines.line(part, 0, 0.0).text}".strip()
    return [tuple(cells) for cells in out]


def _edges_in_place(items: list[Item]) -> list[Item]:
    """Set what was stamped on a page last at its head, or first at its foot, where it stands."""
    for _ in range(min(_STAMPS, len(items) - 1)):
        if items[-1].bottom <= min(item.top for item in items[:-1]) + 1:
            items = [items[-1], *items[:-1]]
    for _ in range(min(_STAMPS, len(items) - 1)):
        if items[0].top >= max(item.bottom for item in items[1:]) - 1:
            items = [*items[1:], items[0]]
    return items


def _jumps(items: Sequence[Item]) -> bool:
    """Whether the stream goes back up the page, within one column, too often to be in reading order."""
    back = 0
    for one, other in pairwise(items):
        shared = min(one.right, other.right) - max(one.left, other.left)
        narrow = min(one.right - one.left, other.right - other.left)
        back += other.top < one.top - 2 * one.size and shared > 0.3 * narrow
    return back > 3 and back > 0.15 * len(items)


def _cut(items: list[Item], depth: int = 0) -> list[Item]:
    """Order items by cutting along the widest gutter from top to bottom, or else the highest gap across."""
    if len(items) > 1 and depth < 40:
        for low, high, least in (("left", "right", items[0].size), ("top", "bottom", 0.0)):
            spans = sorted((getattr(item, low), getattr(item, high)) for item in items)
            reach, widest, place = spans[0][1], least, None
            for start, end in spans[1:]:
                if start - reach > widest:
                    widest, place = start - reach, start
                reach = max(reach, end)
            if place is not None:
                one = [item for item in items if getattr(item, low) < place]
                other = [item for item in items if getattr(item, low) >= place]
                return _cut(one, depth + 1) + _cut(other, depth + 1)
    return sorted(items, key=lambda item: (item.top, item.left))
