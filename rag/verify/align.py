"""How well the words of a claim are met by those of its quotes: one by one, in pairs, and around each number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.verify.figures import figures
from rag.words import FUNCTION_WORDS, content_words, covered, stem, stems, words

_CLAUSE = re.compile(r"[;:,–—]\s|\s(?:but|however|although|though|while|whereas|who|which)\s")
_NEAR = 6  # words between which two words of a pair may stand in the quote


# Words that may not be left out of a sentence without changing what it says.
_WEIGHTY = re.compile(
    r"(?:not|no|never|none|nor|neither|without|cannot|few|some|most|many|may|might|could|should|would|if|unless|except|only|"
    r"almost|nearly|partly|less|more|than|before|after|until|lack\w*|fail\w*|refus\w+|propos\w+|plan\w*|expect\w*|aim\w*|"
    r"begin\w*|begun|hope\w*|consider\w*|against|but|however|although|while|whereas)",
    re.IGNORECASE,
)


def quoted_in_part(claim: str, sentences: Sequence[str]) -> bool:
    """Whether a claim is one of the sentences with words left out, none of which turns or limits what is left."""
    mine = [word.lower() for word in words(claim)]
    return len(mine) > 2 and any(_part_of(mine, [word.lower() for word in words(sentence)]) for sentence in sentences)


def _part_of(mine: Sequence[str], other: Sequence[str]) -> bool:
    for start, word in enumerate(other):
        if word != mine[0]:
            continue
        place = start
        for wanted in mine:
            while place < len(other) and other[place] != wanted:
                if _WEIGHTY.fullmatch(other[place]):
                    place = len(other)
                place += 1
            if place >= len(other):
                break
            place += 1
        else:
            return True
    return False


def lexical(claim: str, sentences: Sequence[str]) -> dict[str, float]:
    """Features of shared words, 0 to 1.

    `cover`: share of the claim's content words in all quotes together; `cover_best`: in the one sentence that has most;
    `exact`: as `cover`, without synonyms; `pairs`: share of the claim's neighbouring content words that also stand near
    each other in one sentence; `longest`: the longest run of words in common, of the claim's length; `novel`: content
    words that no quote has, squashed; `figure_fit`: how much of what stands around the claim's numbers stands around
    the same numbers in the quotes, the worst of them; `cover_clause`: as `cover_best`, in one clause; `disorder`:
    share of the claim's neighbouring words that the quote has in the opposite order.
    """
    terms = content_words(claim)
    everything = stems(" ".join(sentences))
    each = [stems(sentence) for sentence in sentences]
    met = [covered(term, everything) for term in terms]
    best = max((_share(terms, present) for present in each), default=0.0)
    missing = sum(value == 0.0 for value in met)
    return {
        "cover": sum(met) / len(met) if met else 1.0,
        "exact": sum(value == 1.0 for value in met) / len(met) if met else 1.0,
        "cover_best": best,
        "cover_clause": max((_share(terms, stems(c)) for s in sentences for c in _CLAUSE.split(s)), default=0.0),
        "disorder": _disorder(claim, sentences),
        "pairs": _pairs(claim, sentences),
        "longest": _longest(claim, sentences),
        "novel": missing / (missing + 2.0),
        "figure_fit": _figure_fit(claim, sentences),
    }


def _share(terms: Sequence[str], present: frozenset[str]) -> float:
    return sum(covered(term, present) for term in terms) / len(terms) if terms else 1.0


def _meant(text: str) -> list[str]:
    """The stems of the content words of a text, in order, with repeats."""
    return [stem(word) for word in words(text) if word.lower() not in FUNCTION_WORDS]


def _pairs(claim: str, sentences: Sequence[str]) -> float:
    meant = _meant(claim)
    pairs = [(a, b) for a, b in pairwise(meant) if a != b]
    if not pairs:
        return 1.0
    near: set[tuple[str, str]] = set()
    for sentence in sentences:
        other = _meant(sentence)
        for i, a in enumerate(other):
            near.update((a, b) for b in other[i + 1 : i + _NEAR])
            near.update((b, a) for b in other[i + 1 : i + _NEAR])
    return sum(pair in near for pair in pairs) / len(pairs)


def _disorder(claim: str, sentences: Sequence[str]) -> float:
    mine = _meant(claim)
    if re.search(r"\bby\b", claim) and not any(re.search(r"\bby\b", s) for s in sentences):
        return 0.0  # put in the passive
    worst = 0.0
    for sentence in sentences:
        place = {root: i for i, root in reversed(list(enumerate(_meant(sentence))))}
        known = [place[root] for root in mine if root in place]
        if len(known) > 1:
            turned = sum(b < a for a, b in pairwise(known)) / (len(known) - 1)
            worst = max(worst, turned * len(known) / len(mine))
    return worst


def _longest(claim: str, sentences: Sequence[str]) -> float:
    mine = [stem(word) for word in words(claim)]
    best = 0
    for sentence in sentences:
        other = [stem(word) for word in words(sentence)]
        row = [0] * (len(other) + 1)
        for a in mine:
            row = [0] + [row[j] + 1 if a == b else 0 for j, b in enumerate(other)]
            best = max(best, *row)
    return best / len(mine) if mine else 1.0


def _figure_fit(claim: str, sentences: Sequence[str]) -> float:
    """The worst number's share of neighbouring words (five on either side) that it also has in a quote."""
    fits = []
    mine = figures(claim)
    for figure in mine:
        around = _around(claim, figure.start, figure.end)
        best = 0.0
        for sentence in sentences:
            for other in figures(sentence):
                if other.value == figure.value and around:
                    there = _around(sentence, other.start, other.end, 9)
                    best = max(best, sum(covered(word, there) for word in around) / len(around))
        fits.append(best if around else 1.0)
    return min(fits, default=1.0)


def _around(text: str, start: int, end: int, reach: int = 5) -> frozenset[str]:
    before, after = words(text[:start])[-reach:], words(text[end:])[:reach]
    return frozenset(
        stem(word) for word in (*before, *after) if word.lower() not in FUNCTION_WORDS and not word[0].isdigit()
    )
