"""Short forms that a paper defines itself: "multi-agency safeguarding hub (MASH)".

The algorithm is that of Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text" (PSB 2003): the letters of the short form are found, from the right, in the words before it.
"""

from __future__ import annotations

import re

_SHORT = re.compile(r"\(\s*[\"“']?([A-Z][A-Za-z&/-]{1,9}|[A-Z]{2,10}s?)[\"”']?\s*\)")
_SMALL = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "into", "of", "on", "or", "the", "to", "with", "without")
)


def find(text: str) -> dict[str, str]:
    """Short forms defined in `text`, each with its long form, white space folded."""
    found: dict[str, str] = {}
    for match in _SHORT.finditer(text):
        short = match[1]
        if sum(letter.isupper() for letter in short) < 2:
            continue
        before = re.split(r"[.;:()]\s*(?=\S)|\n\s*\n", text[max(0, match.start() - 120) : match.start()])[-1]
        words = before.split()[-min(len(short) + 5, 2 * len(short)) :]
        long = _long_form(short, " ".join(words))
        if long and short not in found:
            found[short] = long
    return found


def _long_form(short: str, candidate: str) -> str | None:
    """The shortest end of `candidate` whose letters hold those of `short`, its first letter opening a word."""
    place = len(candidate)
    for i in range(len(short) - 1, -1, -1):
        letter = short[i].lower()
        if not letter.isalnum() or (i == len(short) - 1 and letter == "s" and i > 1):
            continue
        place -= 1
        while place >= 0 and (
            candidate[place].lower() != letter or (i == 0 and place > 0 and candidate[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return None
    long = candidate[place:].strip(" ,'\"“”")
    return long if len(long) > len(short) and len(long.split()) > 1 else None


def initials_pattern(short: str) -> re.Pattern[str] | None:
    """A pattern for runs of words whose initials spell `short`, small words between them left out of account.

    "NEET" finds "not in education, employment or training" in a paper that never defines it. None for what is no
    abbreviation (fewer than three letters, or not all letters).
    """
    if not (3 <= len(short) <= 6 and short.isalpha()):
        return None
    small = "|".join(sorted(_SMALL))
    gap = rf"(?:[\s,’'-]+(?:{small})\b)*[\s,-]+"
    return re.compile(r"\b" + gap.join(rf"{letter}[a-z]{{2,}}(?:['’]s?)?" for letter in short.lower()), re.IGNORECASE)
