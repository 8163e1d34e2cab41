"""Retrieval on a folder in BEIR format, through the real engine, embedder and reranker.

The format is that of Thakur et al. 2021 (arXiv:2104.08663): `corpus.jsonl` (`_id`, `title`, `text`),
`queries.jsonl` (`_id`, `text`) and `qrels/*.tsv` (query-id, corpus-id, score, with a line of names). A corpus
entry or a query may say which group it belongs to (`"metadata": {"group": ...}`), such as the meeting a turn
was spoken in: then the group of the first hit is looked at too, and every query is also asked within its group.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, R, Success, nDCG

from eval.cases import CasesError
from index.embedders import Embedder
from index.embedding import embed
from index.engines import UPLOADS, Engine, Entry, SourceRecord
from index.models import Document, Filters, Passage
from index.search import search
from rag.rerankers import Reranker

DEPTH = 100
"""Passages taken from each of the two searches."""
SHORT_LIST = 12
"""Passages reranked, as many as an answer is made from."""
MEASURES = {
    "hit@1": Success @ 1,
    "hit@5": Success @ 5,
    "recall@5": R @ 5,
    "ndcg@10": nDCG @ 10,
    "mrr": RR,
}


@dataclass(frozen=True, slots=True)
class Item:
    """A corpus entry or a query. `group` is what it is part of; empty when nothing is said."""

    id: str
    text: str
    title: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A folder in BEIR format."""

    corpus: tuple[Item, ...]
    queries: tuple[Item, ...]
    qrels: Mapping[str, Mapping[str, int]]

    @property
    def grouped(self) -> bool:
        """Whether every query and corpus entry is in a group."""
        return all(item.group for item in (*self.corpus, *self.queries))


Progress = Callable[[str, int, int], None]
Run = dict[str, list[str]]
"""For every query, the ids of what was found, best first."""


def load_benchmark(folder: Path, qrels: str = "") -> Benchmark:
    """Read a folder; only queries that have judgements are kept.

    Raises:
        CasesError: a file is missing or a line is not of the format.
    """
    files = sorted((folder / "qrels").glob(f"{qrels or '*'}.tsv"))
    if len(files) != 1:
        names = ", ".join(p.stem for p in sorted((folder / "qrels").glob("*.tsv"))) or "none"
        raise CasesError(
            f"{folder / 'qrels'} has no single file of judgements.", f"Choose with --qrels; there: {names}."
        )
    judged: dict[str, dict[str, int]] = {}
    try:
        with files[0].open(encoding="utf-8", newline="") as file:
            for row in list(csv.reader(file, delimiter="\t"))[1:]:
                judged.setdefault(row[0], {})[row[1]] = int(row[2])
    except (OSError, ValueError, IndexError) as error:
        raise CasesError(
            f"{files[0]} is not of the BEIR format ({error}).", "Its columns: query, passage, score."
        ) from error
    corpus, queries = _items(folder / "corpus.jsonl"), _items(folder / "queries.jsonl")
    known = {item.id for item in corpus}
    lost = {i for judgements in judged.values() for i in judgements} - known
    if lost:
        raise CasesError(f"{len(lost)} judged passages are not in the corpus, such as {min(lost)!r}.")
    kept = tuple(q for q in queries if any(score > 0 for score in judged.get(q.id, {}).values()))
    if not corpus or not kept:
        raise CasesError(f"{folder} holds no corpus or no judged query.")
    return Benchmark(corpus, kept, judged)


Places = dict[tuple[str, int], str]
"""The id of a corpus entry by the document it was put into and where it begins."""


def build(benchmark: Benchmark, engine: Engine, embedder: Embedder, progress: Progress) -> Places:
    """Put every corpus entry into the engine as one passage, a document for each group."""
    groups: dict[str, list[Item]] = {}
    for item in benchmark.corpus:
        if item.text.strip():
            groups.setdefault(item.group, []).append(item)
    places: Places = {}
    done = 0
    for group, items in groups.items():
        text, passages = "", []
        for item in items:
            places[document_id(group), len(text)] = item.id
            end = len(text) + len(item.text)
            passages.append(Passage(document_id(group), len(text), end, item.text, context=item.title))
            text += item.text + "\n"
        digest = hashlib.sha256(text.encode()).hexdigest()
        title = group or "corpus"
        document = Document(document_id(group), title, title, "other", None, None, None, None, None, (), digest)
        vectors = embed([(passage, document) for passage in passages], engine, embedder)
        done += len(passages)
        progress("indexed", done, len(benchmark.corpus))
        record = SourceRecord(title, digest, len(text.encode()), UPLOADS, "1970-01-01T00:00:00+00:00")
        entry = Entry(document, text, tuple(passages), vectors.words, vectors.contexts, vectors.digests)
        engine.replace(record, [entry], {}, text.encode())
    return places


def ask(
    benchmark: Benchmark,
    places: Places,
    engine: Engine,
    embedder: Embedder,
    reranker: Reranker,
    *,
    within: bool,
    progress: Progress,
) -> dict[str, Run]:
    """What each stage found for every query. With `within`, only the query's own group is searched."""
    runs: dict[str, Run] = {stage: {} for stage in ("dense", "bm25", "fused", "reranked")}
    for number, query in enumerate(benchmark.queries, 1):
        filters = Filters(documents=(document_id(query.group),)) if within else Filters()
        hits = search(engine, embedder, query.text, filters, 2 * DEPTH, depth=DEPTH)
        first = hits[:SHORT_LIST]
        logits = reranker.score(query.text, [f"{h.passage.context}: {h.passage.text}" for h in first])
        order = np.argsort(-logits, kind="stable")
        stages = {
            "dense": sorted((h for h in hits if "dense" in h.scores), key=lambda h: -h.scores["dense"]),
            "bm25": sorted((h for h in hits if "bm25" in h.scores), key=lambda h: -h.scores["bm25"]),
            "fused": hits,
            "reranked": [*(first[i] for i in order), *hits[SHORT_LIST:]],
        }
        for stage, found in stages.items():
            runs[stage][query.id] = [places[h.document.id, h.passage.start] for h in found[:DEPTH]]
        progress("asked", number, len(benchmark.queries))
    return runs


def figures(benchmark: Benchmark, run: Run) -> dict[str, float]:
    """The measures of one run; a query for which nothing was found scores zero.

    `right group` is the share of queries whose first hit is of the group the query is about.
    """
    qrels = {q.id: dict(benchmark.qrels[q.id]) for q in benchmark.queries}
    ranked = {
        q.id: {found: float(len(run[q.id]) - place) for place, found in enumerate(run.get(q.id, ()))}
        for q in benchmark.queries
    }
    values = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, ranked)
    result = {name: float(values[measure]) for name, measure in MEASURES.items()}
    if benchmark.grouped:
        group = {item.id: item.group for item in benchmark.corpus}
        first = [run[q.id][:1] for q in benchmark.queries]
        right = [bool(ids) and group[ids[0]] == q.group for ids, q in zip(first, benchmark.queries, strict=True)]
        result["right group"] = sum(right) / len(right)
    return result


def rows(benchmark: Benchmark, runs: Mapping[str, Mapping[str, Run]]) -> list[list[str]]:
    """A row for every stage of every scope ("everything", "within the group")."""
    table: list[list[str]] = []
    for scope, stages in runs.items():
        for stage, run in stages.items():
            values = figures(benchmark, run)
            table = table or [["searched", "stage", *values]]
            table.append([scope, stage, *(f"{value:.3f}" for value in values.values())])
    return table


def document_id(group: str) -> str:
    """The document a group becomes."""
    return "doc_" + hashlib.sha256(group.encode()).hexdigest()[:16]


def _items(path: Path) -> tuple[Item, ...]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path} cannot be read ({error}).", "A BEIR folder holds corpus and queries.") from error
    items = []
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                raw: dict[str, Any] = json.loads(line)
                group = (raw.get("metadata") or {}).get("group", "")
                items.append(Item(raw["_id"], raw["text"], raw.get("title") or "", group))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CasesError(f"{path}, line {number}: not BEIR format ({error}).", "Each has _id and text.") from error
    return tuple(items)
