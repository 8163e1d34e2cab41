"""`POST /v1/ask` and `POST /v1/search`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.answering import answering, at_once, searching
from api.negotiate import EVENTS, JSON, accepts, sends_json
from api.routes import problems
from api.routes.examples import ANSWER, EVENT_STREAM, QUESTION, REFUSAL, SEARCH, SEARCH_QUESTION
from api.schemas.requests import AskIn, SearchIn
from api.schemas.responses import AnswerOut, SearchOut
from api.service import TheService
from api.stream import stream_answer

router = APIRouter(tags=["questions"], dependencies=[Depends(sends_json)])


@router.post(
    "/v1/ask",
    response_model=AnswerOut,
    summary="Answer a question from the documents",
    responses=problems(400, 406, 413, 415, 422)
    | {
        200: {
            "description": "An answer or a refusal; as events when they were asked for.",
            "content": {
                JSON: {"examples": {"answered": {"value": ANSWER}, "refused": {"value": REFUSAL}}},
                EVENTS: {"schema": {"type": "string"}, "example": EVENT_STREAM},
            },
        }
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": QUESTION}}}},
)
async def ask(
    request: Request, asked: AskIn, service: TheService, media_type: Annotated[str, Depends(accepts(JSON, EVENTS))]
) -> Response:
    """Answer with statements, each with the exact words it rests on, or say why there is no answer."""
    work = answering(service, asked)
    if asked.stream or media_type == EVENTS:
        return await stream_answer(service.questions, work, request)
    answer = await service.questions.run(at_once(work), request)
    return Response(answer.model_dump_json(by_alias=True), media_type=JSON)


@router.post(
    "/v1/search",
    response_model=SearchOut,
    summary="Find passages",
    responses=problems(400, 406, 413, 415, 422) | {200: {"content": {JSON: {"example": SEARCH}}}},
    dependencies=[Depends(accepts(JSON))],
    openapi_extra={"requestBody": {"content": {JSON: {"example": SEARCH_QUESTION}}}},
)
async def search(request: Request, asked: SearchIn, service: TheService) -> SearchOut:
    """Find the passages nearest to a question, best first, without an answer."""
    return await service.questions.run(searching(service, asked), request)
