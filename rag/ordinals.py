"""Which of a row is meant: words on the fifth visit do not answer a question about the first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from index.dates import find_periods
from rag.words import content_words, stem

ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip
_ORDINAL = re.compile(
    rf"\b(?:({'|'.join(ORDINALS)})|(\d{{1,2}})(?:st|nd|rd|th))\b((?:[ -][^\W\d_][\w’'-]*){{1,3}})", re.IGNORECASE
)


@lru_cache(maxsize=4_000)  # the same question is looked at for passage after passage
def numbered(text: str) -> Mapping[str, frozenset[int]]:
    """The words of `text`, stemmed, that an ordinal stands before, each with these: "the fifth visit" -> visit: 5."""
    for mention in reversed(find_periods(text)):
        text = text[: mention.start] + "." + text[mention.end :]  # the 5th of May is none
    found: dict[str, frozenset[int]] = {}
    for match in _ORDINAL.finditer(text):
        number = int(match[2]) if match[2] else ORDINALS.index(match[1].lower()) + 1
        for word in content_words(match[3]):
            found[stem(word)] = found.get(stem(word), frozenset()) | {number}
    return found


def another(asked: Mapping[str, frozenset[int]], text: str) -> bool:
    """Whether `text` speaks of another one of the row than what is `asked` about, and not of that one."""
    told = numbered(text) if asked else {}
    return any(told[word].isdisjoint(numbers) for word, numbers in asked.items() if word in told)
