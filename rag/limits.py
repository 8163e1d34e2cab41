"""What may be asked at all."""

from __future__ import annotations

import unicodedata

from index.errors import InvalidQuestion

MAX_QUESTION = 2000


def check_question(text: str) -> str:
    """The question's text, trimmed.

    Raises:
        InvalidQuestion: it is empty, longer than 2,000 characters, or holds characters that are no text.
    """
    trimmed = text.strip()
    if not trimmed:
        raise InvalidQuestion("question", "The question is empty.", "Write what you want to know.")
    if len(trimmed) > MAX_QUESTION:
        raise InvalidQuestion(
            "question",
            f"The question has {len(trimmed):,} characters; {MAX_QUESTION:,} is the most.",
            "Ask it more briefly.",
        )
    for character in trimmed:
        if unicodedata.category(character) in {"Cs", "Cn"} or (
            unicodedata.category(character) == "Cc" and character not in "\n\r\t"
        ):
            raise InvalidQuestion(
                "question", "The question holds a character that is not text.", "Remove control characters."
            )
    return trimmed
