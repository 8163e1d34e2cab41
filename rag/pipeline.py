"""How a question flows: understand, search, rerank, answer, verify, or refuse."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from index.embedders import Embedder
from index.engines import Engine
from index.errors import NotFound
from index.models import Document, Filters, Hit, Period
from index.search import WEIGHTS, search
from index.settings import Settings
from rag.adapter import adapted
from rag.answerability import answerability
from rag.answerers import Answerer, Answerers, Draft
from rag.authors import by_author
from rag.background import Knowledge
from rag.calibration import Calibration, load_calibration, logistic
from rag.clock import Clock
from rag.evidence import Evidence, gather
from rag.facts import stated
from rag.lexicon import with_initials
from rag.models import Answer, Question, Refusal, Understood
from rag.narrow import Narrowed, narrow
from rag.numbering import Numbers
from rag.refuse import refuse_after_search, refuse_at_sight, refuse_without_papers, unknown_names
from rag.rerankers import Reranker
from rag.select import answering, best, newest
from rag.understand import understand
from rag.verify import Verifier, open_verifier
from rag.writing import Judge, Written, write


@dataclass(frozen=True, slots=True)
class Rules:
    """Parts of the flow that an ablation can leave out."""

    dense: bool = True
    adapter: bool = True
    lexical: bool = True
    rerank: bool = True
    time: bool = True
    voice: bool = True
    refuse: bool = True


class Pipeline:
    """Answers questions from one index. Shared by threads: it holds no state of a question."""

    def __init__(
        self,
        engine: Engine,
        embedder: Embedder,
        reranker: Reranker,
        answerer: str = "extractive",
        *,
        calibration: Calibration | None = None,
        rules: Rules = Rules(),
        today: Callable[[], date] = date.today,
        open_answerer: Callable[[str], Answerer] | None = None,
        queries: Embedder | None = None,
    ) -> None:
        """`queries` embeds questions; without it, `embedder` does with the adapter that ships with the package."""
        self.engine = engine
        self.embedder = embedder
        self._queries = queries or (adapted(embedder) if rules.adapter else embedder)
        self.reranker = reranker
        self.answerer = answerer
        self.calibration = calibration or load_calibration()
        self.rules = rules
        self._today = today
        self._open_answerer = open_answerer or Answerers(Settings())
        self._verifier: Verifier | None = None
        self._knowledge = Knowledge(engine, embedder)

    def understand(self, question: Question) -> Understood:
        """What the question asks for. Raises `InvalidQuestion`."""
        background = self._knowledge.background(question.filters.groups)
        understood = understand(question, background, self._today())
        return by_author(understood, self.engine, question.filters).without(question.without, question.filters.voice)

    def search(self, question: Question, limit: int = 10) -> tuple[Understood, tuple[Hit, ...]]:
        """The passages for a question, best first, and how it was understood. Raises `InvalidQuestion`.

        A passage is as good as its best words (`rerank`: the probability that they answer, and 1, so that it is more
        than the score of any that was not read). Those without words that may be cited follow in the order in which
        they were found, as does what lies beyond the first that are read, whatever the limit: a lower limit gives the
        beginning of what a higher one gives.
        """
        understood = self.understand(question)
        if understood.elsewhere:
            return understood, ()
        filters = self._narrow(understood, question.filters).filters
        depth = _depth(understood)
        hits = self._search(understood, filters, understood.period, depth)
        if self.rules.rerank:
            read: dict[int, float] = {}
            for evidence in self._read(understood, hits, filters, depth):  # the best first
                read.setdefault(evidence.hit.key, 1.0 + logistic(evidence.score))
            hits = [replace(h, scores={**h.scores, "rerank": read[h.key]}) if h.key in read else h for h in hits]
            hits.sort(key=lambda hit: hit.scores.get("rerank", -math.inf), reverse=True)
        if limit > depth:
            found = {hit.key for hit in hits}
            further = self._search(understood, filters, understood.period, max(limit, _FURTHEST))
            hits += [hit for hit in further if hit.key not in found]
        return understood, tuple(hits[:limit])

    def ask(self, question: Question, on_stage: Callable[[str, object], None] = lambda name, value: None) -> Answer:
        """Answer a question, or refuse to.

        `on_stage` is called with ("understood", Understood), ("evidence", list of Evidence) and, for every statement
        that passed its check, ("statement", (Statement, its Citations)) as they are known; what it raises ends the
        work.
        Raises `InvalidQuestion`, `UnknownName` for the answerer, `SettingsError`, `StoreError`, `ModelError`.
        """
        clock = Clock()
        answerer = self._open_answerer(question.answerer or self.answerer)
        with clock.stage("understand"):
            understood = self.understand(question)
            background = self._knowledge.background(question.filters.groups)
        if not understood.inherited:
            on_stage("understood", understood)
        refusal = refuse_at_sight(understood, background.known, background.vocabulary)
        narrowed = self._narrow(understood, question.filters)
        missing = refuse_without_papers(understood, narrowed.papers, narrowed.others)
        if missing and (refusal is None or refusal.reason == "not_found"):
            refusal = missing
        unknown = unknown_names(understood, background.vocabulary)
        evidence: list[Evidence] = []
        if refusal is None and not unknown:
            evidence = self._evidence(understood, narrowed, clock)
            if understood.inherited and understood.period:
                # The year came from an earlier turn: the subject goes on, the year need not.
                freed = replace(understood, period=None, sides=())
                other = self._evidence(freed, self._narrow(freed, question.filters), clock)
                clearly = self._sure(other) > self._sure(evidence) + _CLEARLY
                if clearly or not self._answering(evidence, understood):
                    understood, evidence = freed, other
        if understood.inherited:
            on_stage("understood", understood)
        on_stage("evidence", evidence)
        with clock.stage("answer"):
            numbers = Numbers()
            written = self._write(
                answerer,
                understood,
                self._answering(evidence, understood),
                question,
                lambda draft: on_stage("statement", numbers.add(draft)),
            )
        if refusal is None and not numbers.statements:
            refusal = self._refuse(understood, narrowed.filters, evidence, unknown)
        return Answer(
            id=f"ans_{secrets.token_hex(12)}",
            question=question,
            understood=understood,
            statements=tuple(numbers.statements),
            citations=tuple(numbers.citations.values()),
            refusal=refusal,
            removed=written.removed,
            writer=written.writer,
            confidence=round(self._sure(evidence), 4),
            timings_ms=clock.finish(),
            versions={
                "index": self.engine.version,
                "embedder": self.embedder.name,
                "reranker": self.reranker.name,
                "answerer": written.writer.answerer if written.writer else answerer.name,
                "calibration": self.calibration.version,
                **written.versions,
            },
        )

    def _write(
        self,
        answerer: Answerer,
        understood: Understood,
        evidence: list[Evidence],
        question: Question,
        tell: Callable[[Draft], None],
    ) -> Written:
        """Statements from the evidence, each checked. Without evidence no answerer is asked."""
        texts: dict[str, str] = {}

        def text_of(document_id: str) -> str:
            if document_id not in texts:
                texts[document_id] = ""  # it may have been removed since it was found
                with suppress(NotFound):
                    texts[document_id] = self.engine.text(document_id, question.filters.groups)
            return texts[document_id]

        aliases = self._knowledge.lexicon(question.filters.groups).aliases.items()
        judge = Judge(
            understood,
            text_of,
            self._checker,
            tuple(alias for alias, voice in aliases if voice == understood.voice),
            time_rule=self.rules.time,
            voice_rule=self.rules.voice,
        )
        doubtful = self._sure(evidence) < _LIKELY
        quoting = self._open_answerer(QUOTING)
        return write(answerer, quoting, judge, evidence, limit=question.limit, tell=tell, doubtful=doubtful)

    def _checker(self) -> Verifier:
        """Opened with the first statement that is no quotation."""
        if self._verifier is None:
            self._verifier = open_verifier(self.embedder, self.reranker)
        return self._verifier

    def _search(self, understood: Understood, filters: Filters, period: Period | None, k: int) -> list[Hit]:
        narrowed = replace(filters, period=period if self.rules.time else None)
        weights = {"dense": self.rules.dense * WEIGHTS["dense"], "bm25": self.rules.lexical * WEIGHTS["bm25"]}
        wordings = [understood.query, understood.said] if understood.said else understood.query
        return search(self.engine, self._queries, wordings, narrowed, k, depth=_FURTHEST, weights=weights)

    def _narrow(self, understood: Understood, filters: Filters) -> Narrowed:
        return narrow(understood, filters, self.engine, time_rule=self.rules.time)

    def _evidence(self, understood: Understood, narrowed: Narrowed, clock: Clock) -> list[Evidence]:
        """Judged evidence for the question; for a comparison, for each side in its own time."""
        filters = narrowed.filters
        if narrowed.papers is not None:
            if narrowed.fact and (said := stated(narrowed.fact, understood, narrowed.papers, self.engine)):
                return said
            understood = replace(understood, latest=False)  # the newest papers are already chosen
        sides = _sides(understood)
        if len(sides) < 2:
            return self._one_side(understood, filters, clock)
        found: list[Evidence] = []
        read = [
            self._one_side(side, replace(filters, authorities=side.authorities), clock, len(sides)) for side in sides
        ]
        sure = [self._sure(evidence) for evidence in read]
        for evidence, likely in zip(read, sure, strict=True):
            # Where the papers speak of one side, they likely do of the other.
            enough = _BESIDE if max(sure) >= self.calibration.answer else self.calibration.answer
            answers = likely >= enough or not self.rules.refuse
            first = best(evidence) if evidence and answers else None
            for unit in evidence:
                found.append(replace(unit, features={**unit.features, "side": float(unit is first)}))
        return sorted(found, key=lambda e: (-e.features["side"], -e.score))

    def _one_side(self, understood: Understood, filters: Filters, clock: Clock, sides: int = 1) -> list[Evidence]:
        depth = _depth(understood, sides)
        with clock.stage("retrieve"):
            hits = self._search(understood, filters, understood.period, _SPARE * depth)
        with clock.stage("rerank"):
            evidence = self._read(understood, hits, filters, depth)
        return newest(evidence, self.calibration) if understood.latest else evidence

    def _read(self, understood: Understood, hits: list[Hit], filters: Filters, depth: int) -> list[Evidence]:
        """What the passages hold, judged, the likeliest first."""
        understood, lexicon = with_initials(understood, hits, self._knowledge.lexicon(filters.groups))
        return gather(
            understood,
            hits,
            self.reranker,
            lexicon,
            self.calibration,
            depth=depth,
            time_rule=self.rules.time,
            voice_rule=self.rules.voice,
        )

    def _sure(self, evidence: list[Evidence]) -> float:
        return answerability(evidence, self.calibration)

    def _answering(self, evidence: list[Evidence], understood: Understood) -> list[Evidence]:
        return answering(evidence, self.calibration, wants=understood.wants, refuse=self.rules.refuse)

    def _refuse(
        self, understood: Understood, filters: Filters, evidence: list[Evidence], unknown: Sequence[str]
    ) -> Refusal:
        nearest: list[Document] = [e.document for e in evidence]
        if not nearest:
            hits = search(self.engine, self._queries, understood.query, replace(filters, period=None), _DEPTH)
            nearest = [hit.document for hit in hits]
        covered = understood.period is None or self._covers(understood.period, filters)
        extent = self.engine.extent(filters.groups)
        return refuse_after_search(understood, nearest, covered=covered, extent=extent, unknown=unknown)

    def _covers(self, period: Period, filters: Filters) -> bool:
        extent = self.engine.extent(filters.groups)
        return extent is not None and extent.overlaps(period)


QUOTING = "extractive"
"""The answerer that is always there, and stands in for the others."""
_LIKELY = 0.5
"""The probability of the best words from which they are quoted although a model finds no answer in them."""
_DEPTH = 17
"""How many passages the reranker looks into."""
_SPARE = 2
"""How many times as many are found, in place of those without words that may be cited."""
_AGAIN = 12
"""The same where it reads everything more than once."""
_FURTHEST = 100
"""How many passages of each list are fused, and found where more than are read are wanted."""
_BESIDE = 0.4
"""The probability from which the best words of one side are cited beside those that answer for another."""
_MOST_SIDES = 4
"""How many authorities are asked for one by one; more are searched for together."""
_CLEARLY = 0.2
"""How much more probable an answer outside an inherited year must be."""


def _sides(understood: Understood) -> list[Understood]:
    """A comparison as a question for each of its sides: for each time, voice or authority by itself."""
    periods = [replace(understood, period=period, latest=False, sides=(), voices=()) for period in understood.sides]
    if understood.sides and understood.latest:
        periods.append(replace(understood, sides=(), voices=()))
    # What one says is not looked for by the other's name.
    voices = [replace(understood, voice=voice, voices=(), query=understood.topic) for voice in understood.voices]
    names = understood.authorities if 1 < len(understood.authorities) <= _MOST_SIDES else ()
    return periods or voices or [replace(understood, authorities=(name,)) for name in names]


def _depth(understood: Understood, sides: int = 1) -> int:
    """How many passages are looked into: fewer for each side of a comparison, and for a follow-up in two wordings."""
    return min(_AGAIN, _DEPTH // sides + 2) if understood.said or sides > 1 else _DEPTH
