"""Answers and hits as plain dicts, with the field names of the HTTP contract."""

from __future__ import annotations

from typing import Any

from index.models import Document, Hit, Passage
from rag.models import Answer, Citation, Refusal, Understood, Writer


def answer_as_dict(answer: Answer) -> dict[str, Any]:
    """The body of a `POST /v1/ask` response: only str, int, float, bool, None, lists and dicts in it."""
    return {
        "id": answer.id,
        "status": "refused" if answer.refusal else "answered",
        "answer": "" if answer.refusal else answer.text,
        "statements": [{"text": s.text, "citations": list(s.citations)} for s in answer.statements],
        "citations": [citation_as_dict(c) for c in answer.citations],
        "refusal": refusal_as_dict(answer.refusal) if answer.refusal else None,
        "removed": [{"text": r.text, "reason": r.reason} for r in answer.removed],
        "writer": writer_as_dict(answer.writer) if answer.writer else None,
        "confidence": answer.confidence,
        "understood": understood_as_dict(answer.understood),
        "timings_ms": dict(answer.timings_ms),
        "versions": dict(answer.versions),
    }


def citation_as_dict(citation: Citation) -> dict[str, Any]:
    """One entry of `citations`; `start` and `end` count Unicode code points of the document's text."""
    return {
        "number": citation.number,
        **_place(citation.document, citation.passage, citation.start),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "url": text_url(citation.document.id, citation.start, citation.end),
    }


def hit_as_dict(hit: Hit) -> dict[str, Any]:
    """One entry of `hits` in a `POST /v1/search` response; `score` is that of the last stage it went through."""
    return {
        **_place(hit.document, hit.passage, hit.passage.start),
        "text": hit.passage.text,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "url": text_url(hit.document.id, hit.passage.start, hit.passage.end),
        "score": next((hit.scores[stage] for stage in ("rerank", "rrf") if stage in hit.scores), 0.0),
        "scores": dict(hit.scores),
    }


def understood_as_dict(understood: Understood) -> dict[str, Any]:
    """What was made of the question: the standalone text and what restricts it."""
    return {
        "question": understood.text,
        "period": understood.period.as_dict() if understood.period else None,
        "voice": understood.voice or " and ".join(understood.voices) or None,
        "authority": ", ".join(understood.authorities) or understood.elsewhere,
    }


def refusal_as_dict(refusal: Refusal) -> dict[str, Any]:
    """Why there is no answer, with the papers that came nearest."""
    return {
        "reason": refusal.reason,
        "message": refusal.message,
        "nearest": [{"document_id": d.id, "title": d.title, "published": d.published} for d in refusal.nearest],
    }


def writer_as_dict(writer: Writer) -> dict[str, Any]:
    """Which answerer wrote the answer, which was asked to, and why they differ."""
    return {"answerer": writer.answerer, "asked": writer.asked, "reason": writer.reason}


def text_url(document_id: str, start: int, end: int) -> str:
    """Where the quoted words stand, as an RFC 5147 fragment of the document's text."""
    return f"/v1/documents/{document_id}/text#char={start},{end}"


def _place(document: Document, passage: Passage, start: int) -> dict[str, Any]:
    """Which paper, and where in it. A passage's own voice goes before the paper's."""
    return {
        "document_id": document.id,
        "source": document.source,
        "title": document.title,
        "publisher": document.publisher,
        "voice": passage.voice or document.voice,
        "published": document.published,
        "page": passage.page_at(start),
        "paragraph": passage.paragraph,
        "heading": passage.heading,
    }
