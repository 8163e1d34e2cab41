"""`docs/evaluation.md` says what the code does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from eval.cases import parse
from eval.check import check
from eval.gate import load_gates
from eval.metrics import METRICS
from eval.models import KINDS, REASONS
from eval.stage import STAGES
from eval.table import markdown_table

PAGE = Path(__file__).parent.parent / "docs" / "evaluation.md"
TEXT = PAGE.read_text(encoding="utf-8")


def metrics_table() -> str:
    """The table of metrics as the page must have it: `python tests/test_eval_docs.py` writes it there."""
    rows = [["metric", "definition", "range", "source"]]
    return markdown_table(rows + [[f"`{name}`", m.definition, m.range, m.source] for name, m in METRICS.items()])


def with_table(text: str) -> str:
    head, rest = text.split("<!-- metrics -->")
    _, tail = rest.split("<!-- /metrics -->")
    return f"{head}<!-- metrics -->\n{metrics_table()}\n<!-- /metrics -->{tail}"


def test_the_metrics_are_those_of_the_code() -> None:
    assert with_table(TEXT) == TEXT, f"run: python {Path(__file__).name}"


def test_every_kind_reason_and_stage_is_explained() -> None:
    for word in (*KINDS, *REASONS, *(stage for stage in STAGES if stage != "right")):
        assert f"`{word}`" in TEXT, word


def test_the_example_of_a_case_is_one() -> None:
    import json

    example = re.search(r"```json\n(\{\"id\".*?)```", TEXT, re.DOTALL)
    assert example is not None
    case = parse(json.loads(example.group(1)))
    texts = {"reports/2023-waste.pdf": [case.evidence[0].text], "reports/2019-waste.pdf": ["Waste."]}
    assert check([case], texts) == []


def test_the_example_of_a_gate_is_one(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(\[\[gate\]\].*?)```", TEXT, re.DOTALL)
    assert example is not None
    path = tmp_path / "gates.toml"
    path.write_text(example.group(1), encoding="utf-8")
    assert len(load_gates(path)) == 1


@pytest.mark.parametrize("line", re.findall(r"^\s*(?:- run: |- )?(footnote eval[^`#\n]*)", TEXT, re.MULTILINE))
def test_the_commands_can_be_given(line: str) -> None:
    import argparse

    from eval.cli import add_commands

    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    parser.parse_args(shlex.split(line)[1:])


if __name__ == "__main__":
    PAGE.write_text(with_table(TEXT), encoding="utf-8")
