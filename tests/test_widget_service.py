"""What the chat widget needs of the service beside the contract that everybody uses."""

from collections.abc import Iterator

import httpx
import pytest
from conftest import Sample
from test_api_support import is_problem, serving

QUESTION = "What did Ofsted say about care leavers in 2021?"


@pytest.fixture(scope="module")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(sample, sample.copied(tmp_path_factory.mktemp("widget"))) as client:
        yield client


@pytest.mark.parametrize("without", [[], ["period"], ["voice"], ["period", "voice"]])
def test_what_was_understood_can_be_taken_off(client: httpx.Client, without: list[str]) -> None:
    body = {"question": QUESTION, "without": without}
    answer = client.post("/v1/ask", json=body).json()
    understood = answer["understood"]
    assert (understood["period"] is None) == ("period" in without)
    assert (understood["voice"] is None) == ("voice" in without)
    assert understood["question"] == QUESTION
    assert answer["status"] == "answered"
    assert client.post("/v1/search", json=body).json()["understood"] == understood


def test_a_period_that_is_taken_off_restricts_nothing(client: httpx.Client) -> None:
    question = "What did Ofsted say about care leavers in 1950?"
    assert client.post("/v1/ask", json={"question": question}).json()["refusal"]["reason"] == "outside_period"
    assert client.post("/v1/ask", json={"question": question, "without": ["period"]}).json()["status"] == "answered"


def test_a_voice_of_the_filters_stays(client: httpx.Client) -> None:
    body = {"question": QUESTION, "without": ["voice"], "filters": {"voice": "Medway Council"}}
    assert client.post("/v1/ask", json=body).json()["understood"]["voice"] == "Medway Council"


def test_only_what_is_understood_can_be_taken_off(client: httpx.Client) -> None:
    is_problem(client.post("/v1/ask", json={"question": QUESTION, "without": ["topic"]}), 422, "without[0]")
