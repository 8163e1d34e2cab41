"""From drafts to statements: each is checked against exact words before anyone sees it, and quotations stand by.

What a model writes is placed on the sentences that support it, in the passage it cites or else in another one it was
given. What no sentence supports is left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rag.answerers import Answerer, AnswererFailed, Declined, Draft
from rag.answerers.extractive import statement_text
from rag.candidates import candidates
from rag.evidence import Evidence
from rag.injection import speaks_to_a_model
from rag.models import Removed, Understood, Writer
from rag.restrict import date_fit, first_hand, second_hand
from rag.verify import Source, Verdict, Verifier, plain_faults
from rag.verify.standing import wrong_time, wrong_voice
from rag.words import WORD, content_words, covered, stems, words

_UNITS = 3  # sentences that one statement may rest on
_TRIED = 5  # sentences that are tried, those with the most words in common
_NOT_WHOLE = "it broke off"
_ABOUT_PASSAGES = re.compile(
    r"^(?:(?:based on|according to|as (?:stated|mentioned|noted) in|in) (?:the )?(?:given |provided |above |numbered )?"
    r"(?:passages?|texts?|documents?|context|information)(?: \d+)?(?: provided| given)?,?\s+|"
    r"(?:the )?(?:passages?|texts?|documents?|context) (?:says?|states?|mentions?|notes?|shows?)(?: that)?,?\s+|"
    r"(?:yes|no),\s+)+",
    re.IGNORECASE,
)
# "In 2021, ...", "According to the inspectors, ...": true perhaps, but when and who stands in the citation.
_OPENING = re.compile(r"^(?:in|during|on|as of|by|since|according to)\s[^,.;]{2,60},\s+(?=\S)", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"^(?:the\s+)?[A-Z]?[\w’'&-]+(?:\s(?:[A-Z][\w’'&-]+|\d{4}|letter|report|minutes|paper)){0,5}\s(?:also\s)?"
    r"(?:(?:said|says|stated|states)(?:\sthat)?|(?:found|finds?|noted|notes|reported|reports|mentioned|mentions|observed|"
    r"concluded|confirmed|highlighted)\sthat)\s+(?=\S)"
)

_ASKS_FOR = re.compile(
    r"^(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b)"
    r".*\b(?:what|which|who|whom|whose|when|where|why|how)\b",
    re.IGNORECASE | re.DOTALL,
)
_NO = re.compile(r"\b(?:no|not|none|never|nobody|nothing|nor)\b|n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """What is left to show: verified drafts, what was removed, and who wrote them."""

    drafts: tuple[Draft, ...] = ()
    removed: tuple[Removed, ...] = ()
    writer: Writer | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judge:
    """What a statement is checked by, for one question.

    `text_of` gives a document's stored text; `verifier` is opened when a statement is not a quotation; `aliases` are
    the other names of the voice asked for; `time_rule` and `voice_rule` say whether the question's limits hold.
    """

    understood: Understood
    text_of: Callable[[str], str]
    verifier: Callable[[], Verifier]
    aliases: tuple[str, ...] = ()
    time_rule: bool = True
    voice_rule: bool = True

    def place(self, draft: Draft, given: Sequence[Evidence]) -> Draft | Removed:
        """The draft on the exact words that support it, or why it is removed."""
        if not re.search(r"\w", draft.text):
            return Removed(draft.text, "it says nothing")
        if draft.evidence and draft.text == " ".join(statement_text(unit.text) for unit in draft.evidence):
            reason = next((why for unit in draft.evidence if (why := self._unfit(unit))), None)
            return Removed(draft.text, reason) if reason else draft
        if not draft.whole:
            return Removed(draft.text, _NOT_WHOLE)
        if draft.text.endswith(("?", ":")) or _repeats(draft.text, self.understood.text):
            return Removed(draft.text, "it only repeats the question")
        cited = {unit.hit.key for unit in draft.evidence}
        others = [unit for unit in given if unit.hit.key not in cited]
        reasons: list[str] = []
        for pool in (self._units(draft.evidence), self._units(others)):
            first, *shorter = _readings(_without_head(draft.text, pool))
            for text in (first, *shorter):
                units, verdict = self._best(text, pool)
                # What is left out of a statement may not have been wrong.
                if verdict.supported and (text == first or not _misattributed(first, units)):
                    return Draft(text, units)
                reasons = reasons or list(verdict.reasons)
        return Removed(draft.text, "; ".join(reasons) or "no passage says so")

    def _units(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Everything in the passages of this evidence that may be quoted."""
        units: list[Evidence] = []
        for hit in {unit.hit.key: unit.hit for unit in evidence}.values():
            if speaks_to_a_model(hit.passage.text):
                continue  # the model was not shown it, and would only do as it says
            for start, end, kind in candidates(hit.passage):
                text = hit.passage.text[start:end]
                if kind != "heading" and len(text.split()) > 2:
                    unit = Evidence(hit, hit.passage.start + start, hit.passage.start + end, kind, text, {})
                    if self._unfit(unit) is None:
                        units.append(unit)
        return units

    def _unfit(self, unit: Evidence) -> str | None:
        """Why a unit may not be quoted: it is no slice of its paper, or not of the time or voice asked for."""
        u, document, passage = self.understood, unit.document, unit.passage
        if not unit.text.strip() or self.text_of(document.id)[unit.start : unit.end] != unit.text:
            return "its words are not those of the stored paper"
        if self.time_rule and u.period and not date_fit(document, passage, unit.text, unit.kind, u.period):
            return "its words are not of the time asked for"
        if self.voice_rule and u.voice:
            voices = [u.voice, *self.aliases]
            if not first_hand(document, passage, unit.text, u.voice) and not second_hand(
                document, passage, unit.text, voices
            ):
                return "its words are not of the voice asked for"
        return None

    def _best(self, text: str, pool: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], Verdict]:
        """The fewest units of one paper that support a statement, or the most promising ones and what is wrong."""
        verdict = Verdict(False, 0.0, ())
        if not pool:
            return (), verdict
        if same := next((unit for unit in pool if statement_text(unit.text) == text), None):
            return (same,), Verdict(True, 1.0)
        if faults := plain_faults(text, [source(unit) for unit in pool]):
            return (), Verdict(False, 0.0, tuple(faults))  # what all of them together do not give, none does
        if len(content_words(text)) < 2:
            return (), Verdict(False, 0.0, ("it says too little to be checked",))
        best: tuple[tuple[Evidence, ...], Verdict] = ((), verdict)
        for units in _sets(text, pool):
            verdict = self.verifier().supports(text, [source(unit) for unit in units])
            if verdict.supported:
                return units, verdict
            if not best[0] or verdict.score > best[1].score:
                best = (units, verdict)
        return best


def _repeats(text: str, question: str) -> bool:
    """Whether a statement says nothing that a question for a who, what or when does not say itself."""
    asked = stems(question)
    wanted = _ASKS_FOR.search(question) and not _NO.search(text)
    return bool(wanted) and all(covered(term, asked) == 1.0 for term in content_words(text))


def source(unit: Evidence) -> Source:
    """A unit with what is known of whose words it holds and of what time."""
    document, passage = unit.document, unit.passage
    letter = document.publisher if document.kind == "letter" else None
    voices = tuple(dict.fromkeys(v for v in (passage.voice, document.voice, letter, document.publisher) if v))
    periods = (document.covers, *passage.periods) if document.covers else passage.periods
    return Source(statement_text(unit.text), voices, document.published, tuple(periods))


def _without_head(text: str, units: Sequence[Evidence]) -> str:
    """A statement without what a model copied before it of the line that says where a passage is from."""
    said = [(match[0].lower(), match.end()) for match in WORD.finditer(text)]
    for document, passage in dict.fromkeys((unit.document, unit.passage) for unit in units):
        about = [part for part in (document.title, document.publisher, document.published, passage.heading) if part]
        for first in range(len(about) - 1):
            head = words(", ".join(about[first:]).lower())
            if len(said) > len(head) and [word for word, _ in said[: len(head)]] == head:
                return text[said[len(head) - 1][1] :].lstrip(' .,:;)"“”')
    return text


def _readings(text: str) -> list[str]:
    """A statement without a word about "the passages", and then without those that only say when or by whom."""
    readings = [_capital(_ABOUT_PASSAGES.sub("", text))]
    for pattern in (_OPENING, _ATTRIBUTION):
        shorter = _capital(pattern.sub("", readings[-1], count=1))
        if shorter != readings[-1] and len(shorter.split()) > 3:
            readings.append(shorter)
    return readings


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _misattributed(text: str, units: Sequence[Evidence]) -> bool:
    sources = [source(unit) for unit in units]
    return bool(wrong_voice(text, sources) or wrong_time(text, sources))


def _sets(text: str, pool: Sequence[Evidence]) -> Iterator[tuple[Evidence, ...]]:
    """Units that might support a statement together, of one paper: the best alone, then with what adds most to it."""
    terms = content_words(text)
    present = {id(unit): stems(unit.text) for unit in pool}

    def share(units: Sequence[Evidence]) -> float:
        together = frozenset[str]().union(*(present[id(unit)] for unit in units))
        return sum(covered(term, together) for term in terms)

    ranked = sorted(pool, key=lambda unit: share([unit]) - 0.002 * len(unit.text.split()), reverse=True)[:_TRIED]
    yield from ((unit,) for unit in ranked[:2])
    for first in ranked[:2]:
        chosen = [first]
        while len(chosen) < _UNITS:
            rest = [u for u in pool if u.document.id == first.document.id and not any(_overlap(u, c) for c in chosen)]
            further = max(rest, key=lambda unit: share([*chosen, unit]), default=None)
            if further is None or share([*chosen, further]) <= share(chosen):
                break
            chosen.append(further)
            yield tuple(sorted(chosen, key=lambda unit: unit.start))


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end


def write(
    answerer: Answerer,
    quoting: Answerer,
    judge: Judge,
    evidence: Sequence[Evidence],
    *,
    limit: int,
    tell: Callable[[Draft], None],
    doubtful: bool = True,
) -> Written:
    """Verified statements, each told as soon as it is checked; by `quoting` when `answerer` brings none about.

    When a model finds no answer in the passages, that stands where it is `doubtful` that they hold one.
    """
    if not evidence:
        return Written(writer=Writer(answerer.name, answerer.name))
    kept, removed, failure = _from(answerer, judge, evidence, limit, tell)
    versions: dict[str, str] = {}
    if answerer.name != quoting.name:
        versions = {**getattr(answerer, "versions", {}), "support": judge.verifier().version}
    if kept or answerer.name == quoting.name or (doubtful and isinstance(failure, Declined)):
        writer = Writer(answerer.name, answerer.name, str(failure) if failure else None)
        return Written(tuple(kept), tuple(removed), writer, versions)
    reason = str(failure) if failure else "nothing it wrote could be verified"
    kept, more, _ = _from(quoting, judge, evidence, limit, tell)
    return Written(tuple(kept), (*removed, *more), Writer(quoting.name, answerer.name, reason), versions)


def _from(
    answerer: Answerer, judge: Judge, evidence: Sequence[Evidence], limit: int, tell: Callable[[Draft], None]
) -> tuple[list[Draft], list[Removed], AnswererFailed | None]:
    kept: list[Draft] = []
    removed: list[Removed] = []
    said: set[tuple[str, frozenset[str]]] = set()  # two papers may say the same, each for its own side
    try:
        for draft in answerer.draft(judge.understood, evidence, limit):
            placed = judge.place(draft, evidence)
            if isinstance(placed, Removed):
                removed.append(placed)
                continue
            saying = (placed.text, frozenset(unit.document.id for unit in placed.evidence))
            if saying in said:
                removed.append(Removed(placed.text, "it was said already"))
            else:
                said.add(saying)
                kept.append(placed)
                tell(placed)
            if len(kept) == limit:
                break
    except AnswererFailed as error:
        return kept, removed, error
    return kept, removed, None
