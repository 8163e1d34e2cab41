"""The invented councils that the calibration is fitted on: their cases agree with their papers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.cases import load
from eval.check import check
from index import loaders, papers

FOLDER = Path(__file__).parent.parent / "eval" / "councils"
COUNCILS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def workers() -> Iterator[loaders.Workers]:
    with loaders.Workers(1) as workers:
        yield workers


@pytest.mark.parametrize("council", COUNCILS)
def test_cases_agree_with_the_papers(council: str, workers: loaders.Workers) -> None:
    texts = {}
    for path in sorted((FOLDER / council / "papers").iterdir()):
        loaded = loaders.load(path.name, path.read_bytes(), workers)
        texts[path.name] = [paper.text for paper in papers.split(loaded, path.name, "0")]
    cases = load(FOLDER / council / "cases.jsonl")
    assert len(cases) == 80
    assert not [str(problem) for problem in check(cases, texts)]
