"""What the requests of one app share: the pipeline, once it is loaded, and the threads it runs in."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import Request

from api.metrics import Metrics
from api.problems import RETRY_AFTER, Problem
from api.records import Records
from api.work import Workers
from index.errors import FootnoteError
from index.settings import Settings

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

QUESTION_SECONDS = 120.0
"""The longest a question may take, waiting included."""
UPLOAD_SECONDS = 900.0
"""The longest the indexing of one upload may take, waiting included."""
_log = logging.getLogger("footnote")

OpenPipeline = Callable[[Settings], "Pipeline"]


class Service:
    """Loads in the background, tries again when that fails, and hands out what is loaded."""

    def __init__(self, settings: Settings, open_pipeline: OpenPipeline) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.records = Records(settings.data)
        threads = max(2, min(8, os.cpu_count() or 2))
        self.questions = Workers("question", threads, waiting=32, seconds=QUESTION_SECONDS)
        # One writer, as the index has one; few may wait, since each holds a whole file.
        self.uploads = Workers("upload", 1, waiting=8, seconds=UPLOAD_SECONDS)
        # Look-ups are quick and must not wait behind questions.
        self.lookups = Workers("lookup", 2, waiting=64, seconds=30.0)
        self._open_pipeline = open_pipeline
        self._pipeline: Pipeline | None = None
        self._missing = "The index and the models are being loaded."
        self._closed = False
        self._wake = threading.Event()
        self._loader = threading.Thread(target=self._load, name="loader", daemon=True)

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

    def look_again(self) -> None:
        """Load at once what was missing until now."""
        self._wake.set()

    def close(self) -> None:
        """End the work that can be ended, wait for the rest, and let go of everything."""
        self._closed = True
        self._wake.set()
        for workers in (self.questions, self.lookups, self.uploads):
            workers.close()
        self._loader.join(RETRY_AFTER)
        if self._pipeline is not None:
            self._pipeline.engine.close()
        self.records.close()

    def _load(self) -> None:
        while not self._closed:
            try:
                self._pipeline = self._open_pipeline(self.settings)
            except FootnoteError as error:
                self._report(str(error))
            except Exception:
                _log.exception("loading failed")
                self._report("Loading failed; the reason is in the log.")
            else:
                _log.info("ready")
                return
            self._wake.wait(RETRY_AFTER)
            self._wake.clear()

    def _report(self, missing: str) -> None:
        if missing != self._missing:
            _log.warning("not ready", extra={"fields": {"missing": missing}})
        self._missing = missing


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
"""A parameter of a route: the service the app shares."""
