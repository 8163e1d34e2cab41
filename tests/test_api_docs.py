import json
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from conftest import Sample
from test_api_support import CORPUS, app_without_index, serving

from api.problems import STATUSES
from index.settings import Settings

PAGE = (CORPUS.parent / "docs" / "http.md").read_text(encoding="utf-8")
COMMANDS: list[str] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
def test_every_command_of_the_page_works(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "minutes.txt").write_text("Minutes of the parks committee, 4 May 2022\n\nThe pond was drained.\n")
    with serving(sample, sample.copied(tmp_path)) as client:
        answer = client.post("/v1/ask", json={"question": "How many children were looked after?"}).json()["id"]
        document = client.get("/v1/documents").json()["items"][0]["id"]
        for command in COMMANDS:
            here = command.replace("http://127.0.0.1:8000", str(client.base_url).rstrip("/"))
            here = re.sub(r"\bcurl\b", "curl --silent --show-error --fail-with-body", here)
            environment = {"ID": document, "ANSWER": answer, "KEY": "k", "PATH": "/usr/bin:/bin"}
            bash = ["bash", "-euc", here]
            done = subprocess.run(bash, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, command + done.stdout + done.stderr
        assert (tmp_path / "original").stat().st_size
        assert client.get(f"/v1/documents/{document}").status_code == 404
    assert len(COMMANDS) >= 10


def test_the_page_names_every_route_status_and_setting_it_should(tmp_path: Path) -> None:
    document = app_without_index(tmp_path).openapi()
    for path in document["paths"]:
        assert path.replace("{document_id}", "{id}") in PAGE or path.replace("{document_id}", "$ID") in PAGE
    answered = {status for methods in document["paths"].values() for o in methods.values() for status in o["responses"]}
    for status in {*answered, *map(str, STATUSES.values()), "405"} - {"204"}:
        assert re.search(rf"\b{status}\b", PAGE), status
    for name in document["components"]["schemas"]["AskIn"]["properties"]:
        assert f"`{name}`" in PAGE or f"`{name}." in PAGE
    named = set(re.findall(r"^\| `([a-z_]+)` \| ", PAGE.partition("| setting |")[2].partition("\n\n")[0], re.MULTILINE))
    assert named
    assert named <= {field.name for field in fields(Settings)}


def test_the_examples_of_bodies_are_json_but_for_what_is_left_out() -> None:
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        assert json.loads(block)
