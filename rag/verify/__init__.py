"""Whether words support a claim: `supports(claim, quotes)`, for a statement of an answer or for any claim at all.

A claim passes when its numbers, dates, amounts and names stand in the quotes, when it denies nothing they do not
deny and
stretches nothing ("all" for "most"), when its words are supported, and when the time and the speaker it gives are
theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from index.blocks import sentences
from rag.verify.align import quoted_in_part
from rag.verify.figures import missing_dates, missing_figures
from rag.verify.names import missing_names
from rag.verify.standing import Source, attributed_to, without_speaker, wrong_time, wrong_voice
from rag.verify.support import EMBEDDER, RERANKER, Support, Weights, closest, load_weights, split, words_alone
from rag.words import content_words

if TYPE_CHECKING:
    from index.embedders import Embedder
    from rag.rerankers import Reranker

__all__ = ["Source", "Verdict", "Verifier", "open_verifier", "supports"]

_LEAST = 0.5  # share of a claim's words that the quotes must have themselves, or it is about something else
_UNDENIED = 0.75  # share of a denied clause that a claim states plainly, from which it turns the clause round


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim is supported; `score` (0 to 1) how probable that is; `reasons` what speaks against it."""

    supported: bool
    score: float
    reasons: tuple[str, ...] = ()


class Verifier:
    """Judges claims. Shared by threads."""

    def __init__(self, support: Support, weights: Weights | None = None) -> None:
        self._support = support
        self.weights = weights or load_weights()

    @property
    def version(self) -> str:
        """That of the fitted weights."""
        return self.weights.version

    def features(self, claim: str, quotes: Sequence[str]) -> dict[str, float]:
        """What is weighed for one sentence and its quotes; who is said to have said it is looked at elsewhere."""
        return self._support.features(without_speaker(claim), quotes)

    def supports(self, claim: str, quotes: Sequence[str | Source]) -> Verdict:
        """Whether the quotes together support the claim. A claim of several sentences is as good as its worst one."""
        sources = [Source(quote) if isinstance(quote, str) else quote for quote in quotes]
        sources = [source for source in sources if source.text.strip()]
        parts = [claim[start:end] for start, end in sentences(claim)]
        if not parts or not sources:
            return Verdict(False, 0.0, ("nothing is claimed" if not parts else "nothing is quoted",))
        verdicts = [self._sentence(part, sources) for part in parts]
        reasons = tuple(dict.fromkeys(reason for verdict in verdicts for reason in verdict.reasons))
        return Verdict(all(v.supported for v in verdicts), min(v.score for v in verdicts), reasons)

    def _sentence(self, claim: str, sources: Sequence[Source]) -> Verdict:
        if (verdict := at_sight(claim, sources)) is not None:
            return verdict
        features = self.features(claim, [source.text for source in sources])
        score = self.weights.probability(features)
        about_it = bool(content_words(claim)) and features.get("exact", 0.0) >= _LEAST
        supported = about_it and score >= self.weights.threshold
        return Verdict(supported, round(score, 4), () if supported else ("its words are not supported",))


def at_sight(claim: str, sources: Sequence[Source]) -> Verdict | None:
    """The verdict on a sentence where no model need be asked; None where the support score decides."""
    quotes = [source.text for source in sources]
    if " ".join(claim.split()) in (" ".join(quote.split()) for quote in quotes):
        return Verdict(True, 1.0)
    faults = plain_faults(claim, sources)
    if not faults and quoted_in_part(without_speaker(claim), split(quotes)):
        return Verdict(True, 1.0)
    faults += turned(claim, quotes)
    return Verdict(False, 0.0, tuple(faults)) if faults else None


def plain_faults(claim: str, sources: Sequence[Source]) -> list[str]:
    """What can be seen without any model: figures, dates, names, the speaker and the time."""
    quotes = [source.text for source in sources]
    together = "\n".join(quotes)
    speaker = attributed_to(claim)
    known = [*quotes, *(voice for source in sources for voice in source.voices if speaker and voice in speaker)]
    reasons = [f"the number {figure} is not quoted" for figure in missing_figures(claim, together)]
    reasons += [f"the date {when} is not quoted" for when in missing_dates(claim, quotes)]
    reasons += [f"the name {name} is not quoted" for name in missing_names(claim, known)]
    if who := wrong_voice(claim, sources):
        reasons.append(f"the words are not those of {who}")
    if when := wrong_time(claim, sources):
        reasons.append(f"the words are not of {when}")
    return reasons


def turned(claim: str, quotes: Sequence[str]) -> list[str]:
    """What turns the quotes round or stretches them so plainly that no score is asked."""
    claim = without_speaker(claim)
    found = words_alone(claim, closest(claim, split(quotes)))
    reasons = []
    if found["denies"] or found["undenies"] >= _UNDENIED:
        reasons.append("a denial does not agree")
    if found["all_for_some"] or found["most_for_some"]:
        reasons.append("it says more than the quotes: all, always, only, never or most")
    return reasons


def open_verifier(embedder: Embedder | None = None, reranker: Reranker | None = None) -> Verifier:
    """The verifier, with the models it was fitted with: those given where they are these, else opened here.

    Raises:
        ModelError: their weights are missing, or are not the ones expected.
    """
    from index.embedders.onnx import OnnxEmbedder
    from rag.rerankers import open_reranker

    same = isinstance(embedder, OnnxEmbedder) and embedder.name == EMBEDDER
    if reranker is None or reranker.name != RERANKER:
        reranker = open_reranker(RERANKER)
    return Verifier(
        Support(embedder if same and isinstance(embedder, OnnxEmbedder) else OnnxEmbedder(EMBEDDER), reranker)
    )


@lru_cache(maxsize=1)
def _default() -> Verifier:
    return open_verifier()


def supports(claim: str, quotes: Sequence[str | Source], verifier: Verifier | None = None) -> Verdict:
    """Whether the quotes together support the claim, with the packaged models unless a verifier is given.

    Args:
        claim: one statement, of a sentence or more.
        quotes: the words it is to rest on, as text, or as `Source` where their speaker and date are known.

    Raises:
        ModelError: the models' weights are missing, or are not the ones expected.
    """
    return (verifier or _default()).supports(claim, quotes)
