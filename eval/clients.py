"""Two ways to ask: the pipeline in this process, or a running server. Both answer in the form of the HTTP contract."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import index
import rag
from eval.models import Case
from index.errors import FootnoteError
from rag.models import Question, Turn
from rag.serialise import answer_as_dict, hit_as_dict

if TYPE_CHECKING:
    from index.settings import Settings
    from rag.pipeline import Pipeline

PATIENCE = 3
"""How often a request is sent again after the server said 429 or 503."""


class ClientError(FootnoteError):
    """The server could not be reached or gave no answer."""

    exit_code = 2


class Client(Protocol):
    """Something that answers questions and shows the texts it cites."""

    workers: int

    def configuration(self) -> dict[str, Any]:
        """Everything that makes the answers what they are."""

    def ask(self, case: Case) -> dict[str, Any]:
        """The body of `POST /v1/ask`."""

    def search(self, case: Case, answer: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """The hits of `POST /v1/search`, best first."""

    def documents(self) -> Sequence[Mapping[str, Any]]:
        """Every document: at least `id`, `source` and `title`."""

    def text(self, document_id: str) -> str:
        """The text that a document's offsets point into."""


def question_of(case: Case) -> Question:
    """The case as the pipeline takes it."""
    return Question(case.question, history=tuple(Turn(q, a) for q, a in case.history))


class LocalClient:
    """Asks a pipeline of this process, whose reranker remembers, so that showing the ranking costs little more.

    One worker: the models already use every core, so a second would only blur the latency.
    """

    workers = 1

    def __init__(self, pipeline: Pipeline, settings: Settings, overrides: Mapping[str, Any] | None = None) -> None:
        self.pipeline = pipeline
        self._settings = settings
        self._overrides = dict(overrides or {})

    def configuration(self) -> dict[str, Any]:
        """Settings, overrides, the index's version and a hash of the code that answers."""
        settings = {k: str(v) for k, v in asdict(self._settings).items() if k not in {"api_key", "data"}}
        return {
            "settings": settings,
            "overrides": {k: str(v) for k, v in self._overrides.items()},
            "index": self.pipeline.engine.version,
            "code": code_hash(),
        }

    def ask(self, case: Case) -> dict[str, Any]:
        """The answer, in the form it would have over HTTP."""
        return answer_as_dict(self.pipeline.ask(question_of(case)))

    def search(self, case: Case, answer: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """The ranked passages for the case's question, its history taken in."""
        del answer
        _, hits = self.pipeline.search(question_of(case), limit)
        return [hit_as_dict(hit) for hit in hits]

    def documents(self) -> Sequence[Mapping[str, Any]]:
        """Every document of the index."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.pipeline.engine.documents(limit=200, cursor=cursor)
            items += [{"id": d.id, "source": d.source, "title": d.title} for d in page.items]
            cursor = page.next
            if cursor is None:
                return items

    def text(self, document_id: str) -> str:
        """The stored text."""
        text: str = self.pipeline.engine.text(document_id)
        return text


class HttpClient:
    """Asks a running server."""

    workers = 4

    def __init__(self, url: str, key: str = "", timeout: float = 60.0) -> None:
        if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
            raise ClientError(f"{url!r} is not the address of a server.", "It looks like http://127.0.0.1:8000.")
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._timeout = timeout
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()

    def configuration(self) -> dict[str, Any]:
        """The address and the version the server gives of itself; its settings cannot be seen from here."""
        return {"url": self._url, "server": self._json("/openapi.json")["info"]["version"]}

    def ask(self, case: Case) -> dict[str, Any]:
        """`POST /v1/ask`."""
        history = [{"question": q, "answer": a} for q, a in case.history]
        body: dict[str, Any] = self._json("/v1/ask", {"question": case.question, "history": history})
        return body

    def search(self, case: Case, answer: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """`POST /v1/search`. That route takes no history, so it is asked what the answer understood."""
        question = answer["understood"]["question"] if case.history else case.question
        hits: list[dict[str, Any]] = self._json("/v1/search", {"question": question, "limit": limit})["hits"]
        return hits

    def documents(self) -> Sequence[Mapping[str, Any]]:
        """Every document the server shows to this key."""
        items: list[Mapping[str, Any]] = []
        query: dict[str, Any] = {"limit": 100}
        while True:
            page = self._json("/v1/documents?" + urllib.parse.urlencode(query))
            items += page["items"]
            if not page["next"]:
                return items
            query["cursor"] = page["next"]

    def text(self, document_id: str) -> str:
        """`GET /v1/documents/{id}/text`, asked for once."""
        with self._lock:
            if document_id not in self._texts:
                path = f"/v1/documents/{urllib.parse.quote(document_id, safe='')}/text"
                self._texts[document_id] = self._send(path, None).decode("utf-8")
            return self._texts[document_id]

    def _json(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            return json.loads(self._send(path, body))
        except json.JSONDecodeError as error:
            raise ClientError(f"{self._url}{path} did not answer with JSON.", "Is this the right server?") from error

    def _send(self, path: str, body: Mapping[str, Any] | None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers)
        for attempt in range(PATIENCE + 1):
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as response:
                    content: bytes = response.read()
                    return content
            except urllib.error.HTTPError as error:
                wait = error.headers.get("Retry-After", "")
                if error.code in {429, 503} and wait.isdigit() and attempt < PATIENCE:
                    time.sleep(int(wait))
                    continue
                detail = error.read(500).decode("utf-8", "replace")
                raise ClientError(f"{self._url}{path} answered {error.code}: {detail}") from error
            except OSError as error:
                raise ClientError(f"{self._url}{path} cannot be reached: {error}.", "Is the server running?") from error
        raise AssertionError("unreachable")


def code_hash() -> str:
    """A hash of the source of `index` and `rag`, so that answers of other code are never taken for these."""
    digest = hashlib.sha256()
    for package in (index, rag):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
