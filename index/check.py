"""What to mend in an index: papers nobody can place, parts nobody can read, papers that are there twice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from index.engines import Engine
from index.models import Document

Kind = Literal["no_date", "no_publisher", "unreadable", "duplicate"]

TELLS: Mapping[Kind, tuple[str, str]] = {
    "no_date": (
        "papers without a date",
        "A question that names a year never finds them. Put the date on the paper's first page, in its file's name "
        "or in footnote.yaml.",
    ),
    "no_publisher": (
        "papers without a publisher",
        "A question about what somebody said never finds them. Put who wrote it on the paper's first page "
        "or in footnote.yaml.",
    ),
    "unreadable": (
        "files with parts that could not be read",
        "Nothing in these parts is found. Each says what to do.",
    ),
    "duplicate": (
        "texts that are there more than once",
        "An answer may cite the copy. Remove all but one from the folder and index it again.",
    ),
}
"""Each kind of finding, how several are called, and why it matters and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend. `documents` are the papers it is about, `sources` their files, `what` says more."""

    kind: Kind
    documents: tuple[str, ...]
    sources: tuple[str, ...]
    what: str


def check(engine: Engine) -> Iterator[Finding]:
    """Everything there is to mend, kind by kind, in the order of `TELLS`."""
    papers = list(all_documents(engine))
    yield from (Finding("no_date", (d.id,), (d.source,), d.title) for d in papers if d.published is None)
    yield from (Finding("no_publisher", (d.id,), (d.source,), d.title) for d in papers if d.publisher is None)
    for record in engine.sources():
        held = tuple(document.id for document in engine.documents_of(record.source, record.root))
        yield from (Finding("unreadable", held, (record.source,), problem) for problem in record.problems)
    for same in alike(papers, lambda document: engine.text(document.id)):
        yield Finding("duplicate", tuple(d.id for d in same), tuple(d.source for d in same), same[0].title)


def alike(papers: Iterable[Document], text: Callable[[Document], str]) -> list[tuple[Document, ...]]:
    """Papers of one text, white space aside, in groups of two or more."""
    groups: dict[bytes, list[Document]] = defaultdict(list)
    for paper in papers:
        groups[hashlib.sha256(" ".join(text(paper).split()).encode()).digest()].append(paper)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def all_documents(engine: Engine, query: str = "") -> Iterator[Document]:
    """Every document, page by page."""
    cursor: str | None = None
    while True:
        page = engine.documents(query, 200, cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return
