"""The service as an ASGI application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.access import Access, Cors, parse_rate
from api.body_limit import BodyLimit
from api.observe import Observe
from api.openapi import describe
from api.problems import install
from api.routes import ask, chat, documents, feedback, health, mcp, pages, upload
from api.service import OpenPipeline, Service, open_real, own_version
from index.settings import Settings


def create_app(settings: Settings, open_pipeline: OpenPipeline = open_real) -> FastAPI:
    """The application. It answers `/healthz` at once and loads index and models in the background.

    Raises:
        SettingsError: the rate limit is not written like `30/minute`.
    """
    parse_rate(settings.rate_limit)
    service = Service(settings, open_pipeline)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="Footnote",
        summary="Answers questions from an organisation's own papers, every statement cited to exact words.",
        version=own_version(),
        lifespan=lifespan,
        docs_url=None,  # the interactive pages load their scripts from another site
        redoc_url=None,
        redirect_slashes=False,
        strict_content_type=False,
    )
    app.state.service = service
    for module in (ask, chat, documents, upload, feedback, health, pages):
        app.include_router(module.router)
    app.router.routes.append(mcp.route(service))
    install(app)
    describe(app, needs_key=bool(settings.api_key))
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Access, settings=settings)
    if settings.cors_origins:
        app.add_middleware(Cors, settings=settings)
    app.add_middleware(Observe, metrics=service.metrics)
    return app
