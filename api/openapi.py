"""The OpenAPI document: what FastAPI makes of the routes, with the media type of problems and the key."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.access import OPEN
from api.negotiate import JSON
from api.problems import MEDIA_TYPE
from api.routes.examples import PROBLEM


def describe(app: FastAPI, *, needs_key: bool) -> None:
    """Give `app` its document, made when it is first asked for."""
    made: dict[str, Any] = {}
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(generate())
            for path, methods in made["paths"].items():
                for operation in methods.values():
                    _problems(operation["responses"])
                    if needs_key and path not in OPEN:
                        operation["security"] = [{"key": []}]
            for unused in ("HTTPValidationError", "ValidationError"):
                made["components"]["schemas"].pop(unused, None)
            if needs_key:
                schemes = made["components"].setdefault("securitySchemes", {})
                schemes["key"] = {"type": "http", "scheme": "bearer"}
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _problems(responses: dict[str, Any]) -> None:
    """FastAPI files a declared model under `application/json`; problems have a media type of their own.

    It also adds a 422 of its own wherever there is a parameter, such as an id, that any text will do for.
    """
    for status, response in list(responses.items()):
        schema = response.get("content", {}).get(JSON, {}).get("schema", {})
        if schema.get("$ref", "").endswith("/HTTPValidationError"):
            del responses[status]
        elif schema.get("$ref", "").endswith("/ProblemOut"):
            example = {"example": PROBLEM} if status == "422" else {}
            response["content"] = {MEDIA_TYPE: {"schema": schema} | example}
