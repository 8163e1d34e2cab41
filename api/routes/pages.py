"""`GET /` and `GET /widget.js`: a page to ask on, and the chat widget."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from functools import lru_cache

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.service import TheService
from api.widget import bundle

router = APIRouter(include_in_schema=False)


@router.get("/")
def page(service: TheService) -> Response:
    """The page. The sites that may call the service may also show it in a frame."""
    headers = {"Content-Security-Policy": policy(service.settings.cors_origins)}
    return Response(bundle.page(), media_type="text/html", headers=headers)


@router.get("/widget.js")
def script(request: Request) -> Response:
    """The script; pages of other sites may load it too. Asked for again, it is sent only when it has changed."""
    plain, packed, tag = _script()
    headers = {
        "Cache-Control": "no-cache",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})
    return Response(plain, media_type="text/javascript", headers=headers)


@lru_cache(maxsize=1)
def policy(framed_by: tuple[str, ...] = ()) -> str:
    """Only this service's own script runs and it reaches only this service; of styles, only those of the page."""
    styles = re.findall(r"<style>(.*?)</style>", bundle.page().decode(), re.DOTALL)
    framers = " ".join(framed_by) or "'none'"
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" for style in styles]
    return (
        f"default-src 'none'; script-src 'self'; connect-src 'self'; style-src {' '.join(hashes)}; img-src data:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {framers}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


@lru_cache(maxsize=1)
def _script() -> tuple[bytes, bytes, str]:
    """The script as it is, packed, and its entity tag."""
    plain = bundle.script()
    return plain, gzip.compress(plain, mtime=0), f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'
