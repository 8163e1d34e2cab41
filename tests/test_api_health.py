import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from conftest import Sample
from test_api_support import CORPUS, Direct, app_without_index, is_problem, running, until

from api.app import create_app
from api.logs import JsonFormatter
from index.errors import ModelError
from index.settings import Settings
from rag.pipeline import Pipeline


def test_it_is_alive_while_it_loads_and_says_what_is_missing(sample: Sample, tmp_path: Path) -> None:
    go_on = threading.Event()

    def slowly(settings: Settings) -> Pipeline:
        assert go_on.wait(30)
        return sample.open(settings)

    settings = Settings(data=sample.copied(tmp_path))
    with running(create_app(settings, slowly), settings) as url, httpx.Client(base_url=url) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        is_problem(client.get("/readyz"), 503, "being loaded")
        is_problem(client.post("/v1/ask", json={"question": "x"}), 503, "being loaded")
        is_problem(client.post("/v1/documents", files={"file": ("a.txt", b"x")}), 503, "being loaded")
        go_on.set()
        until(lambda: client.get("/readyz").status_code == 200)
        assert client.get("/readyz").json() == {"status": "ready"}


def test_without_an_index_the_first_upload_makes_one(sample: Sample, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new")
    with running(create_app(settings, sample.open), settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        until(lambda: "no index" in client.get("/readyz").text.lower())
        is_problem(client.get("/v1/documents"), 503)
        is_problem(client.post("/v1/documents", files={"file": ("a.txt", b" ")}), 422)
        assert client.get("/v1/documents").json()["items"] == []
        assert client.post("/v1/ask", json={"question": "What was found?"}).json()["status"] == "refused"
        letter = CORPUS / "2020-09-15-ofsted-monitoring-visit-letter.txt"
        added = client.post("/v1/documents", files={"file": (letter.name, letter.read_bytes())})
        assert added.status_code == 201, added.text
        assert client.get("/readyz").status_code == 200
        assert client.get("/v1/documents").json()["items"] == added.json()["documents"]


def test_what_could_not_be_loaded_is_tried_again_and_logged_once(
    sample: Sample,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("api.service.RETRY_AFTER", 0.01)
    attempts: list[int] = []
    mended = threading.Event()

    def fails(settings: Settings) -> Pipeline:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("the password is 1234")
        if not mended.is_set():
            raise ModelError("The weights are missing.", "Install them.")
        return sample.open(settings)

    settings = Settings(data=sample.copied(tmp_path))
    with Direct(create_app(settings, fails)) as client:
        until(lambda: len(attempts) > 3)
        problem = is_problem(client.get("/readyz"), 503, "The weights are missing. Install them.")
        assert "1234" not in json.dumps(problem)
        mended.set()
        until(lambda: client.get("/readyz").status_code == 200)
    assert [r.levelname for r in caplog.records if r.message == "not ready"] == ["WARNING", "WARNING"]


def test_metrics_count_requests_by_route_and_no_words_of_theirs(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path)) as client:
        client.get("/v1/documents/secret-name?q=secret-word")
        client.request("BREW", "/secret-path")
        client.post("/v1/ask", {"question": ""})
        shown = client.get("/metrics")
        assert shown.headers["content-type"].startswith("text/plain; version=")
        assert 'requests_total{method="GET",route="/v1/documents/{document_id}",status="503"} 1.0' in shown.text
        assert 'requests_total{method="other",route="unmatched",status="404"} 1.0' in shown.text
        assert 'requests_total{method="POST",route="/v1/ask",status="422"} 1.0' in shown.text
        assert "footnote_in_flight 1.0" in shown.text
        assert "secret" not in shown.text
        openmetrics = client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
        assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    with Direct(app_without_index(tmp_path)) as other:
        assert "/v1/ask" not in other.get("/metrics").text


def test_a_log_line_is_json_and_has_no_query_in_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Direct(app_without_index(tmp_path)) as client, caplog.at_level(logging.INFO, logger="footnote"):
        identifier = client.get("/v1/documents?q=secret").headers["x-request-id"]
        assert client.get("/healthz").headers["x-request-id"] != identifier
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    line = next(line for line in lines if line["event"] == "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/documents", 503)
    assert line["level"] == "info"
    assert "secret" not in json.dumps(lines)


def test_the_process_ends_when_it_is_asked_to(sample: Sample, tmp_path: Path) -> None:
    code = "import sys; from api.serve import serve; from index.settings import load_settings; serve(load_settings())"
    environment = os.environ | {"FOOTNOTE_DATA": str(sample.copied(tmp_path)), "FOOTNOTE_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment, cwd=CORPUS.parent
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "ready":
                break
        process.send_signal(signal.SIGTERM)
        rest = [json.loads(line) for line in process.stderr]
        assert process.wait(30) in {0, -signal.SIGTERM}
    assert any("Uvicorn running on http://127.0.0.1:" in line["event"] for line in lines)
    assert "Application shutdown complete." in [line["event"] for line in rest]
    assert not [line for line in lines + rest if line["level"] in {"error", "critical"}]
