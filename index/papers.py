"""One file, several papers: an agenda cover, a letter, a report, an assessment, each with its own author and date.

A paper starts where a page starts and something that opens papers stands: a letterhead and "Dear ...", the name of
a committee over a date and a title, the name of an assessment form, an appendix. What each paper says of itself
(title, publisher, date, period covered) is read from its own first lines, then from the file's metadata and name.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from index.blocks import Block, parse
from index.dates import find_periods, iso_of
from index.models import Document, Loaded, Period
from index.voices import normalise_role, organisation_of

_BODY = re.compile(r"\b(?:COMMITTEE|CABINET|COUNCIL|BOARD|PANEL|FORUM|ASSEMBLY|COMMISSION|EXECUTIVE)\b")
_FORM = re.compile(
    r"^(?:[A-Z][\w&]*\s+){0,5}(?:impact|risk|needs|equality|screening)\s+(?:assessment|analysis|tool)\b.{0,40}$|^(?:EqIA|EQIA|DPIA)\b.{0,60}$",
    re.IGNORECASE,
)
_APPENDIX = re.compile(r"^(?:appendix|annex|schedule)\s+(?:\d+|[A-Z])\b", re.IGNORECASE)
_MEETING = re.compile(r"\bmeeting of\b.*\bwill be held\b|\bsupplementary agenda\b|^agenda\b", re.IGNORECASE)
_MINUTES = re.compile(r"^(?:record of )?minutes\b", re.IGNORECASE)
_DEAR = re.compile(r"^Dear\s+\S")
_LETTERHEAD = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b|\b(?:tele?phone|textphone|T)\s*:?\s*\+?\d{3,}|\S+@\S+|www\.\S+", re.IGNORECASE
)
_FIELD = re.compile(
    r"^(?P<name>portfolio holder|report from|report author|author|from|lead officer|director|title|subject|date|report of|cabinet member)"
    r"\s*(?:[:.\t]|-)\s*-?\s*(?P<value>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_COVERS = re.compile(r"\b(?:covers|covering|for|during|over)\s+the\s+(?:period|year|quarter|months?)\b", re.IGNORECASE)
_VISIT = re.compile(r"\b(?:visit|inspection|review|audit)\b", re.IGNORECASE)
_HEAD_WORDS = 20
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
    """The papers that a loaded file holds, in order; at least one. Together they hold every word of it."""
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
        document, aliases = _describe(own, loaded.metadata, source, council, alone=len(starts) == 1)
        first = papers[0].document.id if papers else None
        papers.append(Paper(replace(document, id=digest, part_of=first, sha256=sha256), own, pages, aliases))
    return papers


def _starts(text: str, blocks: list[Block], pages: tuple[int, ...]) -> Iterator[int]:
    """Offsets at which another paper begins."""
    form: str | None = None
    for i, block in enumerate(blocks):
        words = text[block.start : block.end]
        opens_page = block.gap >= _PAGE_GAP or any(abs(block.start - page) <= 2 for page in pages)
        if _DEAR.match(words) and (letter := _letter_start(text, blocks, i)) is not None:
            form = None
            yield letter
        if i == 0 or not opens_page:
            continue
        first_line = words.split("\n")[0].strip()
        if _is_report_head(text, blocks, i) or (_APPENDIX.match(first_line) and len(words.split()) <= 20):
            form = None
            yield block.start
        elif _FORM.match(first_line) and first_line.lower() != form:
            # The form's name at the head of each later page is the same paper going on.
            form = first_line.lower()
            yield block.start


def _letter_start(text: str, blocks: list[Block], dear: int) -> int | None:
    """Where the letter that says "Dear ..." in block `dear` begins: its date line, and the letterhead above it."""
    for i in range(dear - 1, max(-1, dear - 14), -1):
        mentions = find_periods(text[blocks[i].start : blocks[i].end])
        words = text[blocks[i].start : blocks[i].end]
        if len(mentions) == 1 and len(words.split()) <= 6:
            start = i
            while start > 0 and len(above := text[blocks[start - 1].start : blocks[start - 1].end]) < 300 and (
                (_LETTERHEAD.search(above) and "\t" not in above and ":" not in above) or (find_periods(above) and len(above.split()) <= 8 and ":" not in above)
            ):
                start -= 1
            # A line or two above that no page break parts from the letter is its head, too.
            above_all = text[: blocks[start].start]
            return 0 if len(above_all.split()) <= _HEAD_WORDS and "\n\n\n" not in above_all.strip() else blocks[start].start
    return None


def _is_report_head(text: str, blocks: list[Block], i: int) -> bool:
    """A committee's name in capitals, then a date, then a title."""
    head = text[blocks[i].start : blocks[i].end]
    if not (head.isupper() and _BODY.search(head)) or i + 2 >= len(blocks):
        return False
    following = " ".join(text[b.start : b.end] for b in blocks[i + 1 : i + 3])
    return bool(find_periods(following)) or bool(find_periods(head))


def _describe(
    text: str, metadata: Mapping[str, str], source: str, council: str | None, *, alone: bool
) -> tuple[Document, dict[str, str]]:
    """What a paper says of itself, and the other names of its voice."""
    blocks = parse(text)
    lines = [text[b.start : b.end] for b in blocks]
    head = lines[:25]
    fields = {m["name"].lower(): " ".join(m["value"].split()) for line in head if (m := _FIELD.match(line))}
    aliases: dict[str, str] = {}
    dear = next((i for i, line in enumerate(head) if _DEAR.match(line)), None)
    title, kind, published, publisher, voice = None, "paper", None, council, None
    if dear is not None:
        kind = "letter"
        title = next((line for line in lines[dear + 1 : dear + 3] if len(line.split()) <= 20 and not line.rstrip().endswith(".")), None)
        published = _first_date(head[:dear])
        publisher = organisation_of("\n".join(head[:dear]), names_in=text) or council
        voice = publisher
        signature = " ".join(lines[next((i for i, line in enumerate(lines) if line.startswith("Yours")), len(lines)) :])
        if publisher and (role := re.search(r"\b(Inspector|Auditor|Commissioner|Ombudsman|Regulator|Examiner)\b", signature)):
            aliases = {role[1].lower() + "s": publisher, role[1].lower(): publisher}
    elif any(_MINUTES.match(line) for line in head[:12]):
        kind = "minutes"
        title = next((line for line in head if 2 < len(line.split()) <= 25), None)
        published = _first_date([line for line in head[:6] if len(line.split()) <= 12])
        voice = None
    elif _MEETING.search(" ".join(head[:4])):
        kind, title = "agenda", head[0]
        published = _labelled_date(lines) or _first_date(head)
    elif head and _FORM.match(head[0].split("\n")[0].strip()):
        kind = "assessment"
        title = head[0].split("\n")[0].strip() + (f": {fields['title']}" if "title" in fields else "")
        published = _first_date([line for line in head if line.upper().startswith("DATE")]) or _first_date(head)
        voice = "officers"
    elif len(head) > 2 and _BODY.search(head[0]) and head[0].isupper():
        kind = "report"
        title = next((line for line in head[1:5] if not find_periods(line) and len(line.split()) > 1), None)
        published = _first_date(head[:4])
    else:
        title = fields.get("subject") or fields.get("title")
        kind = "appendix" if head and _APPENDIX.match(head[0]) else "report" if fields else "paper"
        published = _first_date([line for line in head[:8] if len(line.split()) <= 25])
    if voice is None and kind in {"report", "paper", "appendix"}:
        author = fields.get("report from") or fields.get("from") or fields.get("report of") or fields.get("portfolio holder") or fields.get("cabinet member")
        voice = normalise_role(author) if author else None
    title = title or metadata.get("title") or next((line for line in head if 2 <= len(line.split()) <= 20), None)
    title = _recase(" ".join((title or PurePosixPath(source).stem).split()), text)
    if published is None and alone:
        published = _date_of_name(source)
    document = Document(
        id="", source=source, title=re.sub(r"^TITLE\s*[-:]\s*", "", title)[:200], kind=kind, publisher=publisher, voice=voice or publisher,
        published=published, covers=_covers(kind, lines), part_of=None, groups=(), sha256="",
    )  # fmt: skip
    return document, aliases


def _first_date(lines: list[str]) -> str | None:
    """The first single date that one of the lines gives, most precise lines first."""
    dated = [mention for line in lines for mention in find_periods(line)]
    for mention in dated:
        if mention.period.start == mention.period.end:
            return iso_of(mention.period)
    return iso_of(dated[0].period) if dated else None


def _labelled_date(lines: list[str]) -> str | None:
    """The last line of the form "Date: 3 August 2021": an agenda names the meeting's date first, its own last."""
    dates = [line for line in lines if re.match(r"date\b", line, re.IGNORECASE) and find_periods(line)]
    return _first_date(dates[-1:])


def _date_of_name(source: str) -> str | None:
    """The date in a file's name, or in its folder's: `2021-08-05 agenda.txt`."""
    for part in reversed(PurePosixPath(source).parts):
        if mentions := find_periods(re.sub(r"_", " ", PurePosixPath(part).stem)):
            return iso_of(mentions[0].period)
        if year := re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", part):
            return year[0]
    return None


def _covers(kind: str, lines: list[str]) -> Period | None:
    """The period a paper reports on: "covers the period from ... to ...", or the days of the visit a letter is about."""
    for line in lines[:30]:
        for opener in _COVERS.finditer(line):
            for mention in find_periods(line[opener.start() : opener.end() + 60]):
                return mention.period
    if kind == "letter":
        for line in lines[:30]:
            if len(line.split()) > 8 and _VISIT.search(line):
                for mention in find_periods(line):
                    return mention.period
    return None


def _recase(title: str, text: str) -> str:
    """A title in capitals, written as the paper writes its words elsewhere ("OFSTED" -> "Ofsted", "SERVICES" -> "services")."""
    if not title.isupper():
        return title
    seen: dict[str, Counter[str]] = {}
    for match in re.finditer(r"(?<=[a-z,] )[A-Za-z][\w’']*", text):
        seen.setdefault(match[0].lower(), Counter())[match[0]] += 1

    def usual(match: re.Match[str]) -> str:
        forms = seen.get(match[0].lower())
        return forms.most_common(1)[0][0] if forms else match[0].lower()

    recased = re.sub(r"[^\W\d_][\w’']*", usual, title)
    return recased[:1].upper() + recased[1:]
