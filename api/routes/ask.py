"""`POST /v1/ask` and `POST /v1/search`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.answers import answer_out, search_out, understood_out
from api.negotiate import EVENTS, JSON, accepts, sends_json
from api.problems import Problem
from api.routes import problems
from api.routes.examples import ANSWER, EVENT_STREAM, QUESTION, REFUSAL, SEARCH, SEARCH_QUESTION
from api.schemas.requests import AskIn, SearchIn
from api.schemas.responses import AnswerOut, SearchOut, UnderstoodOut
from api.service import Service, TheService
from api.stream import Answering, stream_answer
from api.work import Stop
from index.errors import FootnoteError, UnknownName
from rag.models import Understood

router = APIRouter(tags=["questions"], dependencies=[Depends(sends_json)])
_log = logging.getLogger("footnote")


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
    answering = _answering(service, asked)
    if asked.stream or media_type == EVENTS:
        return await stream_answer(service.questions, answering, request)
    answer = await service.questions.run(lambda stop: answering(stop, lambda understood: None), request)
    return Response(answer.model_dump_json(by_alias=True), media_type=JSON)


def _answering(service: Service, asked: AskIn) -> Answering:
    """The work on one question, for a worker's thread: answer, count, keep, log."""
    pipeline = service.pipeline()

    def work(stop: Stop, understood: Callable[[UnderstoodOut], None]) -> AnswerOut:
        def on_stage(name: str, value: object) -> None:
            stop.check()
            # What comes from an earlier turn may still give way; it is told with the answer.
            if isinstance(value, Understood) and not value.inherited:
                understood(understood_out(value))

        stop.check()
        try:
            answer = answer_out(pipeline.ask(asked.as_question(), on_stage), pipeline.engine)
        except UnknownName as error:
            raise Problem(422, str(error), fields=[("answerer", str(error))]) from error
        service.metrics.answered(answer)
        try:
            service.records.keep(answer, asked.question, [turn.question for turn in asked.history])
        except FootnoteError:
            # The answer is good all the same; only feedback on it will not be possible.
            service.metrics.unrecorded.inc()
            _log.exception("the answer could not be kept")
        fields = {"answer": answer.id, "status": answer.status, "timings_ms": answer.timings_ms}
        if service.settings.log_questions:
            fields["question"] = asked.question
        _log.info("question", extra={"fields": fields})
        return answer

    return work


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
    pipeline = service.pipeline()
    question = asked.as_question()

    def work(stop: Stop) -> SearchOut:
        stop.check()
        return search_out(*pipeline.search(question, asked.limit), pipeline.engine)

    return await service.questions.run(work, request)
