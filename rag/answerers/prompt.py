"""What a language model is told: the rules of `prompt.txt`, the question, and numbered passages within a budget."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from index.models import Hit
from index.tokens import count_tokens
from rag.answerers.extractive import statement_text
from rag.evidence import Evidence
from rag.injection import speaks_to_a_model
from rag.models import Understood

DECLINES = "NOT ANSWERED"
"""What a model writes when the passages do not answer; `prompt.txt` says so."""
_MOST = 8  # passages
_SENTENCES = 4  # that a model is asked for at most; the rest of an answer is seldom to the point


@dataclass(frozen=True, slots=True)
class Prompt:
    """The two messages of a chat, and the hits whose passages stand in the second, `[1]` first."""

    system: str
    user: str
    hits: tuple[Hit, ...]

    @property
    def messages(self) -> list[dict[str, str]]:
        """In the form that chat models take."""
        return [{"role": "system", "content": self.system}, {"role": "user", "content": self.user}]


@lru_cache(maxsize=1)
def _template() -> str:
    return (files("rag.answerers") / "prompt.txt").read_text(encoding="utf-8")


def prompt_version() -> str:
    """Eight digits that change with the prompt's file."""
    return hashlib.sha256(_template().encode()).hexdigest()[:8]


def build(understood: Understood, evidence: Sequence[Evidence], limit: int, tokens: int) -> Prompt:
    """The prompt for a question; no passages in it when none is fit for a model."""
    hits: list[Hit] = []
    shown: list[str] = []
    for hit in dict.fromkeys(unit.hit.key for unit in evidence):
        found = next(unit.hit for unit in evidence if unit.hit.key == hit)
        text = _passage(len(hits) + 1, found)
        if speaks_to_a_model(found.passage.text):
            continue
        if len(hits) == _MOST or (hits and count_tokens("\n\n".join([*shown, text])) > tokens):
            break
        hits.append(found)
        shown.append(text)
    system, user = _template().split("---\n", 1)
    filled = user.replace("{passages}", "\n\n".join(shown)).replace("{question}", understood.text)
    return Prompt(system.replace("{limit}", str(min(limit, _SENTENCES))).strip(), filled.strip(), tuple(hits))


def _passage(number: int, hit: Hit) -> str:
    """One passage: its words between marks that they cannot hold themselves, then in one line where it is from.

    The words come first, because small models repeat what follows a number.
    """
    document, passage = hit.document, hit.passage
    about = [document.title, document.publisher, document.published, passage.heading]
    head = statement_text(", ".join(part for part in about if part))
    words = statement_text(passage.text).replace("<<", "«").replace(">>", "»")
    return f"[{number}] <<{words}>>\n(from: {head})"
