"""A folder in BEIR format, through the real engine and models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import cli
from eval.beir import Benchmark, Item, figures, load_benchmark, rows
from eval.cases import CasesError

TURNS = [
    ("a#0", "a", "Chair", "Good morning and welcome to this meeting."),
    ("a#1", "a", "Ann", "The swimming pool in Leigh closed because its boiler broke."),
    ("a#2", "a", "Bob", "Rubbish is collected on Tuesdays from now on."),
    ("b#0", "b", "Chair", "We begin with the minutes of last time."),
    ("b#1", "b", "Cem", "The library opens late on Thursdays, until nine in the evening."),
    ("b#2", "b", "Dee", "Rubbish collection will cost four pounds more."),
]
QUERIES = [
    ("q1", "a", "Why did the swimming pool close?", "a#1"),
    ("q2", "b", "What will it cost to have rubbish collected?", "b#2"),
    ("q3", "b", "Which evening does the library stay open?", "b#1"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A benchmark of two meetings."""
    corpus = [{"_id": i, "title": who, "text": text, "metadata": {"group": g}} for i, g, who, text in TURNS]
    queries = [{"_id": i, "text": text, "metadata": {"group": g}} for i, g, text, _ in QUERIES]
    for name, items in (("corpus", corpus), ("queries", [*queries, {"_id": "q4", "text": "Not judged"}])):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    (tmp_path / "qrels").mkdir()
    lines = ["query-id\tcorpus-id\tscore", *(f"{i}\t{gold}\t1" for i, _, _, gold in QUERIES)]
    (tmp_path / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_every_stage_is_scored_over_everything_and_within_the_group(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["beir", str(folder)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:4] == ["6", "passages,", "3", "queries:"]
    table = {(" ".join(line[:-7]), line[-7]): line[-6:] for line in lines[4:]}
    assert {stage for _, stage in table} == {"dense", "bm25", "fused", "reranked"}
    assert {scope for scope, _ in table} == {"everything", "the query's group"}
    assert set(table["everything", "reranked"]) == {"1.000"}
    assert set(table["the query's group", "bm25"]) == {"1.000"}


def test_figures_by_hand() -> None:
    corpus = tuple(Item(i, text, who, g) for i, g, who, text in TURNS)
    queries = tuple(Item(i, text, "", g) for i, g, text, _ in QUERIES)
    benchmark = Benchmark(corpus, queries, {"q1": {"a#1": 1, "a#2": 1}, "q2": {"b#2": 1}, "q3": {"b#1": 1}})
    run = {"q1": ["a#1", "b#0", "a#2"], "q2": ["a#2", "b#2"], "q3": []}
    values = figures(benchmark, run)
    assert values["hit@1"] == pytest.approx(1 / 3)
    assert values["hit@5"] == pytest.approx(2 / 3)
    assert values["recall@5"] == pytest.approx(2 / 3)
    assert values["mrr"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    # q1: (1 + 1/log2(4)) / (1 + 1/log2(3)) = 1.5 / 1.63093; q2: 1/log2(3) = 0.63093; q3 found nothing: 0
    assert values["ndcg@10"] == pytest.approx((1.5 / 1.63093 + 0.63093) / 3, abs=1e-4)
    assert values["right group"] == pytest.approx(1 / 3)
    assert rows(benchmark, {"everything": {"bm25": run}})[1][:3] == ["everything", "bm25", "0.333"]


def test_only_judged_queries_are_asked(folder: Path) -> None:
    assert [query.id for query in load_benchmark(folder).queries] == ["q1", "q2", "q3"]


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("corpus.jsonl", '{"_id": "a#1"}\n', "line 1: not BEIR format"),
        ("queries.jsonl", "[]\n", "line 1: not BEIR format"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tz#9\t1\n", "'z#9'"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\n", "not of the BEIR format"),
        ("qrels/dev.tsv", "", "Choose with --qrels"),
    ],
)
def test_a_broken_folder_is_named(folder: Path, file: str, text: str, words: str) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(CasesError, match=words.replace("[", r"\[")):
        load_benchmark(folder)
