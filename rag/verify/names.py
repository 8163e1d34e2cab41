"""Names: words with a capital that stand where none is due, and abbreviations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from index.abbreviations import initials_pattern
from index.blocks import sentences
from rag.verify.figures import without_dates
from rag.words import FUNCTION_WORDS, stem, words

_NAME = re.compile(r"\b[A-Z][\w]*(?:['’&.-]\w+)*")
_NOT_NAMES = frozenset(["i", "i'm", "i've", "mr", "mrs", "ms", "miss", "dr", "cllr", "the", "a", "an"])
_SAME = {"cllr": "councillor", "cllrs": "councillors", "uk": "united", "govt": "government"}


def names_in(text: str) -> list[str]:
    """The names in `text`, word by word. A sentence's first word is one only beside another, or all in capitals."""
    found: list[str] = []
    text = without_dates(text)
    for start, end in sentences(text):
        matches = list(_NAME.finditer(text, start, end))
        for place, match in enumerate(matches):
            word = match[0]
            if word.lower().replace("’", "'") in _NOT_NAMES:
                continue
            if word.lower() in FUNCTION_WORDS and not word.isupper():
                continue  # "Some Council staff"
            opens = not re.search(r"\w", text[start : match.start()])
            beside = (
                place + 1 < len(matches)
                and text[match.end() : matches[place + 1].start()] == " "
                and matches[place + 1][0].lower() not in _NOT_NAMES
            )
            if not opens or (word.isupper() and len(word) > 1) or beside:
                found.append(word)
    return list(dict.fromkeys(found))


def missing_names(claim: str, quotes: Iterable[str]) -> list[str]:
    """The names of a claim that neither the quotes nor an abbreviation in them gives."""
    quoted = " ".join(quotes)
    have = {part for word in words(quoted) for part in _parts(word)}
    missing = [name for name in names_in(claim) if not _parts(name) <= have]
    return [name for name in missing if not _abbreviated(name, claim, quoted)]


def _parts(word: str) -> set[str]:
    """A name's parts, each as a stem, so that "Inspectors" is "inspector" and "Ofsted's" is "Ofsted"."""
    plain = re.sub(r"['’]s?$", "", word)
    return {stem(_SAME.get(part.lower(), part)) for part in re.split(r"[-/&.'’]", plain) if part}


def _abbreviated(name: str, claim: str, quoted: str) -> bool:
    """Whether the quotes spell an abbreviation out, or abbreviate the words that the claim spells out."""
    if name.isupper() and len(name) > 1:
        pattern = initials_pattern(name)
        return pattern is not None and pattern.search(quoted) is not None
    return any(re.search(rf"\b{re.escape(short)}s?\b", quoted) for run, short in _runs(claim) if name in run)


def _runs(text: str) -> Iterator[tuple[list[str], str]]:
    """Capitalised words in a row with their initials: (["Public", "Law", "Outline"], "PLO")."""
    for match in re.finditer(r"\b[A-Z]\w*(?:[\s-]+(?:of|and|for|in|the)?\s?[A-Z]\w*)+", text):
        run = re.findall(r"[A-Z]\w*", match[0])
        yield run, "".join(word[0] for word in run)
