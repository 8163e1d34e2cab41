"""The outermost layer: an id, a log line and a count for every request, safe headers, and no bare 500."""

from __future__ import annotations

import logging
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import request_id
from api.metrics import Metrics
from api.problems import problem_of
from api.work import GoneError

_log = logging.getLogger("footnote")
GONE = 499
"""Nobody is there to read a response; the number nginx logs for this."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""On every response that does not set its own."""


class Observe:
    """Middleware; `HEAD` is answered as `GET` without a body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = str(uuid.uuid4())
        token = request_id.set(identifier)
        started = time.perf_counter()
        status = 0
        head = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET"} if head else scope

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = identifier
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            with self._metrics.in_flight.track_inprogress():
                await self._app(inner, receive, observed_send)
                status = status or GONE
        except GoneError:
            status = GONE
        except Exception as error:
            problem = problem_of(error)
            if not status:
                await problem.response(scope["path"])(inner, receive, observed_send)
        finally:
            route = getattr(inner.get("route"), "path", "unmatched")
            self._metrics.requests.labels(_known(scope["method"]), route, status).inc()
            milliseconds = round((time.perf_counter() - started) * 1000)
            fields = {"method": scope["method"], "route": route, "status": status, "ms": milliseconds}
            _log.info("request", extra={"fields": fields})
            request_id.reset(token)


def _known(method: str) -> str:
    """Any other method is one label, so that nobody can fill the memory with made-up ones."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
