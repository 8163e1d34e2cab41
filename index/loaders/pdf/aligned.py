"""Tables without a full grid: figures that stand under each other, and short texts that begin under each other."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from statistics import mean

from index.loaders.pdf.geometry import Word
from index.loaders.pdf.lines import Segment, label, same_height, segments

_FIGURE = re.compile(r"[-–−+(]{0,2}[£$€]?[-–−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(%|k|m|bn|p)?\)?|[-–−]|n/a", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)\d\d")
_APART = 0.5  # ems between a figure and its neighbour, at least, when both are cells
_HEAD_LINES = 8  # at most, above the first figures
_HEAD_WORDS = 12  # in one cell of a head, at most
_TEXT = 8  # words; a cell that stands alone in its row with so many is a text, which may run on
_SECTIONS = 3  # lines without figures, such as the name of a part of the table, that may stand below the heads
_BETWEEN = 7  # lines without figures that may stand between two rows of figures

Row = tuple[str, ...]


def is_figure(text: str) -> bool:
    """Whether a cell holds an amount, and no year."""
    return bool(_FIGURE.fullmatch(text)) and not _YEAR.fullmatch(text)


def heights(words: Iterable[Word]) -> list[list[Word]]:
    """Words that stand on one height, each list from left to right, the lists from top to bottom."""
    out: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle):
        for line in out[-3:]:
            if same_height(line[-1], word):
                line.append(word)
                break
        else:
            out.append([word])
    return [sorted(line, key=lambda word: word.left) for line in out]


def figures(line: Sequence[Word], walls: Sequence[float] = ()) -> list[Word]:
    """The words of a line that are figures in cells of their own, not numbers within a text."""
    out = []
    for index, word in enumerate(line):
        if not is_figure(word.text):
            continue
        before = index == 0 or _parted(line[index - 1], word, walls)
        after = index == len(line) - 1 or _parted(word, line[index + 1], walls)
        if before and after:
            out.append(word)
    return out


def _parted(left: Word, right: Word, walls: Sequence[float]) -> bool:
    return (
        right.left - left.right > _APART * max(left.size, right.size)
        or (is_figure(left.text) and is_figure(right.text) and len(left.text) + len(right.text) > 2)
        or any(left.right - 2 < wall < right.left + 2 for wall in walls)
    )


def regions(words: Sequence[Word], walls: Sequence[float] = ()) -> list[list[list[Word]]]:
    """Stretches of a page in which at least three lines hold two or more figures, the heads above them included."""
    lines = heights(words)
    rows = [index for index, line in enumerate(lines) if len(figures(line, walls)) >= 2]
    runs: list[list[int]] = []
    for index in rows:
        near = runs and index - runs[-1][-1] <= _BETWEEN and _pitch(lines, runs[-1][-1], index) < 4
        if near:
            runs[-1].append(index)
        else:
            runs.append([index])
    out = []
    end = 0
    for run in runs:
        if len(run) < 3:
            continue
        first = run[0]
        for index in range(run[0] - 1, max(end, run[0] - _HEAD_LINES) - 1, -1):
            if _is_head(lines, index, run[0], walls):
                first = index
            elif first - index > _SECTIONS or len(lines[index]) > _TEXT:
                break
        end = run[-1] + 1
        if end < len(lines) and _is_wrapped(lines[end], lines[end - 1]):
            end += 1
        out.append(lines[first:end])
    return out


def _pitch(lines: list[list[Word]], one: int, other: int) -> float:
    """Height from one line to another, in line heights for each step."""
    step = lines[other][0].middle - lines[one][0].middle
    return step / max(other - one, 1) / max(lines[other][0].bottom - lines[other][0].top, 1.0)


def _is_head(lines: list[list[Word]], index: int, body: int, walls: Sequence[float]) -> bool:
    """Whether a line above figures names their columns: short parts, one at least over a figure."""
    parts = segments(lines[index])
    if _pitch(lines, index, index + 1) > 3 or any(len(part) > _TEXT for part in parts):
        return False
    over = [word for word in figures(lines[body], walls) if any(_overlap(part, word) for part in parts)]
    return len(over) >= 1 and (len(parts) >= 2 or len(parts[0]) <= 3)


def _is_wrapped(line: Sequence[Word], row: Sequence[Word]) -> bool:
    """Whether a line closely below a row of figures is the rest of its label."""
    return line[0].middle - row[0].middle < 0.9 * row[0].size and line[-1].right < row[-1].left


def _overlap(part: Segment, word: Word) -> bool:
    return part[0].left < word.right + word.size and part[-1].right > word.left - word.size


def table(lines: Sequence[Sequence[Word]], walls: Sequence[float] = ()) -> list[Row]:
    """Rows of cells for lines in which figures stand under each other; `walls` are upright rules between them."""
    cuts = _cuts(lines, walls)
    spans = _spans(lines, walls, cuts)
    rows: list[list[str]] = []
    body = False
    for line in lines:
        body = body or len(figures(line, walls)) >= 2
        cells = [""] * (len(cuts) + 1)
        parts = _parts(line, walls, cuts)
        for part in parts:
            column = _column(part, cuts)
            column = column if body else _first_under(part, parts, column, spans, walls)
            cells[column] = " ".join([*filter(None, [cells[column]]), *(word.text for word in part)])
        rows.append(cells)
    return _without_empty_columns(_with_whole_texts(rows, [line[0] for line in lines]))


def _with_whole_texts(rows: Sequence[list[str]], firsts: Sequence[Word]) -> list[list[str]]:
    """Join a label that stands in two lines around its figures, and the lines of a text between the rows."""
    out: list[list[str]] = []
    before: Word | None = None  # the first word of the line last taken
    for cells, word in zip(rows, firsts, strict=True):
        last = out[-1] if out else None
        close = before is not None and word.middle - before.middle < 0.9 * word.size
        own = [index for index, cell in enumerate(cells) if cell]
        filled = [index for index, cell in enumerate(last) if cell] if last else []
        if last and close and (len(own) == 1 or len(filled) == 1):
            for index in own:
                last[index] = f"{last[index]} {cells[index]}".strip()
        elif last and own == filled and len(own) == 1 and len(last[own[0]].split()) >= _TEXT:
            last[own[0]] += f" {cells[own[0]]}"
        else:
            out.append(cells)
        before = word
    return out


def _cuts(lines: Sequence[Sequence[Word]], walls: Sequence[float]) -> list[float]:
    """Where one column ends and the next begins: at walls, and between figures that never stand over each other."""
    spans: list[list[float]] = []
    full = [found for found in (figures(line, walls) for line in lines) if len(found) >= 2]
    for word in sorted((word for found in full for word in found), key=lambda word: word.left):
        if spans and word.left < spans[-1][1] and not any(spans[-1][1] - 2 < wall <= word.left + 2 for wall in walls):
            spans[-1][1] = max(spans[-1][1], word.right)
        else:
            spans.append([word.left, word.right])
    cuts = list(walls)
    texts = [word for line in lines if figures(line, walls) for word in line if not is_figure(word.text)]
    for index, (left, right) in enumerate(spans):
        before = max((word.right for word in texts if word.right <= left + 1), default=None)
        previous = spans[index - 1][1] if index else None
        edges = [edge for edge in (before, previous) if edge is not None]
        if edges and not any(max(edges) - 2 <= wall <= left + 2 for wall in walls):
            cuts.append((max(edges) + left) / 2)
        between = [word.left for word in texts if previous is not None and previous - 1 <= word.left < left]
        if previous is not None and between:
            cuts.append((previous + min(between)) / 2)
        if index == len(spans) - 1 and any(word.left >= right - 1 for word in texts):
            cuts.append(right + 1)
    out: list[float] = []
    for cut in sorted(cuts):
        if not out or cut - out[-1] > 4:
            out.append(cut)
    return out


def _parts(line: Sequence[Word], walls: Sequence[float], cuts: Sequence[float]) -> list[Segment]:
    """The line's cells: each figure by itself, other words together unless a wide gap or a wall parts them."""
    single = {word.order for word in figures(line, walls)}
    parts: list[Segment] = []
    for word in line:
        last = parts[-1][-1] if parts else None
        if last is None or word.order in single or last.order in single or _parted_text(last, word, walls, cuts):
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts


def _parted_text(left: Word, right: Word, walls: Sequence[float], cuts: Sequence[float]) -> bool:
    gap, em = right.left - left.right, max(left.size, right.size)
    crossed = any(left.right - 2 < cut < right.left + 2 for cut in cuts)
    return (
        gap > 1.8 * em or (crossed and gap > 0.45 * em) or any(left.right - 2 < wall < right.left + 2 for wall in walls)
    )


def _column(part: Segment, cuts: Sequence[float]) -> int:
    """The column under the middle of a part that fits in it, else the one where the part begins."""
    left, right = part[0].left, part[-1].right
    middle, start = bisect_right(cuts, (left + right) / 2), bisect_right(cuts, left + 2)
    low = cuts[middle - 1] if middle else -1e9
    high = cuts[middle] if middle < len(cuts) else 1e9
    return middle if left > low - 8 and right < high + 8 else start


def _first_under(
    part: Segment, parts: Sequence[Segment], column: int, spans: dict[int, tuple[float, float]], walls: Sequence[float]
) -> int:
    """The first of the columns of figures that a head stands over the middle of, where it is more than `column`.

    A head reaches to a wall, or half way to the next head; `spans` are the places of the figures in each column.
    """
    middle = _middle(part)
    others = [(_middle(other) + middle) / 2 for other in parts if other is not part]
    low = max((edge for edge in (*walls, *others) if edge <= middle), default=0.0)
    high = min((edge for edge in (*walls, *others) if edge > middle), default=float("inf"))
    under = [index for index, (left, right) in sorted(spans.items()) if low - 2 < (left + right) / 2 < high + 2]
    if column not in under or len(under) < 2:
        return column
    left, right = spans[under[0]][0], spans[under[-1]][1]
    return under[0] if abs((left + right) / 2 - middle) < 0.4 * (right - left) / len(under) else column


def _middle(part: Segment) -> float:
    return (part[0].left + part[-1].right) / 2


def _spans(
    lines: Sequence[Sequence[Word]], walls: Sequence[float], cuts: Sequence[float]
) -> dict[int, tuple[float, float]]:
    """For each column with figures, where they begin and end."""
    out: dict[int, tuple[float, float]] = {}
    for word in (word for line in lines for word in figures(line, walls)):
        column = _column([word], cuts)
        left, right = out.get(column, (word.left, word.right))
        out[column] = (min(left, word.left), max(right, word.right))
    return out


def _without_empty_columns(rows: Sequence[Sequence[str]]) -> list[Row]:
    used = [column for column in range(max(map(len, rows), default=0)) if any(row[column] for row in rows)]
    return [tuple(row[column] for column in used) for row in rows]


def with_one_head(rows: Sequence[Row]) -> list[Row]:
    """Put lines of a head that stand over each other into one row: those with two cells before the first figures."""
    first = next((index for index, row in enumerate(rows) if any(is_figure(cell) for cell in row)), 0)
    while first > 0 and _is_section(rows[first - 1]):
        first -= 1
    start = first
    while start > 0 and (sum(map(bool, rows[start - 1])) >= 2 or (start < first and _is_piece(rows[start - 1]))):
        if any(len(cell.split()) > _HEAD_WORDS for cell in rows[start - 1]):
            break
        start -= 1
    if not 2 <= first - start <= _HEAD_LINES:
        return list(rows)
    head = tuple(" ".join(cell for cell in column if cell) for column in zip(*rows[start:first], strict=True))
    return [*rows[:start], head, *rows[first:]]


def _is_section(row: Row) -> bool:
    """Whether a row names the part of the table that follows: nothing but its first cell."""
    return bool(row[0]) and not any(row[1:])


def _is_piece(row: Row) -> bool:
    """Whether a row is one line of a head over one of the columns after the first."""
    filled = [index for index, cell in enumerate(row) if cell]
    return len(filled) == 1 and filled[0] > 0 and len(row[filled[0]].split()) <= 3


def side_by_side(rows: Sequence[Sequence[Segment]]) -> str:
    """What three or more lines of two or more segments each are: `columns` of running text, a `table`, or nothing."""
    pairs = [row for row in rows if len(row) >= 2]
    if len(pairs) < 3:
        return ""
    starts = [row[1][0].left for row in pairs]
    shared = max(sum(abs(start - other) < 4 for other in starts) for start in starts)
    if shared < 0.7 * len(pairs):
        return ""
    words = [len(part) for row in pairs for part in row[:2]]
    if len(pairs) >= 4 and mean(words) >= 4.5 and min(words) >= 1 and all(len(row) <= 3 for row in pairs):
        return "columns"
    return "table" if not any(label(row[0][0]) == "bullet" for row in pairs) else ""
