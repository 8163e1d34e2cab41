"""The pipeline's nouns as the schemas of the contract, with what the service adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.schemas.responses import AnswerOut, HitOut, SearchOut, UnderstoodOut
from index.models import Hit
from rag.models import Answer, Understood
from rag.serialise import answer_as_dict, hit_as_dict, understood_as_dict


def answer_out(answer: Answer) -> AnswerOut:
    """The body of a response to `POST /v1/ask`."""
    body = answer_as_dict(answer)
    body["citations"] = [_with_file(citation) for citation in body["citations"]]
    return AnswerOut.model_validate(body)


def search_out(understood: Understood, hits: Sequence[Hit]) -> SearchOut:
    """The body of a response to `POST /v1/search`."""
    found = [HitOut.model_validate(_with_file(hit_as_dict(hit))) for hit in hits]
    return SearchOut(hits=found, understood=understood_out(understood))


def understood_out(understood: Understood) -> UnderstoodOut:
    """What was made of the question."""
    return UnderstoodOut.model_validate(understood_as_dict(understood))


def _with_file(place: dict[str, Any]) -> dict[str, Any]:
    """Add the link to the page of a PDF, as browsers and Adobe's open parameters read it."""
    is_pdf = str(place["source"]).lower().endswith(".pdf")
    link = f"/v1/documents/{place['document_id']}/file#page={place['page']}" if is_pdf and place["page"] else None
    return {**place, "file": link}
