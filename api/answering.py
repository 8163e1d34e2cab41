"""The work on one question, for a worker's thread; the same whichever way the question came."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast

from pydantic import BaseModel

from api.answers import answer_out, citation_out, search_out, statement_out, understood_out
from api.problems import Problem
from api.schemas.requests import Asked, SearchIn
from api.schemas.responses import AnswerOut, SearchOut
from api.service import Service
from api.work import Stop
from index.errors import FootnoteError, SettingsError, UnknownName
from rag.models import Citation, Statement, Understood

_log = logging.getLogger("footnote")

Tell = Callable[[str, BaseModel], None]
"""Takes an event as soon as it is known: `understood`, and each `citation` and `statement` that is final."""
Answering = Callable[[Stop, Tell], AnswerOut]
"""Makes an answer, and tells of it while it is made."""


def answering(service: Service, asked: Asked) -> Answering:
    """Answer, count, keep for feedback, log.

    Raises:
        Problem: 503, nothing is loaded yet.
    """
    pipeline = service.pipeline()

    def work(stop: Stop, tell: Tell) -> AnswerOut:
        told: set[int] = set()

        def on_stage(name: str, value: object) -> None:
            stop.check()
            if isinstance(value, Understood):
                tell("understood", understood_out(value))
            elif name == "statement":
                statement, citations = cast(tuple[Statement, tuple[Citation, ...]], value)
                for citation in citations:
                    if citation.number not in told:
                        told.add(citation.number)
                        tell("citation", citation_out(citation, pipeline.engine))
                tell("statement", statement_out(statement))

        stop.check()
        try:
            answer = answer_out(pipeline.ask(asked.as_question(), on_stage), pipeline.engine)
        except (UnknownName, SettingsError) as error:
            raise Problem(422, str(error), fields=[("answerer", str(error))]) from error
        service.metrics.answered(answer)
        try:
            service.records.keep(answer, asked.question, [turn.question for turn in asked.history])
        except FootnoteError:
            # The answer is good all the same; only feedback on it will not be possible.
            service.metrics.unrecorded.inc()
            _log.exception("the answer could not be kept")
        fields = {"answer": answer.id, "status": answer.status, "timings_ms": answer.timings_ms}
        if service.settings.log_questions:
            fields["question"] = asked.question
        _log.info("question", extra={"fields": fields})
        return answer

    return work


def at_once(work: Answering) -> Callable[[Stop], AnswerOut]:
    """The same work for who wants nothing before the answer is whole."""
    return lambda stop: work(stop, lambda name, data: None)


def searching(service: Service, asked: SearchIn) -> Callable[[Stop], SearchOut]:
    """Find passages.

    Raises:
        Problem: 503, nothing is loaded yet.
    """
    pipeline = service.pipeline()
    question = asked.as_question()

    def work(stop: Stop) -> SearchOut:
        stop.check()
        return search_out(*pipeline.search(question, asked.limit), pipeline.engine)

    return work
