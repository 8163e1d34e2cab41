"""`docs/papers.md` shows what the loaders really make of its papers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fixtures.papers import PAPERS, PICTURES

from index import loaders

DOCS = Path(__file__).parent.parent / "docs"
SHOWN = re.findall(r"<!-- (.+?) -->\n```text\n(.*?)\n```", (DOCS / "papers.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("name", "text"), SHOWN, ids=[name for name, _ in SHOWN])
def test_a_paper_is_read_as_the_page_shows(name: str, text: str) -> None:
    assert loaders.load(name, PAPERS[name]()).text == text


def test_the_pictures_are_there_and_small() -> None:
    for name in PICTURES:
        assert 1_000 < (DOCS / "images" / f"{name}.png").stat().st_size < 30_000
