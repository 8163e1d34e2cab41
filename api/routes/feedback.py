"""`POST /v1/feedback`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.access import same_site
from api.negotiate import JSON, sends_json
from api.routes import problems
from api.routes.examples import FEEDBACK
from api.schemas.requests import FeedbackIn
from api.service import TheService

router = APIRouter(tags=["feedback"])


@router.post(
    "/v1/feedback",
    status_code=204,
    summary="Say whether an answer helped",
    responses=problems(400, 403, 404, 413, 415, 422),
    dependencies=[Depends(sends_json), Depends(same_site)],
    openapi_extra={"requestBody": {"content": {JSON: {"example": FEEDBACK}}}},
)
async def feedback(given: FeedbackIn, service: TheService) -> Response:
    """Judge an answer by its id. Judged again, the last word counts."""
    await service.lookups.run(lambda stop: service.records.judge(given.answer_id, given.helpful, given.comment))
    service.metrics.feedback.labels(str(given.helpful).lower()).inc()
    return Response(status_code=204)
