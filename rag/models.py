"""The nouns of asking and answering. All frozen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from index.models import Document, Filters, Passage, Period

Reason = Literal["not_found", "outside_period", "unclear", "unsafe"]
Limit = Literal["period", "voice", "authority"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer, as text."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks. `limit` is the most statements the answer may have (1 to 20).

    `without` names what the text says but is not to restrict the answer: the asker took it off.
    """

    text: str
    history: tuple[Turn, ...] = ()
    filters: Filters = field(default_factory=Filters)
    limit: int = 6
    answerer: str | None = None
    without: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """The question made standalone, with what restricts it.

    `text` is readable and shown to the asker; `query` is what is searched (spelling mended, abbreviations expanded),
    `topic` is the question without its time and speaker, for the reranker. `period` and `voice` are hard limits on
    what may be cited. `wants` names the kind of thing asked for (number, amount, date, person, place, reason, ...),
    `kind` is the kind of paper named, `latest` asks for the newest paper that answers, `sides` are the periods of a
    comparison. `terms` are the words that carry the meaning, `names` those of them that name somebody or something,
    `authorities` are whose papers alone may be cited, `elsewhere` names an authority that no paper is about,
    `counted` the words for what is counted. `said` is what a follow-up says itself, without the subject that was taken
    over from the turns before it: both are searched and read, for the subject may have moved on. `inherited` says that
    period and voice come from an earlier turn, so that they give way when nothing else answers. `councils` are others,
    near whose names alone words count. `person` is one whose words are asked for, `papers` are those that they wrote:
    elsewhere, words count only near the person's name. `voices` are those that are set beside each other; then `voice`
    is None.
    """

    text: str
    query: str
    topic: str = ""
    period: Period | None = None
    voice: str | None = None
    wants: str | None = None
    kind: str | None = None
    latest: bool = False
    sides: tuple[Period, ...] = ()
    terms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    said: str = ""
    inherited: bool = False
    notes: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    elsewhere: str | None = None
    councils: tuple[str, ...] = ()
    person: str | None = None
    papers: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()

    def without(self, limits: Collection[Limit], given: str | None = None) -> Understood:
        """The same, free of these limits; of a voice only as far as the filters do not give one."""
        free = replace(self, period=None, latest=False, sides=()) if "period" in limits else self
        free = replace(free, authorities=(), elsewhere=None, councils=()) if "authority" in limits else free
        return replace(free, voice=given, voices=(), person=None, papers=()) if "voice" in limits else free


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote == document_text[start:end]`, always. `number` runs from 1 in order of first use."""

    number: int
    document: Document
    passage: Passage
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the answer says, with the numbers of the citations it rests on (at least one)."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An honest "the papers do not say": why, one plain sentence, and the nearest papers."""

    reason: Reason
    message: str
    nearest: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """What an answerer wrote and nobody is shown as an answer, and what speaks against it."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Which answerer wrote an answer, which was asked to, and why it was another one, or stopped early."""

    answerer: str
    asked: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Statements with their citations, or a refusal; never both, never neither.

    `confidence` (0 to 1) is the calibrated probability that the best words found answer the question.
    """

    id: str
    question: Question
    understood: Understood
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    refusal: Refusal | None = None
    removed: tuple[Removed, ...] = ()
    writer: Writer | None = None
    confidence: float | None = None
    timings_ms: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The statements in order, each followed by its markers: `It rose. [1][2]`."""
        return " ".join(s.text + " " + "".join(f"[{n}]" for n in s.citations) for s in self.statements)
