"""The nouns of the evaluation: a case, what the product did with it, and how good that was. All frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Split = Literal["dev", "test"]

KINDS = (
    "fact",
    "list",
    "table",
    "time",
    "voice",
    "compare",
    "conflict",
    "follow_up",
    "plain",
    "jargon",
    "false_premise",
    "refusal",
)
REASONS = ("not_found", "outside_period", "unclear", "unsafe")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of a paper, verbatim, on which the answer rests.

    `source` is the file's path relative to the indexed folder. An `alternative` suffices in place of the
    evidence before it in the case's list that is not an alternative.
    """

    source: str
    text: str
    alternative: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that must not be cited: a whole file, or the one in it whose title contains `title`."""

    source: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what a good answer to it holds.

    `facts` are each a tuple of accepted variants. `history` holds (question, answer) pairs, oldest first.
    `refusal_reasons` are the accepted reasons when the papers do not answer.
    """

    id: str
    kind: str
    question: str
    answerable: bool
    history: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    must_not_cite: tuple[Paper, ...] = ()
    refusal_reasons: tuple[str, ...] = ()
    draft: bool = False

    @property
    def split(self) -> Split:
        """`test` when the id says so (`test-...`), else `dev`.

        Rules and weights are made while looking at `dev`; `test` was written apart and is only ever looked at in sum.
        """
        return "test" if self.id.startswith("test-") else "dev"

    @property
    def needed(self) -> tuple[tuple[Evidence, ...], ...]:
        """The evidence as groups: every group is needed, any one of a group suffices."""
        groups: list[list[Evidence]] = []
        for evidence in self.evidence:
            if evidence.alternative and groups:
                groups[-1].append(evidence)
            else:
                groups.append([evidence])
        return tuple(tuple(group) for group in groups)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the product did with one case.

    `answer` is the body of `POST /v1/ask`; `hits` the ranked passages of `POST /v1/search`, best first.
    `context[i]` holds, for the i-th citation, the document's words before, at and after its offsets, read
    from the document's text and not from the answer. `papers[i]` holds the ids of the documents in which the
    i-th evidence stands. `error` says why there is no answer; `seconds` is the time from asking to having it.
    """

    case_id: str
    answer: Mapping[str, Any] | None
    hits: tuple[Mapping[str, Any], ...] = ()
    context: tuple[tuple[str, str, str], ...] = ()
    papers: tuple[tuple[str, ...], ...] = ()
    error: str | None = None
    seconds: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether the question was handled by a refusal."""
        return self.answer is not None and self.answer["status"] == "refused"

    @property
    def citations(self) -> list[Mapping[str, Any]]:
        """The citations of the answer; none when there is no answer."""
        return list(self.answer["citations"]) if self.answer else []


@dataclass(frozen=True, slots=True)
class Part:
    """What one case adds to a metric: a share `of` something, `got` of it.

    A metric over many cases is the sum of `got` divided by the sum of `of`; with `of` = 1 that is the mean.
    """

    got: float
    of: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """How good one outcome is: its part in every metric that speaks of such a case, and where it went wrong."""

    case_id: str
    kind: str
    split: Split
    stage: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    error: str | None = None
