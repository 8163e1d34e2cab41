"""Every error as `application/problem+json` (RFC 9457), and the one table from our errors to status codes."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from api.logs import request_id
from index import errors

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds a client is asked to wait where nothing better is known."""

STATUSES: Mapping[type[errors.FootnoteError], int] = {
    errors.FootnoteError: 500,
    errors.SettingsError: 500,
    errors.UnknownName: 422,
    errors.InvalidQuestion: 422,
    errors.NotFound: 404,
    errors.LoadError: 422,
    errors.UnsupportedFormat: 415,
    errors.UnreadableFile: 422,
    errors.FileTooLarge: 413,
    errors.ModelError: 503,
    errors.StoreError: 503,
    errors.StoreUnavailable: 503,
    errors.StoreBroken: 503,
    errors.EmbedderMismatch: 503,
    errors.NoIndex: 503,
}
"""Each error and its status. Complete: a test walks the tree."""

_DETAILS = {
    400: "The body cannot be read. Is it cut short, or not what its Content-Type says?",
}
_MESSAGES = {
    "extra_forbidden": "There is no such field here",
    "model_attributes_type": "Input should be an object",
    "string_unicode": "Input should be valid Unicode, without lone surrogates",
}
"""In place of what the frameworks say of these statuses and kinds of error."""
OPENAI = ("/v1/chat", "/v1/models")
"""Below these paths the OpenAI protocol is spoken: its clients read errors in a shape of their own."""
_KINDS = {403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 404: "not_found", 413: "request_too_large", 429: "rate_limit_exceeded"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_log = logging.getLogger("footnote")


class Problem(HTTPException):
    """An error response: its status, one plain sentence, and the fields that are wrong, with what is wrong."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        fields: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        retry = {"Retry-After": str(RETRY_AFTER)} if status in {429, 503} else {}
        super().__init__(status, detail, {**retry, **(headers or {})})
        self.fields = tuple(fields)

    @classmethod
    def retry(cls, status: int, detail: str, seconds: float) -> Problem:
        """A 429 or 503 that asks the client to come back in so many seconds, rounded up."""
        return cls(status, detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})

    @classmethod
    def of_field(cls, field: str, detail: str) -> Problem:
        """A 422 about one field."""
        return cls(422, f"{field}: {detail}", fields=[(field, detail)])

    def body(self) -> dict[str, Any]:
        """The problem object."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
        }
        if self.fields:
            body["errors"] = [{"field": field, "detail": detail} for field, detail in self.fields]
        if identifier := request_id.get():
            body["instance"] = f"urn:uuid:{identifier}"
        return body

    def openai_body(self) -> dict[str, Any]:
        """The problem as the OpenAI protocol words it."""
        param = self.fields[0][0] if self.fields else None
        code = "model_not_found" if (self.status_code, param) == (404, "model") else _CODES.get(self.status_code)
        kind = "server_error" if self.status_code >= 500 else _KINDS.get(self.status_code, "invalid_request_error")
        return {"error": {"message": self.detail, "type": kind, "param": param, "code": code}}

    def response(self, path: str) -> Response:
        """The problem as a response to a request for `path`."""
        # In ASCII: what a client sent may be in it, and may have no UTF-8 form.
        if path.startswith(OPENAI):
            # That protocol has no 422.
            status = 400 if self.status_code == 422 else self.status_code
            return Response(json.dumps(self.openai_body()), status, self.headers, "application/json")
        return Response(json.dumps(self.body()), self.status_code, self.headers, MEDIA_TYPE)


def problem_of(error: BaseException) -> Problem:
    """The problem an error is shown as. What nobody foresaw is logged here, and told without any detail of it."""
    match error:
        case Problem():
            problem = error
        case HTTPException(status_code=400, __cause__=OSError()):
            problem = Problem(503, "There is no room to store what is sent. Try again later.")
        case HTTPException():
            detail = _DETAILS.get(error.status_code, str(error.detail))
            problem = Problem(error.status_code, detail, headers=error.headers)
        case RequestValidationError():
            problem = _of_validation(error)
        case errors.FootnoteError():
            status = next(STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)
            fields = [(error.field, str(error))] if isinstance(error, errors.InvalidQuestion) else []
            problem = Problem(status, str(error), fields=fields)
        case _:
            problem = Problem(500, "")
    if problem.status_code >= 500 and problem is not error:
        _log.error("%s", type(error).__name__, exc_info=error)
    if problem.status_code == 500:
        problem.detail = (
            "Something went wrong here, not with your request. The log has it under the number in X-Request-ID."
        )
    return problem


def install(app: FastAPI) -> None:
    """Show every error of `app` as a problem."""

    async def respond(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if isinstance(error, RequestValidationError) and _nothing_sent(error) and not await request.body():
            problem = Problem(400, "The body is empty. Send a JSON object.")
        elif problem is not error and problem.status_code == 404 and isinstance(error, HTTPException):
            problem.detail = f"There is no {request.url.path} here."
        elif problem.status_code == 405:
            allowed = ", ".join(_allowed(app, request.scope))
            problem = Problem(405, f"Only {allowed} can be done here.", headers={"Allow": allowed})
        return problem.response(request.scope["path"])

    for kind in (HTTPException, RequestValidationError, errors.FootnoteError):
        app.add_exception_handler(kind, respond)


def _allowed(app: FastAPI, scope: Scope) -> list[str]:
    """The methods of every route with this path: a route that does not match only knows its own."""
    routes = app.router.routes
    return [m for m in _METHODS if any(r.matches({**scope, "method": m})[0] is Match.FULL for r in routes)]


def _of_validation(error: RequestValidationError) -> Problem:
    found = cast(Sequence[Mapping[str, Any]], error.errors())
    if any(e["type"] == "json_invalid" for e in found):
        position = next(e["loc"][-1] for e in found)
        return Problem(400, f"The body is not JSON: {found[0]['ctx']['error']} (character {position}).")
    fields = [(_field(e["loc"]), _message(e)) for e in found]
    return Problem(422, "; ".join(f"{field}: {message}" for field, message in fields[:5]), fields=fields)


def _nothing_sent(error: RequestValidationError) -> bool:
    return any(e["type"] == "missing" and tuple(e["loc"]) == ("body",) for e in error.errors())


def _field(location: Iterable[int | str]) -> str:
    """`("body", "history", 0, "question")` as `history[0].question`; the body as a whole as `body`."""
    first, *rest = location
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    return name.lstrip(".") or str(first)


def _message(error: Mapping[str, Any]) -> str:
    said = _MESSAGES.get(error["type"], str(error["msg"]))
    return said.removeprefix("Value error, ").removesuffix(".") + "."
