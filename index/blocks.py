"""The visible structure of a plain text: headings, paragraphs, bullets and table rows, with exact offsets.

A block is what an eye takes in at once. A sentence that a page break cut in two is one block again; its span
simply contains the break. `units` are the sentences, bullets and rows that an answer may quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["heading", "paragraph", "bullet", "row"]

_GLYPH = r"[-–—•·▪●○◦‣∙*\uf0b7\uf0a7]"
_BULLET = re.compile(rf"[ \t\u00a0]*(?:{_GLYPH}[ \t\u00a0]+)+")
_NUMBER = re.compile(
    r"(?P<label>\d{1,3}(?:\.\d{1,3})+\.?|\d{1,2}\.|\d{1,2}(?=\s+[A-Z])|\(?(?:[a-z]|[ivx]{1,5})\)|[A-Z]\d{1,2}\.)"
    r"[ \t\u00a0]+"
)
_DATE_LINE = re.compile(r"\d{1,2}(?:st|nd|rd|th)?\s+[A-Za-z]+,?\s+\d{4}\s*$", re.MULTILINE)
_LINE = re.compile(r"[^\n\f]*[^\s][^\n\f]*")
_TERMINAL = re.compile(r"[.?!:;…][\"'”’)\]]*\s*$")
_OPEN_END = re.compile(r"(?:[a-z,\-–(]|\b[A-Z]\w*)\s*$")

# Words before a full stop that does not end a sentence.
_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "nos", "vs", "cf", "eg", "e.g", "ie", "i.e", "etc", "al", "approx",
    "cllr", "rt", "hon", "rev", "sgt", "fig", "para", "paras", "pp", "p", "vol", "ed", "dept", "gov", "jan", "feb",
    "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "inc", "ltd", "co",
))  # fmt: skip
_FIGURE = re.compile(r"[-–−+(]{0,2}[£$€]?[-–−]?\d[\d,]*(\.\d+)?(%|k|m|bn)?\)?")
_BREAK = re.compile(r"(?<=[.?!…])[\"'”’)\]]*(?P<gap>\s+)(?=[\"'“‘(\[]?[A-Z0-9£À-ÖØ-Þ])")
_PAGES = re.compile(r"\(\s*Pages?\s+\d", re.IGNORECASE)
# The end of a sentence, a label with its value, an address, a long number, the first and last lines of a letter.
_NO_HEADING = re.compile(
    r"[.?!;,…]\s*$|:\s+\S|@|www\.|https?:|\d{5}|^(?:Dear|Yours)\b|"
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor)\.?\s+(?:[A-Z]\.?\s+)*[A-Z][\w’'-]+,?\s*(?:and\s+)?){2}|"
    r"^(?:For|Against|Abstain\w*|Abstentions?)\b\W*\d+\W*$"  # who voted how
)
_ASKS = re.compile(r"(?:(?:Question|Q)\s?\d{1,2}[.:]?\s+)?(?:What|How|Why|Who|Where|When|Which)\b[^.?!]+\?$")
"""A heading that asks: "What needs to improve?"."""
_MAX_HEADING_WORDS = 16
_SENTENCE_WORDS = 8
OPENS_LIST = re.compile(rf":\s*(?:{_GLYPH}\s*)*$")
"""The end of a lead-in, a bullet that lost its words behind it or not: "the following priorities: -"."""


@dataclass(frozen=True, slots=True)
class Block:
    """`text[start:end]`; `body` is where the words begin after a bullet or a number; `label` is the number.

    `gap` counts the line breaks before it (0 for the first): the size of the white space an eye sees.
    `bulleted` says that a bullet glyph stands before it.
    """

    start: int
    end: int
    body: int
    kind: Kind
    label: str | None
    gap: int
    bulleted: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing an answer quotes: a sentence, a bullet or a table row, `text[start:end]`."""

    start: int
    end: int
    kind: Kind


def parse(text: str) -> list[Block]:
    """The blocks of `text`, in order."""
    return list(_headings(text, _healed(text, _lines(text))))


def is_list(text: str) -> bool:
    """Whether `text` is nothing but bullets, at least two: what they are is said by the heading alone."""
    if "\n" not in text:  # most are one line, which need not be parsed for it
        return False
    blocks = parse(text)
    return len(blocks) > 1 and all(block.bulleted for block in blocks)


def _lines(text: str) -> Iterator[Block]:
    """One block a line, except that a wrapped line continues the one before."""
    current: Block | None = None
    end_before = 0
    for match in _LINE.finditer(text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        end = match.start() + len(match[0].rstrip())
        gap = text.count("\n", end_before, start) + 3 * text.count("\f", end_before, start) if end_before else 0
        bullet = _BULLET.match(text, start, end)
        body = bullet.end() if bullet and bullet.end() < end else start
        number = _NUMBER.match(text, body, end)
        label = number["label"] if number and number.end() < end and not _DATE_LINE.match(text, body, end) else None
        row = "\t" in text[start:end].strip()
        wrapped = (
            current is not None and gap == 1 and body == start and label is None and not row and current.kind != "row"
        )
        if wrapped and current is not None and _stands_over(text, current, start, end):
            current, wrapped = replace(current, kind="heading"), False
        if wrapped and current is not None:
            current = replace(current, end=end)
        else:
            if current is not None:
                yield current
            kind: Kind = "row" if row else "bullet" if body > start and not label else "paragraph"
            current = Block(start, end, number.end() if number and label else body, kind, label, gap, body > start)
        end_before = end
    if current is not None:
        yield current


def _stands_over(text: str, block: Block, start: int, end: int) -> bool:
    """Whether a block is a heading that no gap parts from the paragraph that begins with the line `text[start:end]`.

    It is in capitals or numbered, no sentence, and the line's first word would still have gone into it: it is not the
    width of the page that broke it.
    """
    if text.find("\n", block.body, block.end) >= 0:  # found at once, however long the block has grown
        return False
    line, below = text[block.body : block.end], text[start:end].split()
    if len(line.split()) > _MAX_HEADING_WORDS or not below[0][:1].isupper():
        return False
    if _TERMINAL.search(line) or _NO_HEADING.search(line.replace(": ", " ")):
        return False
    marked = line.isupper() or (block.label is not None and block.label.rstrip(".").isdigit())
    broken = block.end - block.start + 1 + len(below[0]) > end - start
    return marked and not broken and len(below) >= _SENTENCE_WORDS and not text[start:end].isupper()


def _healed(text: str, blocks: Iterator[Block]) -> Iterator[Block]:
    """Join the two halves of a sentence that a page break cut: the first does not end, the second starts small."""
    current: Block | None = None
    for block in blocks:
        if current is not None and _continues(text, current, block):
            current = replace(current, end=block.end)
            continue
        if current is not None:
            yield current
        current = block
    if current is not None:
        yield current


def _continues(text: str, first: Block, second: Block) -> bool:
    if second.gap < 2 or second.label or "row" in (first.kind, second.kind):
        return False
    head, tail = text[first.body : first.end], text[second.body : second.end]
    if _PAGES.match(tail) and len(head.split()) <= 2 * _MAX_HEADING_WORDS:
        return True  # an agenda item and the pages its paper is on
    if _TERMINAL.search(head) or len(head.split()) < 5 or not _OPEN_END.search(head):
        return False
    return tail[:1].islower()


def _headings(text: str, blocks: Iterator[Block]) -> Iterator[Block]:
    for block in blocks:
        yield replace(block, kind="heading") if _is_heading(text, block) else block


def _is_heading(text: str, block: Block) -> bool:
    """A short line of its own that is no sentence: it starts with a capital and does not end like one."""
    words = text[block.body : block.end]
    if block.kind == "heading":
        return True
    if block.kind == "row" or "\n" in words or len(words.split()) > _MAX_HEADING_WORDS or not words[:1].isupper():
        return False
    if words.endswith(":") and len(words.split()) > 3:
        return False
    if block.bulleted and not (block.label and block.label.count(".") == 1 and block.label.endswith(".")):
        return False
    if block.label and "." in block.label.rstrip(".") and len(words.split()) > 8:
        return False
    return not (_PAGES.search(words) or _NO_HEADING.search(words[:-1] if _ASKS.match(words) else words))


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The sentences of `text[start:end]` as spans without outer white space."""
    end = len(text) if end is None else end
    begin = start + len(text[start:end]) - len(text[start:end].lstrip())
    for match in _BREAK.finditer(text, start, end):
        word = re.search(r"([A-Za-z.]+)\.[\"'”’)\]]*$", text[max(begin, match.start() - 20) : match.start("gap")])
        if word and text[match.start() - 1] == ".":
            stem = word[1].lower()
            if stem in _ABBREVIATIONS or (len(stem) == 1 and word[1].isupper()):
                continue
        yield begin, match.start("gap")
        begin = match.end("gap")
    if text[begin:end].strip():
        yield begin, begin + len(text[begin:end].rstrip())


def units(text: str) -> list[Unit]:
    """Everything in `text` that can be quoted on its own, in order. A bullet's or number's mark is left out, and so is
    a row that only heads columns of figures: it tells nothing without them."""
    found = []
    blocks = parse(text)
    for before, block, after in zip([None, *blocks], blocks, [*blocks[1:], None], strict=False):
        if block.kind == "row":
            first = before is None or before.kind != "row"
            if not (first and after and after.kind == "row" and _only_heads(text, block, after)):
                found.append(Unit(block.start, block.end, "row"))
        else:
            found.extend(Unit(start, end, block.kind) for start, end in sentences(text, block.body, block.end))
    return found


def is_figure(cell: str) -> bool:
    """Whether a cell of a table holds a figure and nothing else: "1,200", "-215", "£2m", "(4%)"."""
    return _FIGURE.fullmatch(cell.strip()) is not None


def _only_heads(text: str, row: Block, below: Block) -> bool:
    """Whether a row has words wherever the one below it has figures, and no figure of its own."""
    heads, cells = (text[block.start : block.end].split("\t") for block in (row, below))
    figures = [index for index, cell in enumerate(cells) if is_figure(cell)]
    over = [heads[index].strip() for index in figures if index < len(heads)]
    return bool(figures) and all(over) and not any(is_figure(cell) for cell in heads)
