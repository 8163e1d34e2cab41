"""A paper's text cut into passages: numbered paragraphs, lists with their lead-in, tables with their header row.

A passage is what is searched; it never mixes two numbered paragraphs, and never cuts a sentence, a bullet or a row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from index.blocks import OPENS_LIST, Block, is_list, parse, sentences
from index.dates import bounded, find_periods, written_by
from index.models import Passage, Period
from index.papers import Paper
from index.tokens import count_tokens
from index.transcripts import plain_name, turns
from index.voices import normalise_role, speaker_of

_FRONT_WORDS = 20
_SHORT = 40  # tokens; a shorter block may share a passage with its neighbours
_LOOK_BACK = 1500  # characters
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor|Sir|Dame|Lord|Lady|Baroness|Professor)\.?\s+(?:[A-Z]\.?\s+)?[A-Z][\w’'-]+"
)
_PRONOUN = re.compile(r"(?:He|She|They|His|Her|Their)\b")
_CAPTION = re.compile(r"(?:Table|Figure|Chart)\s+[A-Z]?\d", re.IGNORECASE)
_LINES = 3  # headings that may stand over some of the rows of a table
_LINE_WORDS = 8
_NOTE_WORDS = 6  # "All figures in £m" may stand between a caption and its table


@dataclass
class _Open:
    """The passage being filled."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    tokens: int = 0
    heading: str | None = None
    paragraph: str | None = None
    lead: str | None = None
    caption: str | None = None
    speaker: str | None = None
    before: str = ""
    kind: str = ""


def chunk(paper: Paper, max_tokens: int = 160) -> tuple[Passage, ...]:
    """The passages of a paper, in order, each of about `max_tokens` tiktoken tokens.

    A single sentence or table row that is longer stays whole. Headings stand in their passages' `heading`.
    """
    blocks = parse(paper.text)
    turns_ = _turns(paper, blocks)
    return tuple(_passage(paper, part, turns_) for part in _parts(paper, blocks, turns_, max_tokens))


def _turns(paper: Paper, blocks: list[Block]) -> list[tuple[int, str]]:
    """Where the turns of a transcript begin and who speaks; nothing for other papers."""
    return turns(paper.text, blocks) if paper.document.kind == "transcript" else []


def _parts(paper: Paper, blocks: list[Block], turns_: list[tuple[int, str]], budget: int) -> Iterator[_Open]:
    text = paper.text
    minutes = paper.document.kind == "minutes"
    turn_starts = {start for start, _ in turns_}
    heading: str | None = None
    paragraph: str | None = None
    caption: str | None = None
    under_heading = False  # nothing stands between this block and the heading above it
    before = ""  # the paragraph before this block under the same heading, whose time may go on in it
    current = _Open()
    front = _front_matter(text, blocks)
    for i, block in enumerate(blocks):
        following = blocks[i + 1] if i + 1 < len(blocks) else None
        within = _within_table(text, blocks, i)
        if not within:
            caption = _caption(text, blocks, i) if block.kind == "row" else None
        if i >= front and not within and _heads(block, following):
            if current.spans:
                yield current
            words = " ".join(text[block.body : block.end].split())
            heading = f"{heading}: {words}" if heading and under_heading else words
            paragraph, under_heading, before = None, True, ""
            current = _Open()
            continue
        under_heading = False
        if block.label and block.kind != "heading" and _is_paragraph_number(block.label):
            paragraph = block.label.rstrip(".")
        elif block.kind == "paragraph" and not block.bulleted and block.label is None:
            paragraph = None
        kind = "row" if within else block.kind
        leads = _leads(text, block, following)
        for start, end, tokens in _pieces(text, block, budget, leads=leads):
            if current.spans and not (
                _fits(text, current, block, tokens, budget, kind=kind, front=i < front, first=i == front)
                and not (minutes and _speaks_next(text, current, start, end))
                and start not in turn_starts
            ):
                lead = _lead_in(text, current, block) or (
                    _last_sentence(text, current.spans[-1]) if leads and start > block.start else None
                )
                yield current
                current = _Open(lead=lead)
            if not current.spans:
                current.heading, current.paragraph, current.caption = heading, paragraph, caption
                current.before = text[max(block.start, start - _LOOK_BACK) : start] or before
                current.speaker = _speaker(text, block, start) if minutes else None
            current.spans.append((start, end))
            current.tokens += tokens
            current.kind = kind
        words = text[block.start : block.end]
        if kind not in {"row", "bullet"} and not _CAPTION.match(words):
            before = words[-_LOOK_BACK:]
    if current.spans:
        yield current


def _front_matter(text: str, blocks: list[Block]) -> int:
    """How many blocks open the paper before its first real paragraph: letterhead, names, dates, "Report from ...".

    They are kept together, because a name without its line above says nothing.
    """
    for i, block in enumerate(blocks):
        short = len(text[block.body : block.end].split()) <= _FRONT_WORDS
        if block.kind != "row" and (block.label or block.bulleted or not short):
            return i - 1 if i and blocks[i - 1].kind == "heading" else i
    return 0


def _heads(block: Block, following: Block | None) -> bool:
    """Whether a heading stands over what follows; a line of a title, or of a list of items, does not."""
    if block.kind != "heading" or following is None:
        return False
    if following.kind != "heading":
        return True
    return block.label is not None and (
        following.label is None or following.label.startswith(block.label.rstrip(".") + ".")
    )


def _within_table(text: str, blocks: list[Block], i: int) -> bool:
    """Whether a table goes on at block `i`: with a further row, or with a line over some of its rows."""
    before = next((b for b in reversed(blocks[max(0, i - _LINES) : i]) if not _is_line(text, b)), None)
    after = next((b for b in blocks[i : i + _LINES] if not _is_line(text, b)), None)
    if before is None or after is None or not before.kind == after.kind == "row":
        return False
    if blocks[i - 1] is before and blocks[i] is after:
        return True
    return text.count("\t", before.start, before.end) == text.count("\t", after.start, after.end)


def _is_line(text: str, block: Block) -> bool:
    """Whether a block is a short line, or several, such as may stand over some rows of a table."""
    if block.kind != "paragraph" or block.bulleted or block.label:
        return block.kind == "heading"
    lines = text[block.start : block.end].split("\n")
    return all(len(line.split()) <= _LINE_WORDS and not line.rstrip().endswith((".", ":", ";", "?")) for line in lines)


def _caption(text: str, blocks: list[Block], i: int) -> str | None:
    """What is said over the table that begins at block `i`: "Table 5: Average cost of a place"."""
    for block in reversed(blocks[max(0, i - 2) : i]):
        words = " ".join(text[block.start : block.end].split())
        if _CAPTION.match(words) and block.kind != "row":
            return words
        if block.kind == "row" or len(words.split()) > _NOTE_WORDS:
            break
    return None


def _speaks_next(text: str, current: _Open, start: int, end: int) -> bool:
    """Whether somebody else speaks in `text[start:end]` than in the passage being filled."""
    speaker = speaker_of(text[start:end])
    return speaker is not None and speaker_of(text[current.spans[0][0] : current.spans[-1][1]]) not in {None, speaker}


def _speaker(text: str, block: Block, start: int) -> str | None:
    """The person who was named last before words of minutes that go on with what they said: "He added ..."."""
    goes_on = start > block.start or _PRONOUN.match(text, block.body, block.end)
    named = list(_PERSON.finditer(text, max(0, start - _LOOK_BACK), start)) if goes_on else []
    return " ".join(named[-1][0].split()) if named else None


def _is_paragraph_number(label: str) -> bool:
    return any(ch.isdigit() for ch in label) and "." in label.rstrip(".")


def _leads(text: str, block: Block, following: Block | None) -> bool:
    """Whether a block's last sentence opens the list that follows."""
    listed = following is not None and (following.kind == "bullet" or following.label is not None)
    return listed and block.kind != "row" and OPENS_LIST.search(text, block.start, block.end) is not None


def _pieces(text: str, block: Block, budget: int, *, leads: bool) -> Iterator[tuple[int, int, int]]:
    """The block whole, or, when it is over the budget, as runs of whole sentences; each with its token count.

    When it `leads` to a list, its last sentence is a piece by itself, so that it can stand at the head of the list.
    """
    whole = count_tokens(text[block.start : block.end])
    if leads and whole > _SHORT:
        *before, (last, end) = sentences(text, block.start, block.end)
        if before:
            first = replace(block, end=before[-1][1])
            yield from _pieces(text, first, budget, leads=False)
            yield last, end, count_tokens(text[last:end])
            return
    if whole <= budget or block.kind == "row":
        yield block.start, block.end, whole
        return
    runs: list[tuple[int, int, int]] = []
    share = -(-whole // -(-whole // budget))  # even pieces rather than a full one and a crumb
    for start, end in sentences(text, block.start, block.end):
        tokens = count_tokens(text[start:end])
        if runs and runs[-1][2] + tokens <= max(share + _SHORT // 2, tokens) and runs[-1][2] + tokens <= budget:
            runs[-1] = (runs[-1][0], end, runs[-1][2] + tokens)
        else:
            runs.append((start, end, tokens))
    yield from runs


def _fits(
    text: str, current: _Open, block: Block, tokens: int, budget: int, *, kind: str, front: bool, first: bool
) -> bool:
    """Whether a block belongs into the passage being filled. `front`: it is front matter; `first`: it follows that."""
    if current.tokens + tokens > budget or first:
        return False
    if front:
        return True
    if "row" in {kind, current.kind}:
        return kind == current.kind or OPENS_LIST.search(text, current.spans[-1][0], current.spans[-1][1]) is not None
    numbered = block.label is not None and not _is_paragraph_number(block.label)
    if block.kind == "bullet" or (numbered and block.kind != "heading"):
        opens = OPENS_LIST.search(text, *current.spans[0]) is not None
        all_short = tokens <= _SHORT and current.tokens / len(current.spans) <= _SHORT
        return opens or (current.kind == "bullet" and all_short)
    if block.kind == "heading" == current.kind:
        return tokens <= _SHORT
    alone = block.label is not None or current.kind == "bullet" or current.paragraph is not None
    return not alone and tokens <= _SHORT and current.tokens <= 2 * _SHORT


def _lead_in(text: str, current: _Open, block: Block) -> str | None:
    """The words a list or a table goes on from: its lead-in sentence, its header row."""
    first = text[current.spans[0][0] : current.spans[0][1]]
    if block.kind == "row" and current.kind == "row":
        return current.lead or first.strip("\n")  # with its tabs, so that a cell can be told its column's head
    if block.kind == "bullet" or (block.label and not _is_paragraph_number(block.label)):
        if OPENS_LIST.search(first):
            return re.sub(OPENS_LIST, ":", _last_sentence(text, current.spans[0]))
        if current.kind == "bullet":
            return current.lead
    return None


def _last_sentence(text: str, span: tuple[int, int]) -> str:
    """The last sentence of `text[start:end]`: a list's lead-in, or what that goes on from."""
    *_, (start, end) = sentences(text, *span)
    return " ".join(text[start:end].split())


def _passage(paper: Paper, part: _Open, turns_: list[tuple[int, str]]) -> Passage:
    start, end = part.spans[0][0], part.spans[-1][1]
    text = paper.text[start:end]
    document = paper.document
    turn = bisect_right(turns_, start, key=lambda turn: turn[0]) - 1
    who = plain_name(turns_[turn][1]) if turn >= 0 else None
    goes_on = who if turn >= 0 and turns_[turn][0] < start else None
    headings = [part.heading, part.caption] if part.caption != part.heading else [part.heading]
    context = [document.title, *headings, goes_on or part.speaker, part.lead]
    if is_list(text):
        context.append(part.caption or part.heading)  # once more: there it counts as much as a word of the list
    speaker = None if document.kind == "letter" else speaker_of(text)
    number = bisect_right([offset for offset, _ in paper.pages], start)
    own = _periods("\n".join(words for words in (*headings, part.lead, text) if words), document.published)
    dated = any(period.start and period.end for period in own)
    return Passage(
        document_id=document.id,
        start=start,
        end=end,
        text=text,
        context=". ".join(re.sub(r"[.:]+$", "", words) for words in context if words),
        page=paper.pages[number - 1][1] if number else None,
        heading=part.caption or part.heading,
        paragraph=part.paragraph,
        voice=(normalise_role(who) if who else speaker if document.kind == "minutes" else None) or document.voice,
        page_breaks=tuple(offset for offset, _ in paper.pages if start < offset < end),
        periods=own if dated else (*own, *_periods(part.before, document.published)),
    )


def _periods(text: str, published: str | None) -> tuple[Period, ...]:
    """The dates and spans that a text mentions, each once."""
    return tuple(dict.fromkeys(bounded(text, mention)[0] for mention in find_periods(text, written_by(published))))
