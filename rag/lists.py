"""Whether a list answers a question as a whole, or only one of its items does."""

from __future__ import annotations

from collections.abc import Sequence

from rag.lexicon import Lexicon
from rag.words import coverage, covered

_OPEN = 0.3
"""The share of the question, by weight, that heading and lead-in must leave open for items to be told apart by it."""


def one_says_it(terms: Sequence[str], lead: str, items: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether what a list's heading and lead-in leave open of a question stands in one item, and not in most of them.

    "What needs to improve?" asks for the list, "What needs to improve for care leavers?" for the item that names them.
    """
    known = lexicon.expand(lead)
    if len(items) < 2 or 1.0 - coverage(terms, known, lexicon.weight) < _OPEN:
        return False
    left = [term for term in terms if not covered(term, known)]
    shares = [coverage(left, lexicon.expand(item), lexicon.weight) for item in items]
    whole = coverage(left, lexicon.expand(" ".join(items)), lexicon.weight)
    return 0.0 < whole <= max(shares) and 2 * sum(share > 0.0 for share in shares) < len(items) + 1
