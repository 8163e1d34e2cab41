"""Misspelt words mended towards the words of the papers; words that any reader knows are left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.words import FUNCTION_WORDS

if TYPE_CHECKING:
    from spellchecker import SpellChecker

# English as it is typed in a hurry.
_SHORTHAND = {
    "wot": "what", "wots": "what's", "whats": "what's", "wich": "which", "wen": "when", "wer": "where", "hu": "who",
    "y": "why", "r": "are", "u": "you", "n": "and", "duz": "does", "ppl": "people", "plz": "please", "pls": "please",
    "cos": "because", "bout": "about", "abuot": "about", "abt": "about", "wat": "what", "hav": "have", "sed": "said",
    "thier": "their", "teh": "the", "dont": "don't", "didnt": "didn't", "im": "I'm", "w": "with",
    "yr": "year", "yrs": "years", "info": "information",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")


def _forms(word: str) -> list[str]:
    """The word, and what it may be an inflection of."""
    ends = ("s", "es", "ed", "d", "ing", "er", "ers", "ly")
    return [word, *(word.removesuffix(end) for end in ends if word.endswith(end) and len(word) - len(end) > 3)]


def _joined(text: str, match: re.Match[str]) -> bool:
    """Whether a word is part of something longer: "one-pager", "U-turn", "R&D", "w/c", "n.b."."""
    return bool(re.search(r"[-/&@]$|\w\.$", text[: match.start()]) or re.match(r"[-/&@]|\.\w", text[match.end() :]))


@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    """The English words of pyspellchecker, read when the first word is met that nothing else knows."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)


def mend(text: str, vocabulary: Mapping[str, int], known: Callable[[str], bool]) -> str:
    """`text` with misspelt words replaced.

    Args:
        vocabulary: lower-case words of the papers and in how many passages each stands.
        known: whether a lower-case word is an ordinary word of the language.

    A word is misspelt when neither the papers nor the language nor a dictionary know it; it becomes the papers' nearest
    word within one edit (four and five letters) or two (longer, and only with the same first letter), the more frequent
    first. The distance is optimal string alignment, in which a swap of neighbours is one edit (Damerau 1964).
    """

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        low = word.lower().replace("’", "'")
        capitals = word.isupper() and not text.isupper()
        if _joined(text, match) or (capitals and match.start()):
            return word  # part of something longer, an abbreviation, "Annex R"
        if low in _SHORTHAND:
            return _SHORTHAND[low]
        stem = re.sub(r"'s?$", "", low)
        if (
            capitals
            or len(stem) < 4
            or low in FUNCTION_WORDS
            or any(form in vocabulary or known(form) for form in _forms(stem))
            or stem in _dictionary()
        ):
            return word
        limit = 1 if len(stem) < 6 else 2
        found = process.extract(stem, vocabulary.keys(), scorer=OSA.distance, score_cutoff=limit, limit=12)
        near = [
            (candidate, distance)
            for candidate, distance, _ in found
            if len(candidate) > 3 and (distance == 1 or candidate[0] == stem[0])
        ]
        if not near or (word[0].isupper() and not word.isupper() and match.start() > 0):
            return word
        best = min(near, key=lambda pair: (pair[1], pair[0][0] != stem[0], -vocabulary[pair[0]]))[0]
        return best.upper() if word.isupper() else best

    return _WORD.sub(replace, text)
