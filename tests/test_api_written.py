"""Written answers over HTTP: each statement arrives when it has passed its check, and never a fault of the model's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted import STALL, Endpoint, endpoint, passages
from test_api_support import Sample, events, is_problem, serving

from index.settings import Settings
from rag.answerers import Answerers
from rag.pipeline import Pipeline

QUESTION = "What did Ofsted say about care leavers in 2021?"


@pytest.fixture(scope="module")
def model() -> Iterator[Endpoint]:
    with endpoint() as state:
        yield state


@pytest.fixture(scope="module")
def client(
    sample: Sample,
    tmp_path_factory: pytest.TempPathFactory,
    model: Endpoint,
) -> Iterator[httpx.Client]:
    def opened(settings: Settings) -> Pipeline:
        pipeline = sample.open(settings)
        pipeline.answerer = "openai"
        pipeline._open_answerer = Answerers(
            replace(settings, openai_url=model.url, openai_model="scripted", answer_seconds=20)
        )
        return pipeline

    folder = sample.copied(tmp_path_factory.mktemp("written"))
    with serving(sample, folder, opened) as client:
        yield client


def first_sentence(prompt: str) -> str:
    return next(words.partition(". ")[0] for words in passages(prompt).values())


def test_statements_arrive_while_the_model_is_still_writing(client: httpx.Client, model: Endpoint) -> None:
    model.going.clear()
    model.script = lambda prompt: [f"{first_sentence(prompt)}. [1] Sea levels", STALL, " rose everywhere. [1]"]
    told: list[str] = []
    body = {"question": QUESTION, "stream": True}
    with client.stream("POST", "/v1/ask", json=body) as response:
        text = ""
        for piece in response.iter_text():
            text += piece
            if "event: statement" in text and not model.going.is_set():
                told = [name for name, _ in events(text.rpartition("\n\n")[0])]
                model.going.set()
    assert told[:3] == ["understood", "citation", "statement"]
    assert "answer" not in told
    found = events(text)
    answer = found[-1][1]
    assert found[-1][0] == "answer"
    assert [data for name, data in found if name == "statement"] == answer["statements"]
    assert [data for name, data in found if name == "citation"] == answer["citations"]
    assert answer["writer"] == {"answerer": "openai", "asked": "openai", "reason": None}
    assert [removed["text"] for removed in answer["removed"]] == ["Sea levels rose everywhere."]


@pytest.mark.parametrize("pieces", [("Nonsense about bananas. [1]",), (b"data: [}\n\n",), ()], ids=str)
def test_quotations_stand_in_and_say_so(client: httpx.Client, model: Endpoint, pieces: tuple[Any, ...]) -> None:
    model.says(*pieces)
    response = client.post("/v1/ask", json={"question": QUESTION})
    assert response.status_code == 200
    answer = response.json()
    assert answer["versions"]["answerer"] == answer["writer"]["answerer"] == "extractive"
    assert answer["writer"]["asked"] == "openai"
    assert answer["writer"]["reason"]
    assert answer["statements"]


def test_an_answerer_without_a_model_is_no_fault_of_the_server(
    sample: Sample,
    tmp_path: Path,
) -> None:
    with serving(sample, sample.copied(tmp_path)) as client:
        response = client.post("/v1/ask", json={"question": QUESTION, "answerer": "openai"})
        problem = is_problem(response, 422, "openai_url")
        assert problem["errors"][0]["field"] == "answerer"
