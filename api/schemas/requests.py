"""What clients send, as pydantic models: the contract in code, and the source of the OpenAPI document."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from index.models import Filters, Period
from rag.models import Limit, Question, Turn

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)


def _clean(text: str) -> str:
    """Neither NUL (which ends a string in C) nor a lone surrogate (which has no UTF-8 form)."""
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("must be valid Unicode, without lone surrogates")
    return text


Text = Annotated[str, AfterValidator(_clean)]
LONGEST = 2000
"""The most characters a question may have."""
QuestionText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST), AfterValidator(_clean)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_clean)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_clean)]
Statements = Annotated[int, Field(ge=1, le=20, description="The most statements the answer may have.")]
Without = Annotated[
    list[Limit], Field(max_length=3, description="What the question says but is not to restrict the answer.")
]


def day(text: str, *, last: bool = False) -> date:
    """The first (or last) day of `2021`, `2021-07` or `2021-07-08`.

    Raises:
        ValueError: it is no such date.
    """
    found = _DATE.fullmatch(text)
    try:
        if not found:
            raise ValueError
        year, month = int(found[1]), int(found[2] or (12 if last else 1))
        return date(year, month, int(found[3] or (calendar.monthrange(year, month)[1] if last else 1)))
    except ValueError:
        raise ValueError("must be a date like 2021-07-08, 2021-07 or 2021") from None


class Sent(BaseModel):
    """Anything a client sends. A field that is null counts as not given; a field nobody knows is passed over."""

    model_config = ConfigDict(strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {k: v for k, v in data.items() if v is not None} if isinstance(data, dict) else data


class FiltersIn(Sent):
    """What may be cited. A filter narrows, so a misspelt one is refused and not passed over."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Name] | None = Field(
        None, min_length=1, max_length=1000, description="Only these documents, by id.", examples=[None]
    )
    published_from: Text | None = Field(
        None, description="Only papers published on or after this day: `2021-07-08`, `2021-07` or `2021`."
    )
    published_to: Text | None = Field(
        None, description="Only papers published on or before this day. A paper without a date is left out."
    )
    voice: Name | None = Field(None, description="Only what this person or body says, or what names them.")
    authority: Name | None = Field(None, description="Only papers about this authority.")

    @field_validator("published_from", "published_to")
    @classmethod
    def _is_a_date(cls, value: str | None) -> str | None:
        if value is not None:
            day(value)
        return value

    @field_validator("published_to")
    @classmethod
    def _in_order(cls, value: str | None, info: Any) -> str | None:
        start = info.data.get("published_from")
        if value is not None and start is not None and day(start) > day(value, last=True):
            raise ValueError("must not be before published_from")
        return value

    def filters(self) -> Filters:
        """The filters as the pipeline takes them."""
        start = day(self.published_from) if self.published_from else None
        end = day(self.published_to, last=True) if self.published_to else None
        return Filters(
            documents=tuple(self.documents) if self.documents else None,
            published=Period(start, end) if start or end else None,
            voice=self.voice,
            authorities=(self.authority,) if self.authority else (),
        )


class TurnIn(Sent):
    """An earlier question and what was answered; the answer is empty after a refusal."""

    question: QuestionText
    answer: Text = ""


class SearchIn(Sent):
    """A question to find passages for."""

    question: QuestionText = Field(description="1 to 2,000 characters.")
    history: list[TurnIn] = Field([], description='Earlier turns, oldest first: what "they" or "then" refers to.')
    filters: FiltersIn | None = None
    without: Without = []
    limit: int = Field(10, ge=1, le=100, description="The most passages to return.")

    def as_question(self) -> Question:
        """The question as the pipeline takes it."""
        turns = tuple(Turn(t.question, t.answer) for t in self.history)
        filters = self.filters.filters() if self.filters else Filters()
        return Question(self.question, turns, filters, without=tuple(self.without))


class Asked(SearchIn):
    """A question to answer, whichever way it came."""

    limit: Statements = 6
    answerer: Name | None = Field(None, description="How to make the answer; the server's default when left out.")

    def as_question(self) -> Question:
        """The question as the pipeline takes it."""
        return replace(super().as_question(), limit=self.limit, answerer=self.answerer)


class AskIn(Asked):
    """A question to answer."""

    stream: bool = Field(False, description="Answer as server-sent events, as `Accept: text/event-stream` does.")


class FeedbackIn(Sent):
    """Whether an answer was of use."""

    answer_id: Name
    helpful: bool
    comment: Comment = ""
