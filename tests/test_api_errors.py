import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_api_support import Direct, app_without_index, is_error, is_problem

from api.problems import OPENAI, STATUSES, problem_of
from api.schemas.requests import AskIn
from index import errors
from index.models import Filters, Period

ROUTES = {
    "/": {"GET"},
    "/widget.js": {"GET"},
    "/healthz": {"GET"},
    "/readyz": {"GET"},
    "/metrics": {"GET"},
    "/openapi.json": {"GET"},
    "/v1/ask": {"POST"},
    "/v1/search": {"POST"},
    "/v1/documents": {"GET", "POST"},
    "/v1/documents/d1": {"GET", "DELETE"},
    "/v1/documents/d1/text": {"GET"},
    "/v1/documents/d1/file": {"GET"},
    "/v1/feedback": {"POST"},
    "/v1/chat/completions": {"POST"},
    "/v1/models": {"GET"},
    "/v1/models/m1": {"GET"},
    "/mcp": {"POST"},
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Direct]:
    with Direct(app_without_index(tmp_path_factory.mktemp("data"))) as client:
        yield client


def test_every_error_has_a_status_of_its_own() -> None:
    def tree(cls: type[errors.FootnoteError]) -> set[type[errors.FootnoteError]]:
        return {cls}.union(*(tree(sub) for sub in cls.__subclasses__() if sub.__module__ == "index.errors"))

    assert tree(errors.FootnoteError) == set(STATUSES)


@pytest.mark.parametrize("cls", STATUSES)
def test_an_error_is_shown_with_its_words_and_its_status(cls: type[errors.FootnoteError]) -> None:
    arguments = {errors.UnknownName: ("answerer", "x", ["a"]), errors.InvalidQuestion: ("question", "It is empty.")}
    error = cls(*arguments.get(cls, ("It is broken.", "Mend it.")))  # type: ignore[arg-type]
    problem = problem_of(error)
    assert problem.status_code == STATUSES[cls]
    assert ("Retry-After" in (problem.headers or {})) == (problem.status_code == 503)
    assert (problem.detail == str(error)) == (problem.status_code != 500)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_405_names_every_method_of_the_path(client: Direct, path: str, method: str) -> None:
    if method not in ROUTES[path]:
        response = client.request(method, path)
        is_error(response, 405)
        assert set(response.headers["allow"].split(", ")) == ROUTES[path]


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/v1/ask/", "/v1/documents/a/b", "/v1/documents/a/text/", "/%00", "/v1/chat/x"]
)
def test_404_for_an_unknown_path(client: Direct, path: str) -> None:
    is_error(client.get(path), 404)


def test_head_is_get_without_a_body(client: Direct) -> None:
    response = client.request("HEAD", "/healthz")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == client.get("/healthz").headers["content-length"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'question': 1}", b"\xff\xfe\xfd", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b"\0"]
)
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/feedback", "/v1/chat/completions"])
def test_400_for_what_is_not_json(client: Direct, path: str, body: bytes) -> None:
    is_error(client.post(path, content=body, headers={"Content-Type": "application/json"}), 400)


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/feedback", "/v1/chat/completions"])
def test_415_for_what_is_not_called_json(client: Direct, path: str) -> None:
    is_error(client.post(path, content=b"{}", headers={"Content-Type": "text/plain"}), 415, "application/json")
    is_error(client.post(path, data={"question": "x"}), 415)
    is_problem(client.post("/v1/documents", {"file": "x"}), 415, "multipart/form-data")
    for called in ({"Content-Type": "application/vnd.x+json; charset=utf-8"}, {}):
        is_error(client.post(path, content=b'{"x": 1}', headers=called), 400 if path.startswith(OPENAI) else 422)


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/documents", "/v1/chat/completions"])
def test_406_for_what_cannot_be_had(client: Direct, path: str) -> None:
    kwargs: dict[str, Any] = {"files": {"file": ("a.txt", b"x")}} if path.endswith("documents") else {}
    body = None if kwargs else {"question": "x"}
    is_error(client.post(path, body, headers={"Accept": "image/png"}, **kwargs), 406, "application/json")


def test_413_by_the_announced_length_and_by_what_is_read(client: Direct) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b" " * 50_000

    async def unread() -> Any:
        raise AssertionError("it was read")
        yield b""

    headers = {"Content-Type": "application/json"}
    long = headers | {"Content-Length": "1000001"}
    for path in ("/v1/ask", "/v1/chat/completions"):
        is_error(client.post(path, content=unread(), headers=long), 413, "1 MB")
        is_error(client.post(path, content=chunks(), headers=headers), 413, "1 MB")


WRONG: list[tuple[str, Any, str]] = [
    ("question", None, "question"),
    ("question", "", "question"),
    ("question", " \n\u3000", "question"),
    ("question", "x" * 2001, "question"),
    ("question", 5, "question"),
    ("question", ["x"], "question"),
    ("question", "a\0b", "question"),
    ("question", "a\ud800b", "question"),
    ("question", float("nan"), "question"),
    ("limit", 0, "limit"),
    ("limit", 101, "limit"),
    ("limit", -1, "limit"),
    ("limit", "6", "limit"),
    ("limit", True, "limit"),
    ("limit", 2.5, "limit"),
    ("limit", float("nan"), "limit"),
    ("limit", float("inf"), "limit"),
    ("limit", 10**400, "limit"),
    ("history", "x", "history"),
    ("history", {}, "history"),
    ("history", [1], "history[0]"),
    ("history", [{"answer": "x"}], "history[0].question"),
    ("history", [{"question": "x", "answer": "\udfff"}], "history[0].answer"),
    ("filters", [], "filters"),
    ("filters", {"published_form": "2021"}, "filters.published_form"),
    ("filters", {"\ud800": "2021"}, "filters"),
    ("filters", {"documents": "d1"}, "filters.documents"),
    ("filters", {"documents": []}, "filters.documents"),
    ("filters", {"documents": ["d\0"]}, "filters.documents[0]"),
    ("filters", {"published_from": "2021-02-29"}, "filters.published_from"),
    ("filters", {"published_from": "2021-7"}, "filters.published_from"),
    ("filters", {"published_from": "0000"}, "filters.published_from"),
    ("filters", {"published_from": "２０２１"}, "filters.published_from"),
    ("filters", {"published_from": 2021}, "filters.published_from"),
    ("filters", {"published_to": "last year"}, "filters.published_to"),
    ("filters", {"published_to": "2021-07-08T00:00:00Z"}, "filters.published_to"),
    ("filters", {"published_from": "2021-07", "published_to": "2021-06-30"}, "filters.published_to"),
    ("filters", {"voice": " "}, "filters.voice"),
    ("filters", {"voice": "\0"}, "filters.voice"),
]


@pytest.mark.parametrize(("field", "value", "named"), WRONG)
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_422_names_the_field(client: Direct, path: str, field: str, value: Any, named: str) -> None:
    sent = json.dumps({"question": "x", field: value}).encode()
    response = client.post(path, content=sent, headers={"Content-Type": "application/json"})
    problem = is_problem(response, 422, named)
    assert named in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"answer_id": "a"}, "helpful"),
        ({"answer_id": "a", "helpful": "yes"}, "helpful"),
        ({"answer_id": "a", "helpful": 1}, "helpful"),
        ({"helpful": True}, "answer_id"),
        ({"answer_id": "", "helpful": True}, "answer_id"),
        ({"answer_id": "a", "helpful": True, "comment": "\0"}, "comment"),
        ({"answer_id": "a", "helpful": True, "comment": "x" * 2001}, "comment"),
        ([], "body"),
        ("x", "body"),
    ],
)
def test_422_for_feedback_names_the_field(client: Direct, body: Any, named: str) -> None:
    problem = is_problem(client.post("/v1/feedback", body), 422)
    assert named in [error["field"] for error in problem["errors"]]


def test_an_answer_has_at_most_20_statements(client: Direct) -> None:
    is_problem(client.post("/v1/ask", {"question": "x", "limit": 21}), 422, "limit")
    is_problem(client.post("/v1/search", {"question": "x", "limit": 21}), 503)


def test_422_for_query_parameters_names_them(client: Direct) -> None:
    for query, named in (("limit=0", "limit"), ("limit=x", "limit"), ("limit=201", "limit"), ("q=%00", "q")):
        problem = is_problem(client.get(f"/v1/documents?{query}"), 422)
        assert [error["field"] for error in problem["errors"]] == [named]


@pytest.mark.parametrize(
    ("sent", "period"),
    [
        ({}, None),
        ({"published_from": "2021"}, Period(date(2021, 1, 1), None)),
        ({"published_to": "2021"}, Period(None, date(2021, 12, 31))),
        ({"published_from": "2020-02", "published_to": "2020-02"}, Period(date(2020, 2, 1), date(2020, 2, 29))),
        ({"published_from": "2021-07-08", "published_to": "2021-07-08"}, Period(date(2021, 7, 8), date(2021, 7, 8))),
    ],
)
def test_a_date_filter_reaches_from_the_first_day_to_the_last(sent: dict[str, str], period: Period | None) -> None:
    asked = AskIn.model_validate({"question": " x ", "filters": sent | {"voice": " Ofsted ", "documents": ["d1"]}})
    question = asked.as_question()
    assert question.filters == Filters(documents=("d1",), published=period, voice="Ofsted")
    assert (question.text, question.limit, question.answerer) == ("x", 6, None)


GOOD: list[dict[str, Any]] = [
    {"question": "x"},
    {"question": " " * 3000 + "x" * 2000},
    {"question": "\U0001f600" * 2000},
    {"question": "x", "history": None, "filters": None, "limit": None, "answerer": None, "stream": None},
    {"question": "x", "history": [{"question": "y", "answer": ""}], "limit": 20, "something else": 1},
    {"question": "x", "filters": {"published_from": "2021", "published_to": "2021", "voice": None}},
    {"question": "x", "filters": {"published_from": "2020-02-29", "published_to": "2020-02"}},
]


@pytest.mark.parametrize("body", GOOD)
def test_what_is_right_gets_as_far_as_the_missing_index(client: Direct, body: dict[str, Any]) -> None:
    is_problem(client.post("/v1/ask", body), 503, "no index")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["question", "history", "filters", "limit", "answerer", "stream", "answer_id", "helpful", "comment"]
FIELDS += ["model", "messages", "n", "footnote", "stream_options", "tool_choice"]
FILTERS = st.dictionaries(st.sampled_from(["documents", "published_from", "published_to", "voice"]), JSON)


@given(
    path=st.sampled_from(["/v1/ask", "/v1/search", "/v1/feedback", "/v1/chat/completions"]),
    body=JSON
    | st.dictionaries(st.sampled_from(FIELDS), JSON | FILTERS)
    | FILTERS.map(lambda f: {"question": "x", "filters": f})
    | JSON.map(lambda content: {"model": "footnote", "messages": [{"role": "user", "content": content}]}),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_gets_a_bare_500(client: Direct, path: str, body: Any) -> None:
    sent = json.dumps(body).encode()
    response = client.post(path, content=sent, headers={"Content-Type": "application/json"})
    assert response.status_code in {400, 404, 422, 503}, response.text
    is_error(response, response.status_code)


@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    path=st.sampled_from(
        ["/v1/ask", "/v1/documents", "/v1/documents/{}", "/v1/documents/{}/text", "/v1/documents/{}/file"]
    ),
    part=st.text(st.characters(codec="utf-8"), max_size=20),
    content=st.binary(max_size=60),
    called=st.sampled_from(["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "x", ""]),
    accept=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_gets_a_bare_500(
    client: Direct, method: str, path: str, part: str, content: bytes, called: str, accept: str
) -> None:
    headers = {"Content-Type": called, "Accept": accept}
    response = client.request(method, path.format(quote(part, safe="")), content=content, headers=headers)
    assert response.status_code != 500, response.text
    is_problem(response, response.status_code)


def test_a_fault_nobody_foresaw_is_told_without_its_words_and_logged_under_its_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_without_index(tmp_path)

    def broken(*_: object) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(app.state.service.metrics, "render", broken)
    with Direct(app) as client, caplog.at_level(logging.ERROR, logger="footnote"):
        response = client.get("/metrics")
    problem = is_problem(response, 500)
    assert "1234" not in response.text
    assert problem["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    assert "1234" in caplog.text
