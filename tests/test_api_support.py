"""What the tests of the HTTP service share: a direct client, a real server, and the service over the sample papers."""

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from conftest import Sample
from fastapi import FastAPI

from api.app import create_app
from api.problems import MEDIA_TYPE, OPENAI
from api.schemas.openai import ErrorOut
from api.schemas.responses import ProblemOut
from api.serve import server
from api.service import OpenPipeline
from index.errors import NoIndex
from index.settings import Settings

CORPUS = Path(__file__).parent.parent / "corpus"


class Direct:
    """Calls an application without a network, one request at a time."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._runner = asyncio.Runner()
        self._lifespan = app.router.lifespan_context(app)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")

    def __enter__(self) -> "Direct":
        self._runner.run(self._lifespan.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._lifespan.__aexit__(None, None, None))
        self._runner.close()

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        response = self._runner.run(self._client.request(method, path, **kwargs))
        is_documented(self.app.openapi(), response)
        return response

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, body: object = None, **kwargs: Any) -> httpx.Response:
        return self.request("POST", path, **({"json": body} if body is not None else {}), **kwargs)


def is_documented(document: dict[str, Any], response: httpx.Response) -> None:
    """The OpenAPI document names this status and media type for this route."""
    if response.status_code == 405 or response.request.method in {"HEAD", "OPTIONS"}:
        return
    path = response.request.url.raw_path.decode().partition("?")[0]
    for template, methods in document["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and response.request.method.lower() in methods:
            responses = methods[response.request.method.lower()]["responses"]
            assert str(response.status_code) in responses, f"{response.status_code} of {template} is not documented"
            content = responses[str(response.status_code)].get("content", {})
            sent = response.headers.get("content-type", "").partition(";")[0]
            assert sent in content or "*/*" in content or (not sent and not content), f"{sent} of {template}"


def without_index(_: Settings) -> Any:
    raise NoIndex("There is no index here.", "Make one with `footnote index`.")


@contextlib.contextmanager
def running(app: FastAPI, settings: Settings) -> Iterator[str]:
    """Serve `app` on loopback in a thread; the address."""
    uvicorn_server = server(app, settings)
    uvicorn_server.config.port = 0
    thread = threading.Thread(target=uvicorn_server.run, daemon=True)
    thread.start()
    until(lambda: uvicorn_server.started)
    port = uvicorn_server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        uvicorn_server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


@contextlib.contextmanager
def server_process(data: Path, **settings: str) -> Iterator[str]:
    """`footnote serve` as a process of its own on loopback; its address, once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {f"FOOTNOTE_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "cli", "--data", str(data), "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (
        httpx.Client(base_url=url, timeout=5) as watcher,
        subprocess.Popen(command, env=environment, cwd=CORPUS.parent, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            until(lambda: process.poll() is not None or is_ready(watcher), 240)
            assert process.poll() is None, "the server has ended"
            yield url
        finally:
            process.terminate()


def is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def is_problem(response: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    """The response is a sound problem of this status, and says these words."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    body: dict[str, Any] = response.json()
    ProblemOut.model_validate(body, strict=True)
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    assert all(word in response.text for word in words), response.text
    if status in {429, 503}:
        assert int(response.headers["retry-after"]) >= 1
    return body


def is_openai_error(response: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    """The response is a sound error of the OpenAI protocol, of this status, and says these words."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = ErrorOut.model_validate(response.json(), strict=True)
    assert body.error.message
    assert "Traceback" not in response.text
    assert all(word in response.text for word in words), response.text
    if status in {429, 503}:
        assert int(response.headers["retry-after"]) >= 1
    return body.error.model_dump()


def is_error(response: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    """The response is a sound error of this status in the shape of its route."""
    spoken = is_openai_error if response.request.url.path.startswith(OPENAI) else is_problem
    return spoken(response, status, *words)


def events(text: str) -> list[tuple[str, Any]]:
    """The server-sent events in a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def app_without_index(folder: Path, **settings: Any) -> FastAPI:
    return create_app(Settings(data=folder, **settings), without_index)


@contextlib.contextmanager
def serving(
    sample: Sample, folder: Path, open_pipeline: OpenPipeline | None = None, **settings: Any
) -> Iterator[httpx.Client]:
    """A client of a real server over the index in `folder`, once it is ready."""
    chosen = Settings(data=folder, **settings)
    app = create_app(chosen, open_pipeline or sample.open)
    with (
        running(app, chosen) as url,
        httpx.Client(
            base_url=url,
            timeout=60,
            limits=httpx.Limits(max_connections=None),
            event_hooks={"response": [lambda response: is_documented(app.openapi(), response)]},
        ) as client,
    ):
        until(lambda: client.get("/readyz").status_code == 200)
        yield client
