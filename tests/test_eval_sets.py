"""Sets of cases: reading them, and finding their mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_eval_oracle import PAPERS, make_case

from eval.cases import CasesError, dump, load, read
from eval.check import check
from eval.models import Evidence


def test_a_case_survives_being_written_and_read(tmp_path: Path) -> None:
    case = make_case(1, history=(("Before?", "Yes."),), draft=True, kind="follow_up")
    path = tmp_path / "set.jsonl"
    path.write_text(dump(case, "a note") + "\n\n", encoding="utf-8")
    assert load(path) == (case,)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"id": "a"}', "'kind' is missing"),
        (dump(make_case(0)).replace('"facts": [["410"]]', '"facts": ["410"]'), "'facts' has the wrong form"),
        (dump(make_case(0)).replace('"answerable": true', '"answerable": "yes"'), "must be true or false"),
        (dump(make_case(0)).replace('"kind"', '"knid"'), "'knid' is no field"),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(dump(make_case(1)) + "\n" + line, encoding="utf-8")
    cases, problems = read(path)
    assert len(cases) == 1
    assert any(words in str(p) for p in problems)
    assert all(str(p).startswith("line 2") for p in problems)
    with pytest.raises(CasesError, match="line 2"):
        load(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"evidence": (Evidence("2019.txt", "Waste fell to nothing at all in that one year."),)}, "word for word"),
        (
            {"evidence": (Evidence("2023.txt", "Waste collected in the old district fell to 410 kg"),)},
            "It is in 2019.txt",
        ),
        ({"evidence": (Evidence("2020.txt", "x"),)}, "no file of the index"),
        ({"facts": (("411",),)}, "occurs in the evidence"),
        ({"facts": ()}, "no facts"),
        ({"kind": "facts"}, "no kind"),
        ({"kind": "follow_up"}, "needs a 'history'"),
        ({"id": "Case 1"}, "not plain"),
        ({"refusal_reasons": ("unclear",)}, "do not agree"),
        ({"answerable": False}, "not answerable, but"),
        ({"question": " "}, "empty"),
    ],
)
@pytest.mark.parametrize("exact", [True, False])
def test_a_mistake_in_a_set_is_found(changes: dict[str, Any], words: str, exact: bool) -> None:
    texts = {name: [text] for name, text in PAPERS.items()}
    assert check([make_case(0)], texts, exact=exact) == []
    problems = check([make_case(0, **changes)], texts, exact=exact)
    assert any(words in str(p) for p in problems), problems


def test_ids_repeat_and_titles_are_looked_up() -> None:
    texts = {name: [text] for name, text in PAPERS.items()}
    assert "Two cases" in str(check([make_case(0), make_case(0)], texts)[0])
    raw = json.loads(dump(make_case(0))) | {"must_not_cite": [{"source": "2023.txt", "title": "minutes"}]}
    from eval.cases import parse

    problems = check([parse(raw)], texts, {"2023.txt": ["Report of 2023"], "2019.txt": ["Report"]})
    assert "titled 'minutes'" in str(problems[0])
