"""A question made standalone, with what restricts it: its time, its voice, and the kind of thing it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from index.models import Period
from index.voices import ROLES
from rag.conversation import standalone
from rag.limits import check_question
from rag.models import Question, Understood
from rag.ordinals import ORDINALS
from rag.speakers import TITLE, speakers_asked_for, subject_of_both, without_speaker
from rag.spelling import mend
from rag.wants import counted, wants
from rag.when import understand_time
from rag.whose import Roll, Whose, blanked
from rag.words import content_words, spells_out, stem, stems, words

_MOST_WORDS = 80
"""Words of a question that the reranker reads beside every passage; its cost grows with them."""


@dataclass(frozen=True, slots=True)
class Background:
    """What the index knows that helps to read a question.

    `vocabulary` counts passages by lower-case word, `known` says whether the language has a word, `voices` are all
    publishers and voices, `aliases` lower-case other names for them, `abbreviations` short -> long forms, `roll` the
    authorities that papers are about.
    """

    vocabulary: Mapping[str, int]
    known: Callable[[str], bool]
    voices: tuple[str, ...]
    aliases: Mapping[str, str]
    abbreviations: Mapping[str, tuple[str, ...]]
    roll: Roll = field(default_factory=Roll)


def understand(question: Question, background: Background, today: date) -> Understood:
    """Read a question and its history. Raises `InvalidQuestion`."""
    text = " ".join(check_question(question.text).split())
    mended = mend(text, background.vocabulary, background.known)
    alone = standalone(mended, question.history, today, lambda words: background.roll.read(words).spans)
    when = understand_time(alone.text, today)
    asked = next(
        filter(
            None,
            (
                speakers_asked_for(part, background.voices, background.aliases)
                for part in (alone.lead, alone.text)
                if part
            ),
        ),
        (),
    )
    if question.filters.voice:
        asked = (question.filters.voice,)
    several = len(asked) > 1
    whose = _whose(question, alone.focus, alone.text, background.roll)
    topic = _topic(alone.text, () if alone.inherited else when.spans, asked, background, compared=bool(when.sides))
    notes = [f"read as: {mended}"] if mended != text else []
    return Understood(
        text=alone.text,
        query=_expanded(alone.text, background.abbreviations),
        period=when.period,
        voice=asked[0] if asked and not several else None,
        topic=_expanded(" ".join(topic.split()[:_MOST_WORDS]), background.abbreviations),
        wants=wants(alone.focus),
        kind=_kind(alone.text),
        latest=when.latest,
        sides=when.sides,
        terms=_terms(TITLE.sub("", topic), asked, today),
        names=_names(alone.text, asked, (*when.spans, *background.roll.read(alone.text).spans)),
        counted=counted(alone.focus),
        said=alone.focus if alone.focus != alone.text and content_words(alone.focus) else "",
        inherited=alone.inherited,
        notes=tuple(notes),
        authorities=whose.authorities,
        elsewhere=whose.elsewhere,
        voices=asked if several else (),
        councils=background.roll.strangers(alone.text),
    )


def _whose(question: Question, focus: str, text: str, roll: Roll) -> Whose:
    """Whose papers are asked for: what the filters say, else what the question itself names, else what it is about."""
    if given := question.filters.authorities:
        names = tuple(dict.fromkeys(name for words in given for name in roll.resolve(words)))
        missing = next((name for name in names if name not in roll.stored), None)
        return Whose(names, missing)
    own = roll.read(focus)
    return own if own.spans else roll.read(text)


_KINDS = {
    "letter": re.compile(r"\bletters?\b", re.IGNORECASE),
    "minutes": re.compile(r"\bminutes\b(?! (?:late|long|to|of travel|walk))", re.IGNORECASE),
    "agenda": re.compile(r"\bagenda|front ?sheet\b", re.IGNORECASE),
    "assessment": re.compile(
        r"\b(?:equality|diversity|disability|impact) (?:impact )?(?:assessment|paper|analysis)\b|\bEQ?IA\b|\bDIA\b",
        re.IGNORECASE,
    ),
    "report": re.compile(
        r"\b(?:cabinet|committee|council|annual|portfolio holder['’]?s?|lead member['’]?s?|addendum|"
        r"officers?['’]?) report\b|\breport (?:of|from|to) (?:the )?(?:cabinet|committee|council)\b",
        re.IGNORECASE,
    ),
}


def _kind(text: str) -> str | None:
    """The kind of paper that the question names: "the September letter", "the minutes"."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)


_OTHER_SIDE = re.compile(
    r"[\s,;:–-]+(?:and|or|than|versus|vs\.?|against|but|compared (?:with|to)|as)\b\s*"
    r"(?:(?:how|what|who|where|again|also|then|now|that|those|the|it|they|there|ones?|did|does|do|is|are|was|were|had|has|"
    r"have|been|in|at|by|when|say|said|find|found|letter|report|paper|year)\b[\s,]*)*(?=[?.;!]|$)",
    re.IGNORECASE,
)
"""What a comparison leaves of its other side when its time is taken away: "caseloads in 2020 and how in 2021"."""


def _topic(
    text: str,
    spans: tuple[tuple[int, int], ...],
    voices: Sequence[str],
    background: Background,
    *,
    compared: bool,
) -> str:
    """The question without its time and its speaker, which rules check: the reader is to judge the rest.

    Of a comparison (`compared`: of times), what either side is asked. What would leave fewer than two words of meaning
    is not taken away.
    """
    for start, end in reversed(spans):
        before = re.sub(
            r"[\s,]*\b(?:(?:back )?in|of|for|during|since|by|at|on|from|as of|before|after)\s+(?:the\s+)?$|,\s*$",
            "",
            text[:start],
            flags=re.IGNORECASE,
        )
        text = _kept(text, before + " " + text[end:])
    for voice in voices:
        for name in sorted(_names_of(voice, background), key=len, reverse=True):
            text = _kept(text, without_speaker(text, name))
    if compared:
        text = _kept(text, _OTHER_SIDE.sub("", text))
    if len(voices) > 1 or (compared and voices):
        names = [name for voice in voices for name in _names_of(voice, background)]
        text = _kept(text, subject_of_both(text, names), 1)
    return _kept(text, blanked(text, background.roll.read(text).spans))


def _names_of(voice: str, background: Background) -> set[str]:
    return {voice, *(alias for alias, of in background.aliases.items() if of == voice), *ROLES.get(voice, ())}


def _kept(text: str, shorter: str, enough: int = 2) -> str:
    shorter = re.sub(r"\s+([?.,!;:])", r"\1", " ".join(shorter.split()))
    return shorter if len(content_words(shorter)) >= enough else text


def _expanded(text: str, abbreviations: Mapping[str, tuple[str, ...]]) -> str:
    """The question with the other form of each abbreviation it uses, as the papers define them."""
    present = set(words(text))
    added = []
    for short, longs in abbreviations.items():
        if short in present or (short.lower() in present and len(short) > 3):
            if not any(spells_out(long, text) for long in longs):
                added.append(longs[0])
        elif any(spells_out(long, text) for long in longs):
            added.append(short)
    return f"{text} ({', '.join(dict.fromkeys(added))})" if added else text


def _terms(topic: str, voices: Sequence[str], today: date) -> tuple[str, ...]:
    """The words that what is cited must meet: not the date and not the speaker, which are checked by themselves."""
    spoken = stems(" ".join(voices))
    blank = _blanked(topic, understand_time(topic, today).spans)
    return tuple(word for word in content_words(blank) if stem(word) not in spoken)


def _names(text: str, voices: Sequence[str], spans: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    """The words that name somebody or something: capitalised inside a sentence, or an ordinal ("the sixth visit")."""
    blank = _blanked(text, (*spans, *(match.span() for match in TITLE.finditer(text))))
    shouting = blank.isupper()
    spoken = stems(" ".join(voices))
    found = []
    for match in re.finditer(r"[^\W\d_][\w’'&-]*", blank):
        word = re.sub(r"['’]s?$", "", match[0])
        opens = not blank[: match.start()].strip() or re.search(r"[.?!:;(]\s*[\"'“‘]?$", blank[: match.start()])
        named = (word[:1].isupper() and not shouting and not opens) or word.lower() in ORDINALS[2:]
        if named and stem(word) not in spoken and content_words(word):
            found.append(word)
    return tuple(dict.fromkeys(found))


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def describe_period(period: Period | None) -> str:  # noqa: PLR0911 - one way of saying it after another
    """A period as a person writes it: "2021", "August 2020", "since April 2022"."""
    if period is None or (period.start is None and period.end is None):
        return "any time"
    start, end = period.start, period.end
    if start is None:
        return f"until {end:%-d %B %Y}"
    if end is None:
        return f"since {start:%B %Y}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return str(start.year) if start.year == end.year else f"{start.year} to {end.year}"
    if start == end:
        return f"{start:%-d %B %Y}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%B %Y}"
    return f"{start:%B %Y} to {end:%B %Y}"
