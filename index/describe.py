"""What a paper says of itself: title, kind, publisher, voice, date and the period it covers.

It is read from the paper's own first lines, by one function for each kind of paper; what they leave open comes from
the file's metadata, folder and name. Of each value it is kept where it was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.authorities import authority_of
from index.blocks import parse
from index.dates import iso_of, parse_iso
from index.masthead import BODY, inspectorate, is_heading, is_organisation, masthead, may_be_title, titles
from index.models import Document, Period
from index.published import date_of_name, first_date, labelled_date, too_early, year_of
from index.stated import copyright_year, is_labelled, separate, stated_covers, stated_publication, stated_publisher
from index.titles import first_of, title_of
from index.transcripts import turns
from index.voices import ROLES, normalise_role, organisation_of

# Impact assessments, and what is attached to a report, as heads of papers.
FORM = re.compile(
    r"^(?:[A-Z][\w&]*\s+){0,5}(?:impact|risk|needs|equality|screening)\s+(?:assessment|analysis|tool)\b.{0,40}$"
    r"|^(?:EqIA|EQIA|DPIA)\b.{0,60}$",
    re.IGNORECASE,
)
APPENDIX = re.compile(r"^(?:appendix|annex|schedule)\s+(?:\d+|[A-Z])\b", re.IGNORECASE)
DEAR = re.compile(r"^Dear\s+\S")

_MEETING = re.compile(r"\bmeeting of\b.*\bwill be held\b|\bsupplementary agenda\b|^agenda\b", re.IGNORECASE)
_ENDS_IN_BODY = re.compile(rf"^[^:]*(?:{BODY.pattern}|\bauthority\b)$", re.IGNORECASE)
_FEW = 3  # words of a title that the line below it completes
_MINUTES = re.compile(r"^(?:record of )?minutes\b", re.IGNORECASE)
_HELD = re.compile(r"^(?:(?:a |the )?meeting (?:was )?)?held\b", re.IGNORECASE)
_TITLED_MINUTES = re.compile(r"^[^.]{4,80}(?::|\s[–-])\s*minutes\b[^.]{0,40}$", re.IGNORECASE)
_FIELD = re.compile(
    r"^(?P<name>portfolio holder|report from|report author|author|from|lead officer|director|title|subject|date"
    r"|report of|cabinet member|title of decision)\s*(?:[:.\t]|-)\s*-?\s*(?P<value>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_REPORT_OF = re.compile(r"\W*(?:joint |annual |verbal )*report (?:of|by)\s+(?:the\s+)?(?P<value>.+)$", re.IGNORECASE)
_ITEM = re.compile(r"(?:agenda )?item \d+[a-z]?\s*[:–-]\s*", re.IGNORECASE)
_AGENDA = re.compile(r"(?:the )?agenda(?: pack)?", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{3}")
_NEXT_FIELD = re.compile(r"[.;]\s+\W*(?=[A-Z][\w ]{2,30}:)")
_AUTHORS = (
    "report from",
    "from",
    "report of",
    "report author",
    "portfolio holder",
    "cabinet member",
)  # the likeliest first
_INSPECTOR = re.compile(r"\b(?:HMI|(?:His|Her) Majesty[’']s Inspector)\b")
_SIGNED_BY = re.compile(r"\b(Inspector|Auditor|Commissioner|Ombudsman|Regulator|Examiner)s?\b")
# "Inspection of Northam local area partnership" says more than the "Partnership report" above it.
_SUBJECT = re.compile(
    r"\b(?:inspection|re-?inspection|visit|revisit|review|audit|investigation)\b.{0,80}\b(?:of|to|in|at|into)\b",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"\b(?:inspection|visit|revisit|review|challenge|audit|judge?ment|investigation|complaint)\b", re.IGNORECASE
)
_IMPRINT_LINES = 14
_HEAD_LINES = 25
_LAST_LINES = 4
_COVER_LINES = 30
_SOON = 400  # days after a visit in which its report comes out


@dataclass(frozen=True, slots=True)
class _Lines:
    """A paper's blocks as strings. `head` are the first of them, `fields` what they name ("Report from: ...").

    `spoken` says that it is a transcript; its `all` are then the lines that nobody speaks.
    """

    text: str
    all: list[str]
    council: str | None
    spoken: bool = False

    @property
    def head(self) -> list[str]:
        return self.all[:_HEAD_LINES]

    @property
    def fields(self) -> dict[str, str]:
        matches = [
            m for m in (_FIELD.match(line.strip("*_ ")) for line in self.head) if m and _WORDS.search(m["value"])
        ]
        fields = {m["name"].lower(): _NEXT_FIELD.split(" ".join(m["value"].split()))[0] for m in matches}
        unmarked = (_REPORT_OF.match(line.strip("*_# ")) for line in self.head[:8] if len(line.split()) <= 16)
        for m in unmarked:  # "Report of the Director of Roads"
            named = normalise_role(fields.get("report of", ""))
            if m and normalise_role(m["value"]) in ROLES and (named not in ROLES or named == "members"):
                fields["report of"] = " ".join(m["value"].split())
        return fields


@dataclass(frozen=True, slots=True)
class _Said:
    """What a paper says of itself; None where it does not."""

    kind: str
    title: str | None
    published: str | None
    publisher: str | None = None
    voice: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)


def describe(
    text: str, metadata: Mapping[str, str], source: str, council: str | None, *, alone: bool
) -> tuple[Document, Mapping[str, str]]:
    """The document that a paper's `text` is, and other names of its voice.

    Args:
        text: the whole paper.
        metadata: what the file's format says of it (`title`).
        source: the file's name, which may hold a date.
        council: the organisation whose file it is, for a paper that names no other publisher.
        alone: whether the file holds no other paper, so that the date of its name is the paper's.

    Returns:
        The document, with `id`, `part_of`, `groups` and `sha256` left empty, and the aliases of its voice.
    """
    blocks = parse(text)
    said_at = {start for start, _ in turns(text, blocks)}
    unsaid = [text[b.start : b.end] for b in blocks if b.start not in said_at]
    unsaid[:_HEAD_LINES] = [line for block in unsaid[:_HEAD_LINES] for line in separate(block)]
    lines = _Lines(text, unsaid, None if said_at else council, spoken=bool(said_at))
    said = _read(lines)
    origins = {"kind": "content"}
    covers = stated_covers(said.kind, lines.all[:_COVER_LINES])
    if said.kind == "letter" and said.published and too_early(said.published, covers):
        covers = None  # a letter is as old as its date: what it names is a visit to come
    found = authority_of(text, lines.all[:_HEAD_LINES], source)
    published = _published(said, lines, covers, metadata, source, alone=alone)
    given = said.title or ("" if said.kind == "letter" else None)
    title = title_of(given, lines.all[:3] if lines.spoken else lines.head, metadata.get("title", ""), source, text)
    covers = covers or year_of(title[0])
    publisher = said.publisher or _imprint(said.kind, lines) or lines.council
    for name, value in (
        ("title", title),
        ("authority", found),
        ("published", published),
        ("covers", covers and (covers, "content")),
        ("publisher", publisher and (publisher, "content")),
        ("voice", (said.voice or publisher) and ("", "content")),
    ):
        if value:
            origins[name] = value[1]
    document = Document(
        id="",
        source=source,
        title=title[0],
        kind=said.kind,
        publisher=publisher,
        voice=said.voice or publisher,
        published=published[0] if published else None,
        covers=covers,
        part_of=None,
        groups=(),
        sha256="",
        authority=found[0] if found else None,
        origins=origins,
    )
    return document, said.aliases


def _published(
    said: _Said, lines: _Lines, covers: Period | None, metadata: Mapping[str, str], source: str, *, alone: bool
) -> tuple[str, str] | None:
    """When the paper was published, ISO 8601, and where that was found.

    A date of the file itself counts only where it follows soon on the visit it reports on: files are often made anew.
    """
    if (stated := stated_publication(lines.head, lines.all[-_LAST_LINES:])) and (day := iso_of(stated)):
        return day, "content"
    if said.published and (said.kind == "agenda" or not too_early(said.published, covers)):
        named = date_of_name(source) if alone and len(said.published) < 10 else None
        # The folder of a meeting is more precise than "2025-26" in a title.
        nearer = named and len(named[0]) > len(said.published) and named[0].startswith(said.published[:4])
        return named if named and nearer else (said.published, "content")
    if (issued := metadata.get("published", "")[:10]) and parse_iso(issued):
        return issued, "metadata"
    if alone and (named := date_of_name(source)):
        return named
    created = parse_iso(metadata.get("created", "")[:10])
    if created and created.end and covers and covers.end and 0 <= (created.end - covers.end).days <= _SOON:
        return created.end.isoformat(), "metadata"
    year = copyright_year(lines.text) if covers else None
    return (year, "content") if year and not too_early(year, covers) else None


def _imprint(kind: str, lines: _Lines) -> str | None:
    """The publisher that a notice of copyright at the paper's end names by its address."""
    imprint = "\n".join(lines.all[-_IMPRINT_LINES:])
    if kind in {"minutes", "agenda"} or not copyright_year(imprint):
        return None
    return organisation_of(imprint, names_in=lines.text)


def _read(lines: _Lines) -> _Said:
    """What a paper says of itself, by the kind of its first lines; a line "Published by" tells the most."""
    said = _by_kind(lines)
    if (by := stated_publisher(lines.head)) is None:
        return _under_masthead(said, lines)
    above, publisher = by
    title = _title_over(above) or said.title
    voice = said.voice if said.kind != "letter" else publisher
    aliases = said.aliases if said.publisher == publisher else {}
    if not aliases and publisher != lines.council:
        aliases = _aliases(" ".join(lines.head).title(), publisher)
    return replace(said, title=title, publisher=publisher, voice=voice, aliases=aliases)


def _under_masthead(said: _Said, lines: _Lines) -> _Said:
    """What a paper says of itself, with the organisation as publisher whose name stands at its head."""
    head = lines.head[: next((i for i, line in enumerate(lines.head) if DEAR.match(line)), len(lines.head))]
    if lines.spoken or (publisher := masthead(head)) is None or publisher == lines.council:
        return said
    voice = publisher if said.kind == "letter" else said.voice
    if said.publisher != publisher:
        said = replace(said, aliases=_aliases(" ".join([*lines.head, *lines.all[-_LAST_LINES:]]), publisher))
    return replace(said, publisher=publisher, voice=voice)


def _aliases(words: str, publisher: str) -> dict[str, str]:
    """Other names of a publisher: of an inspectorate, "inspectors"."""
    role = _SIGNED_BY.search(words)
    return {role[1].lower() + "s": publisher, role[1].lower(): publisher} if role else {}


def _title_over(lines: Sequence[str]) -> str | None:
    """The title among the lines over the publisher's: the first that does not only name a body."""
    named = [line for line in lines if _ENDS_IN_BODY.search(line) and not _MINUTES.match(line)]
    others = [line for line in lines if line not in named]
    if not others:
        return named[-1] if named else None
    if _MINUTES.match(others[0]) and named and not BODY.search(others[0]):
        return _minutes_of(named[-1])
    return f"{others[0]}: {others[1]}" if len(others[0].split()) < _FEW and len(others) > 1 else others[0]


def _by_kind(lines: _Lines) -> _Said:  # noqa: PLR0911 - one kind of paper after another
    head = lines.head
    if lines.spoken:
        return _Said("transcript", None, first_date([line for line in head[:8] if len(line.split()) <= 25]))
    if any(DEAR.match(line) for line in head):
        return _letter(lines)
    if any(_MINUTES.match(line) for line in head[:12]) or any(_TITLED_MINUTES.match(line) for line in head[:2]):
        return _minutes(lines)
    if _MEETING.search(" ".join(head[:4])):
        title = head[0] if len(head[0].split()) > 1 or len(head) < 2 else f"{head[0]}: {_first_line(head[1])}"
        if is_organisation(head[0]) and (named := titles(head[1:6])):
            title = named[0] if len(named) < 2 else f"{named[0]}: {named[1]}"
        return _Said("agenda", title, labelled_date(lines.all) or first_date(head))
    if head and FORM.match(_first_line(head[0])):
        return _assessment(lines)
    if any(_AGENDA.fullmatch(line.strip("*_# ")) for line in head[:10]):
        return _agenda(head)
    if len(head) > 2 and BODY.search(head[0]) and head[0].isupper() and ":" not in head[0]:
        return _report(lines)
    return _other(lines)


def _agenda(head: Sequence[str]) -> _Said:
    bodies = (line for line in head[:5] if _ENDS_IN_BODY.search(line) and not is_organisation(line))
    if (body := next(bodies, None)) is None:
        return _Said("agenda", None, first_date(head[:8]))
    return _Said("agenda", f"{body}: {'AGENDA' if body.isupper() else 'agenda'}", first_date(head[:8]))


def _letter(lines: _Lines) -> _Said:
    dear = next(i for i, line in enumerate(lines.all) if DEAR.match(line))
    letterhead = lines.all[:dear]
    below = [line for line in lines.all[dear + 1 : dear + 3] if not (line.rstrip().endswith(".") or is_heading(line))]
    above = filter(_EVENT.search, titles([line for block in letterhead for line in block.split("\n")]))
    publisher = organisation_of("\n".join(letterhead), names_in=lines.text) or lines.council
    yours = next((i for i, line in enumerate(lines.all) if line.startswith("Yours")), len(lines.all))
    if publisher == lines.council and _INSPECTOR.search(" ".join(lines.all[yours : yours + 4])):
        publisher = inspectorate(lines.text) or publisher
    own = publisher is None or publisher == lines.council
    aliases = {} if own or publisher is None else _aliases(" ".join(lines.all[yours:]), publisher)
    return _Said("letter", first_of([*below, *above], 0, 20), first_date(letterhead), publisher, publisher, aliases)


def _minutes(lines: _Lines) -> _Said:
    head = lines.head[:6]
    dated = [line for line in head if len(line.split()) <= 12 or _MINUTES.match(line) or _HELD.match(line)]
    body = next((line for line in head if BODY.search(line) and _is_body(line)), None)
    title = first_of(map(_meeting_of, head), 3, 25)
    if body and not (title and BODY.search(title)):
        title = _minutes_of(body)
    return _Said("minutes", title or first_of(titles(head), 3, 25) or first_of(head, 3, 25), first_date(dated))


def _is_body(line: str) -> bool:
    """Whether a line names who met, and not whose papers these are, when, or who was there."""
    return len(line.split()) <= 12 and may_be_title(line) and not _MINUTES.match(line)


def _minutes_of(body: str) -> str:
    if re.search(r"\bminutes\b", body, re.IGNORECASE):
        return body
    return f"{body}: {'MINUTES' if body.isupper() else 'minutes'}"  # a title in capitals is written small as a whole


def _meeting_of(line: str) -> str:
    """The meeting that minutes are of: "Minutes of a meeting of the Cabinet", without where and when it was held."""
    meeting = re.split(r",?\s(?:held|which|on|at)\b", line)[0].replace("MINUTES", "Minutes")
    return meeting if _MINUTES.match(line) else ""


def _assessment(lines: _Lines) -> _Said:
    head, of = lines.head, lines.fields.get("title")
    title = _first_line(head[0]) + (f": {of}" if of else "")
    published = first_date([line for line in head if line.upper().startswith("DATE")]) or first_date(head)
    return _Said("assessment", title, published, voice="officers")


def _report(lines: _Lines) -> _Said:
    fields = lines.fields
    title = first_of((line for line in titles(lines.head[1:8]) if not line.rstrip().endswith(":")), 2, 200)
    named = fields.get("title of decision") or fields.get("title") or fields.get("subject") or title
    published = first_date(lines.head[:4]) or first_date(lines.head[4:7])
    return _Said("report", named and _ITEM.sub("", named), published, voice=_author(fields))


def _other(lines: _Lines) -> _Said:
    fields, head = lines.fields, lines.head
    kind = "appendix" if head and APPENDIX.match(head[0]) else "report" if fields else "paper"
    published = first_date([line for line in head[:8] if _may_date(line)])
    likely = titles(head[:12])
    named = next((line for line in likely if 3 < len(line.split()) <= 30 and _SUBJECT.search(line)), None)
    if named and (named.rstrip().endswith(".") or ":" in named):
        named = None
    title = fields.get("subject") or fields.get("title") or named
    title = title and _ITEM.sub("", title)
    return _Said("report" if named and kind == "paper" else kind, title, published, voice=_author(fields))


def _may_date(line: str) -> bool:
    """Whether a date in a line may be the paper's own: not one in a sentence or a table, nor that of something else."""
    words = len(line.split())
    sentence = words > 8 and line.rstrip().endswith(".")
    return words <= 25 and not sentence and line.count("\t") < 2 and not is_labelled(line)


def _author(fields: Mapping[str, str]) -> str | None:
    name = next((name for name in _AUTHORS if fields.get(name)), "")
    return normalise_role(f"{name}, {fields[name]}" if name in _AUTHORS[-2:] else fields[name]) if name else None


def _first_line(block: str) -> str:
    return block.partition("\n")[0].strip()
