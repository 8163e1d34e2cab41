"""What the requests of one app share: the pipeline, once it is loaded, and the threads it runs in."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import Request

from api.metrics import Metrics
from api.problems import RETRY_AFTER, Problem
from api.records import Records
from api.uploading import Uploading
from api.work import Workers
from index.build import index_bytes
from index.embedders import open_embedder
from index.engines import open_engine
from index.errors import FootnoteError, NoIndex
from index.indexer import Outcome, Recipe
from index.settings import Settings

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

QUESTION_SECONDS = 120.0
"""The longest a question may take, waiting included."""
UPLOAD_SECONDS = 900.0
"""The longest the indexing of one upload may take, waiting included."""
_log = logging.getLogger("footnote")

OpenPipeline = Callable[[Settings], "Pipeline"]


def open_real(settings: Settings) -> Pipeline:
    """The pipeline that the settings name; imported only in the thread that loads it."""
    from rag.opening import open_pipeline

    return open_pipeline(settings)


class Service:
    """Loads in the background, tries again when that fails, and hands out what is loaded."""

    def __init__(self, settings: Settings, open_pipeline: OpenPipeline = open_real) -> None:
        self.settings = settings
        self.started = int(time.time())
        self.metrics = Metrics()
        self.records = Records(settings.data)
        threads = max(2, min(8, os.cpu_count() or 2))
        self.questions = Workers("question", threads, waiting=32, seconds=QUESTION_SECONDS)
        # One writer, as the index has one.
        self.uploads = Workers("upload", 1, waiting=8, seconds=UPLOAD_SECONDS)
        self.uploading = Uploading()
        # Look-ups are quick and must not wait behind questions.
        self.lookups = Workers("lookup", 2, waiting=64, seconds=30.0)
        self._open_pipeline = open_pipeline
        self._pipeline: Pipeline | None = None
        self._missing = "The index and the models are being loaded."
        self._no_index = False
        self._loading = threading.Lock()
        self._closed = threading.Event()
        self._tried = threading.Event()
        self._loader = threading.Thread(target=self._keep_loading, name="loader", daemon=True)

    def start(self) -> None:
        """Begin to load, without waiting for it."""
        self._loader.start()

    def pipeline(self) -> Pipeline:
        """What answers questions.

        Raises:
            Problem: 503 with what is missing; it is tried again, so it may be there later.
        """
        if self._pipeline is None:
            raise Problem(503, self._missing)
        return self._pipeline

    async def settled(self) -> None:
        """Wait until the first attempt to load is over, however it ended."""
        if not self._tried.is_set():
            await asyncio.to_thread(self._tried.wait)

    def add(self, name: str, data: bytes, embedded: Callable[[int, int], None]) -> Outcome:
        """Index an uploaded file, and make the index first when there is none yet; not on the event loop.

        `embedded` is told how many of its passages are done, and of how many; what it raises ends the work.

        Raises:
            Problem: 503, nothing is loaded yet.
            LoadError: it cannot be turned into text.
        """
        if self._no_index:
            embedder = open_embedder(self.settings.embedder, self.settings.threads)
            open_engine(
                self.settings.engine,
                self.settings.data,
                embedder=embedder.name,
                dimension=embedder.dimension,
                create=True,
            ).close()
            self._load()
        pipeline = self.pipeline()
        recipe = Recipe(self.settings.chunk_tokens)
        return index_bytes(name, data, pipeline.engine, pipeline.embedder, recipe, embedded=embedded)

    def close(self) -> None:
        """End the work that can be ended, wait for the rest, and let go of everything."""
        self._closed.set()
        self._tried.set()
        for workers in (self.questions, self.lookups, self.uploads):
            workers.close()
        self._loader.join(RETRY_AFTER)
        if self._pipeline is not None:
            self._pipeline.engine.close()
        self.records.close()

    def _keep_loading(self) -> None:
        while not self._closed.is_set():
            self._load()
            self._tried.set()
            if self._pipeline is not None:
                return
            self._closed.wait(RETRY_AFTER)

    def _load(self) -> None:
        """Load once, unless it is done already, and note what is missing."""
        with self._loading:
            if self._pipeline is not None:
                return
            try:
                self._pipeline = self._open_pipeline(self.settings)
            except Exception as error:
                self._no_index = isinstance(error, NoIndex)
                self._report(
                    str(error) if isinstance(error, FootnoteError) else "Loading failed; the log says why.", error
                )
            else:
                self._no_index = False
                _log.info("ready")

    def _report(self, missing: str, error: Exception) -> None:
        """Log what is missing, once."""
        if missing != self._missing:
            unforeseen = None if isinstance(error, FootnoteError) else error
            _log.warning("not ready", extra={"fields": {"missing": missing}}, exc_info=unforeseen)
        self._missing = missing


def own_version() -> str:
    """The version that is installed; `0` for a checkout that is not."""
    try:
        return version("footnote")
    except PackageNotFoundError:
        return "0"


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
"""A parameter of a route: the service the app shares."""
