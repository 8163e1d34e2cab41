"""What other programs can do with the documents: ask, search, read, list. Each over the same service as HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.answering import answering, at_once, searching
from api.problems import Problem
from api.readable import footnotes, paper, refusal
from api.schemas.requests import Sent
from api.schemas.responses import AnswerOut, DocumentOut, DocumentsOut, Place, SearchOut
from api.schemas.tools import MOST_READ, AskArguments, ListArguments, ReadArguments, ReadOut, SearchArguments
from api.service import Service


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what it takes and gives as schemas, what it does, and its result as text."""

    title: str
    description: str
    takes: type[Sent]
    gives: type[BaseModel]
    run: Callable[[Service, Any], Awaitable[Any]]
    told: Callable[[Any], str]

    async def call(self, service: Service, arguments: Mapping[str, Any]) -> BaseModel:
        """Run it.

        Raises:
            RequestValidationError: an argument is wrong.
            Problem, FootnoteError: it cannot be done.
        """
        try:
            given = self.takes.model_validate(arguments)
        except ValidationError as error:
            raise RequestValidationError([{**e, "loc": ("arguments", *e["loc"])} for e in error.errors()]) from error
        result: BaseModel = await self.run(service, given)
        return result


async def _ask(service: Service, given: AskArguments) -> AnswerOut:
    return await service.questions.run(at_once(answering(service, given)))


async def _search(service: Service, given: SearchArguments) -> SearchOut:
    return await service.questions.run(searching(service, given))


async def _read(service: Service, given: ReadArguments) -> ReadOut:
    engine = service.pipeline().engine

    def look_up() -> tuple[DocumentOut, str]:
        return DocumentOut.of(engine.document(given.document_id)), engine.text(given.document_id)

    document, text = await service.lookups.run(lambda stop: look_up())
    if given.start >= len(text):
        raise Problem.of_field("start", f"The text has {len(text)} characters; start before that.")
    if given.end is not None and given.end <= given.start:
        raise Problem.of_field("end", "It must be greater than start.")
    start = max(0, given.start - given.around)
    end = min(len(text), start + MOST_READ, (len(text) if given.end is None else given.end) + given.around)
    return ReadOut(
        document_id=document.id,
        title=document.title,
        publisher=document.publisher,
        published=document.published,
        start=start,
        end=end,
        length=len(text),
        next=end if end < len(text) else None,
        text=text[start:end],
    )


async def _list(service: Service, given: ListArguments) -> DocumentsOut:
    engine = service.pipeline().engine
    return DocumentsOut.of(
        await service.lookups.run(lambda stop: engine.documents(query=given.q, limit=given.limit, cursor=given.cursor))
    )


def _told_answer(answer: AnswerOut) -> str:
    notes = footnotes(answer, lambda citation: f"{_where(citation)}\n“{' '.join(citation.quote.split())}”")
    return f"{answer.answer}\n\n{notes}" if notes else refusal(answer)


def _told_search(found: SearchOut) -> str:
    if not found.hits:
        return "No passage was found. Try other words, or fewer filters."
    return "\n\n".join(f"{n}. {paper(hit)}, {_where(hit)}\n{hit.text}" for n, hit in enumerate(found.hits, 1))


def _told_read(read: ReadOut) -> str:
    head = f"{paper(read)}, characters {read.start} to {read.end} of {read.length}"
    return f"{head}\n\n{read.text}" + (f"\n\n(To read on: start {read.next})" if read.next is not None else "")


def _told_list(page: DocumentsOut) -> str:
    lines = [f"{page.total} documents"] + [f"- {paper(d)}, document_id {d.id}, {d.source}" for d in page.items]
    return "\n".join(lines) + (f"\n(More: cursor {page.next})" if page.next else "")


def _where(place: Place) -> str:
    return f"document_id {place.document_id}, characters {place.start} to {place.end}"


TOOLS: Mapping[str, Tool] = {
    "ask": Tool(
        "Ask the documents",
        "Answers a question from the organisation's own papers. Every statement is followed by the numbers of its "
        "citations, and each citation holds the exact words. When the papers do not say, it says so: pass that on, and "
        "do not answer from memory. Years and speakers in the question (`in 2021`, `what did the inspectors say`) "
        "decide what is cited.",
        AskArguments,
        AnswerOut,
        _ask,
        _told_answer,
    ),
    "search": Tool(
        "Search the documents",
        "Finds the passages nearest to a question, best first, without making an answer of them.",
        SearchArguments,
        SearchOut,
        _search,
        _told_search,
    ),
    "read": Tool(
        "Read a document",
        f"Gives part of a document's text, at most {MOST_READ} characters a call: around a citation (its `start` and "
        "`end`, with `around` for what stands before and after), or from any place on.",
        ReadArguments,
        ReadOut,
        _read,
        _told_read,
    ),
    "list_documents": Tool(
        "List the documents",
        "Lists the papers, all or those with the given words in their title, source or publisher, page by page.",
        ListArguments,
        DocumentsOut,
        _list,
        _told_list,
    ),
}
"""Every tool by its name. To add one: schemas, a function, a line here."""
