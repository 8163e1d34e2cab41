"""One file, several papers: an agenda cover, a letter, a report, an assessment, each with its own author and date.

A paper starts where a page starts and something that opens papers stands: a letterhead and "Dear ...", the name of
a committee over a date and a title, the name of an assessment form, an appendix.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from index.blocks import Block, parse
from index.dates import find_periods, parse_iso
from index.describe import APPENDIX, DEAR, FORM, describe
from index.masthead import BODY, masthead
from index.models import Document, Loaded, Period
from index.published import date_of_name
from index.voices import organisation_of

_LETTERHEAD = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b"  # a postcode
    r"|\b(?:tele?phone|textphone|T)\s*:?\s*\+?\d{3,}|\S+@\S+|www\.\S+",
    re.IGNORECASE,
)
_LETTERHEAD_BLOCKS = 14  # between "Dear ..." and the letter's date
_LETTERHEAD_CHARACTERS = 300
_HEAD_WORDS, _HEAD_LINE = 45, 14  # words above a letter's date, and of each line there, that are its head
_AGENDA = re.compile(r"^\W*agenda\b", re.IGNORECASE | re.MULTILINE)
_SAME_TIME = timedelta(days=93)
_PAGE_GAP = 3  # line breaks that look like the end of a page in plain text


@dataclass(frozen=True, slots=True)
class Paper:
    """A document with its text. `pages` are (offset in `text`, page number in the file) for every page start.

    `aliases` are other names under which the paper's voice is spoken of ("inspectors").
    """

    document: Document
    text: str
    pages: tuple[tuple[int, int], ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)


def split(loaded: Loaded, source: str, sha256: str) -> list[Paper]:
    """The papers that a loaded file holds, in order; at least one. Put together, their texts are the file's text."""
    text = loaded.text
    blocks = parse(text)
    starts = sorted({0, *_starts(text, blocks, loaded.pages)})
    council = organisation_of(text)
    papers: list[Paper] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        pages = tuple(
            (max(offset, start) - start, number)
            for number, offset in enumerate(loaded.pages, start=1)
            if offset < end and (number == len(loaded.pages) or loaded.pages[number] > start)
        )
        own = text[start:end]
        digest = hashlib.sha256(f"{source}\0{sha256}\0{len(papers)}".encode()).hexdigest()[:16]
        document, aliases = describe(own, loaded.metadata, source, council, alone=len(starts) == 1)
        first = papers[0].document.id if papers else None
        papers.append(Paper(replace(document, id=digest, part_of=first, sha256=sha256), own, pages, aliases))
    return [replace(paper, document=_dated(paper.document, papers, source)) for paper in papers]


def _dated(document: Document, papers: Sequence[Paper], source: str) -> Document:
    """A paper without a date of its own is as old as its pack: its name tells, unless other papers in it differ."""
    named = date_of_name(source) if len(papers) > 1 and document.published is None else None
    when = parse_iso(named[0]) if named else None
    if named is None or when is None or when.start is None or when.end is None:
        return document
    about = Period(when.start - _SAME_TIME, when.end + _SAME_TIME)
    dates = [period for paper in papers if (period := parse_iso(paper.document.published or ""))]
    if not all(period.overlaps(about) for period in dates):
        return document
    return replace(document, published=named[0], origins={**document.origins, "published": named[1]})


def _starts(text: str, blocks: list[Block], pages: tuple[int, ...]) -> Iterator[int]:
    """Offsets at which another paper begins."""
    form: str | None = None
    for i, block in enumerate(blocks):
        words = text[block.start : block.end]
        first_line = words.partition("\n")[0].strip()
        opens_page = block.gap >= _PAGE_GAP or any(abs(block.start - page) <= 2 for page in pages)
        if DEAR.match(words) and (letter := _letter_start(text, blocks, i)) is not None:
            form = None
            yield letter
        if i == 0 and FORM.match(first_line):
            form = first_line.lower()
        if i == 0 or not opens_page:
            continue
        if _is_report_head(text, blocks, i) or (APPENDIX.match(first_line) and len(words.split()) <= 20):
            form = None
            yield block.start
        elif FORM.match(first_line) and first_line.lower() != form:
            # The form's name at the head of each later page is the same paper going on.
            form = first_line.lower()
            yield block.start


def _letter_start(text: str, blocks: list[Block], dear: int) -> int | None:
    """Where the letter that says "Dear ..." in block `dear` begins: its date line, and the letterhead above it."""
    for i in range(dear - 1, max(-1, dear - _LETTERHEAD_BLOCKS), -1):
        words = text[blocks[i].start : blocks[i].end]
        if len(words.split()) > 6 or len(find_periods(words)) != 1:
            continue
        start = i
        while start > 0 and _is_letterhead(text[blocks[start - 1].start : blocks[start - 1].end]):
            start -= 1
        # A few short lines above that no page break parts from the letter are its head, too; an agenda is none.
        above = text[: blocks[start].start]
        short = len(above.split()) <= _HEAD_WORDS and all(len(ln.split()) <= _HEAD_LINE for ln in above.split("\n"))
        its_head = short and "\n\n\n" not in above.strip() and not _AGENDA.search(above)
        return 0 if its_head else blocks[start].start
    return None


def _is_letterhead(block: str) -> bool:
    """An address with its postcode, telephone or web site, an organisation's name, or a line with a date; not a form's
    "Label: value".
    """
    if len(block) >= _LETTERHEAD_CHARACTERS or ":" in block:
        return False
    if (_LETTERHEAD.search(block) and "\t" not in block) or masthead([block]):
        return True
    return len(block.split()) <= 8 and bool(find_periods(block))


def _is_report_head(text: str, blocks: list[Block], i: int) -> bool:
    """A committee's name in capitals, then a date, then a title."""
    head = text[blocks[i].start : blocks[i].end]
    if not (head.isupper() and BODY.search(head)) or i + 2 >= len(blocks):
        return False
    following = " ".join(text[b.start : b.end] for b in blocks[i + 1 : i + 3])
    return bool(find_periods(following)) or bool(find_periods(head))
