"""Whose words the quotes are, and of what time: "the inspectors said" may not rest on a councillor's report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.dates import bounded, find_periods, parse_iso
from index.models import Period
from index.voices import ROLES, SPEECH, WIDER, names, role_of, speaker_of


@dataclass(frozen=True, slots=True)
class Source:
    """Words that a claim rests on, and what is known of them; all but `text` may be unknown.

    `voices` are those who speak in it (publisher, author, the speaker of this place), `published` its date in ISO 8601,
    `periods` further times it is of (what its paper covers, what its passage mentions).
    """

    text: str
    voices: tuple[str, ...] = ()
    published: str | None = None
    periods: tuple[Period, ...] = ()


_ROLES = "|".join(words for of_role in ROLES.values() for words in of_role if " " in words)
_WHO = r"(?:[Tt]he\s+)?(?:[A-Z][\w’'&-]+\s+(?:(?:of|for|and|the)\s+)*){0,5}" rf"(?:{_ROLES}|[A-Za-z][\w’'&-]+)"
_SAID = re.compile(rf"^\W*(?:in [^,]{{3,40}},\s+)?(?P<who>{_WHO})\s+(?:also\s+|has\s+|have\s+|had\s+)*{SPEECH}\b")
_TOLD = re.compile(
    rf"\b[Aa]ccording to\s+(?P<a>{_WHO})|\b(?:said|reported|noted|found|judged|told|confirmed|stated|highlighted|"
    rf"identified|described|raised)\s+by\s+(?P<b>{_WHO})|\bin the (?:view|words|opinion) of\s+(?P<c>{_WHO})"
)
_SAID_THAT = re.compile(
    rf"^\W*{_WHO}\s+(?:also\s+|has\s+|have\s+|had\s+)*{SPEECH}\s+that\s+|^\W*[Aa]ccording to\s+{_WHO},\s+"
)
_PASSIVE = frozenset(["is", "are", "was", "were", "be", "been", "being", "not"])
_PAPERS = frozenset(
    """report reports paper papers letter document documents minutes article section passage passages text statement
    study review survey audit inspection agenda briefing evidence findings data""".split()  # noqa: SIM905 - reads best as text
)
_NOBODY = frozenset(["the", "a", "it", "this", "that", "they", "he", "she", "which", "who", "we", "there", "i", "you"])


def attributed_to(claim: str) -> str | None:
    """Whom a claim gives as its speaker, in the claim's words without "the"; None when it names nobody.

    "The report says": nobody; "the Ofsted report says": Ofsted.
    """
    match = _SAID.search(claim) or _TOLD.search(claim)
    if match is None:
        return None
    who = next(value for value in match.groupdict().values() if value)
    who = re.sub(r"^[Tt]he\s+", "", who)
    words = who.lower().split()
    if words[-1] in _PAPERS:
        named = re.match(r"(?:[A-Z][\w’'&-]*\s+)*(?=[a-z]+$)", who)
        who = re.sub(r"['’]s?$", "", named[0].strip()) if named else ""
        return who or None
    # "The report of Ofsted's", "it was found": nobody who speaks.
    return None if words[0] in _NOBODY or words[-1] in _PASSIVE or re.search(r"['’]s?$", who) else who


def without_speaker(claim: str) -> str:
    """What a claim says that somebody said: "The inspectors found that rents rose." -> "Rents rose."."""
    match = _SAID_THAT.match(claim)
    if match is None or (attributed_to(claim) is None and not _PAPERS & set(match[0].lower().split())):
        return claim
    rest = claim[match.end() :]
    return rest[:1].upper() + rest[1:] if len(rest.split()) > 2 else claim


def wrong_voice(claim: str, sources: Sequence[Source]) -> str | None:
    """The speaker a claim names although it is none of the sources', nor reported as speaking in their words."""
    who = attributed_to(claim)
    if who is None:
        return None
    role = role_of(who) or role_of(who.split()[-1])
    wanted = {who.lower()} | {name.lower() for name in WIDER.get(role or "", frozenset())} | ({role} if role else set())
    for source in sources:
        known = {voice.lower() for voice in source.voices}
        if known & wanted or any(voice and voice in who.lower() for voice in known):
            return None
        if names(who, source.text) or (role and (speaker_of(source.text) == role or names(role, source.text))):
            return None
    if not any(source.voices for source in sources) and role:
        # Nothing is known of who speaks; "members asked" may still be said of "councillors asked".
        return who if not any(_any_of(role, source.text) for source in sources) else None
    return who


def _any_of(role: str, text: str) -> bool:
    return any(role_of(word) == role for word in re.findall(r"[A-Za-z-]+", text))


def wrong_time(claim: str, sources: Sequence[Source]) -> str | None:
    """The time a claim gives that is none of its sources': neither in their words nor in what is known of them."""
    known: list[Period] = []
    for source in sources:
        known += [bounded(source.text, mention)[0] for mention in find_periods(source.text)]
        known += source.periods
        if published := parse_iso(source.published or ""):
            known.append(published)
    if not known:
        return None
    for mention in find_periods(claim):
        period, _ = bounded(claim, mention)
        if not any(period.overlaps(other) for other in known):
            return claim[mention.start : mention.end]
    return None
