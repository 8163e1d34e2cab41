"""Words become lines: what stands side by side on one height, in the order of the content stream."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from index.loaders.pdf.geometry import Rule, Word

_BULLETS = frozenset("•●○◦▪▫■□◼◾‣⁃∙·►▶➢➤❖✓✔✗◆◇–—-*−")
_BULLET_LETTERS = frozenset("§Øüvnqlu")  # what symbol fonts make of them
_NUMBER = re.compile(r"\(?\d{1,3}(\.\d{1,3}){0,4}[.)]?|\(?([ivxl]{1,5}|[A-Za-z])[.)]")
_WIDE = 1.8  # ems of white space that part two cells or columns; a tab after a number or bullet is none


class Line(NamedTuple):
    """A line of text. Lines of different `group`s (cells, boxes) never make one paragraph; `limit` is how far
    right a line of the group can reach; `first` is the width of the first word, which tells whether it would
    have fitted on the line before."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    first: float
    label: str
    group: int
    limit: float


Segment = list[Word]


def struck(words: Sequence[Word], rules: Iterable[Rule]) -> set[int]:
    """Orders of the words that a line strikes out: one through their middle that reaches no further than the text."""
    rules = list(rules)
    upright = [rule for rule in rules if not rule.flat]
    out: set[int] = set()
    for rule in rules:
        if not rule.flat or rule.bottom - rule.top > 2.5 or any(_meet(rule, wall) for wall in upright):
            continue
        middle = (rule.top + rule.bottom) / 2
        across = [
            word
            for word in words
            if 0.35 < (middle - word.top) / max(word.bottom - word.top, 0.1) < 0.72
            and min(rule.right, word.right) - max(rule.left, word.left) > 0.5 * (word.right - word.left)
        ]
        if (
            across
            and rule.left > min(word.left for word in across) - 6
            and rule.right < max(word.right for word in across) + 6
        ):
            out.update(word.order for word in across)
    return out


def _meet(rule: Rule, wall: Rule) -> bool:
    """Whether an upright rule stands at an end of a flat one, as in the border of a cell."""
    near = min(abs(wall.left - rule.left), abs(wall.left - rule.right)) < 4
    return near and wall.top - 4 < rule.top < wall.bottom + 4


def segments(words: Iterable[Word]) -> list[Segment]:
    """Runs of words on one height without a wide gap, a list's number or bullet kept with what follows."""
    runs: list[Segment] = []
    for word in words:
        if runs and _follows(runs[-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def same_height(one: Word, other: Word) -> bool:
    """Whether two words stand on one line."""
    return abs(one.middle - other.middle) < 0.4 * min(one.bottom - one.top, other.bottom - other.top) or (
        abs(one.bottom - other.bottom) < 1 and abs(one.middle - other.middle) < 0.6 * max(one.size, other.size)
    )


def _follows(run: Segment, word: Word) -> bool:
    last = run[-1]
    gap, em = word.left - last.right, max(last.size, word.size)
    bullet = len(run) == 1 and label(last) == "bullet" and last.top < word.bottom and last.bottom > word.top
    if not (bullet or same_height(last, word)) or gap < -0.5 * em:
        return False
    return gap < _WIDE * em or (len(run) == 1 and gap < 6 * em and label(run[0]) != "")


def label(word: Word) -> str:
    """`bullet`, `number` or nothing: what a line that begins with this word is marked as."""
    if len(word.text) == 1 and (
        word.text in _BULLETS
        or word.text == "o"
        or word.symbol
        or "\ue000" <= word.text <= "\uf8ff"
        or word.text == "\ufffd"
    ):
        return "bullet"
    return "number" if _NUMBER.fullmatch(word.text) else ""


def line(run: Sequence[Word], group: int, limit: float) -> Line:
    """One line of the words in `run`, its bullet written `- `."""
    kind = label(run[0])
    gap = run[1].left - run[0].right if len(run) > 1 else 0.0
    if kind == "" and run[0].text in _BULLET_LETTERS and len(run) > 1 and gap > 0.8 * run[1].size:
        kind = "bullet"  # a letter of a symbol font whose name was lost
    if kind == "bullet" and run[0].text in "–—-*−" and gap < 0.6 * run[0].size and len(run) > 1:
        kind = ""
    if kind == "number" and (len(run) == 1 or (gap < 0.6 * run[0].size and run[0].text[-1].isalnum())):
        kind = ""
    words = ["-", *(word.text for word in run[1:])] if kind == "bullet" else [word.text for word in run]
    body = run[1:] if kind and len(run) > 1 else run
    return Line(
        " ".join(words),
        run[0].left,
        min(word.top for word in body),  # a bullet's own font may be taller than the text
        max(word.right for word in run),
        max(word.bottom for word in body),
        median(word.size for word in body),
        all(word.bold for word in body),
        run[0].right - run[0].left,
        kind,
        group,
        limit,
    )


def joined(runs: Iterable[Segment]) -> list[Segment]:
    """Put segments of one height that follow each other into one line, whatever the gap between them."""
    out: list[Segment] = []
    for run in runs:
        if out and same_height(out[-1][-1], run[0]) and run[0].left > out[-1][-1].right - run[0].size:
            out[-1] = out[-1] + run
        elif out and same_height(out[-1][0], run[0]) and run[-1].right < out[-1][0].left + 1 and label(run[0]):
            out[-1] = run + out[-1]  # a number drawn after its paragraph
        else:
            out.append(list(run))
    return out
