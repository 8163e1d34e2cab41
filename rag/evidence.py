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
from rag.models import Understood
from rag.rerankers import Reranker, Scores
from rag.restrict import date_fit, dates, first_hand, second_hand
from rag.rows import under_heads
from rag.wants import NEEDED, holds, number_near, quantifies
from rag.words import content_words, coverage, covered, stems

_WHOLE = 2  # passages that are read whole
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

    The cross-encoder reads the most promising unit of every passage, and the second one of a few; then further units of
    the best passages, in all 13 for every 8 of `depth`, and those passages whole: a sentence alone is told apart more
    sharply, a passage knows what "it" is.
    """
    readers: dict[int, list[Evidence]] = {}
    for rank, hit in enumerate(hits):
        allowed = _allowed(understood, hit, rank, lexicon, time_rule=time_rule, voice_rule=voice_rule)
        if allowed:
            readers[hit.key] = sorted(allowed, key=_promise, reverse=True)
    if not readers:
        return []
    firsts = [units_[0] for units_ in readers.values()]
    firsts += [units_[1] for units_ in list(readers.values())[: depth // 4] if len(units_) > 1]
    first_scores = _score(understood, reranker, [_shown(e) for e in firsts])
    in_passage: dict[int, float] = {}
    for evidence, score in zip(firsts, first_scores, strict=True):
        in_passage[evidence.hit.key] = max(float(score), in_passage.get(evidence.hit.key, float(score)))
    best = sorted(readers, key=lambda key: in_passage[key], reverse=True)[:_WHOLE]
    others = [e for key in best for e in readers[key] if e not in firsts]
    others = sorted(others, key=_promise, reverse=True)[: max(0, 13 * depth // 8 - len(firsts))]
    wholes = [f"{readers[key][0].passage.context}: {readers[key][0].passage.text}" for key in best]
    scores = _score(understood, reranker, [*(_shown(e) for e in others), *wholes])
    passage_logits = dict(zip(best, (float(score) for score in scores[len(others) :]), strict=True))
    units_read = [*zip(firsts, first_scores, strict=True), *zip(others, scores[: len(others)], strict=True)]
    top = max(float(score) for _, score in units_read)
    top_passage = max(passage_logits.values())
    floor = min(passage_logits.values())
    for evidence, score in units_read:
        in_passage[evidence.hit.key] = max(float(score), in_passage[evidence.hit.key])
    judged = []
    for evidence, score in units_read:
        key = evidence.hit.key
        passage_logit = passage_logits.get(key, min(floor, in_passage[key]))
        features = {
            **evidence.features,
            "unit_logit": float(score),
            "behind": float(score) - top,
            "near_top": math.exp((float(score) - top) / 2),
            "passage_logit": passage_logit,
            "passage_behind": passage_logit - top_passage,
            "passage_near_top": math.exp((passage_logit - top_passage) / 2),
            "unit_likely": _squashed(float(score)),
            "passage_likely": _squashed(passage_logit),
            "in_passage_likely": _squashed(in_passage[key]),
            "in_passage": in_passage[key],
            "leads_passage": float(score >= in_passage[key]),
        }
        judged.append(replace(evidence, features=features, score=calibration.unit(features)))
    return sorted(judged, key=lambda e: e.score, reverse=True)


def _score(understood: Understood, reranker: Reranker, texts: Sequence[str]) -> Scores:
    """The logits of texts, shape (texts,): of a follow-up alone or with its subject, whichever they answer better."""
    scores = reranker.score(understood.topic, texts)
    return np.maximum(scores, reranker.score(understood.said, texts)) if understood.said else scores


def _squashed(logit: float) -> float:
    """A logit brought to 0 to 1: the differences that matter are those around zero."""
    return 1.0 / (1.0 + math.exp(-logit / 2))


def _promise(evidence: Evidence) -> float:
    """How promising a unit looks before the cross-encoder reads it."""
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
    found = []
    for start, end, kind in candidates(passage):
        text = passage.text[start:end]
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
        features |= _wanted(understood, said, own)
        if understood.wants in NEEDED and features["wants_unmet"]:
            continue
        found.append(Evidence(hit, passage.start + start, passage.start + end, kind, text, features))
    return found


def _shown(evidence: Evidence) -> str:
    """A unit as the cross-encoder reads it: under its heading, a row with the heads of its columns, in one line."""
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


def _wanted(understood: Understood, text: str, own: str) -> dict[str, float]:
    """Whether the unit holds the kind of thing that is asked for. `own`: the paper's names for itself are no news."""
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
        features["quantifies"] = float(kind == "number" and quantifies(understood.counted, flat))
        features["uncounted"] = float(kind == "number" and not features["quantifies"])
    return features
