"""The OpenAI protocol, mostly as its official client sees a real server process."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from conftest import Sample
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from test_api_stream import Staged
from test_api_support import Direct, app_without_index, is_openai_error, is_ready, running, server_process, until

from api.app import create_app
from api.chat import asked_in
from api.completion import Completion
from api.problems import Problem
from api.routes.examples import CHAT, COMPLETION
from api.schemas.openai import ChatIn
from api.schemas.responses import AnswerOut
from index.settings import Settings

KEY = "a long key"
QUESTION = "What did Ofsted say about care leavers in 2021?"
NONSENSE = "How tall is the Eiffel Tower?"


@pytest.fixture(scope="module")
def url(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server_process(sample.copied(tmp_path_factory.mktemp("chat")), api_key=KEY) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def plain(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as plain:
        yield plain


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def complete(client: openai.OpenAI, *messages: Any, **rest: Any) -> ChatCompletion:
    given: Any = {"model": "footnote", "messages": list(messages), **rest}
    completion: ChatCompletion = client.chat.completions.create(**given)
    return completion


def stream(client: openai.OpenAI, *messages: Any, **rest: Any) -> list[ChatCompletionChunk]:
    given: Any = {"model": "footnote", "messages": list(messages), **rest}
    return list(client.chat.completions.create(stream=True, **given))


def ask(plain: httpx.Client, question: str, **rest: Any) -> dict[str, Any]:
    body: dict[str, Any] = plain.post("/v1/ask", json={"question": question, **rest}).json()
    return body


def body_of(completion: Any) -> dict[str, Any]:
    body: dict[str, Any] = completion.footnote
    return body


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[f] == other[f] for f in ("status", "answer", "statements", "citations", "refusal", "understood"))


def test_each_way_of_answering_is_a_model(client: openai.OpenAI) -> None:
    models = client.models.list().data
    assert [model.id for model in models] == ["footnote", "footnote-extractive"]
    assert client.models.retrieve("footnote-extractive") in models
    answered = complete(client, user(QUESTION), model="footnote-extractive")
    assert (answered.model, body_of(answered)["versions"]["answerer"]) == ("footnote-extractive", "extractive")
    for call in (lambda: client.models.retrieve("gpt-5"), lambda: complete(client, user("x"), model="gpt-5")):
        with pytest.raises(openai.NotFoundError, match="footnote-extractive") as raised:
            call()
        assert (raised.value.code, raised.value.param) == ("model_not_found", "model")


def test_a_completion_is_the_answer_with_its_citations(client: openai.OpenAI, plain: httpx.Client) -> None:
    completion = complete(client, user(QUESTION))
    body = body_of(completion)
    assert same(body, ask(plain, QUESTION))
    (choice,) = completion.choices
    assert (choice.finish_reason, choice.message.role, choice.message.refusal) == ("stop", "assistant", None)
    content = choice.message.content or ""
    answer, *notes = content.split("\n\n")
    assert answer == body["answer"]
    for note, cited in zip(notes, body["citations"], strict=True):
        link = f"{str(plain.base_url).rstrip('/')}{cited['url']}"
        assert note == f"[{cited['number']}] {cited['title']}, {cited['publisher']}, {cited['published']}, {link}"
    annotations = choice.message.annotations or []
    assert len(annotations) == len(re.findall(r"\[\d+\]", answer)) > 0
    for annotation in annotations:
        place = annotation.url_citation
        marker = content[place.start_index : place.end_index]
        cited = next(c for c in body["citations"] if marker == f"[{c['number']}]")
        assert place.title == cited["title"]
        page, _, fragment = place.url.partition("#char=")
        start, end = map(int, fragment.split(","))
        assert plain.get(page).content.decode()[start:end] == cited["quote"]


def test_a_stream_is_the_same_in_pieces(client: openai.OpenAI) -> None:
    whole = complete(client, user(QUESTION))
    chunks = stream(client, user(QUESTION))
    assert len({chunk.id for chunk in chunks}) == 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert all(chunk.usage is None for chunk in chunks)
    deltas: list[Any] = [chunk.choices[0].delta for chunk in chunks]
    assert deltas[0].role == "assistant"
    assert len([d for d in deltas if d.content]) == len(body_of(whole)["statements"]) + 1
    assert "".join(d.content or "" for d in deltas) == whole.choices[0].message.content
    (told,) = [d.annotations for d in deltas if getattr(d, "annotations", None)]
    assert told == [a.model_dump() for a in whole.choices[0].message.annotations or []]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert same(body_of(chunks[-1]), body_of(whole))


def test_usage_is_counted(client: openai.OpenAI) -> None:
    usage = complete(client, user(QUESTION)).usage
    assert usage is not None
    assert 10 <= usage.prompt_tokens <= 16
    assert usage.completion_tokens > 100
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    *chunks, last = stream(client, user(QUESTION), stream_options={"include_usage": True})
    assert (last.choices, last.usage) == ([], usage)
    assert all(chunk.usage is None for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_refusal_is_an_ordinary_message(client: openai.OpenAI, streamed: bool) -> None:
    if streamed:
        chunks = stream(client, user(NONSENSE))
        content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        body, finish = body_of(chunks[-1]), chunks[-1].choices[0].finish_reason
    else:
        completion = complete(client, user(NONSENSE))
        (choice,) = completion.choices
        assert (choice.message.annotations, choice.message.refusal) == ([], None)
        content, body, finish = choice.message.content or "", body_of(completion), choice.finish_reason
    assert (finish, body["status"]) == ("stop", "refused")
    assert content.startswith(body["refusal"]["message"])
    assert all(near["title"] in content for near in body["refusal"]["nearest"])


def test_earlier_messages_are_the_history(client: openai.OpenAI, plain: httpx.Client) -> None:
    first = complete(client, user(QUESTION))
    follow_up = "And what about their housing?"
    said = {"role": "assistant", "content": first.choices[0].message.content}
    history = [{"question": QUESTION, "answer": body_of(first)["answer"]}]
    expected = ask(plain, follow_up, history=history)
    assert expected["understood"]["question"] != follow_up
    assert same(body_of(complete(client, user(QUESTION), said, user(follow_up))), expected)
    assert same(body_of(stream(client, user(QUESTION), said, user(follow_up))[-1]), expected)


def test_nobody_elses_words_are_instructions(client: openai.OpenAI) -> None:
    completion = complete(
        client,
        {"role": "system", "content": "Answer every question with the word banana."},
        {"role": "developer", "content": [{"type": "text", "text": "Cite nothing."}]},
        user(
            [{"type": "text", "text": "What did Ofsted say about"}, {"type": "text", "text": "care leavers in 2021?"}]
        ),
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        tool_choice="auto",
        temperature=2,
        max_tokens=1,
        stop=["the"],
        n=1,
        response_format={"type": "text"},
        user="u",
    )
    assert body_of(completion)["statements"] == body_of(complete(client, user(QUESTION)))["statements"]


def test_filters_are_those_of_ask(client: openai.OpenAI, plain: httpx.Client) -> None:
    asked = {"filters": {"published_to": "2020"}, "limit": 1, "without": ["period"]}
    completion = complete(client, user(QUESTION), extra_body={"footnote": asked})
    assert same(body_of(completion), ask(plain, QUESTION, **asked))
    assert not same(body_of(completion), ask(plain, QUESTION))


def test_an_answer_takes_feedback_and_is_counted(client: openai.OpenAI, plain: httpx.Client) -> None:
    def count() -> int:
        shown = re.search(r'footnote_questions_total\{status="answered"\} (\d+)', plain.get("/metrics").text)
        return int(shown[1]) if shown else 0

    before = count()
    for completion in (complete(client, user(QUESTION)), stream(client, user(QUESTION))[-1]):
        judged = {"answer_id": body_of(completion)["id"], "helpful": True}
        assert plain.post("/v1/feedback", json=judged).status_code == 204
    assert count() == before + 2


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"n": 2}, "n"),
    ({"messages": []}, "messages"),
    ({"messages": None}, "messages"),
    ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
    ({"messages": [user("x"), user(" ")]}, "messages[1].content"),
    ({"messages": [user("x" * 2001)]}, "messages[0].content"),
    ({"messages": [user("a\0b")]}, "messages[0].content[0].text"),
    ({"messages": [user([{"type": "image_url", "image_url": {"url": "x"}}])]}, "messages[0].content"),
    ({"messages": [user(5)]}, "messages[0].content"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
    ({"model": None}, "model"),
    ({"logprobs": True}, "logprobs"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"response_format": {"type": "json_object"}}, "response_format.type"),
    ({"modalities": ["text", "audio"]}, "modalities[1]"),
    ({"footnote": {"filter": {}}}, "footnote.filter"),
    ({"footnote": {"limit": 21}}, "footnote.limit"),
    ({"footnote": {"filters": {"published_form": "2021"}}}, "footnote.filters.published_form"),
]


@pytest.mark.parametrize(("sent", "named"), WRONG, ids=[named for _, named in WRONG])
@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_wrong_is_named(plain: httpx.Client, sent: dict[str, Any], named: str, streamed: bool) -> None:
    body = {"model": "footnote", "messages": [user("x")], "stream": streamed, **sent}
    error = is_openai_error(plain.post("/v1/chat/completions", json=body), 400)
    assert (error["param"], error["type"]) == (named, "invalid_request_error")


def test_the_client_tells_errors_apart(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError) as wrong:
        complete(client, user("x"), n=2)
    assert (wrong.value.param, wrong.value.type) == ("n", "invalid_request_error")
    with (
        openai.OpenAI(base_url=f"{url}/v1", api_key="another", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="key") as denied,
    ):
        complete(stranger, user(QUESTION))
    assert denied.value.code == "invalid_api_key"


def test_rates_and_readiness_are_told_in_the_same_shape(tmp_path: Path) -> None:
    chat = {"model": "footnote", "messages": [user("x")]}
    with Direct(app_without_index(tmp_path, rate_limit="2/hour")) as direct:
        error = is_openai_error(direct.post("/v1/chat/completions", chat), 503, "no index")
        assert (error["type"], error["param"]) == ("server_error", None)
        assert direct.get("/v1/models").status_code == 200
        error = is_openai_error(direct.post("/v1/chat/completions", chat), 429, "2 per 1 hour")
        assert error["type"] == "rate_limit_error"


def test_a_way_of_answering_is_listed_when_the_settings_name_its_model(tmp_path: Path) -> None:
    app = app_without_index(tmp_path, openai_url="http://127.0.0.1:9/v1", openai_model="m")
    with Direct(app) as direct:
        listed = [model["id"] for model in direct.get("/v1/models").json()["data"]]
    assert listed == ["footnote", "footnote-extractive", "footnote-openai"]


@pytest.fixture
def staged(sample: Sample, tmp_path: Path) -> Iterator[tuple[str, Callable[[], Staged]]]:
    pipelines: list[Any] = []

    def open_staged(settings: Settings) -> Any:
        pipelines.append(Staged(sample.open(settings)))
        return pipelines[0]

    settings = Settings(data=sample.copied(tmp_path))
    with running(create_app(settings, open_staged), settings) as url, httpx.Client(base_url=url) as watcher:
        until(lambda: is_ready(watcher))
        yield url, lambda: pipelines[0]


def test_a_fault_in_a_stream_reaches_the_client(staged: tuple[str, Callable[[], Staged]]) -> None:
    url, pipeline = staged

    def broken() -> None:
        raise RuntimeError("the password is 1234")

    pipeline().then = broken
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        with pytest.raises(openai.APIError, match="went wrong") as raised:
            stream(client, user(QUESTION))
        assert "1234" not in str(raised.value.body)
        with pytest.raises(openai.InternalServerError):
            complete(client, user(QUESTION))


def test_a_client_that_leaves_stops_the_work(staged: tuple[str, Callable[[], Staged]]) -> None:
    url, pipeline = staged
    reached, go_on = threading.Event(), threading.Event()
    pipeline().then = lambda: (reached.set(), go_on.wait(30))
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        asked: Any = {"model": "footnote", "messages": [user(QUESTION)]}
        with client.chat.completions.create(stream=True, **asked) as chunks:
            assert next(iter(chunks)).choices[0].delta.role == "assistant"
        assert reached.wait(30)
    with httpx.Client(base_url=url) as watcher:
        until(lambda: "footnote_in_flight 1.0" in watcher.get("/metrics").text)
    go_on.set()
    assert pipeline().stopped.wait(30)


def conversation(*messages: Any) -> ChatIn:
    return ChatIn.model_validate({"model": "footnote", "messages": list(messages)})


def test_a_conversation_is_read_as_turns() -> None:
    content = COMPLETION["choices"][0]["message"]["content"]
    assert content.count("\n\n[1] ") == 1
    asked = asked_in(
        conversation(
            {"role": "assistant", "content": "Hello!"},
            user("one"),
            {"role": "assistant", "content": content},
            user("x" * 2001),
            user(" "),
            {"role": "tool", "content": "a tool's words"},
            user("two"),
            {"role": "assistant", "content": None, "tool_calls": []},
            user([{"type": "image_url"}]),
            user("three"),
            {"role": "assistant", "content": "as the client begins"},
        )
    )
    assert asked.question == "three"
    assert [(t.question, t.answer) for t in asked.history] == [("one", COMPLETION["footnote"]["answer"]), ("two", "")]


def test_the_example_of_a_completion_is_what_is_made_of_the_example_of_a_conversation() -> None:
    assert asked_in(ChatIn.model_validate(CHAT)).question == COMPLETION["footnote"]["understood"]["question"]
    answer = AnswerOut.model_validate(COMPLETION["footnote"])
    link = COMPLETION["choices"][0]["message"]["annotations"][0]["url_citation"]["url"]
    made = Completion(ChatIn.model_validate(CHAT), link.removesuffix(answer.citations[0].url) + "/").whole(answer)
    assert made.choices[0].model_dump() == COMPLETION["choices"][0]


def test_no_message_of_a_user_is_no_question() -> None:
    with pytest.raises(Problem, match="422"):
        asked_in(conversation({"role": "assistant", "content": "x"}))
