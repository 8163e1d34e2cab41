"""What the index knows about words, kept per version of the index so that no question pays for it twice."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from index.embedders import Embedder
from index.engines import Engine
from rag.lexicon import Lexicon
from rag.understand import Background
from rag.whose import make_roll
from rag.words import FUNCTION_WORDS, stem


class Knowledge:
    """Vocabulary, voices and abbreviations of an engine, read again when its content changes."""

    def __init__(self, engine: Engine, embedder: Embedder) -> None:
        self._engine = engine
        self._embedder = embedder
        self._kept: dict[tuple[str, tuple[str, ...]], tuple[Background, Lexicon]] = {}

    def background(self, groups: tuple[str, ...] = ()) -> Background:
        """What helps to read a question of someone in these access groups."""
        return self._of(groups)[0]

    def lexicon(self, groups: tuple[str, ...] = ()) -> Lexicon:
        """What helps to judge a passage for someone in these access groups."""
        return self._of(groups)[1]

    def _of(self, groups: tuple[str, ...]) -> tuple[Background, Lexicon]:
        key = (self._engine.version, groups)
        if key not in self._kept:
            if len(self._kept) > 16:
                self._kept.clear()
            self._kept[key] = self._read(groups)
        return self._kept[key]

    def _read(self, groups: tuple[str, ...]) -> tuple[Background, Lexicon]:
        engine = self._engine
        vocabulary = engine.vocabulary(groups)
        defined = engine.abbreviations(groups)
        abbreviations = {short: longs for short, longs in defined.items() if not short.islower()}
        aliases = {short: longs[0] for short, longs in defined.items() if short.islower()}
        voices = tuple(dict.fromkeys((*engine.publishers(groups), *engine.voices(groups))))
        aliases = {**_initials(voices), **aliases}
        passages = max(vocabulary.values(), default=1)
        roll = make_roll(
            engine.authorities(groups),
            abbreviations,
            common=lambda word: vocabulary.get(word, 0) > 3 + passages / 1000,
            known=lambda word: word in vocabulary,
        )
        counts: dict[str, int] = {}
        for word, count in vocabulary.items():
            root = stem(word)
            counts[root] = min(passages, counts.get(root, 0) + count)
        weight = _Weights(
            {root: math.log(1 + passages / count) for root, count in counts.items()}, math.log(1 + 2 * passages)
        )
        return (
            Background(vocabulary, self._embedder.knows, voices, aliases, abbreviations, roll),
            Lexicon(
                weight,
                abbreviations,
                aliases,
                math.log(1 + 2 * passages),
                tuple(word for word, count in vocabulary.items() if count > passages / 12),
            ),
        )


def _initials(voices: Iterable[str]) -> dict[str, str]:
    """Voices of three words or more by their initials, lower-cased: "Care Quality Commission" is the CQC."""
    named = {"".join(re.findall(r"\b[A-Z]", voice)).lower(): voice for voice in voices}
    return {short: voice for short, voice in named.items() if len(short) >= _INITIALS and short not in FUNCTION_WORDS}


_INITIALS = 3


class _Weights(dict[str, float]):
    """Inverse document frequencies by stem; a stem that no paper holds weighs the most."""

    def __init__(self, known: dict[str, float], unseen: float) -> None:
        super().__init__(known)
        self._unseen = unseen

    def get(self, key: str, default: float | None = None) -> float:  # type: ignore[override]
        """The weight of a stem."""
        return super().get(key, self._unseen)
