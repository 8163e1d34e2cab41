"""Examples for the OpenAPI document. A test holds each against its schema."""

from __future__ import annotations

import json
from typing import Any

QUESTION: dict[str, Any] = {
    "question": "How many libraries were open in 2022?",
    "filters": {"published_from": "2022", "published_to": "2023-06"},
    "limit": 3,
}
SEARCH_QUESTION: dict[str, Any] = {"question": "opening hours of libraries", "limit": 5}
_PLACE: dict[str, Any] = {
    "document_id": "d1f0c2",
    "source": "2022/annual-report.pdf",
    "title": "Annual report of the library service",
    "publisher": "Northford Council",
    "voice": "Northford Council",
    "published": "2022-12",
    "page": 4,
    "paragraph": "2.1",
    "heading": "Opening hours",
    "start": 1204,
    "end": 1241,
    "url": "/v1/documents/d1f0c2/text#char=1204,1241",
    "file": "/v1/documents/d1f0c2/file#page=4",
}
_UNDERSTOOD: dict[str, Any] = {
    "question": "How many libraries were open in 2022?",
    "period": {"from": "2022-01-01", "to": "2022-12-31"},
    "voice": None,
    "authority": None,
}
_VERSIONS = {"index": "17", "embedder": "bge-small-en-v1.5", "reranker": "none", "answerer": "extractive"}
_QUOTE = "Fourteen libraries were open in 2022."
ANSWER: dict[str, Any] = {
    "id": "ans_9b1d",
    "status": "answered",
    "answer": f"{_QUOTE} [1]",
    "statements": [{"text": _QUOTE, "citations": [1]}],
    "citations": [{"number": 1, **_PLACE, "quote": _QUOTE}],
    "refusal": None,
    "understood": _UNDERSTOOD,
    "timings_ms": {"understand": 1, "retrieve": 9, "rerank": 110, "answer": 4, "total": 124},
    "versions": _VERSIONS,
}
REFUSAL: dict[str, Any] = {
    "id": "ans_9b1e",
    "status": "refused",
    "answer": "",
    "statements": [],
    "citations": [],
    "refusal": {
        "reason": "outside_period",
        "message": "The documents cover 2019 to 2023, so they say nothing of 1950.",
        "nearest": [{"document_id": "d1f0c2", "title": "Annual report of the library service", "published": "2022-12"}],
    },
    "understood": _UNDERSTOOD | {"period": {"from": "1950-01-01", "to": "1950-12-31"}},
    "timings_ms": {"understand": 1, "total": 2},
    "versions": _VERSIONS,
}
EVENT_STREAM = "".join(
    f"event: {name}\ndata: {json.dumps(data)}\n\n"
    for name, data in (
        ("understood", _UNDERSTOOD),
        ("citation", ANSWER["citations"][0]),
        ("statement", ANSWER["statements"][0]),
        ("answer", ANSWER),
    )
)
CHAT: dict[str, Any] = {
    "model": "footnote",
    "messages": [{"role": "user", "content": "How many libraries were open in 2022?"}],
}
_LINK = f"https://answers.northford.example{_PLACE['url']}"
_HEAD = {"id": "chatcmpl-9b1d", "created": 1700000000, "model": "footnote"}
_NOTES = f"\n\n[1] {_PLACE['title']}, {_PLACE['publisher']}, {_PLACE['published']}, {_LINK}"
_ANNOTATION = {
    "type": "url_citation",
    "url_citation": {"start_index": 38, "end_index": 41, "url": _LINK, "title": _PLACE["title"]},
}
COMPLETION: dict[str, Any] = {
    **_HEAD,
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": f"{ANSWER['answer']}{_NOTES}",
                "refusal": None,
                "annotations": [_ANNOTATION],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 62, "total_tokens": 71},
    "footnote": ANSWER,
}
MODEL: dict[str, Any] = {"id": "footnote", "object": "model", "created": 1700000000, "owned_by": "footnote"}


def _chunk(delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return f"data: {json.dumps({**_HEAD, 'object': 'chat.completion.chunk', 'choices': [choice], **more})}\n\n"


CHUNKS = "".join(
    [
        _chunk({"role": "assistant", "content": ""}),
        _chunk({"content": ANSWER["answer"]}),
        _chunk({"content": _NOTES, "annotations": [_ANNOTATION]}),
        _chunk({}, "stop", footnote=ANSWER),
        "data: [DONE]\n\n",
    ]
)
SEARCH: dict[str, Any] = {
    "hits": [{**_PLACE, "text": _QUOTE, "score": 3.2, "scores": {"dense": 0.81, "lexical": 9.4, "rerank": 3.2}}],
    "understood": _UNDERSTOOD,
}
DOCUMENT: dict[str, Any] = {
    "id": "d1f0c2",
    "source": "2022/annual-report.pdf",
    "title": "Annual report of the library service",
    "kind": "report",
    "publisher": "Northford Council",
    "voice": "Northford Council",
    "published": "2022-12",
    "covers": {"from": "2022-01-01", "to": "2022-12-31"},
    "part_of": None,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "authority": "Northford",
    "origins": {"title": "content", "kind": "content", "authority": "content", "published": "name"},
    "superseded_by": None,
    "text_url": "/v1/documents/d1f0c2/text",
    "file_url": "/v1/documents/d1f0c2/file",
}
DOCUMENTS: dict[str, Any] = {"items": [DOCUMENT], "total": 1, "next": None}
UPLOAD: dict[str, Any] = {"documents": [DOCUMENT], "problems": []}
UPLOADS: dict[str, Any] = {
    "items": [
        {
            "name": "pack.pdf",
            "size": 4120388,
            "since": "2024-05-07T09:30:00+00:00",
            "state": "embedding",
            "embedded": 512,
            "passages": 1893,
        }
    ]
}
FEEDBACK: dict[str, Any] = {"answer_id": "ans_9b1d", "helpful": True, "comment": "Just what I needed."}
PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "question: String should have at least 1 character.",
    "errors": [{"field": "question", "detail": "String should have at least 1 character."}],
}
