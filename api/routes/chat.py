"""`POST /v1/chat/completions` and `GET /v1/models`: the OpenAI protocol, for the clients that speak it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.answering import answering, at_once
from api.chat import answerer_of, asked_in, models_for
from api.completion import Completion
from api.negotiate import EVENTS, JSON, accepts, sends_json
from api.routes import openai_errors
from api.routes.examples import CHAT, CHUNKS, COMPLETION
from api.schemas.openai import ChatIn, ChatOut, ModelOut, ModelsOut
from api.service import TheService
from api.stream import stream_answer

router = APIRouter(tags=["OpenAI protocol"])


@router.post(
    "/v1/chat/completions",
    response_model=ChatOut,
    summary="Answer the last message of a conversation",
    responses=openai_errors(400, 404, 406, 413, 415)
    | {
        200: {
            "description": "An answer or a refusal; as chunks when a stream was asked for.",
            "content": {
                JSON: {"example": COMPLETION},
                EVENTS: {"schema": {"type": "string"}, "example": CHUNKS},
            },
        }
    },
    dependencies=[Depends(sends_json), Depends(accepts(JSON, EVENTS))],
    openapi_extra={"requestBody": {"content": {JSON: {"example": CHAT}}}},
)
async def chat_completions(request: Request, chat: ChatIn, service: TheService) -> Response:
    """The same answers as those of `POST /v1/ask`, with the citations as annotations and as footnotes in the text."""
    asked = asked_in(chat)
    completion = Completion(chat, str(request.base_url))
    work = completion.counting(answering(service, asked))
    if chat.stream:
        return await stream_answer(service.questions, work, request, completion)
    answer = await service.questions.run(at_once(work), request)
    return Response(completion.whole(answer).model_dump_json(by_alias=True), media_type=JSON)


@router.get(
    "/v1/models",
    summary="List the ways of answering",
    responses=openai_errors(406),
    dependencies=[Depends(accepts(JSON))],
)
async def models(service: TheService) -> ModelsOut:
    """Each way of answering that the settings allow is a model; the first is the server's default."""
    return ModelsOut(data=[ModelOut(id=name, created=service.started) for name in models_for(service.settings)])


@router.get(
    "/v1/models/{model}",
    summary="Look up one way of answering",
    responses=openai_errors(404, 406),
    dependencies=[Depends(accepts(JSON))],
)
async def one_model(model: str, service: TheService) -> ModelOut:
    """A model by its name."""
    answerer_of(model)
    return ModelOut(id=model, created=service.started)
