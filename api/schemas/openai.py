"""The OpenAI protocol as pydantic models: as much of it as a service of cited answers has a use for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from api.schemas.requests import FiltersIn, Name, Sent, Statements, Text, Without
from api.schemas.responses import AnswerOut

_STRING_OR_PARTS = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}],
    "description": "Text, or parts of which those of the type `text` are read.",
}


class PartIn(Sent):
    """A part of a message: text, or what cannot be read here."""

    type: Text
    text: Text = ""


class MessageIn(Sent):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[list[PartIn], WithJsonSchema(_STRING_OR_PARTS)] = Field([])

    @model_validator(mode="before")
    @classmethod
    def _in_parts(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("content"), str):
            return data | {"content": [{"type": "text", "text": data["content"]}]}
        return data

    @property
    def text(self) -> str:
        """What is written in it."""
        return "\n".join(part.text for part in self.content if part.type == "text")


class StreamOptionsIn(Sent):
    """What else a stream tells."""

    include_usage: bool = False


class ResponseFormatIn(Sent):
    """The form of the answer."""

    type: Literal["text"] = "text"


class FootnoteIn(Sent):
    """What Footnote takes beyond the protocol, as `POST /v1/ask` does. A misspelt field is refused."""

    model_config = ConfigDict(extra="forbid")

    filters: FiltersIn | None = None
    limit: Statements = 6
    without: Without = Field(default_factory=list)


class ChatIn(Sent):
    """A conversation whose last user message is to be answered.

    What would change the wording (`temperature`, `max_tokens`, `stop`, `tools`, ...) is passed over. What would change
    the form of the response is refused, so that nobody waits for what does not come.
    """

    model: Name
    messages: list[MessageIn] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptionsIn = StreamOptionsIn()
    n: Literal[1] = 1
    logprobs: Literal[False] = False
    tool_choice: Literal["none", "auto"] = "auto"
    response_format: ResponseFormatIn = ResponseFormatIn()
    modalities: list[Literal["text"]] = Field(["text"])
    footnote: FootnoteIn = FootnoteIn()


class UrlCitationOut(BaseModel):
    """A marker in the content, `content[start_index:end_index]` in Unicode code points, and the place it stands for."""

    start_index: int
    end_index: int
    url: str
    title: str


class AnnotationOut(BaseModel):
    """A citation, as the protocol has it."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitationOut


class MessageOut(BaseModel):
    """The answer, or why there is none, with the cited papers as footnotes."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[AnnotationOut]


class ChoiceOut(BaseModel):
    """There is always one."""

    index: Literal[0] = 0
    message: MessageOut
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class UsageOut(BaseModel):
    """Tokens of tiktoken's cl100k_base: those of the messages sent, and those of the answer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatOut(BaseModel):
    """A chat completion. `footnote` is the whole answer, as `POST /v1/ask` gives it; feedback takes its `id`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChoiceOut]
    usage: UsageOut
    footnote: AnswerOut


class ModelOut(BaseModel):
    """A way of answering, as a model."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["footnote"] = "footnote"


class ModelsOut(BaseModel):
    """Every way of answering."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class ErrorDetailOut(BaseModel):
    """What went wrong, and in which parameter."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorOut(BaseModel):
    """An error, in the shape that clients of the protocol read."""

    error: ErrorDetailOut
