"""`GET /healthz`, `GET /readyz` and `GET /metrics`: for what runs and watches the service."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.routes import problems
from api.schemas.responses import ProblemOut, StatusOut
from api.service import TheService

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> StatusOut:
    """Answers at once, also while the models are being loaded or questions worked on."""
    return StatusOut(status="ok")


@router.get(
    "/readyz",
    summary="Can questions be answered?",
    responses={503: {"model": ProblemOut, "description": "Not yet; `detail` says what is missing"}},
)
async def readyz(service: TheService) -> StatusOut:
    """200 once the index and the models are loaded."""
    service.pipeline()
    return StatusOut(status="ready")


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses=problems()
    | {
        200: {
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/openmetrics-text": {"schema": {"type": "string"}},
            }
        }
    },
)
async def metrics(request: Request, service: TheService) -> Response:
    """Counters in the Prometheus text format, or as OpenMetrics where that is accepted."""
    body, media_type = service.metrics.render(request.headers.get("accept", ""))
    return Response(body, headers={"Content-Type": media_type})
