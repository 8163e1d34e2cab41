"""Who may call: a Bearer key, a rate per client, and no state changed on behalf of another site."""

from __future__ import annotations

import secrets
import socket
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem
from index.errors import SettingsError
from index.settings import Settings

OPEN = frozenset({"/", "/widget.js", "/healthz", "/readyz", "/openapi.json"})
"""What needs no key and has no rate: nothing here says anything of the documents or their readers."""


class Access:
    """Middleware that lets a request through, or answers 401 or 429 before its body is read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._key = settings.api_key.encode()
        self._rate = parse_rate(settings.rate_limit)
        self._limiter = MovingWindowRateLimiter(MemoryStorage()) if self._rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"] not in OPEN:
            try:
                self._check_rate(scope)
                self._check_key(Headers(scope=scope).get("authorization", ""))
            except Problem as problem:
                await problem.response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check_key(self, authorization: str) -> None:
        """RFC 6750: 401 both without a key and with a wrong one."""
        if not self._key:
            return
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            challenge = {"WWW-Authenticate": 'Bearer realm="footnote"'}
            raise Problem(401, "This needs a key. Send it as `Authorization: Bearer KEY`.", headers=challenge)
        if not secrets.compare_digest(given.strip().encode("latin-1", "replace"), self._key):
            challenge = {"WWW-Authenticate": 'Bearer realm="footnote", error="invalid_token"'}
            raise Problem(401, "The key is not the right one.", headers=challenge)

    def _check_rate(self, scope: Scope) -> None:
        if self._limiter is None or self._rate is None:
            return
        client = scope["client"][0] if scope.get("client") else "unknown"
        if not self._limiter.hit(self._rate, client):
            wait = self._limiter.get_window_stats(self._rate, client).reset_time - time.time()
            raise Problem.retry(429, f"No more than {self._rate} may be asked.", wait)


class Cors(CORSMiddleware):
    """Lets the pages of the sites in the settings call; a preflight of any other is a problem like all others."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],  # clients of other protocols send headers of their own
            expose_headers=["Retry-After", "X-Request-ID"],
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """What a browser asks for before it calls."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        return Problem(403, "This call of another site is not among those that are allowed.").response("")


def from_here(request: Request) -> None:
    """For a route that programs call and no page of another site may: the Model Context Protocol asks for this.

    An `Origin` must be this service's own or named in `cors_origins`, with a key or without. A page can also come under
    a name that its owner has pointed at this machine (DNS rebinding), and then the two agree. It has no key, so where
    none is needed the name must be an address, this machine's own name, or one from the settings.

    Raises:
        Problem: 403 for the origin, 421 for the name.
    """
    settings: Settings = request.app.state.service.settings
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and not {origin, "*"} & set(settings.cors_origins) and urlsplit(origin).netloc != host:
        raise Problem(403, "A page of another site may not call this. Name it in the setting cors_origins.")
    name = _hostname(host)
    known = {"localhost", settings.host.lower(), socket.gethostname().lower()}
    known |= {urlsplit(site).hostname or "" for site in settings.cors_origins}
    if not (settings.api_key or _is_address(name) or (name and name in known)):
        raise Problem(
            421, f"This service does not go by the name {name!r}. Set an api_key, or name the site in cors_origins."
        )


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def parse_rate(text: str) -> RateLimitItem | None:
    """`30/minute` as a limit; None for an empty setting.

    Raises:
        SettingsError: it is not written like that.
    """
    if not text:
        return None
    try:
        rate = parse(text)
    except ValueError as error:
        raise SettingsError(f"rate_limit is {text!r}.", "Write it like `30/minute`.") from error
    if rate.amount < 1:
        raise SettingsError(f"rate_limit is {text!r}.", "It must allow at least one request.")
    return rate


async def same_site(request: Request) -> None:
    """A dependency of routes that change something: 403 for a page of a site that the settings do not name.

    A form on any page can be sent to a service on this machine or network without the browser asking first.
    Follows Go's `net/http.CrossOriginProtection`: `Sec-Fetch-Site` where the browser sends it, otherwise `Origin`
    against `Host`. A key cannot be sent by such a form, so with one there is nothing to check.
    """
    settings: Settings = request.app.state.service.settings
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if settings.api_key or (origin and {origin, "*"} & set(settings.cors_origins)):
        return
    if site:
        allowed = site in {"same-origin", "none"}
    else:
        allowed = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise Problem(403, "A page of another site may not change anything here. Name it in the setting cors_origins.")
