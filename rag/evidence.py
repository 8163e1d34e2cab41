"""The units (sentences, bullets, rows, lists) that might answer a question, and what speaks for each of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.blocks import OPENS_LIST
from index.dates import find_periods
from index.models import Document, Hit, Passage
from rag.authors import speaks_here
from rag.calibration import Calibration
from rag.candidates import candidates
from rag.lexicon import Lexicon
from rag.lists import one_says_it
from rag.models import Understood
from rag.ordinals import another, numbered
from rag.rerankers import Reranker, Scores
from rag.restrict import date_fit, dates, first_hand, second_hand
from rag.rows import only_heads, under_heads
from rag.wants import NEEDED, holds, number_near, quantifies
from rag.words import content_words, coverage, covered, stems

_LATER = 3
"""By how many ranks the next most promising unit of a passage comes after the one before."""
_TELLING = 0.85  # the weight, among all words of the papers, of a name that must stand near what is cited


@dataclass(frozen=True, slots=True)
class Evidence:
    """`document_text[start:end]` as a possible statement; the calibration weighs its `features` into `score`."""

    hit: Hit
    start: int
    end: int
    kind: str
    text: str
    features: Mapping[str, float]
    score: float = 0.0

    @property
    def document(self) -> Document:
        """The paper it stands in."""
        return self.hit.document

    @property
    def passage(self) -> Passage:
        """The passage it stands in."""
        return self.hit.passage


def gather(
    understood: Understood,
    hits: Sequence[Hit],
    reranker: Reranker,
    lexicon: Lexicon,
    calibration: Calibration,
    *,
    depth: int,
    time_rule: bool = True,
    voice_rule: bool = True,
) -> list[Evidence]:
    """The units of the passages found that time and voice allow, judged, the likeliest first.

    The reranker looks into the first `depth` passages that hold any, and reads 13 units for every 8 of them: the most
    promising one of each, and the more of a passage the earlier it was found.
    """
    readers: list[list[Evidence]] = []
    for rank, hit in enumerate(hits):
        allowed = _allowed(understood, hit, rank, lexicon, time_rule=time_rule, voice_rule=voice_rule)
        if allowed:
            readers.append(sorted(allowed, key=_promise, reverse=True))
        if len(readers) == depth:
            break
    places = [
        (rank + _LATER * place, place, rank) for rank, units_ in enumerate(readers) for place in range(len(units_))
    ]
    chosen = [readers[rank][place] for _, place, rank in sorted(places)[: 13 * depth // 8]]
    return _judged(understood, reranker, calibration, chosen) if chosen else []


def _judged(
    understood: Understood, reranker: Reranker, calibration: Calibration, units: Sequence[Evidence]
) -> list[Evidence]:
    """The units, read and weighed, the likeliest first."""
    scores = _score(understood, reranker, [shown(e) for e in units])
    judged = []
    for evidence, score in zip(units, scores, strict=True):
        features = {**evidence.features, "reading": float(score)}
        judged.append(replace(evidence, features=features, score=calibration.unit(features)))
    return sorted(judged, key=lambda e: e.score, reverse=True)


def _score(understood: Understood, reranker: Reranker, texts: Sequence[str]) -> Scores:
    """What the reranker says of texts, shape (texts,): for a follow-up, alone or with its subject, as is more."""
    scores = reranker.score(understood.topic, texts)
    return np.maximum(scores, reranker.score(understood.said, texts)) if understood.said else scores


def _promise(evidence: Evidence) -> float:
    """How promising a unit looks before it is read."""
    f = evidence.features
    return (
        f["coverage"]
        + 0.3 * f.get("wants_met", 0.0)
        + 0.2 * f.get("number_near", 0.0)
        - 0.5 * f["heading"]
        + 0.02 * f["words"]
    )


def _allowed(
    understood: Understood, hit: Hit, rank: int, lexicon: Lexicon, *, time_rule: bool, voice_rule: bool
) -> list[Evidence]:
    """The units of one passage that time and voice allow, with what speaks for each before it is read."""
    passage, document = hit.passage, hit.document
    around = lexicon.expand(
        f"{document.title} {document.publisher or ''} {document.source} {passage.context} {passage.text}"
    )
    own_names = [
        name for name in understood.names if not name.isupper() and name in (understood.said or understood.text)
    ]
    if not all(stems(name) <= around for name in understood.councils):
        return []  # another council's
    if lexicon.rarest_missing(own_names, around) > _TELLING:
        return []  # "How many has Bexley agreed?" is not answered by words about another council
    # What the paper calls itself is no news, nor are names that stand everywhere in the papers.
    own = " ".join([document.title, document.publisher or "", *lexicon.everyday])
    of_passage = {
        "rank": 1.0 / (1 + rank),
        "dense": hit.scores.get("dense", 0.0),
        "context_coverage": coverage(understood.terms, around, lexicon.weight),
        "kind_met": float(understood.kind is not None and document.kind == understood.kind),
        "kind_unmet": float(understood.kind is not None and document.kind != understood.kind),
        "name_missing": lexicon.rarest_missing(understood.names, around),
        "term_missing": lexicon.rarest_missing(understood.terms, around),
        "terms_missing": float(sum(covered(term, around) == 0.0 for term in understood.terms)),
    }
    which = numbered(understood.topic)
    found = []
    parts = candidates(passage)
    for start, end, kind in parts:
        text = passage.text[start:end]
        if another(which, text) or _left_to_others(understood, passage, (start, end, kind), parts, lexicon):
            continue
        theirs = understood.person is None or document.id in understood.papers
        if not theirs and not speaks_here(understood.person or "", passage, start, end):
            continue
        said = under_heads(passage, text) if kind == "row" else text
        features = {
            **of_passage,
            "coverage": coverage(understood.terms, lexicon.expand(said), lexicon.weight),
            "bare": float(_is_bare(text)),
            "words": math.log1p(len(text.split())),
            "heading": float(kind == "heading"),
            "list": float(kind == "list"),
            "row": float(kind == "row"),
        }
        if time_rule and understood.period is not None:
            fit = date_fit(document, passage, said, kind, understood.period)
            if not fit:
                continue
            features["date_fit"] = fit
            features["date_loose"] = 1.0 - fit
        if voice_rule and understood.voice is not None:
            first = first_hand(document, passage, text, understood.voice)
            also = [alias for alias, voice in lexicon.aliases.items() if voice == understood.voice]
            if not first and not second_hand(document, passage, text, [understood.voice, *also]):
                continue
            features["second_hand"] = float(not first)
        if understood.period is not None:
            features["dated"] = max(
                (dates(mention.period, understood.period) for mention in find_periods(said)), default=0.0
            )
        features |= _wanted(understood, said, own, row=kind == "row")
        if understood.wants in NEEDED and features["wants_unmet"]:
            continue
        found.append(Evidence(hit, passage.start + start, passage.start + end, kind, text, features))
    return found


def _left_to_others(
    understood: Understood,
    passage: Passage,
    part: tuple[int, int, str],
    parts: Sequence[tuple[int, int, str]],
    lexicon: Lexicon,
) -> bool:
    """Whether a part of a passage is a table's heads, or a list of which one item answers alone."""
    start, end, kind = part
    if kind != "list":
        return kind == "row" and only_heads(passage, passage.text[start:end])
    inside = [(a, b) for a, b, _ in parts if start <= a and b <= end and (a, b) != (start, end)]
    lead = f"{passage.heading or ''} {passage.text[start : inside[0][0]] if inside else ''}"
    return one_says_it(understood.terms, lead, [passage.text[a:b] for a, b in inside], lexicon)


def shown(evidence: Evidence) -> str:
    """A unit as the reranker reads it: under its heading, a row with the heads of its columns, in one line."""
    passage, words = evidence.passage, evidence.text
    lead = passage.text.split("\n")[0]
    if evidence.kind == "row":
        words = under_heads(passage, words)
    elif evidence.kind == "bullet" and OPENS_LIST.search(lead):
        words = f"{lead} {words}"
    return " ".join(f"{passage.heading + ': ' if passage.heading else ''}{words}".split())


def _is_bare(text: str) -> bool:
    """Whether a unit says nothing besides a date or a time: "Date: 5 August 2021"."""
    for mention in reversed(find_periods(text)):
        text = text[: mention.start] + text[mention.end :]
    return len(content_words(re.sub(r"\d[\d.:]*\s?(?:am|pm)?", "", text))) < 2


def _wanted(understood: Understood, text: str, own: str, *, row: bool) -> dict[str, float]:
    """Whether the unit holds the kind of thing that is asked for. `own`: the paper's names for itself are no news.

    In the row of a table a figure stands after what it counts, its column's head.
    """
    kind = understood.wants
    if kind is None:
        return {}
    flat = re.sub(r"\s+", " ", text)
    has = holds(kind, flat, understood.text, own)
    features = {"wants_met": float(has), "wants_unmet": float(not has)}
    features["figure_unmet"] = float(not has and kind in {"number", "date"})
    features["thing_unmet"] = float(not has and kind in {"number", "date", "person", "grade"})
    if kind in {"number", "percentage", "amount"}:
        features["number_near"] = float(has and number_near(understood.counted, flat))
        features["number_far"] = 1.0 - features["number_near"]
        counts = quantifies(understood.counted, flat) or (row and features["number_near"])
        features["quantifies"] = float(kind == "number" and counts)
        features["uncounted"] = float(kind == "number" and not features["quantifies"])
    return features
