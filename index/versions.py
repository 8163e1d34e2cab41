"""Which papers are versions of one paper: exact copies, and drafts that a later paper supersedes.

A paper's words are sketched by MinHash (Broder 1997): the share of equal numbers in two sketches estimates the share of
three-word runs that two texts have in common. Reports that look alike but are of two years or of two authorities are
no versions of one another, however much of their wording they share.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import PurePosixPath
from zlib import crc32

import numpy as np
import numpy.typing as npt

from index.authorities import fold
from index.dates import find_periods, parse_iso
from index.engines import Engine
from index.models import Document
from index.published import date_of_name

_HASHES = 128
_BANDS = 32  # of four hashes: two texts that share 60 % of their runs meet in one of them nearly always
_RUN = 3
_SAME = 0.65
"""The least share of common runs of a draft and the final paper."""
_DAYS = 120
"""The most days between the dates of two versions of one paper."""
_WORD = re.compile(r"\w+")
_STAGE = re.compile(
    r"\b(?:drafts?|finals?|copy|copies|version|v|revised|updated?|amended|supplementary|supplement|clean|tracked|changes|"
    r"published|appendix|annex|item|\d+|[a-z])\b"
)
_FINAL = re.compile(r"\b(?:final|approved|adopted|published|revised|updated)\b", re.IGNORECASE)
_DRAFT = re.compile(r"\b(?:draft|consultation|proposed)\b", re.IGNORECASE)

Hashes = npt.NDArray[np.uint64]
_RANDOM = np.random.default_rng(1)
_FACTORS: Hashes = _RANDOM.integers(1, 2**63, _HASHES, dtype=np.uint64) | np.uint64(1)
_SHIFTS: Hashes = _RANDOM.integers(0, 2**63, _HASHES, dtype=np.uint64)


def sketch(text: str) -> bytes:
    """The sketch of a text's words, 512 bytes; empty for a text of fewer than three words."""
    words = _WORD.findall(text.lower())
    runs = {" ".join(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}
    if not runs:
        return b""
    lowest = np.full(_HASHES, np.iinfo(np.uint64).max, dtype=np.uint64)
    hashed = np.fromiter((crc32(run.encode()) for run in runs), np.uint64, len(runs))
    for part in np.array_split(hashed, len(hashed) // 4096 + 1):
        # Multiplication by an odd number permutes the numbers below 2**64.
        lowest = np.minimum(lowest, (part[:, None] * _FACTORS + _SHIFTS).min(axis=0))
    return (lowest >> np.uint64(32)).astype("<u4").tobytes()


def similarity(one: bytes, other: bytes) -> float:
    """The share (0 to 1) of three-word runs that two sketched texts have in common, estimated."""
    if not one or not other:
        return 0.0
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


def update(engine: Engine) -> None:
    """Tell versions anew, unless nothing has changed since that was last done."""
    if engine.versions_known:
        return
    version = engine.version
    engine.supersede(superseded(engine.sketches()), version)


def superseded(papers: Sequence[tuple[Document, bytes]]) -> dict[str, str]:
    """Which papers a later version supersedes: id -> id of the last one. Papers that were not sketched have none."""
    known = {document.id: (document, words) for document, words in papers if words}
    order = {document.id: place for place, (document, _) in enumerate(papers)}
    chosen: dict[str, str] = {}
    for ids in _groups(known):
        last = max(ids, key=lambda id_: (*_age(known[id_][0]), -order[id_]))
        chosen |= {id_: last for id_ in ids if id_ != last}
    return chosen


def _groups(known: Mapping[str, tuple[Document, bytes]]) -> list[list[str]]:
    """The versions of each paper of which there are several. Each is like the others, not only like one of them."""
    buckets: dict[tuple[int, bytes], list[str]] = defaultdict(list)
    for id_, (_, words) in known.items():
        width = len(words) // _BANDS
        for band in range(_BANDS):
            buckets[band, words[band * width : (band + 1) * width]].append(id_)
    pairs = {pair for ids in buckets.values() if 1 < len(ids) <= 200 for pair in combinations(ids, 2)}
    alike = {pair for pair in pairs if _are_versions(known[pair[0]], known[pair[1]])}
    groups: list[list[str]] = []
    for one, other in sorted(alike):
        home = next((g for g in groups if one in g or other in g), None)
        if home is None:
            groups.append([one, other])
            continue
        new = other if one in home else one
        if new not in home and all((new, id_) in alike or (id_, new) in alike for id_ in home):
            home.append(new)
    return groups


def _are_versions(one: tuple[Document, bytes], other: tuple[Document, bytes]) -> bool:
    (a, _), (b, _) = one, other
    like = similarity(one[1], other[1])
    if a.groups != b.groups or a.authority != b.authority or like < _SAME:
        return False
    if a.covers != b.covers or not _near(a, b):
        return False
    if {a.kind, b.kind} & {"minutes", "agenda"} and not _near(a, b, 0):
        return False  # of two meetings
    return like == 1.0 or _subject(a.title) == _subject(b.title) or _same_name(a, b)


def _near(a: Document, b: Document, days: int = _DAYS) -> bool:
    one, other = parse_iso(a.published or ""), parse_iso(b.published or "")
    if not (one and other and one.start and other.start):
        return True
    return one.overlaps(other) or abs((one.start - other.start).days) <= days


def _subject(title: str) -> str:
    """A title without its date and the words for a stage ("draft", "v2"): what two versions share."""
    for mention in reversed(find_periods(title)):
        title = title[: mention.start] + title[mention.end :]
    return " ".join(_STAGE.sub(" ", fold(title)).split())


def _same_name(a: Document, b: Document) -> bool:
    names = [_subject(PurePosixPath(d.source).stem.replace("_", " ")) for d in (a, b)]
    return names[0] == names[1] != ""


def _age(document: Document) -> tuple[bool, str, str, int]:
    """What orders versions: a draft before what is none, then by date, then by what the names call them."""
    words = f"{document.title} {document.source}"
    named = date_of_name(document.source)
    return (
        not _DRAFT.search(words),
        document.published or "",
        named[0] if named else "",
        len(_FINAL.findall(words)),
    )
