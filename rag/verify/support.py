"""A logistic model of "these quotes support this claim", fitted by `footnote eval claims --fit`, never by hand.

The weights stand in `support.json` beside this file, with what they were fitted on and how well. What goes into it: the
cross-encoder's view of the claim beside each sentence of the quotes; the claim's tokens, each with the most similar
token of the quotes (as in the recall of BERTScore, Zhang et al. 2020, arXiv:1904.09675), where the least similar ones
betray what was added; the words in common and their order; and what turns or stretches a sentence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from index.blocks import units
from index.embedders.onnx import OnnxEmbedder
from rag.rerankers import WHOLE, Reranker
from rag.verify.align import lexical
from rag.verify.polarity import polarity
from rag.words import FUNCTION_WORDS, content_words, covered, stems

EMBEDDER, RERANKER = "bge-small-en-v1.5", WHOLE
"""The models that `support.json` was fitted with."""
_READ = 8  # sentences of the quotes that the models read, those with the most words in common
_PARTS = frozenset(
    ", ; : ( ) – — and but because which who although though while whereas despite after before as with so".split()  # noqa: SIM905
)
_CLOSE = 0.7  # share of the best sentence's words from which another is read beside it
_ADDS = 0.15  # share of the claim's words that only another has, from which it is read too


@dataclass(frozen=True, slots=True)
class Weights:
    """What was fitted: `weights` per feature, `bias`, and the `threshold` from which a claim counts as supported."""

    weights: Mapping[str, float]
    bias: float
    threshold: float
    version: str

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability (0 to 1) that a claim with these features is supported."""
        total = self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that ship with the package."""
    data = json.loads((files("rag.verify") / "support.json").read_text(encoding="utf-8"))
    return Weights(data["weights"], data["bias"], data["threshold"], data["version"])


def split(quotes: Sequence[str]) -> list[str]:
    """The sentences, bullets and rows of the quotes, white space folded."""
    return [
        " ".join(quote[unit.start : unit.end].split())
        for quote in quotes
        for unit in (units(quote) if quote.strip() else ())
    ]


def closest(claim: str, sentences: Sequence[str]) -> list[str]:
    """The sentences that share most words with the claim, at most `_READ`, in their order."""
    terms = content_words(claim)
    shares = [_share(terms, sentence) for sentence in sentences]
    best = sorted(range(len(sentences)), key=lambda i: -shares[i])[:_READ]
    return [sentences[i] for i in sorted(best)]


def _share(terms: Sequence[str], sentence: str) -> float:
    present = stems(sentence)
    return sum(covered(term, present) for term in terms) / max(1, len(terms))


class Support:
    """The models, and the features they give. Shared by threads."""

    def __init__(self, embedder: OnnxEmbedder, reranker: Reranker) -> None:
        self._embedder = embedder
        self._reranker = reranker

    def features(self, claim: str, quotes: Sequence[str]) -> dict[str, float]:
        """Everything known of one claim (a sentence) and its quotes: of the words alone, and by the models."""
        sentences = closest(claim, split(quotes))
        if not sentences:
            return {}
        together = _together(claim, sentences)
        texts = list(dict.fromkeys([*sentences, together]))
        logits = dict(zip(texts, self._reranker.score(claim, texts), strict=True))
        (_, tokens, vectors), *others = self._embedder.read([claim, *sentences])
        return {
            **words_alone(claim, sentences),
            **_aligned(tokens, vectors, [each for _, _, each in others]),
            "logit": float(np.tanh(float(max(logits.values())) / 8)),
            "logit_together": float(np.tanh(float(logits[together]) / 8)),
        }


def words_alone(claim: str, sentences: Sequence[str]) -> dict[str, float]:
    """What is known without a model: the words in common, and what turns or stretches them."""
    return {**lexical(claim, sentences), **polarity(claim, _together(claim, sentences))}


def _together(claim: str, sentences: Sequence[str]) -> str:
    """The sentences that say about as much of the claim as the one that says most, and those that add much to it."""
    terms = content_words(claim)
    shares = [_share(terms, sentence) for sentence in sentences]
    chosen = {i for i, share in enumerate(shares) if share >= _CLOSE * max(shares)}

    def said(places: set[int]) -> float:
        return _share(terms, " ".join(sentences[i] for i in places))

    for i in sorted(range(len(sentences)), key=lambda i: -shares[i]):
        if said(chosen | {i}) >= said(chosen) + _ADDS:
            chosen.add(i)
    return " ".join(sentences[i] for i in sorted(chosen))


def _aligned(tokens: Sequence[str], vectors: Any, others: Sequence[Any]) -> dict[str, float]:
    """How similar each meaningful token of the claim is to its nearest in any quote: the worst, the worst part.

    A part ends at punctuation or at a word that begins a further clause: there small facts are added.
    """
    other = [each for each in others if len(each)]
    parts: list[list[int]] = [[]]
    for i, token in enumerate(tokens):
        if token in _PARTS:
            parts.append([])
        elif token.isalnum() and token not in FUNCTION_WORDS:
            parts[-1].append(i)
    keep = [i for part in parts for i in part]
    if not keep or not other:
        return {"align_worst": 1.0, "align_part": 1.0}
    nearest = dict(zip(keep, (vectors[keep] @ np.concatenate(other).T).max(axis=1), strict=True))
    means = [float(np.mean([nearest[i] for i in part])) for part in parts if len(part) > 1]
    return {
        "align_worst": float(min(nearest.values())),
        "align_part": min(means, default=float(np.mean(list(nearest.values())))),
    }
