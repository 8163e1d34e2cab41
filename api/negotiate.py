"""Which media types a client accepts (RFC 9110, 12.5.1) and sends."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request

from api.problems import Problem

JSON = "application/json"
EVENTS = "text/event-stream"
_RANGE = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+)/([\w!#$%&'*+.^`|~-]+)\s*(;.*)?$", re.ASCII)
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def preferred(accept: str, offers: Sequence[str]) -> str:
    """The offer the client likes best; of those it likes as well, the first. An empty header likes all.

    Raises:
        Problem: 406, it accepts none.
    """
    ranges = [(m[1], m[2], m[3] or "") for part in accept.split(",") if (m := _RANGE.match(part))]
    if not ranges:
        return offers[0]
    best = max(offers, key=lambda offer: _quality(offer, ranges))
    if not _quality(best, ranges):
        raise Problem(406, f"This can be had as {' or '.join(offers)}; the request accepts neither.")
    return best


def _quality(offer: str, ranges: Sequence[tuple[str, str, str]]) -> float:
    """What the most specific range that covers the offer says of it, 0 to 1."""
    of_type, _, subtype = offer.partition("/")
    found = (0, 0.0)
    for range_type, range_subtype, parameters in ranges:
        pair = (range_type.lower(), range_subtype.lower())
        specific = {(of_type, subtype): 3, (of_type, "*"): 2, ("*", "*"): 1}.get(pair, 0)
        weight = _QUALITY.search(parameters)
        if specific > found[0]:
            found = (specific, float(weight[1]) if weight else 1.0)
    return found[1]


def accepts(*offers: str) -> Callable[[Request], Awaitable[str]]:
    """A dependency: the offer to answer with, or 406."""

    async def chosen(request: Request) -> str:
        return preferred(", ".join(request.headers.getlist("accept")), offers)

    return chosen


async def sends_json(request: Request) -> None:
    """A dependency: 415 unless the body is JSON. Without a `Content-Type` it is taken to be."""
    sent = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if sent != JSON and not (sent.startswith("application/") and sent.endswith("+json")):
        raise Problem(415, f"The body is {sent or 'of no type'}. Send application/json.")


async def sends_form(request: Request) -> None:
    """A dependency: 415 unless the body is a multipart form."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != "multipart/form-data":
        raise Problem(415, f"The body is {sent or 'of no type'}. Send multipart/form-data with the field file.")
