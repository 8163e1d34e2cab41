"""The set that ships: without mistakes, and no rule of the product knows its cases."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.cases import load, resolve
from eval.check import check
from eval.match import words
from eval.models import KINDS

ROOT = Path(__file__).parent.parent
CASES = load(resolve("medway"))
RUN = 5
"""Words in a row that are no accident: shorter runs ("as a result of") are plain English."""
NAMES = {"medway", "ofsted", "chatham", "gillingham", "lambeth", "iles", "rainham", "strood"}


TEXTS = {p.name: [p.read_bytes().decode("utf-8")] for p in (ROOT / "corpus").glob("*.txt")}


@pytest.mark.parametrize("name", ["medway", "near-misses", "fresh"])
def test_a_set_about_the_five_papers_has_no_mistakes(name: str) -> None:
    assert check(load(resolve(name)), TEXTS, exact=True) == []


def test_it_covers_every_kind_and_paper() -> None:
    assert len(CASES) >= 200
    assert {case.kind for case in CASES} == set(KINDS)
    assert min(Counter(case.split for case in CASES).values()) >= 100
    covered = Counter(e.source for case in CASES for e in case.evidence)
    assert set(covered) == set(TEXTS)
    assert min(covered.values()) >= 10


def test_a_question_is_not_copied_from_its_evidence() -> None:
    for case in CASES:
        for evidence in case.evidence:
            copied = _runs(words(case.question), 8) & _runs(words(evidence.text), 8)
            assert not copied, (case.id, copied)


def test_no_rule_of_the_product_knows_a_case() -> None:
    known: set[tuple[str, ...]] = set()
    for case in CASES:
        for text in (case.question, *(e.text for e in case.evidence), *(q for q, _ in case.history)):
            known |= _runs(words(text), RUN)
    for path, text in _strings():
        tokens = words(text)
        assert not _runs(tokens, RUN) & known, (path.name, text)
        assert not set(tokens) & NAMES, (path.name, text)


def _runs(tokens: tuple[str, ...], n: int) -> set[tuple[str, ...]]:
    return {tokens[i : i + n] for i in range(len(tokens) - n + 1)}


def _strings() -> Iterator[tuple[Path, str]]:
    """Every text in the product's code that is not documentation."""
    for package in ("index", "rag"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                    yield path, re.sub(r"\\[bsdwWSD]", " ", node.value)
