import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from test_api_support import Direct, app_without_index

from api.app import create_app
from api.routes import examples
from api.schemas.openai import ChatOut, ModelOut
from api.schemas.requests import AskIn, FeedbackIn, SearchIn
from api.schemas.responses import AnswerOut, DocumentOut, DocumentsOut, ProblemOut, SearchOut, UploadOut
from index.settings import Settings


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with Direct(app_without_index(tmp_path_factory.mktemp("data"))) as client:
        body: dict[str, Any] = client.get("/openapi.json").json()
        return body


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        (AskIn, examples.QUESTION),
        (SearchIn, examples.SEARCH_QUESTION),
        (FeedbackIn, examples.FEEDBACK),
        (AnswerOut, examples.ANSWER),
        (AnswerOut, examples.REFUSAL),
        (SearchOut, examples.SEARCH),
        (DocumentOut, examples.DOCUMENT),
        (DocumentsOut, examples.DOCUMENTS),
        (UploadOut, examples.UPLOAD),
        (ProblemOut, examples.PROBLEM),
        (ChatOut, examples.COMPLETION),
        (ModelOut, examples.MODEL),
    ],
)
def test_every_example_fits_its_schema(schema: type[BaseModel], example: dict[str, Any]) -> None:
    read = schema.model_validate(example)
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == example


def test_every_route_and_every_reference_is_described(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {
        "/v1/ask",
        "/v1/search",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/{document_id}/text",
        "/v1/documents/{document_id}/file",
        "/v1/uploads",
        "/v1/feedback",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model}",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    problem, openai = ("application/problem+json", "/ProblemOut"), ("application/json", "/ErrorOut")
    assert len({operation["operationId"] for operation in operations}) == len(operations) == 16
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        for status, response in operation["responses"].items():
            assert response["description"]
            if int(status) >= 400:
                media_type, shape = openai if operation["tags"] == ["OpenAI protocol"] else problem
                assert list(response["content"]) == [media_type]
                assert response["content"][media_type]["schema"]["$ref"].endswith(shape)
    schemas = document["components"]["schemas"]
    assert {name.rpartition("/")[2] for name in re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(document))} <= set(
        schemas
    )
    assert "HTTPValidationError" not in schemas


def test_the_limits_of_the_contract_are_in_the_document(document: dict[str, Any]) -> None:
    asked = document["components"]["schemas"]["AskIn"]
    assert asked["required"] == ["question"]
    assert (asked["properties"]["question"]["minLength"], asked["properties"]["question"]["maxLength"]) == (1, 2000)
    assert (asked["properties"]["limit"]["minimum"], asked["properties"]["limit"]["maximum"]) == (1, 20)
    refusal = document["components"]["schemas"]["RefusalOut"]["properties"]["reason"]
    assert refusal["enum"] == ["not_found", "outside_period", "unclear", "unsafe"]
    stream = document["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"]
    assert set(stream) == {"application/json", "text/event-stream"}


def test_a_key_is_described_only_where_one_is_needed(tmp_path: Path, document: dict[str, Any]) -> None:
    locked = create_app(Settings(data=tmp_path, api_key="k")).openapi()
    assert locked["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    assert locked["paths"]["/v1/ask"]["post"]["security"] == [{"key": []}]
    assert "security" not in locked["paths"]["/healthz"]["get"]
    assert "security" not in json.dumps(document)
