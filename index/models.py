"""The nouns of the index. Frozen; no vector and no score lives on a document or a passage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends included. `None` leaves an end open."""

    start: date | None = None
    end: date | None = None

    def overlaps(self, other: Period) -> bool:
        """Whether the two spans share at least one day."""
        return (self.start is None or other.end is None or self.start <= other.end) and (
            other.start is None or self.end is None or other.start <= self.end
        )

    def within(self, other: Period) -> bool:
        """Whether every day of this span lies in `other`."""
        return (other.start is None or (self.start is not None and self.start >= other.start)) and (
            other.end is None or (self.end is not None and self.end <= other.end)
        )

    def as_dict(self) -> dict[str, str | None]:
        """`{"from": ISO date or None, "to": ISO date or None}`, as the HTTP contract writes it."""
        return {
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
        }


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader makes of one file.

    `text` is what is stored and cited: no running header, footer or page number stands in it.
    `pages[i]` is the offset in `text` (Unicode code points) at which page i + 1 begins; empty when the
    format has no pages. `furniture` keeps the words that were taken out, each with its page.
    """

    text: str
    pages: tuple[int, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    furniture: tuple[tuple[int, str], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One paper: a letter, a report, minutes, an agenda. A file may hold several.

    `source` is the file's path relative to the indexed folder. `published` is ISO 8601, as precise as is
    known (`2021-07-08`, `2021-07`, `2021`). `covers` is the period the paper reports on, where it says so.
    `part_of` is the id of the first paper of the same file, for the others. `groups` are the access groups
    that may see it; empty means everyone. `sha256` is that of the whole file. `voice` is who speaks in it.
    `authority` is whose services or business it is about, by its everyday name ("Kent"). `origins` says of each of
    title, kind, publisher, authority, voice, published and covers where it was found: in the "content", the file's
    "metadata", the "folder" or the "name"; what is not known has none. `superseded_by` is the id of a
    later version of the same paper.
    """

    id: str
    source: str
    title: str
    kind: str
    publisher: str | None
    voice: str | None
    published: str | None
    covers: Period | None
    part_of: str | None
    groups: tuple[str, ...]
    sha256: str
    authority: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one document that is searched and cited as a whole.

    `text == document_text[start:end]`, in Unicode code points. `context` is what a reader knows before
    reading it (paper title, heading, the list's lead-in, the table's heads with tabs between them): it is indexed with
    the passage, never cited.
    `page` counts from 1; `paragraph` is the printed number ("7.4"); `voice` is who speaks here;
    `periods` are the dates and spans its sentences mention; `page_breaks` the document's offsets at which further pages
    begin inside it.
    """

    document_id: str
    start: int
    end: int
    text: str
    context: str = ""
    page: int | None = None
    heading: str | None = None
    paragraph: str | None = None
    voice: str | None = None
    periods: tuple[Period, ...] = ()
    page_breaks: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The page on which the document's character at `offset` stands; None when the format has no pages."""
        return self.page and self.page + sum(start <= offset for start in self.page_breaks)


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be searched. Applied before the nearest neighbours are taken, never after.

    `published`: only papers whose date lies in it, so never a paper without a date.
    `period`: only passages that speak of that time: the paper is dated in it, covers it, or the passage mentions it.
    `voice`: only passages spoken by, or naming, that voice. `groups`: the asker's access groups.
    `authorities`: only papers about one of them, by the names that `Document.authority` has.
    A paper that a later version supersedes is found only when `documents` names it, or when `period` holds its date
    and not the later one's.
    `None` (or empty) leaves a field open.
    """

    documents: tuple[str, ...] | None = None
    published: Period | None = None
    period: Period | None = None
    voice: str | None = None
    groups: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, its document, and its score at each stage (higher is better)."""

    key: int
    passage: Passage
    document: Document
    scores: Mapping[str, float]
