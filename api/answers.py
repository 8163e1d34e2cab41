"""The pipeline's nouns as the schemas of the contract, with what the service adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.schemas.responses import AnswerOut, CitationOut, HitOut, SearchOut, StatementOut, UnderstoodOut
from index.engines import Engine
from index.errors import NotFound
from index.models import Hit
from rag.models import Answer, Citation, Statement, Understood
from rag.serialise import answer_as_dict, citation_as_dict, hit_as_dict, understood_as_dict


def answer_out(answer: Answer, engine: Engine) -> AnswerOut:
    """The body of a response to `POST /v1/ask`."""
    body = answer_as_dict(answer)
    body["citations"] = [_with_file(citation, engine) for citation in body["citations"]]
    return AnswerOut.model_validate(body)


def statement_out(statement: Statement) -> StatementOut:
    """One statement, as it stands in an answer."""
    return StatementOut(text=statement.text, citations=list(statement.citations))


def citation_out(citation: Citation, engine: Engine) -> CitationOut:
    """One citation, as it stands in an answer."""
    return CitationOut.model_validate(_with_file(citation_as_dict(citation), engine))


def search_out(understood: Understood, hits: Sequence[Hit], engine: Engine) -> SearchOut:
    """The body of a response to `POST /v1/search`."""
    found = [HitOut.model_validate(_with_file(hit_as_dict(hit), engine)) for hit in hits]
    return SearchOut(hits=found, understood=understood_out(understood))


def understood_out(understood: Understood) -> UnderstoodOut:
    """What was made of the question."""
    return UnderstoodOut.model_validate(understood_as_dict(understood))


def _with_file(place: dict[str, Any], engine: Engine) -> dict[str, Any]:
    """Add the link to the page, where the original is a PDF (and no ZIP or mail with a PDF in it)."""
    link = None
    if place["page"]:
        try:
            _, name = engine.original(place["document_id"])
        except NotFound:  # it was removed while the answer was made
            name = ""
        if name.lower().endswith(".pdf"):
            link = f"/v1/documents/{place['document_id']}/file#page={place['page']}"
    return {**place, "file": link}
