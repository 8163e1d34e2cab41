"""The OpenAI protocol's way out: an answer as a chat completion, or as the chunks of one."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from pydantic import BaseModel

from api.answering import Answering
from api.problems import Problem
from api.readable import footnotes, refusal
from api.schemas.openai import AnnotationOut, ChatIn, ChatOut, ChoiceOut, MessageOut, UrlCitationOut, UsageOut
from api.schemas.responses import AnswerOut, StatementOut
from api.stream import data_line
from index.tokens import count_tokens

_MARKER = re.compile(r"\[(\d+)\]")


class Completion:
    """One completion of a conversation. `base_url` is where the links to the cited words point.

    It writes the events of a stream, too (`api.stream.Wire`): a chunk for every statement, then the footnotes.
    """

    def __init__(self, chat: ChatIn, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._prompt = "\n".join(message.text for message in chat.messages)
        self._prompt_tokens = 0
        self._with_usage = chat.stream_options.include_usage
        self._told = ""
        self._head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": chat.model}

    def counting(self, work: Answering) -> Answering:
        """The same work, which also counts the prompt: in a worker's thread, for the first count takes its time."""

        def counted(*arguments: Any) -> AnswerOut:
            self._prompt_tokens = count_tokens(self._prompt)
            return work(*arguments)

        return counted

    def whole(self, answer: AnswerOut) -> ChatOut:
        """The completion as one body."""
        content = answer.answer + self._ending(answer)
        message = MessageOut(content=content, annotations=self._annotations(answer.answer, answer))
        choices = [ChoiceOut(message=message)]
        return ChatOut.model_validate(
            {**self._head, "choices": choices, "usage": self._usage(content), "footnote": answer}
        )

    def event(self, name: str, data: BaseModel) -> str:
        """The chunks of one event."""
        match data:
            case StatementOut():
                said = " ".join([data.text, "".join(f"[{number}]" for number in data.citations)])
                piece = f" {said}" if self._told else said
                self._told += piece
                return self._chunk({"content": piece})
            case AnswerOut():
                return self._last_chunks(data)
        return self._chunk({"role": "assistant", "content": ""}) if name == "understood" else ""

    def error(self, problem: Problem) -> str:
        """A fault, as clients of the protocol find it in a stream."""
        return data_line(problem.openai_body())

    def _last_chunks(self, answer: AnswerOut) -> str:
        ending = self._ending(answer)
        annotations = [annotation.model_dump() for annotation in self._annotations(self._told, answer)]
        whole = answer.model_dump(mode="json", by_alias=True)
        lines = self._chunk({"content": ending, "annotations": annotations})
        lines += self._chunk({}, finish_reason="stop", footnote=whole)
        if self._with_usage:
            lines += self._line(choices=[], usage=self._usage(self._told + ending).model_dump())
        return lines + "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self._with_usage else {}
        return self._line(choices=[choice], **usage, **more)

    def _line(self, **fields: Any) -> str:
        return data_line({**self._head, "object": "chat.completion.chunk", **fields})

    def _ending(self, answer: AnswerOut) -> str:
        """What follows the statements: the footnotes; or why there are no statements."""
        notes = footnotes(answer, lambda citation: self._base_url + citation.url)
        return f"\n\n{notes}" if notes else refusal(answer)

    def _annotations(self, text: str, answer: AnswerOut) -> list[AnnotationOut]:
        """Every marker in the text, and the place that it stands for."""
        cited = {citation.number: citation for citation in answer.citations}
        found = []
        for marker in _MARKER.finditer(text):
            citation = cited[int(marker[1])]
            place = UrlCitationOut(
                start_index=marker.start(),
                end_index=marker.end(),
                url=self._base_url + citation.url,
                title=citation.title,
            )
            found.append(AnnotationOut(url_citation=place))
        return found

    def _usage(self, content: str) -> UsageOut:
        used = count_tokens(content)
        return UsageOut(
            prompt_tokens=self._prompt_tokens, completion_tokens=used, total_tokens=self._prompt_tokens + used
        )
