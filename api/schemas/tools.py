"""What the tools of the Model Context Protocol take and give. A misspelt argument is refused: a program sends it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Asked, Name, SearchIn, Sent, Text

MOST_READ = 8000
"""The most characters that one call of `read` gives."""


class AskArguments(Asked):
    """The arguments of `ask`."""

    model_config = ConfigDict(extra="forbid")


class SearchArguments(SearchIn):
    """The arguments of `search`."""

    model_config = ConfigDict(extra="forbid")


class ReadArguments(Sent):
    """The arguments of `read`."""

    model_config = ConfigDict(extra="forbid")

    document_id: Name = Field(description="As `ask`, `search` and `list_documents` give it.")
    start: int = Field(0, ge=0, description="The first character to read, as in a citation's `start`.")
    end: int | None = Field(None, ge=1, description="Where to stop, as in a citation's `end`; left out, it goes on.")
    around: int = Field(0, ge=0, le=3000, description="How many characters more to read before and after.")


class ListArguments(Sent):
    """The arguments of `list_documents`."""

    model_config = ConfigDict(extra="forbid")

    q: Text = Field("", max_length=300, description="Words of the title, the source or the publisher.")
    limit: int = Field(50, ge=1, le=200, description="The most documents on one page.")
    cursor: Text | None = Field(None, max_length=2000, description="`next` of the page before.")


class ReadOut(BaseModel):
    """Part of a document's text: `text` is what stands from `start` to `end`, in Unicode code points."""

    document_id: str
    title: str
    publisher: str | None
    published: str | None
    start: int
    end: int
    length: int = Field(description="Of the whole text.")
    next: int | None = Field(description="The `start` to read on from; null at the end of the text.")
    text: str
