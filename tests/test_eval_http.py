"""The same evaluation against a server: a real process on loopback, asked over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.cases import load, resolve
from eval.clients import Client, HttpClient, LocalClient
from eval.run import run
from eval.score import score
from index.build import index_folder
from index.embedders import Embedder
from index.engines import open_engine
from index.settings import Settings
from rag.pipeline import Pipeline
from rag.rerankers import Reranker

PAPER = "2013-12-17-cabinet-update-ofsted-looked-after-children.txt"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, corpus: Path, embedder: Embedder) -> Path:
    """An index of one paper."""
    folder = tmp_path_factory.mktemp("data")
    engine = open_engine("local", folder, embedder=embedder.name, dimension=embedder.dimension, create=True)
    index_folder(corpus / PAPER, engine, embedder)
    engine.close()
    return folder


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    """A server of that index."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "cli", "--data", str(data), "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/readyz", process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server is not ready")


def test_a_server_scores_as_the_pipeline_does(
    url: str, data: Path, embedder: Embedder, reranker: Reranker, tmp_path: Path
) -> None:
    about = [c for c in load(resolve("medway")) if {e.source for e in c.evidence} == {PAPER}]
    cases = [next(c for c in about if c.history), *about[:5]]
    engine = open_engine("local", data, embedder=embedder.name, dimension=embedder.dimension)
    local = LocalClient(Pipeline(engine, embedder, reranker), Settings(data=data))
    served = HttpClient(url)
    assert {d["source"] for d in served.documents()} == {PAPER}
    clients: tuple[Client, ...] = (local, served)
    runs = [run(cases, client, tmp_path / f"{n}.jsonl") for n, client in enumerate(clients)]
    engine.close()
    for case in cases:
        here, there = (outcomes[case.id] for outcomes in runs)
        assert there.error is None
        assert here.answer is not None
        assert there.answer is not None
        for name in ("status", "answer", "statements", "refusal", "understood", "confidence"):
            assert there.answer[name] == here.answer[name], (case.id, name)
        for one, other in zip(there.answer["citations"], here.answer["citations"], strict=True):
            assert one == one | other, case.id
        assert there.context == here.context
        if not case.history:  # /v1/search takes no history, so a follow-up is searched by its standalone text
            assert [h["text"] for h in there.hits] == [h["text"] for h in here.hits]
    scores = score(cases, runs[1], served.configuration())
    assert scores.estimate("contract").value == 1.0
    assert any(scores.estimate(metric).value for metric in ("facts", "mrr"))
