import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from conftest import Sample
from pydantic import BaseModel
from test_api_support import events, is_problem, running, until

from api.app import create_app
from api.routes.examples import ANSWER
from api.schemas.responses import AnswerOut, CitationOut, ProblemOut, StatementOut, UnderstoodOut
from api.service import Service
from api.stream import events_of
from api.work import StoppedError
from index.settings import Settings
from rag.models import Answer, Question
from rag.pipeline import Pipeline

QUESTION = "What did Ofsted say about care leavers in 2021?"
SCHEMAS: dict[str, type[BaseModel]] = {
    "understood": UnderstoodOut,
    "citation": CitationOut,
    "statement": StatementOut,
    "answer": AnswerOut,
    "error": ProblemOut,
}


class Staged:
    """The real pipeline, with something that happens once the question is understood."""

    def __init__(self, inner: Pipeline) -> None:
        self._inner = inner
        self.then: Callable[[], object] = lambda: None
        self.stopped = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def ask(self, question: Question, on_stage: Callable[[str, object], None]) -> Answer:
        def staged(name: str, value: object) -> None:
            on_stage(name, value)
            if name == "understood":
                self.then()

        try:
            return self._inner.ask(question, staged)
        except StoppedError:
            self.stopped.set()
            raise


@dataclass
class Stage:
    client: httpx.Client
    pipeline: Staged
    service: Service


@pytest.fixture(scope="module")
def stage(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    pipelines: list[Any] = []

    def open_staged(settings: Settings) -> Any:
        pipelines.append(Staged(sample.open(settings)))
        return pipelines[0]

    settings = Settings(data=sample.copied(tmp_path_factory.mktemp("stream")))
    app = create_app(settings, open_staged)
    with running(app, settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        until(lambda: client.get("/readyz").status_code == 200)
        yield Stage(client, pipelines[0], app.state.service)


def stream(client: httpx.Client, question: str = QUESTION, **headers: str) -> httpx.Response:
    return client.post("/v1/ask", json={"question": question, "stream": True}, headers=headers)


def test_the_same_answer_arrives_as_events(stage: Stage) -> None:
    client = stage.client
    response = stream(client)
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert response.headers["cache-control"] == "no-store"
    told = events(response.text)
    for name, data in told:
        SCHEMAS[name].model_validate(data)
    names = [name for name, _ in told]
    assert (names[0], names[-1]) == ("understood", "answer")
    assert {name: names.count(name) for name in ("understood", "answer")} == {"understood": 1, "answer": 1}
    answer = told[-1][1]
    assert [data for name, data in told if name == "statement"] == answer["statements"]
    assert [data for name, data in told if name == "citation"] == answer["citations"]
    shown: set[int] = set()
    for name, data in told:
        if name == "citation":
            shown.add(data["number"])
        elif name == "statement":
            assert shown >= set(data["citations"])
    plain = client.post("/v1/ask", json={"question": QUESTION}).json()
    for field in ("status", "answer", "statements", "citations", "refusal", "understood"):
        assert answer[field] == plain[field]
    assert client.post("/v1/feedback", json={"answer_id": answer["id"], "helpful": True}).status_code == 204


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "*/*"])
def test_a_stream_is_asked_for_in_the_body(stage: Stage, accept: str) -> None:
    assert events(stream(stage.client, accept=accept).text)[-1][0] == "answer"


def test_a_stream_is_asked_for_in_the_header(stage: Stage) -> None:
    response = stage.client.post("/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"})
    assert events(response.text)[-1][0] == "answer"


def test_a_follow_up_is_told_as_it_was_understood_in_the_end(stage: Stage) -> None:
    body = {"question": "And how many staff were there?", "history": [{"question": QUESTION}], "stream": True}
    told = events(stage.client.post("/v1/ask", json=body).text)
    assert told[0] == ("understood", told[-1][1]["understood"])


def test_a_refusal_is_an_answer(stage: Stage) -> None:
    told = events(stream(stage.client, "How tall is the Eiffel Tower?").text)
    assert [name for name, _ in told] == ["understood", "answer"]
    assert told[-1][1]["status"] == "refused"


def test_a_fault_before_the_first_event_is_an_ordinary_problem(stage: Stage) -> None:
    client = stage.client
    is_problem(stream(client, ""), 422, "question")
    asked = {"question": "x", "answerer": "oracle", "stream": True}
    is_problem(client.post("/v1/ask", json=asked), 422, "answerer")
    is_problem(stream(client, accept="image/png"), 406)


def test_a_fault_after_it_is_an_error_event(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    client, pipeline = stage.client, stage.pipeline

    def broken() -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(pipeline, "then", broken)
    response = stream(client)
    assert response.status_code == 200
    told = events(response.text)
    assert [name for name, _ in told] == ["understood", "error"]
    assert told[1][1]["status"] == 500
    assert "1234" not in response.text
    is_problem(client.post("/v1/ask", json={"question": QUESTION}), 500)


def test_a_comment_keeps_a_silent_stream_open(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    client, pipeline = stage.client, stage.pipeline
    go_on = threading.Event()
    monkeypatch.setattr("api.stream.COMMENT_SECONDS", 0.02)
    monkeypatch.setattr(pipeline, "then", lambda: go_on.wait(30))
    with client.stream("POST", "/v1/ask", json={"question": QUESTION, "stream": True}) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: understood"
        comments = 0
        while comments < 3:
            comments += next(lines).startswith(":")
        go_on.set()
        assert "event: answer" in list(lines)


def test_the_time_for_an_answer_is_limited(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    client, pipeline = stage.client, stage.pipeline
    go_on = threading.Event()
    monkeypatch.setattr(stage.service.questions, "seconds", 0.2)
    monkeypatch.setattr(pipeline, "then", lambda: go_on.wait(30))
    pipeline.stopped.clear()
    told = events(stream(client).text)
    assert [name for name, _ in told] == ["understood", "error"]
    assert told[1][1]["status"] == 503
    is_problem(client.post("/v1/ask", json={"question": QUESTION}), 503, "seconds")
    go_on.set()
    assert pipeline.stopped.wait(30)


@pytest.mark.parametrize("streamed", [True, False])
def test_a_closed_connection_stops_the_work(stage: Stage, monkeypatch: pytest.MonkeyPatch, streamed: bool) -> None:
    client, pipeline = stage.client, stage.pipeline
    reached, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        go_on.wait(30)

    monkeypatch.setattr(pipeline, "then", wait)
    pipeline.stopped.clear()
    body = {"question": QUESTION, "stream": streamed}
    with httpx.Client(base_url=client.base_url, timeout=0.5) as leaver, pytest.raises(httpx.ReadTimeout):
        leaver.post("/v1/ask", json=body)
    assert reached.wait(30)
    gone = 'status="499"} 1.0' if not streamed else "footnote_in_flight 1.0"
    until(lambda: gone in client.get("/metrics").text)
    go_on.set()
    assert pipeline.stopped.wait(30)


def test_a_citation_is_told_once_and_before_it_is_used() -> None:
    first, second = ({**ANSWER["citations"][0], "number": n} for n in (1, 2))
    statements = [{"text": "a", "citations": [1]}, {"text": "b", "citations": [1, 2]}]
    answer = AnswerOut.model_validate(ANSWER | {"citations": [first, second], "statements": statements})
    told = [(name, getattr(data, "number", None)) for name, data in events_of(answer)]
    assert told == [("citation", 1), ("statement", None), ("citation", 2), ("statement", None), ("answer", None)]
