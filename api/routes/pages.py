"""`GET /` and `GET /widget.js`: a page to ask on, and its script."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

PAGE = "ask.html"
SCRIPT = "ask.js"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Only this service's own script runs, and it reaches only this service."""


@router.get("/")
def page() -> Response:
    """The page."""
    return Response(_file(PAGE), media_type="text/html", headers={"Content-Security-Policy": POLICY})


@router.get("/widget.js")
def script() -> Response:
    """The script; other sites may load it too."""
    return Response(_file(SCRIPT), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _file(name: str) -> bytes:
    return (files("api") / "widget" / name).read_bytes()
