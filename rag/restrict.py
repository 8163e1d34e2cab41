"""What a question's time and voice allow to be cited. A restriction is hard: words of another year never count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from index.dates import bounded, find_periods, parse_iso, written_by
from index.models import Document, Passage, Period
from index.voices import SPEECH, WIDER, names, role_of, speaker_of

_COVERED = 0.8  # a paper that covers a year, asked about a month of it
_LOOSE = 0.5  # a paper or a mention that is dated no closer than a span around the time asked for
_NEAR = 1100  # days before a bound ("before 2022") that are meant by it
_QUESTIONED = {"members": "portfolio holder"}
"""Who is not meant by a voice that may be theirs: a portfolio holder is a councillor, but members question them, since
who decides may not sit on the committee that looks into it."""
_COMPARED = re.compile(
    r"\b(?:compared (?:with|to)|(?:up|down|rose|risen|fell|fallen|increased|reduced|grown|dropped) from|against|than"
    r"|instead of)\b[^.;]{0,60}$"
)
_GOES_ON = re.compile(rf"(?:He|She|They)\s+(?:\w+\s+){{0,2}}?{SPEECH}\b")
_LONG = 400  # days; a longer span ("the 2022-2025 strategy") does not date what is said of it


def date_fit(document: Document, passage: Passage, unit: str, kind: str, period: Period) -> float:
    """How well a unit's words fit `period`: 1 are of that time, less when that is less sure, 0 may not be cited.

    The unit may say when (its own mention), its paper may have been published then, or cover it. A paper that is dated
    no closer than the year fits a question about a month only loosely, and so does a mention of a longer span.
    """
    found = [(m.start, bounded(unit, m)[0]) for m in find_periods(unit, written_by(document.published))]
    fit = max((dates(mention, period) for _, mention in found), default=0.0)
    # "Eleven, compared with seven in 2023" is no sentence of 2023 alone.
    own = [mention for start, mention in found if not _COMPARED.search(unit, 0, start)]
    published = parse_iso(document.published or "")
    if published is not None and published.overlaps(period):
        fit = max(fit, 1.0 if published.within(period) else _LOOSE)
    if fit == 1.0 or (kind != "list" and any(mention.end is not None for mention in own)):
        return fit  # "since 2019" tells a background, not the time that is spoken of
    if document.covers is not None and document.covers.overlaps(period):
        fit = max(fit, 1.0 if document.covers.within(period) else _COVERED)
    around = [dates(mention, period) for mention in passage.periods]
    # Words beside "in October" are of October, unless those around them speak of other times as well.
    return max(fit, (_COVERED if min(around, default=0.0) == 1.0 else _LOOSE) * max(around, default=0.0))


def dates(mention: Period, period: Period) -> float:
    """How well words that mention `mention` are about `period`: a year is not about one of its weeks."""
    if not mention.overlaps(period):
        return 0.0
    if mention.within(period):
        return 1.0
    if mention.end is None:
        return _LOOSE if mention.start is not None and Period(mention.start, mention.start).within(period) else 0.0
    if mention.start is None:
        # "before 2022" speaks of the years up to it, not of any time whatever.
        near = mention.end - timedelta(days=_NEAR)
        return _COVERED if period.end is None or period.end >= near else 0.0
    length = (mention.end - mention.start).days
    asked = (period.end - period.start).days if period.start and period.end else _LONG
    return _LOOSE if length <= _LONG and length <= 13 * (asked + 1) else 0.0


def first_hand(document: Document, passage: Passage, unit: str, voice: str) -> bool:
    """Whether `voice` itself speaks here: it publishes the paper, or is reported as speaking in this sentence."""
    speakers = {
        document.voice,
        document.publisher if document.kind == "letter" else None,
        passage.voice,
        _speaker(passage, unit),
    }
    wanted = WIDER.get(voice, frozenset({voice})) - {_QUESTIONED.get(voice)}
    return any(speaker is not None and (speaker in wanted or speaker.lower() == voice.lower()) for speaker in speakers)


def _speaker(passage: Passage, unit: str) -> str | None:
    """Who is reported as speaking in a sentence: of "She added that ..." who speaks in the one before."""
    if (role := speaker_of(unit)) or not _GOES_ON.match(unit):
        return role
    before = re.split(r"(?<=[.?!])\s+", passage.text[: max(0, passage.text.find(unit))].strip())
    return speaker_of(before[-1])


def second_hand(document: Document, passage: Passage, unit: str, voices: Iterable[str]) -> bool:
    """Whether the voice may be reported here: the passage names it, by any of its names, or these are its minutes."""
    voices = list(voices)
    if document.kind == "minutes" and any(role_of(voice) in {"members", "committee", "chair"} for voice in voices):
        return True
    for voice in voices:
        forms = {voice} | ({"officer", "officers"} if role_of(voice) == "officers" else set())
        if any(names(form, unit) or names(form, passage.text) for form in forms):
            return True
    return False
