"""Whether words of one text occur in another, when spaces, quote marks, dashes and capitals do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from eval.models import Evidence

ENOUGH = 0.6
"""The share of an evidence's words that must be there for the evidence to count as there."""
TOUCH = 0.3
"""The share of an evidence's words with which a passage or a quote counts as lying on the evidence."""
RUN = 4
"""Words in a row that two texts must share for the run to count: shorter runs are chance."""
LONG = 5
"""Letters of a word that is told apart by its beginning, unless it begins another number."""

_PLAIN = str.maketrans("‘’‚‛′“”„″‐‑‒–—−", "'''''\"\"\"\"------")
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W_]+(?:'[^\W_]+)*")


def plain(text: str) -> str:
    """Lower-cased, white space folded, quote marks and dashes made plain."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).casefold().split())


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, plain; punctuation is left out."""
    return tuple(_WORD.findall(plain(text)))


def states(text: str, variant: str) -> bool:
    """Whether `text` states a fact in the words of `variant`.

    A long last word may have an ending (`recruit` is found in `recruitment`); `14` is not found in `2014`, nor `six`
    in `sixty`.
    """
    wanted = plain(variant)
    last = re.search(r"[^\W\d_]*$", wanted)
    whole = last is None or len(last.group()) < LONG or last.group() in {"seven", "eight"}
    end = r"(?!\w)" if whole else ""
    return re.search(rf"(?<!\w){re.escape(wanted)}{end}", plain(text)) is not None


def covered(evidence: str, texts: Iterable[str]) -> float:
    """The share (0 to 1) of the evidence's words that stand, in runs of at least `RUN`, in any of the texts."""
    gold = words(evidence)
    seen: set[int] = set()
    for text in texts:
        seen |= _shared(gold, words(text))
    return len(seen) / len(gold) if gold else 0.0


@lru_cache(maxsize=65536)
def _shared(gold: tuple[str, ...], other: tuple[str, ...]) -> frozenset[int]:
    """The positions in `gold` whose words stand in `other` too, in runs."""
    if not set(gold) & set(other):
        return frozenset()
    blocks = SequenceMatcher(None, gold, other, autojunk=False).get_matching_blocks()
    least = min(RUN, len(gold), max(len(other), 1))
    return frozenset(i for block in blocks if block.size >= least for i in range(block.a, block.a + block.size))


def holds(quote: Mapping[str, Any], evidence: Evidence, key: str = "quote") -> bool:
    """Whether one citation or hit lies on an evidence: same file, and enough of its words, or nothing but them.

    A quote that is itself wholly inside the evidence counts when it is more than a scrap (`TOUCH`).
    """
    if quote["source"] != evidence.source:
        return False
    share = covered(evidence.text, [quote[key]])
    if share >= ENOUGH:
        return True
    inside = covered(quote[key], [evidence.text])
    return share >= TOUCH and inside >= 1.0


def found(evidence: Evidence, quotes: Sequence[Mapping[str, Any]], key: str = "quote") -> bool:
    """Whether the quotes together hold enough of the evidence."""
    texts = [q[key] for q in quotes if q["source"] == evidence.source]
    return covered(evidence.text, texts) >= ENOUGH


def rank(group: Sequence[Evidence], hits: Sequence[Mapping[str, Any]]) -> int | None:
    """The rank (from 1) at which the hits down to it hold one evidence of the group; None when they never do."""
    best: int | None = None
    for evidence in group:
        for k, hit in enumerate(hits, 1):
            if best is not None and k >= best:
                break
            if hit["source"] == evidence.source and found(evidence, hits[:k], "text"):
                best = k
                break
    return best
