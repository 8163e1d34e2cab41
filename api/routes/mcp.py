"""`POST /mcp`: the Model Context Protocol, over streamable HTTP and without sessions.

Here and not in a server of its own: one process holds the index and the models, and the same key, limits, queue and
log hold for every way in.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.access import from_here
from api.service import Service

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server


def route(service: Service) -> Route:
    """The route. It speaks for itself, so it is not in the OpenAPI document."""
    endpoint = _Endpoint(service)
    endpoint.route = Route("/mcp", endpoint, methods=["POST"], include_in_schema=False)
    return endpoint.route


class _Endpoint:
    """An ASGI application that imports the protocol when it is first called."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.route: Route | None = None
        self._server: Server[Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self.route  # the log and the metrics name it
        from_here(Request(scope))
        if self._server is None:
            self._server = await asyncio.to_thread(self._make)
        from api.mcp_server import serve_request

        await serve_request(self._server, scope, receive, send)

    def _make(self) -> Server[Any]:
        from api.mcp_server import make_server

        return make_server(self._service)
