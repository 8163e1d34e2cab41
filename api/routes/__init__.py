"""The routes, one file a subject; each makes a router, `create_app` puts them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from api.schemas.openai import ErrorOut
from api.schemas.responses import ProblemOut

_MEANINGS = {
    400: "The body is not JSON, or not a form",
    401: "A key is needed, or this is not the right one",
    403: "A page of another site may not do this",
    404: "There is no such thing",
    406: "The response cannot be had as the media type asked for",
    413: "The body or the file is too large",
    415: "The body or the file is of a type that cannot be read",
    422: "A field is wrong; it is named",
    429: "Too many requests from this client",
    500: "Something went wrong here",
    503: "Not loaded yet, or too busy",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route under /v1: these problems and those any of them may answer with."""
    return _errors(ProblemOut, statuses)


def openai_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same for a route that speaks the OpenAI protocol, which has no 422."""
    return _errors(ErrorOut, statuses)


def _errors(shape: type[BaseModel], statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": shape, "description": _MEANINGS[status]}
        | ({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status in {429, 503} else {})
        for status in sorted({*statuses, 401, 429, 500, 503})
    }
