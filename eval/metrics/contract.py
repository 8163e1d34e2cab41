"""The HTTP contract: exact offsets, numbering, every statement cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from eval.metrics.base import Metric
from eval.models import REASONS, Case, Outcome, Part

_LEAD = re.compile(r"^(?:[-–—•·▪◦‣*o]\s+|\(?(?:\d+(?:\.\d+)*|[a-z]|[ivx]+)[.)]?\s+)+", re.IGNORECASE)


def violations(outcome: Outcome) -> list[str]:
    """Every way in which an answer breaks the contract, in words."""
    answer = outcome.answer
    if answer is None:
        return [outcome.error or "no answer"]
    return list(_refusal(answer) if answer["status"] == "refused" else _answer(answer, outcome.context))


def _refusal(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer["answer"] or answer["statements"] or answer["citations"]:
        yield "a refusal with an answer, statements or citations"
    refusal = answer["refusal"] or {}
    if refusal.get("reason") not in REASONS or not str(refusal.get("message", "")).strip():
        yield "a refusal without a known reason and a message"


def _answer(answer: Mapping[str, Any], context: tuple[tuple[str, str, str], ...]) -> Iterator[str]:
    statements, citations = answer["statements"], answer["citations"]
    if answer["status"] != "answered" or answer["refusal"] is not None or not statements:
        yield "neither an answer nor a refusal"
    for citation, (_, at, _) in zip(citations, context, strict=True):
        if citation["quote"] != at or not at.strip():
            yield f"text[{citation['start']}:{citation['end']}] is not the quote of [{citation['number']}]"
    numbers = [c["number"] for c in citations]
    used = list(dict.fromkeys(n for s in statements for n in s["citations"]))
    if used != list(range(1, len(used) + 1)):
        yield f"numbers are not in order of first use: {used}"
    if sorted(numbers) != sorted(used):
        yield f"citations {numbers} are not those used, {used}"
    for statement in statements:
        if not statement["citations"]:
            yield f"nothing is cited for {statement['text']!r}"
        if re.search(r"\[\d+\]", statement["text"]):
            yield f"a literal marker in {statement['text']!r}"
    if not re.fullmatch(_whole(statements), answer["answer"]):
        yield "the answer is not its statements, each followed by its markers"
    if answer["versions"].get("answerer") == "extractive":
        quotes = {c["number"]: c["quote"] for c in citations}
        for s in statements:
            if s["text"] not in _verbatim([quotes.get(n, "") for n in s["citations"]]):
                yield f"{s['text']!r} is not its quote with white space folded"


def _whole(statements: list[Mapping[str, Any]]) -> str:
    """What the answer must look like, as a pattern."""
    return r"[ \n]+".join(
        re.escape(s["text"]) + r"[ \n]?" + r"[ \n]?".join(rf"\[{n}\]" for n in s["citations"]) for s in statements
    )


def _verbatim(quotes: list[str]) -> set[str]:
    """The texts an extractive statement may have: a quote folded, with its bullet or number or without."""
    folded = [re.sub(r"\[(\d+)\]", r"(\1)", " ".join(q.split())) for q in quotes]
    bare = [_LEAD.sub("", q) for q in folded]
    return {*folded, *bare, " ".join(folded), " ".join(bare)}


def measure(case: Case, outcome: Outcome) -> Part | None:
    """1 when nothing breaks the contract."""
    del case
    return Part(float(not violations(outcome)))


CONTRACT = Metric(
    measure,
    "1 when the answer keeps the HTTP contract: text[start:end] is the quote, numbers run from 1 in order of first "
    "use, every citation is used and every statement has one, the answer is its statements and markers, an "
    "extractive statement is its quote. All cases.",
    "0 or 1",
    "The service's HTTP contract.",
)
