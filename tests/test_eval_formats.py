"""The sets of cases `formats` and `elsewhere` agree with what the loaders make of their papers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fixtures.papers import PAPERS, scan

from eval.cases import load, resolve
from eval.check import check
from eval.gate import gates_of, load_gates
from index import loaders

ELSEWHERE = Path(__file__).parent / "fixtures" / "elsewhere"
SCAN = next(name for name, make in PAPERS.items() if make is scan)
CASES = load(resolve("formats"))


def test_the_evidence_stands_in_what_is_read_of_each_format() -> None:
    texts: dict[str, list[str]] = {}
    with loaders.Workers() as workers:
        for source, make in PAPERS.items():
            for name, content in loaders.expand(source, make()):
                assert isinstance(content, bytes)
                if name != SCAN:
                    texts[name] = [loaders.load(name, content, workers).text]
    cases = [case for case in CASES if not any(evidence.source == SCAN for evidence in case.evidence)]
    assert check(cases, texts) == []
    assert {evidence.source for case in cases for evidence in case.evidence} == texts.keys()


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_the_scan_is_read_by_ocr() -> None:
    cases = [case for case in CASES if any(evidence.source == SCAN for evidence in case.evidence)]
    assert cases
    loaded = loaders.load(SCAN, scan())
    assert loaded.problems == ()
    assert check(cases, {SCAN: [loaded.text]}) == []


def test_the_evidence_stands_in_the_papers_of_elsewhere() -> None:
    cases = load(resolve("elsewhere"))
    texts = {path.name: [loaders.load(path.name, path.read_bytes()).text] for path in ELSEWHERE.iterdir()}
    assert check(cases, texts) == []
    assert {evidence.source for case in cases for evidence in case.evidence} == texts.keys()
    assert {case.split for case in cases} == {"test"}


@pytest.mark.parametrize("name", ["formats", "elsewhere"])
def test_it_has_gates_of_its_own(name: str) -> None:
    path = gates_of(resolve(name))
    assert path is not None
    assert path.name == f"{name}.gates.toml"
    assert load_gates(path)
    medway = gates_of(resolve("medway"))
    assert medway is not None
    assert medway.name == "gates.toml"
