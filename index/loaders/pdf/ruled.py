"""Tables drawn with lines: a grid of horizontal and vertical rules, its cells merged where a wall is missing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.loaders.pdf import gutters
from index.loaders.pdf.geometry import Rule, Word

_NEAR = 3.0  # points within which two rules meet or are one
_MOST_RULES = 3000


@dataclass(frozen=True, slots=True)
class Cell:
    """A region of the grid from (`row`, `column`) up to, not including, (`last_row`, `last_column`)."""

    row: int
    column: int
    last_row: int
    last_column: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled area: the heights of its rows' edges, the places of its columns' edges, and its cells with words."""

    ys: tuple[float, ...]
    xs: tuple[float, ...]
    cells: tuple[Cell, ...]

    @property
    def words(self) -> list[Word]:
        """Every word in it, in the order of the content stream."""
        return sorted((word for cell in self.cells for word in cell.words), key=lambda word: word.order)


def grids(rules: Iterable[Rule], words: Sequence[Word]) -> list[Grid]:
    """Every ruled area that holds words, most divided first: a frame around tables holds what they leave."""
    flat = _merged([rule for rule in rules if rule.flat])
    upright = [_swapped(rule) for rule in _merged([_swapped(rule) for rule in rules if not rule.flat])]
    unseen = [_swapped(rule) for rule in gutters.walls(flat, upright, words)]
    upright = [*upright, *(_swapped(rule) for rule in _merged(unseen))]
    if len(flat) + len(upright) > _MOST_RULES:
        return []
    out: list[Grid] = []
    free = list(words)
    for across, down in sorted(_connected(flat, upright), key=lambda pair: -len(pair[0]) - len(pair[1])):
        grid = _grid(across, down, free)
        if grid is not None:
            taken = {word.order for cell in grid.cells for word in cell.words}
            free = [word for word in free if word.order not in taken]
            out.append(grid)
    return out


def _swapped(rule: Rule) -> Rule:
    return Rule(rule.top, rule.left, rule.bottom, rule.right)


def _merged(flat: list[Rule]) -> list[Rule]:
    """One rule for pieces that lie on one height and touch or overlap."""
    out: list[Rule] = []
    heights: list[list[Rule]] = []
    for rule in sorted(flat, key=lambda rule: rule.top + rule.bottom):
        if heights and (rule.top + rule.bottom) - (heights[-1][0].top + heights[-1][0].bottom) < 2 * _NEAR - 2:
            heights[-1].append(rule)
        else:
            heights.append([rule])
    for level in heights:
        y = sum(rule.top + rule.bottom for rule in level) / (2 * len(level))
        level.sort()
        left, right = level[0].left, level[0].right
        for rule in level[1:]:
            if rule.left <= right + _NEAR:
                right = max(right, rule.right)
            else:
                out.append(Rule(left, y, right, y))
                left, right = rule.left, rule.right
        out.append(Rule(left, y, right, y))
    return [rule for rule in out if rule.right - rule.left > 4]


def _connected(flat: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that hang together where one crosses or meets another."""
    parent = list(range(len(flat) + len(upright)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, across in enumerate(flat):
        for j, down in enumerate(upright, len(flat)):
            if (
                across.left - _NEAR <= down.left <= across.right + _NEAR
                and down.top - _NEAR <= across.top <= down.bottom + _NEAR
            ):
                parent[root(i)] = root(j)
    found: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for index in range(len(parent)):
        pair = found.setdefault(root(index), ([], []))
        if index < len(flat):
            pair[0].append(flat[index])
        else:
            pair[1].append(upright[index - len(flat)])
    return [pair for pair in found.values() if pair[0] and pair[1]]


def _places(values: Iterable[float], ends: Iterable[float]) -> tuple[float, ...]:
    """Values that are distinct by more than the tolerance, the ends added where no value is near."""
    out: list[float] = []
    for value in sorted([*values, *ends]):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return tuple(out)


def _grid(flat: list[Rule], upright: list[Rule], words: Sequence[Word]) -> Grid | None:
    xs = _places((rule.left for rule in upright), (min(rule.left for rule in flat), max(rule.right for rule in flat)))
    ys = _places((rule.top for rule in flat), (min(rule.top for rule in upright), max(rule.bottom for rule in upright)))
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 1 or rows * columns > 20_000:
        return None
    inside: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        if ys[0] - 1 <= word.middle <= ys[-1] + 1:
            row = min(max(bisect_right(ys, word.middle) - 1, 0), rows - 1)
            centre = (word.left + word.right) / 2
            if xs[0] - 1 <= centre <= xs[-1] + 1:
                inside.setdefault((row, min(max(bisect_right(xs, centre) - 1, 0), columns - 1)), []).append(word)
    if not inside:
        return None
    regions = _regions(flat, upright, xs, ys)
    cells: dict[tuple[int, int, int, int], list[Word]] = {}
    for (row, column), found in inside.items():
        cells.setdefault(regions[row][column], []).extend(found)
    ordered = sorted(cells.items())
    return Grid(
        ys, xs, tuple(Cell(*place, tuple(sorted(found, key=lambda word: word.order))) for place, found in ordered)
    )


def _regions(
    flat: list[Rule], upright: list[Rule], xs: tuple[float, ...], ys: tuple[float, ...]
) -> list[list[tuple[int, int, int, int]]]:
    """For each square of the grid the whole cell it belongs to: `(row, column, last_row, last_column)`."""
    rows, columns = len(ys) - 1, len(xs) - 1
    below = _walls([_swapped(rule) for rule in flat], ys, xs)
    beside = list(zip(*_walls(upright, xs, ys), strict=True))
    out: list[list[tuple[int, int, int, int] | None]] = [[None] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if out[row][column] is not None:
                continue
            right = column + 1
            while right < columns and not beside[row][right - 1] and out[row][right] is None:
                right += 1
            bottom = row + 1
            while (
                bottom < rows
                and all(not below[bottom - 1][c] and out[bottom][c] is None for c in range(column, right))
                and all(not beside[bottom][c] for c in range(column, right - 1))
            ):
                bottom += 1
            for r in range(row, bottom):
                for c in range(column, right):
                    out[r][c] = (row, column, bottom, right)
    return [[place for place in line if place is not None] for line in out]


def _walls(upright: Iterable[Rule], edges: Sequence[float], across: Sequence[float]) -> list[list[bool]]:
    """For each column, given by its `edges`, and each row: whether a rule closes it on the right."""
    out = [[False] * (len(across) - 1) for _ in range(len(edges) - 1)]
    for rule in upright:
        edge = min(range(len(edges)), key=lambda index: abs(edges[index] - rule.left))
        for row in range(len(across) - 1 if edge else 0):
            out[edge - 1][row] |= rule.top - _NEAR <= (across[row] + across[row + 1]) / 2 <= rule.bottom + _NEAR
    return out
