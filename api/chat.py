"""The OpenAI protocol's way in: a conversation as a question with its history, a model as a way of answering."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import ValidationError

from api.problems import Problem
from api.schemas.openai import ChatIn
from api.schemas.requests import LONGEST, Asked, TurnIn
from index.settings import Settings
from rag.answerers import ANSWERERS, configured

_MODEL = "footnote"
MODELS: Mapping[str, str | None] = {_MODEL: None, **{f"{_MODEL}-{name}": name for name in ANSWERERS}}
"""Each model and its answerer; the first is the server's default."""

_FOOTNOTES = re.compile(r"(?:\n\n\[\d+\] [^\n]*#char=\d+,\d+)+\s*\Z")
"""Those of `api/completion.py`, under an answer that a client sends back."""


def models_for(settings: Settings) -> list[str]:
    """The models that can be asked with these settings; the first is the server's default."""
    ready = configured(settings)
    return [model for model, answerer in MODELS.items() if answerer is None or answerer in ready]


def answerer_of(model: str) -> str | None:
    """The answerer behind a model; None for the server's default.

    Raises:
        Problem: 404, there is no such model.
    """
    if model not in MODELS:
        said = f"There is no model {model!r}. Known: {', '.join(MODELS)}."
        raise Problem(404, said, fields=[("model", said)])
    return MODELS[model]


def asked_in(chat: ChatIn) -> Asked:
    """The last user message as the question; what was said before it as its history.

    Messages of other roles than user and assistant are passed over: nobody's words are instructions here. So is an
    earlier message that could not have been answered (blank, or too long), or the conversation would be stuck with it.

    Raises:
        Problem: 404 for the model, 422 for what is wrong with the question; each names its field.
    """
    answerer = answerer_of(chat.model)
    last = max((i for i, message in enumerate(chat.messages) if message.role == "user"), default=None)
    if last is None:
        raise Problem.of_field("messages", "There is no message of the role user, so nothing is asked.")
    field = f"messages[{last}].content"
    unread = [part.type for part in chat.messages[last].content if part.type != "text"]
    if unread:
        raise Problem.of_field(field, f"Only text can be read here, not {unread[0]}.")
    turns: list[TurnIn] = []
    for message in chat.messages[:last]:
        if message.role == "user" and 1 <= len(message.text.strip()) <= LONGEST:
            turns.append(TurnIn(question=message.text))
        elif message.role == "assistant" and turns:
            turns[-1] = TurnIn(question=turns[-1].question, answer=_FOOTNOTES.sub("", message.text))
    more = chat.footnote
    try:
        return Asked(
            question=chat.messages[last].text,
            history=turns,
            filters=more.filters,
            without=more.without,
            limit=more.limit,
            answerer=answerer,
        )
    except ValidationError as error:
        raise Problem.of_field(field, f"{error.errors()[0]['msg']}.") from error
