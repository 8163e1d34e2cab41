"""Answers as text to be read where nothing but text is shown: in chats, and by the callers of tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from api.schemas.responses import AnswerOut, CitationOut, NearestOut


class Paper(Protocol):
    """Whatever says which paper it is about."""

    title: str
    publisher: str | None
    published: str | None


def footnotes(answer: AnswerOut, place: Callable[[CitationOut], str]) -> str:
    """The cited papers, `[1] title, publisher, date, place`, as paragraphs, so that Markdown keeps them apart."""
    return "\n\n".join(f"[{c.number}] {paper(c)}, {place(c)}" for c in answer.citations)


def refusal(answer: AnswerOut) -> str:
    """Why there is no answer, and the papers that come near; nothing for an answer."""
    if answer.refusal is None:
        return ""
    near = [f"- {_one_line(n.title)}, {n.published or 'undated'}" for n in _once(answer.refusal.nearest)]
    return answer.refusal.message + ("\n\nNearest papers:\n\n" + "\n".join(near) if near else "")


def paper(about: Paper) -> str:
    """Which paper it is: title, publisher and date."""
    return ", ".join(filter(None, [_one_line(about.title), about.publisher, about.published or "undated"]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _once(nearest: Iterable[NearestOut]) -> Iterable[NearestOut]:
    return {n.document_id: n for n in nearest}.values()
