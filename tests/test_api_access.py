from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_api_support import Direct, app_without_index, is_problem

from api.access import parse_rate
from api.app import create_app
from index.errors import SettingsError
from index.settings import Settings

KEY = "a long key, with spaces and é"
SITE = "https://council.example"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Direct]:
    with Direct(app_without_index(tmp_path_factory.mktemp("data"), api_key=KEY)) as client:
        yield client


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Direct]:
    with Direct(app_without_index(tmp_path_factory.mktemp("data"))) as client:
        yield client


def bearer(key: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {key}".encode()}}


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/documents/x", "/v1/nothing", "/metrics", "/nothing"])
def test_without_the_key_nothing_is_told(locked: Direct, path: str) -> None:
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}):
        response = locked.get(path, headers=headers)
        is_problem(response, 401, "Bearer KEY")
        assert response.headers["www-authenticate"] == 'Bearer realm="footnote"'
    for wrong in ("x", KEY[:-1], KEY + "x", KEY.upper()):
        response = locked.get(path, **bearer(wrong))
        is_problem(response, 401)
        assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_with_the_key_everything_is_open(locked: Direct) -> None:
    is_problem(locked.get("/v1/documents", **bearer(KEY)), 503, "no index")
    is_problem(locked.get("/v1/nothing", headers={"Authorization": f"bearer   {KEY} ".encode()}), 404)
    assert locked.get("/metrics", **bearer(KEY)).status_code == 200


def test_what_says_nothing_of_the_documents_needs_no_key(locked: Direct) -> None:
    for path in ("/", "/widget.js", "/healthz", "/openapi.json"):
        assert locked.get(path).status_code == 200
    is_problem(locked.get("/readyz"), 503)


def test_a_body_is_not_read_without_the_key(locked: Direct) -> None:
    async def body() -> Any:
        raise AssertionError("it was read")
        yield b""

    is_problem(locked.post("/v1/documents", content=body()), 401)


def test_no_other_site_may_call_by_default(open_to_all: Direct) -> None:
    response = open_to_all.get("/healthz", headers={"Origin": SITE})
    assert not [name for name in response.headers if name.startswith("access-control")]
    preflight = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    response = open_to_all.request("OPTIONS", "/v1/ask", headers=preflight)
    is_problem(response, 405)
    assert "access-control-allow-origin" not in response.headers


def test_the_sites_of_the_settings_may_call(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path, cors_origins=(SITE,), api_key=KEY)) as client:
        preflight = {
            "Origin": SITE,
            "Access-Control-Request-Method": "DELETE",
            "Access-Control-Request-Headers": "authorization, content-type, x-stainless-lang",
        }
        allowed = client.request("OPTIONS", "/v1/documents/x", headers=preflight)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == SITE
        is_problem(client.request("OPTIONS", "/v1/ask", headers=preflight | {"Origin": "https://other.example"}), 403)
        refused = client.get("/v1/documents", headers={"Origin": SITE})
        is_problem(refused, 401)
        assert refused.headers["access-control-allow-origin"] == SITE
        other = client.get("/v1/documents", headers={"Origin": "https://other.example"})
        assert "access-control-allow-origin" not in other.headers


FILE = {"files": {"file": ("a.txt", b"x")}}
FOREIGN: list[dict[str, str]] = [
    {"Origin": SITE},
    {"Origin": "null"},
    {"Origin": "http://test:81"},
    {"Sec-Fetch-Site": "cross-site", "Origin": SITE},
    {"Sec-Fetch-Site": "same-site", "Origin": SITE},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_may_not_change_anything(open_to_all: Direct, headers: dict[str, str]) -> None:
    is_problem(open_to_all.post("/v1/documents", headers=headers, **FILE), 403, "cors_origins")
    is_problem(open_to_all.request("DELETE", "/v1/documents/x", headers=headers), 403)
    is_problem(open_to_all.post("/v1/feedback", {"answer_id": "x", "helpful": True}, headers=headers), 403)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://test"}, {"Sec-Fetch-Site": "same-origin", "Origin": SITE}, {"Sec-Fetch-Site": "none"}],
)
def test_the_own_page_and_programs_may(open_to_all: Direct, headers: dict[str, str]) -> None:
    is_problem(open_to_all.request("DELETE", "/v1/documents/x", headers=headers), 503, "no index")


def test_a_named_site_and_a_holder_of_the_key_may(tmp_path: Path) -> None:
    headers = {"Origin": SITE, "Sec-Fetch-Site": "cross-site"}
    with Direct(app_without_index(tmp_path, cors_origins=(SITE,))) as client:
        is_problem(client.request("DELETE", "/v1/documents/x", headers=headers), 503)
    with Direct(app_without_index(tmp_path, api_key="k")) as client:
        headers["Authorization"] = "Bearer k"
        is_problem(client.request("DELETE", "/v1/documents/x", headers=headers), 503)


def test_more_than_the_rate_is_429_for_that_client_only(tmp_path: Path) -> None:
    app = app_without_index(tmp_path, rate_limit="2/hour")
    with Direct(app) as client:
        statuses = [client.get("/v1/nothing").status_code for _ in range(3)]
        assert statuses == [404, 404, 429]
        response = client.get("/v1/nothing")
        is_problem(response, 429, "2 per 1 hour")
        assert 3000 < int(response.headers["retry-after"]) <= 3600
        assert client.get("/healthz").status_code == 200
        client._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("203.0.113.9", 1)), base_url="http://test"
        )
        is_problem(client.get("/v1/nothing"), 404)


@pytest.mark.parametrize("text", ["lots", "30", "30/fortnight", "0/minute", "-1/minute"])
def test_a_rate_that_is_none_is_refused_at_the_door(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="rate_limit"):
        create_app(Settings(data=tmp_path, rate_limit=text))


def test_rates_are_read() -> None:
    assert parse_rate("") is None
    assert str(parse_rate("30/minute")) == "30 per 1 minute"
