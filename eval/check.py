"""Whether a set of cases agrees with itself and with the papers, in words its author can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.cases import Problem
from eval.match import ENOUGH, covered, plain, states, words
from eval.models import KINDS, REASONS, Case

EXACT = 0.95
"""The share of an evidence's words that must stand in the index for it to be verbatim there. A page break that
the loader healed, or a header it took out, may cost a word."""


def check(
    cases: Sequence[Case],
    texts: Mapping[str, Sequence[str]],
    titles: Mapping[str, Sequence[str]] | None = None,
    exact: bool = False,
) -> list[Problem]:
    """Every mistake in a set that can be found without asking a question.

    Args:
        cases: the set.
        texts: for every file, the texts of the papers in it.
        titles: for every file, the titles of the papers in it; without them, titles are not looked at.
        exact: whether evidence must be there character for character, as in a text file, or word for word.
    """
    problems: list[Problem] = []
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            problems.append(Problem(case.id, "Two cases have this id.", "Give one of them another."))
        seen.add(case.id)
        problems += _consistent(case)
        problems += _evidence(case, texts, exact)
        for paper in case.must_not_cite:
            if paper.source not in texts:
                problems.append(_no_file(case.id, "must_not_cite", paper.source, texts))
            elif paper.title and titles and not any(plain(paper.title) in plain(t) for t in titles[paper.source]):
                have = "; ".join(titles[paper.source])
                problems.append(
                    Problem(case.id, f"No paper in {paper.source} is titled {paper.title!r}.", f"Titles: {have}.")
                )
    return problems


def _consistent(case: Case) -> Iterator[Problem]:
    """Whether the parts of a case agree with each other."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case.id):
        yield Problem(case.id, "The id is not plain.", "Use lower-case letters, digits and hyphens.")
    if case.kind not in KINDS:
        yield Problem(case.id, f"There is no kind {case.kind!r}.", f"Kinds: {', '.join(KINDS)}.")
    if not 1 <= len(case.question.strip()) <= 2000:
        yield Problem(case.id, "The question is empty or over 2,000 characters.", "Shorten or write it.")
    if case.answerable and not (case.evidence and case.facts):
        yield Problem(
            case.id,
            "The case is answerable, but shows no evidence or no facts.",
            "Copy the words of the paper that answer it into 'evidence' and what must be stated into 'facts'.",
        )
    if not case.answerable and (case.evidence or case.facts):
        yield Problem(
            case.id,
            "The case is not answerable, but shows evidence or facts.",
            "Set 'answerable' to true, or empty both.",
        )
    if case.answerable == bool(case.refusal_reasons):
        todo = "Empty 'refusal_reasons'." if case.answerable else f"Accept one or more of {', '.join(REASONS)}."
        yield Problem(case.id, "'answerable' and 'refusal_reasons' do not agree.", todo)
    if case.evidence and case.evidence[0].alternative:
        yield Problem(case.id, "The first evidence is an alternative.", "Put the best place first, not marked.")
    if case.kind == "follow_up" and not case.history:
        yield Problem(case.id, "A follow-up needs a 'history'.", "Add the turn before it, or change the kind.")
    whole = {p.source for p in case.must_not_cite if not p.title}
    for evidence in case.evidence:
        if evidence.source in whole:
            yield Problem(
                case.id,
                f"{evidence.source} is evidence and must not be cited.",
                "Take it out of 'must_not_cite', or name the paper in it that is meant by its 'title'.",
            )
    # Joined, because a page break may cut a fact in two pieces of evidence.
    gold = " ".join(e.text for e in case.evidence)
    for variants in case.facts:
        if gold and not any(states(gold, v) for v in variants):
            yield Problem(
                case.id,
                f"None of the variants {', '.join(map(repr, variants))} occurs in the evidence.",
                "Write the fact as the evidence has it, or lengthen the evidence.",
            )


def _evidence(case: Case, texts: Mapping[str, Sequence[str]], exact: bool) -> Iterator[Problem]:
    """Whether the evidence stands in its paper."""
    for evidence in case.evidence:
        if evidence.source not in texts:
            yield _no_file(case.id, "evidence", evidence.source, texts)
            continue
        shares = [
            (1.0 if evidence.text in text else 0.0) if exact else covered(evidence.text, [text])
            for text in texts[evidence.source]
        ]
        # A committee pack is several papers; the words must all be in one of them.
        if max(shares, default=0.0) >= (1.0 if exact else EXACT):
            continue
        elsewhere = [s for s, ts in texts.items() if s != evidence.source and covered(evidence.text, ts) >= ENOUGH]
        start = " ".join(evidence.text.split()[:8])
        todo = f"It is in {elsewhere[0]}." if elsewhere else "Copy the words again from the paper, unchanged."
        yield Problem(case.id, f"The evidence {start!r}... is not in {evidence.source} word for word.", todo)
        if not words(evidence.text):
            yield Problem(case.id, "An evidence holds no words.", "Copy the words that answer the question.")


def _no_file(where: str, field: str, source: str, texts: Mapping[str, Any]) -> Problem:
    known = ", ".join(sorted(texts)[:12])
    return Problem(where, f"{field!r} names {source!r}, which is no file of the index.", f"Files: {known}.")
