"""What a paper is called: by itself, else by its file's metadata, first lines or name."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from index.masthead import BODY, titles

_NO_TITLE = re.compile(
    r"\.\w{2,4}$|\d{5}|_"  # a file's name
    r"|^(?:(?:the |a )?(?:report|document|presentation|title|agenda|minutes|letter|appendix|template|untitled)\s*\d*"
    r"|powerpoint presentation|microsoft (?:word|excel|powerpoint)\b.*|(?:book|slide|sheet|presentation)\s?\d+"
    r"|.* template)$",
    re.IGNORECASE,
)
"""What programs put where a title should stand."""
_BARE = re.compile(r"(?:appendix|annex|schedule)\s+\w{1,4}", re.IGNORECASE)
_FIGURES = re.compile(r"(?:\S*\d[\d,.%]*\s+){2}")
_SMALL = frozenset(
    ("and", "of", "the", "for", "to", "in", "on", "at", "with", "a", "an", "meeting", "minutes", "report")
)
_INITIALS = 5  # letters of the longest word in capitals that is taken for initials
_CALENDAR = frozenset(name.lower() for name in (*calendar.month_name[1:], *calendar.day_name))


def title_of(said: str | None, head: Sequence[str], given: str, source: str, text: str) -> tuple[str, str]:
    """A paper's title and where it was found: "content", "metadata" or "name".

    Args:
        said: what it says it is called; "" where its first lines hold no title either, as those of a letter.
        head: its first lines.
        given: the title in the file's metadata.
        source: its file's name.
        text: the whole paper.
    """
    lines = [line for line in head if "\t" not in line and not _FIGURES.search(line)]
    first = None if said == "" else first_of(titles(lines[:8]), 2, 20) or first_of(lines, 2, 20)
    named = ""
    if first and _BARE.fullmatch(first):
        below = lines[lines.index(first) + 1 :][:1]
        named = first_of((line.partition("\n")[0] for line in below), 1, 20) or ""
    if _BARE.fullmatch(given) and first and first.casefold().startswith(given.casefold()):
        given = ""  # the paper itself says what the appendix holds
    title, origin = next(
        (words, where)
        for words, where in (
            (said, "content"),
            ("" if _NO_TITLE.search(given) else given, "metadata"),
            (f"{first}: {named}" if named else first, "content"),
            (PurePosixPath(source).stem, "name"),
        )
        if words
    )
    return re.sub(r"^TITLE\s*[-:]\s*", "", _recase(" ".join(title.split()), text))[:200], origin


def first_of(lines: Iterable[str], least: int, most: int) -> str | None:
    """The first line of `least` to `most` words."""
    return next((line for line in lines if least <= len(line.split()) <= most), None)


def _recase(title: str, text: str) -> str:
    """A title in capitals, written as the paper writes its words elsewhere ("NASA SERVICES" -> "NASA services")."""
    letters = [letter for letter in title if letter.isalpha()]
    if 2 * sum(map(str.isupper, letters)) <= len(letters):
        return title
    seen: dict[str, Counter[str]] = {}
    for match in re.finditer(r"(?<=[a-z,] )[A-Za-z][\w’']*", text):
        seen.setdefault(match[0].lower(), Counter())[match[0]] += 1

    body = BODY.search(title)

    def usual(match: re.Match[str]) -> str:
        word = match[0].lower()
        form = seen[word].most_common(1)[0][0] if word in seen else word
        named = word in _CALENDAR or (body and match.start() < body.end() and word not in _SMALL)
        return form.capitalize() if named and (form.islower() or len(form) > _INITIALS) else form

    recased = re.sub(r"(?<!APPENDIX )(?<!ANNEX )(?<!SCHEDULE )[^\W\d_][\w’']*", usual, title)
    return recased[:1].upper() + recased[1:]
