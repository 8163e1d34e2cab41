"""No more of a body is read than its route takes."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from index.settings import Settings

MEGABYTE = 1_000_000
MAX_JSON = MEGABYTE
"""The largest body of a route that takes JSON: a long conversation is a tenth of it."""
_FORM = 64 * 1024
"""What a form may be longer than its file: boundaries, headers, a long file name."""


class BodyLimit:
    """Middleware that answers 413: at once by `Content-Length`, or when more comes than that is said to be."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._upload = settings.max_upload_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = scope["path"] == "/v1/documents"
        limit = self._upload * MEGABYTE + _FORM if upload else MAX_JSON
        problem = Problem(413, f"More than {self._upload if upload else MAX_JSON // MEGABYTE} MB is not accepted here.")
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await problem.response(scope["path"])(scope, receive, send)
            return
        read = 0

        async def limited_receive() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise problem
            return message

        await self._app(scope, limited_receive, send)
