"""What a question's time and voice allow to be cited. A restriction is hard: words of another year never count."""

from __future__ import annotations

from collections.abc import Iterable

from index.dates import find_periods, parse_iso
from index.models import Document, Passage, Period
from index.voices import WIDER, names, role_of, speaker_of

_LONG = 400  # days; a longer span ("the 2022-2025 strategy") does not date what is said of it


def speaks_of(document: Document, passage: Passage, unit: str, period: Period) -> bool:
    """Whether a unit's words are of `period`: the unit says so, its paper was published then, or covers it."""
    mentions = [mention.period for mention in find_periods(unit)]
    if any(_dates(mention, period) for mention in mentions):
        return True
    published = parse_iso(document.published or "")
    if published is not None and published.overlaps(period):
        return True
    if mentions:
        return False
    return (document.covers is not None and document.covers.overlaps(period)) or any(
        _dates(mention, period) for mention in passage.periods
    )


def _dates(mention: Period, period: Period) -> bool:
    if not mention.overlaps(period):
        return False
    if mention.start is None or mention.end is None or (mention.end - mention.start).days <= _LONG:
        return True
    return mention.within(period)


def first_hand(document: Document, passage: Passage, unit: str, voice: str) -> bool:
    """Whether `voice` itself speaks here: it publishes the paper, or is the one reported as speaking in this sentence."""
    speakers = {document.voice, document.publisher if document.kind == "letter" else None, passage.voice, speaker_of(unit)}
    wanted = WIDER.get(voice, frozenset({voice}))
    return any(speaker is not None and (speaker in wanted or speaker.lower() == voice.lower()) for speaker in speakers)


def second_hand(passage: Passage, unit: str, voices: Iterable[str]) -> bool:
    """Whether the passage or the unit names the voice (under any of its names), so that its words may be reported here."""
    for voice in voices:
        forms = {voice} | ({"officer", "officers"} if role_of(voice) == "officers" else set())
        if any(names(form, unit) or names(form, passage.text) for form in forms):
            return True
    return False
