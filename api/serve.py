"""Run the service with uvicorn."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.logs import log_as_json
from index.settings import Settings

SHUTDOWN_SECONDS = 20
"""How long open requests may still take once the process is asked to end."""


def serve(settings: Settings) -> None:
    """Serve until interrupted (SIGINT, SIGTERM), then finish what is open and end.

    Raises:
        SettingsError: the rate limit is not written like `30/minute`.
    """
    log_as_json()
    server(create_app(settings), settings).run()


def server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The server, not yet running."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # one format for all lines
        access_log=False,  # uvicorn's has query strings in it; ours has none
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
    )
    return uvicorn.Server(config)
