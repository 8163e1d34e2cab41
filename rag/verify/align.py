"""How well the words of a claim are met by those of its quotes: one by one, in order, and around each number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.dates import find_periods
from index.voices import SPEECH
from rag.verify.figures import NUMBERS, figures, without_dates
from rag.words import FUNCTION_WORDS, WORD, content_words, covered, stem, stems, words

# Words that may not be left out of a sentence without changing what it says.
_WEIGHTY = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|few|some|most|many|may|might|could|should|would|almost|nearly|"
    r"partly|less|more|than|before|after|lack\w*|fail\w*|refus\w+|propos\w+|plan\w*|expect\w*|aim\w*|begin\w*|begun|"
    r"hope\w*|consider\w*|against|whether|claim\w*|alleg\w+)\b|n['’]t\b",
    re.IGNORECASE,
)
# What makes the rest of a sentence hold in some cases only, wherever it stands.
_LIMITS = re.compile(
    r"\b(?:if|unless|except|only|until|provided|providing|subject to|on condition|as long as|in case|instead|"
    r"rather than)\b",
    re.IGNORECASE,
)
_SIDE = re.compile(r"[,;:()–—]")  # sets a part of a sentence off from the rest
_JOIN = re.compile(r"(?:\s*[,;:–—])?\s+(?:and|but|while|whereas|although|though)\s+|\s*[;:]\s+")
_SAME_SUBJECT = re.compile(r"^(?:it|they|he|she)\s+also\s+|^(?:and|but|however,?|also,?)\s+", re.IGNORECASE)
_JOINING = frozenset(["and", "but", "while", "whereas", "although", "though", "because"])
_LIGHT = frozenset(["a", "an", "the", "that", "also", "however", "therefore", "and", "but"])
_ARTICLE = re.compile(r"\b(?:an?|the|also)\s+$", re.IGNORECASE)
_DOUBT = re.compile(rf"{_WEIGHTY.pattern}|\b(?:suggest|recommend|request|nobody|hardly|rarely)\w*", re.IGNORECASE)
_TOLD_THAT = re.compile(
    rf"[^,;:–—]*\b(?:{SPEECH}|aware|clear|heard|learnt|learned|informed|reminded|pleased)(?:\s+by\s+[\w\s]+?|\s+\w+)?"
    r"\s+that\s+$",
    re.IGNORECASE,
)
_ALIKE = {"are": "is", "were": "was", "have": "has", "whilst": "while", "cannot": "can't"}


def quoted_in_part(claim: str, sentences: Sequence[str]) -> bool:
    """Whether a claim is made of whole parts of the sentences, in their words and order.

    Parts are set off by punctuation or a conjunction, and what is left out neither turns nor limits the rest. What a
    claim joins from two sentences must be a part of the one and the beginning of the next.
    """
    return any(_part_of(claim, sentence) for sentence in sentences) or any(
        _part_of(claim[: join.start()], sentence) and _begins(claim[join.end() :], sentences[place + 1 :])
        for join in _JOIN.finditer(claim)
        for place, sentence in enumerate(sentences)
    )


def _begins(claim: str, sentences: Sequence[str]) -> bool:
    """Whether a claim is the beginning of the first sentence, or of the first and those that follow."""
    if not sentences:
        return False
    first = _SAME_SUBJECT.sub("", sentences[0])
    return _part_of(claim, first, opening=True) or any(
        _part_of(claim[: join.start()], first, opening=True) and _begins(claim[join.end() :], sentences[1:])
        for join in _JOIN.finditer(claim)
    )


def _part_of(claim: str, sentence: str, *, opening: bool = False) -> bool:
    """Whether a claim is one whole part of a sentence, or several with what stands between them left out."""
    mine, other = [word for word, _, _ in _tokens(claim)], _tokens(sentence)
    starts = [i for i, (_, start, _) in enumerate(other) if _set_off(sentence[:start], after=False)]
    return len(mine) > 2 and any(_runs(mine, other[i:], sentence) for i in (starts[:1] if opening else starts))


def _runs(mine: Sequence[str], other: Sequence[tuple[str, int, int]], sentence: str) -> bool:
    """Whether the words of a claim run through a sentence from the first of `other` on to the end of a part of it."""
    word, start, end = other[0]
    outside = sentence[:start]
    if word != mine[0]:
        return False
    rest = iter(other[1:])
    for wanted in mine[1:]:
        following = next(((s, e) for word, s, e in rest if word == wanted), None)
        if following is None:
            return False
        gap = sentence[end : following[0]].strip()
        if _tokens(gap) and not _may_be_left_out(gap):
            return False
        outside, end = f"{outside} {gap}", following[1]
    return _set_off(sentence[end:], after=True) and not _LIMITS.search(outside + sentence[end:])


def _may_be_left_out(gap: str) -> bool:
    """Whether what stands between two parts of a sentence is set off on both sides, another predicate, or a date."""
    if find_periods(gap) and _says_little(without_dates(gap)):
        return not _WEIGHTY.search(gap)
    aside = len(gap) > 2 and _SIDE.match(gap[0]) and _SIDE.match(gap[-1])
    predicate = re.search(r"\band$", gap) and not re.search(r"\d", gap)
    return bool(aside or predicate) and not _WEIGHTY.search(gap)


def _says_little(text: str) -> bool:
    return all(word.lower() in FUNCTION_WORDS for word in words(text))


def _set_off(text: str, *, after: bool) -> bool:
    """Whether what stands before a part of a sentence, or `after` it, is nothing, punctuation or a conjunction.

    Before it, also "It was noted that": who says so may be left out, a doubt or a wish may not. After it, also a date.
    """
    if not after:
        text = _ARTICLE.sub("", text)
        told = _TOLD_THAT.search(text, max(0, len(text) - 200))
        text = text[: told.start()] if told and not _DOUBT.search(told[0]) else text
    elif (dates := find_periods(text)) and _says_little(text[: dates[0].start]):
        text = text[dates[0].end :]
    near = text.strip()
    if not words(near) or _SIDE.match(near[0 if after else -1]):
        return True
    return words(near)[0 if after else -1].lower() in _JOINING


def _tokens(text: str) -> list[tuple[str, int, int]]:
    """The words of a text without articles and the like, each as its stem with where it stands."""
    found = []
    for match in WORD.finditer(text):
        word = match[0].lower()
        if word not in _LIGHT:
            found.append((_ALIKE.get(word) or NUMBERS.get(word) or stem(word), match.start(), match.end()))
    return found


def lexical(claim: str, sentences: Sequence[str]) -> dict[str, float]:
    """Features of shared words, 0 to 1 where nothing else is said.

    `exact`: share of the claim's content words in all quotes together; `cover_best`: in the one sentence that has most,
    synonyms too; `figure_fit`: how much of what stands around the claim's numbers stands around the same numbers in the
    quotes, the worst of them; and what `_in_order` gives.
    """
    terms = content_words(claim)
    everything = stems(" ".join(sentences))
    each = [stems(sentence) for sentence in sentences]
    met = [covered(term, everything) for term in terms]
    best = max((_share(terms, present) for present in each), default=0.0)
    return {
        "exact": sum(value == 1.0 for value in met) / len(met) if met else 1.0,
        "cover_best": best,
        "figure_fit": _figure_fit(claim, sentences),
        **_in_order(claim, sentences),
    }


def _in_order(claim: str, sentences: Sequence[str]) -> dict[str, float]:
    """How far the claim's words stand in the quotes in the claim's order (their longest common subsequence).

    `ordered`: share of the claim's words, in the best sentence; `unordered`: share that this sentence has, but
    elsewhere. Of what it holds between the words in common: `breaks`: between
    how many of them something is left out; `skipped`: how much. `length`: the claim's words, in thirties.
    """
    mine = [word for word, _, _ in _tokens(claim)]
    others = [[word for word, _, _ in _tokens(sentence)] for sentence in sentences]
    size = max(1, len(mine))
    pairs, best = max(((common(mine, other), other) for other in others), key=lambda p: len(p[0]), default=([], []))
    gaps = [best[b + 1 : d] for (_, b), (_, d) in pairwise(pairs)]
    left_out = [word for gap in gaps for word in gap]
    matched = {place for place, _ in pairs}
    return {
        "ordered": len(pairs) / size,
        "unordered": sum(word in best for place, word in enumerate(mine) if place not in matched) / size,
        "breaks": sum(bool(gap) for gap in gaps) / max(1, len(pairs)),
        "skipped": len(left_out) / max(1, len(left_out) + len(pairs)),
        "length": min(1.0, size / 30),
    }


def common(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence in both, the earliest in `other`."""
    longest = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            same = one[i] == other[j]
            longest[i][j] = longest[i + 1][j + 1] + 1 if same else max(longest[i + 1][j], longest[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _share(terms: Sequence[str], present: frozenset[str]) -> float:
    return sum(covered(term, present) for term in terms) / len(terms) if terms else 1.0


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
