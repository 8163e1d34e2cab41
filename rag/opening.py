"""Opens the pipeline: its models load while the code that uses them is imported."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from index.embedders import open_embedder
from index.engines import open_engine
from index.settings import Settings
from rag.rerankers import open_reranker

if TYPE_CHECKING:
    from rag.pipeline import Pipeline, Rules


def open_pipeline(settings: Settings, *, rules: Rules | None = None) -> Pipeline:
    """Open the index and the models that the settings name.

    Raises `NoIndex`, `EmbedderMismatch`, `ModelError`, `SettingsError`, `UnknownName`.
    """
    with ThreadPoolExecutor(2) as pool:  # models and code take a quarter of a second each
        opening = pool.submit(open_embedder, settings.embedder, settings.threads)
        reading = pool.submit(open_reranker, settings.reranker, settings.threads)
        from rag.answerers import Answerers
        from rag.pipeline import Pipeline, Rules

        answerers = Answerers(settings)
        answerers(settings.answerer)  # now, so that a mistake in the settings is told before anybody asks
        embedder = opening.result()
        engine = open_engine(settings.engine, settings.data, embedder=embedder.name, dimension=embedder.dimension)
        reranker = reading.result()
    return Pipeline(engine, embedder, reranker, settings.answerer, rules=rules or Rules(), open_answerer=answerers)
