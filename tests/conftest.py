"""What the tests share: the real models and the real sample papers, opened once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from index.build import index_folder
from index.embedders import Embedder, open_embedder
from index.engines import Engine, open_engine
from index.settings import Settings
from rag.pipeline import Pipeline
from rag.rerankers import Reranker, open_reranker


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the five sample papers."""
    return Path(__file__).parent.parent / "corpus"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default embedder."""
    return open_embedder("bge-small-en-v1.5")


@pytest.fixture(scope="session")
def reranker() -> Reranker:
    """The default reranker."""
    return open_reranker("minilm-reader")


@pytest.fixture(scope="session")
def indexed(corpus: Path, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The sample papers, indexed once; for tests that only read."""
    folder = tmp_path_factory.mktemp("indexed")
    engine = open_engine("local", folder, embedder=embedder.name, dimension=embedder.dimension, create=True)
    index_folder(corpus, engine, embedder)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def pipeline(indexed: Engine, embedder: Embedder, reranker: Reranker) -> Pipeline:
    """The whole flow over the sample papers, on a fixed day."""
    return Pipeline(indexed, embedder, reranker, today=lambda: date(2024, 6, 12))


@dataclass
class Sample:
    """The sample papers, indexed, with the models that are loaded once for all tests."""

    data: Path
    embedder: Embedder
    reranker: Reranker

    def open(self, settings: Settings) -> Pipeline:
        engine = open_engine(
            settings.engine, settings.data, embedder=self.embedder.name, dimension=self.embedder.dimension
        )
        return Pipeline(engine, self.embedder, self.reranker, today=lambda: date(2024, 1, 1))

    def copied(self, folder: Path) -> Path:
        """A copy of the index for a test that changes it."""
        return shutil.copytree(self.data, folder / "data")


@pytest.fixture(scope="session")
def sample(indexed: Engine, embedder: Embedder, reranker: Reranker) -> Sample:
    file, _ = indexed.original(indexed.documents(limit=1).items[0].id)
    return Sample(file.parent.parent, embedder, reranker)
