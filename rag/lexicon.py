"""What the index knows of words: how rare each is, and what abbreviations stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.abbreviations import initials_pattern
from index.models import Hit
from rag.models import Understood
from rag.words import covered, spells_out, stem, stems


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the index knows of words: `weight` by stem (inverse document frequency), abbreviations with long forms.

    `unseen` is the weight of a stem that no paper holds, the largest there is; `everyday` are the words that stand in
    more than one passage of twelve.
    """

    weight: Mapping[str, float]
    abbreviations: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]
    unseen: float = 1.0
    everyday: tuple[str, ...] = ()

    def expand(self, text: str) -> frozenset[str]:
        """The stems of `text`, plus those of the other form of every abbreviation it holds."""
        found = set(stems(text))
        for short, longs in self.abbreviations.items():
            if stem(short) in found:
                found.update(*(stems(long) for long in longs))
            elif any(spells_out(long, text) for long in longs):
                found.add(stem(short))
        return frozenset(found)

    def rarest_missing(self, terms: Iterable[str], present: frozenset[str]) -> float:
        """How telling (0 to 1) the most telling of the terms is that is nowhere in `present`, a set of stems.

        1 is a word that no paper holds; 0, that none is missing.
        """
        missing = [self.weight.get(stem(term), 0.0) for term in terms if covered(term, present) == 0.0]
        return max(missing, default=0.0) / self.unseen


def with_initials(understood: Understood, hits: Sequence[Hit], lexicon: Lexicon) -> tuple[Understood, Lexicon]:
    """Abbreviations that no paper defines, read from the passages found.

    "NEET" is read from "not in education, employment or training".
    """
    found: dict[str, tuple[str, ...]] = {}
    for term in understood.terms:
        if term.isupper() and term not in lexicon.abbreviations and (pattern := initials_pattern(term)):
            spelt = Counter(
                " ".join(match[0].lower().split()) for hit in hits for match in pattern.finditer(hit.passage.text)
            )
            if spelt:
                found[term] = (spelt.most_common(1)[0][0],)
    if not found:
        return understood, lexicon
    topic = f"{understood.topic} ({', '.join(longs[0] for longs in found.values())})"
    return replace(understood, topic=topic), replace(lexicon, abbreviations={**lexicon.abbreviations, **found})
