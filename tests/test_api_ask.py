import concurrent.futures
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Sample
from test_api_support import Direct, is_problem, serving, until

from api.answers import search_out
from api.app import create_app
from api.records import NAME
from api.schemas.responses import AnswerOut, SearchOut
from index.settings import Settings
from rag.models import Answer, Question
from rag.pipeline import Pipeline

QUESTION = "What did Ofsted say about care leavers in 2021?"
QUESTIONS = [QUESTION, "How many children were looked after in 2023?", "Who was the Director of Children's Services?"]


class Wrapped:
    """The real pipeline, for a fault that it would not have by itself."""

    def __init__(self, inner: Pipeline, before: Callable[[Question], object]) -> None:
        self._inner = inner
        self._before = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def ask(self, question: Question, on_stage: Callable[[str, object], None]) -> Answer:
        self._before(question)
        return self._inner.ask(question, on_stage)


@pytest.fixture(scope="module")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(sample, sample.copied(tmp_path_factory.mktemp("ask"))) as client:
        yield client


def ask(client: httpx.Client, question: str, **rest: Any) -> AnswerOut:
    response = client.post("/v1/ask", json={"question": question, **rest})
    assert response.status_code == 200, response.text
    return AnswerOut.model_validate(response.json(), strict=False)


def keeps_the_contract(client: httpx.Client, answer: AnswerOut) -> None:
    for citation in answer.citations:
        text = client.get(f"/v1/documents/{citation.document_id}/text").content.decode()
        assert text[citation.start : citation.end] == citation.quote
        path, fragment = citation.url.split("#")
        assert path == f"/v1/documents/{citation.document_id}/text"
        assert fragment == f"char={citation.start},{citation.end}"
        assert citation.file is None
    used = list(dict.fromkeys(number for statement in answer.statements for number in statement.citations))
    assert used == [citation.number for citation in answer.citations] == list(range(1, len(used) + 1))
    assert all(statement.citations for statement in answer.statements)
    marked = [s.text + r" " + "".join(f"[{n}]" for n in s.citations) for s in answer.statements]
    assert answer.answer.split() == " ".join(marked).split()
    assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)} == set(used)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_keeps_the_contract(client: httpx.Client, question: str) -> None:
    answer = ask(client, question)
    keeps_the_contract(client, answer)
    assert {"understand", "total"} <= set(answer.timings_ms)
    assert {"index", "embedder", "reranker", "answerer"} <= set(answer.versions)


def test_a_question_of_the_papers_is_answered_from_the_right_one(client: httpx.Client) -> None:
    answer = ask(client, QUESTION, limit=2)
    assert (answer.status, answer.refusal) == ("answered", None)
    assert 1 <= len(answer.statements) <= 2
    assert answer.citations[0].publisher == "Ofsted"
    assert (answer.citations[0].published or "").startswith("2021")
    period = answer.understood.model_dump(mode="json", by_alias=True)["period"]
    assert period == {"from": "2021-01-01", "to": "2021-12-31"}


def test_a_refusal_is_a_200_with_a_reason(client: httpx.Client) -> None:
    answer = ask(client, "How tall is the Eiffel Tower?")
    assert (answer.status, answer.answer, answer.statements, answer.citations) == ("refused", "", [], [])
    assert answer.refusal is not None
    assert answer.refusal.message


def test_filters_narrow_what_is_cited(client: httpx.Client) -> None:
    everything = client.get("/v1/documents").json()["items"]
    letter = next(d for d in everything if d["source"].startswith("2020-09-15"))
    searched = {"question": "social workers", "limit": 50}
    hits = client.post("/v1/search", json=searched | {"filters": {"documents": [letter["id"]]}}).json()["hits"]
    assert {hit["document_id"] for hit in hits} == {letter["id"]}
    dated = {"published_from": "2020", "published_to": "2020-09"}
    hits = client.post("/v1/search", json=searched | {"filters": dated}).json()["hits"]
    assert {hit["published"][:4] for hit in hits} == {"2020"}
    nothing = {"question": "social workers", "filters": {"documents": ["unknown"]}}
    assert client.post("/v1/search", json=nothing).json()["hits"] == []
    assert ask(client, "What did inspectors say?", filters={"documents": ["unknown"]}).status == "refused"


def test_search_gives_passages_best_first(client: httpx.Client) -> None:
    response = client.post("/v1/search", json={"question": "social worker caseloads", "limit": 30})
    found = SearchOut.model_validate(response.json())
    assert len(found.hits) == 30
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    for hit in found.hits[:5]:
        text = client.get(f"/v1/documents/{hit.document_id}/text").content.decode()
        assert text[hit.start : hit.end] == hit.text


def test_an_earlier_turn_is_taken_in(client: httpx.Client) -> None:
    history = [{"question": QUESTION, "answer": ask(client, QUESTION).answer}]
    answer = ask(client, "And what about their housing?", history=history)
    assert answer.understood.question != "And what about their housing?"


def test_an_unknown_answerer_is_422_with_the_known(client: httpx.Client) -> None:
    for stream in (False, True):
        asked = {"question": "x", "answerer": "oracle", "stream": stream}
        problem = is_problem(client.post("/v1/ask", json=asked), 422, "extractive")
        assert problem["errors"][0]["field"] == "answerer"


def test_questions_at_the_same_time_get_their_own_answers(client: httpx.Client) -> None:
    alone = {question: ask(client, question) for question in QUESTIONS}
    with concurrent.futures.ThreadPoolExecutor(6) as people:
        together = list(people.map(lambda question: ask(client, question), QUESTIONS * 2))
    for question, answer in zip(QUESTIONS * 2, together, strict=True):
        assert answer.statements == alone[question].statements
        assert answer.citations == alone[question].citations
    assert len({answer.id for answer in together}) == len(together)


def test_others_are_served_while_every_worker_is_busy(sample: Sample, tmp_path: Path) -> None:
    release = threading.Event()

    def waits(settings: Settings) -> Any:
        return Wrapped(sample.open(settings), lambda question: release.wait(60))

    with (
        serving(sample, sample.copied(tmp_path), waits) as client,
        concurrent.futures.ThreadPoolExecutor(60) as people,
    ):
        asked = [people.submit(client.post, "/v1/ask", json={"question": "x"}) for _ in range(60)]
        until(lambda: any(future.done() for future in asked))
        is_problem(next(f for f in asked if f.done()).result(), 503, "Too much")
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/documents").json()["total"] >= 5
        release.set()
        assert {future.result().status_code for future in asked} == {200, 503}


def test_feedback_names_an_answer(client: httpx.Client) -> None:
    answer = ask(client, QUESTION)
    given = {"answer_id": answer.id, "helpful": True, "comment": "Good."}
    assert client.post("/v1/feedback", json=given).status_code == 204
    is_problem(client.post("/v1/feedback", json={"answer_id": "ans_unknown", "helpful": False}), 404)
    assert 'footnote_feedback_total{helpful="true"} 1.0' in client.get("/metrics").text


def test_an_answer_is_given_even_when_it_cannot_be_kept(sample: Sample, tmp_path: Path) -> None:
    data = sample.copied(tmp_path)
    (data / NAME).mkdir()
    with serving(sample, data) as client:
        answer = ask(client, QUESTION)
        assert answer.status == "answered"
        assert "footnote_unrecorded_answers_total 1.0" in client.get("/metrics").text
        given = {"answer_id": answer.id, "helpful": True}
        is_problem(client.post("/v1/feedback", json=given), 503, NAME)


def test_answers_and_refusals_are_counted(sample: Sample, tmp_path: Path) -> None:
    with serving(sample, sample.copied(tmp_path)) as client:
        refused = ask(client, "How tall is the Eiffel Tower?").refusal
        ask(client, QUESTION)
        shown = client.get("/metrics").text
    assert refused is not None
    assert f'footnote_refusals_total{{reason="{refused.reason}"}} 1.0' in shown
    assert 'footnote_questions_total{status="answered"} 1.0' in shown
    assert 'footnote_stage_seconds_count{stage="total"} 2.0' in shown


@pytest.mark.parametrize("log_questions", [False, True])
def test_the_question_is_logged_only_when_the_settings_say_so(
    sample: Sample,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    log_questions: bool,
) -> None:
    app = create_app(Settings(data=sample.copied(tmp_path), log_questions=log_questions), sample.open)
    with Direct(app) as direct, caplog.at_level(logging.DEBUG):
        until(lambda: direct.get("/readyz").status_code == 200)
        direct.post("/v1/ask", {"question": QUESTION})
    logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
    assert (QUESTION in logged) == log_questions


def test_a_link_to_the_page_only_where_the_original_is_a_pdf(sample: Sample) -> None:
    pipeline = sample.open(Settings(data=sample.data))
    understood, hits = pipeline.search(Question("social workers"), 1)
    paged = replace(hits[0], passage=replace(hits[0].passage, page=3))

    class Pdfs:
        name = "report.PDF"

        def original(self, document_id: str) -> tuple[Path, str]:
            return Path("x"), self.name

    engine: Any = Pdfs()
    assert search_out(understood, [paged], engine).hits[0].file == f"/v1/documents/{paged.document.id}/file#page=3"
    assert search_out(understood, hits, engine).hits[0].file is None
    engine.name = "pack.zip"
    assert search_out(understood, [paged], engine).hits[0].file is None
    pipeline.engine.close()
