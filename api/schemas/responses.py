"""What the service answers, as pydantic models: the contract in code, and the source of the OpenAPI document."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from index.engines import Page
from index.models import Document


class PeriodOut(BaseModel):
    """A span of days, both ends included; null leaves an end open."""

    from_: date | None = Field(alias="from")
    to: date | None


class Place(BaseModel):
    """Where some words stand. Offsets count Unicode code points of the document's text."""

    document_id: str
    source: str = Field(description="The file's path, relative to the folder it was indexed from.")
    title: str
    publisher: str | None
    voice: str | None = Field(description="Who speaks here.")
    published: str | None = Field(description="As precise as is known: `2021-07-08`, `2021-07`, `2021` or null.")
    page: int | None
    paragraph: str | None = Field(description="The printed number.")
    heading: str | None
    start: int
    end: int
    url: str = Field(description="The words in the document's text, as an RFC 5147 fragment.")
    file: str | None = Field(description="The page of the original, where that is a PDF.")


class CitationOut(Place):
    """The words a statement rests on: `text[start:end] == quote`, always."""

    number: int
    quote: str


class HitOut(Place):
    """A passage that was found."""

    text: str
    score: float = Field(
        description="Of the last stage it went through, higher is better; the first 24 found are reranked, and only "
        "scores of the same stage can be compared."
    )
    scores: dict[str, float]


class StatementOut(BaseModel):
    """One thing the answer says, and the numbers of the citations it rests on."""

    text: str
    citations: list[int]


class NearestOut(BaseModel):
    """A paper that comes near a question it does not answer."""

    document_id: str
    title: str
    published: str | None


class RefusalOut(BaseModel):
    """Why there is no answer."""

    reason: Literal["not_found", "outside_period", "unclear", "unsafe"]
    message: str
    nearest: list[NearestOut]


class UnderstoodOut(BaseModel):
    """What was made of the question."""

    question: str = Field(description="The question made standalone.")
    period: PeriodOut | None
    voice: str | None
    authority: str | None = Field(None, description="Whose papers alone may be cited.")


class RemovedOut(BaseModel):
    """What an answerer wrote and was left out."""

    text: str
    reason: str


class WriterOut(BaseModel):
    """Who wrote the answer."""

    answerer: str
    asked: str = Field(description="The answerer that was asked to write it.")
    reason: str | None = Field(description="Why it was another one, or why it stopped early.")


class AnswerOut(BaseModel):
    """An answer, or a refusal. Every `[n]` in `answer` is the number of a citation."""

    id: str
    status: Literal["answered", "refused"]
    answer: str
    statements: list[StatementOut]
    citations: list[CitationOut]
    refusal: RefusalOut | None
    removed: list[RemovedOut] = Field([], description="Statements that failed their check, and why.")
    writer: WriterOut | None = None
    confidence: float | None = Field(None, description="How probable it is that the best words found answer, 0 to 1.")
    understood: UnderstoodOut
    timings_ms: dict[str, int]
    versions: dict[str, str]


class SearchOut(BaseModel):
    """Passages, best first."""

    hits: list[HitOut]
    understood: UnderstoodOut


class DocumentOut(BaseModel):
    """One paper. A file may hold several: `part_of` names the first of them."""

    id: str
    source: str
    title: str
    kind: str
    publisher: str | None
    voice: str | None
    published: str | None
    covers: PeriodOut | None = Field(description="The time the paper reports on, where it says so.")
    part_of: str | None
    sha256: str = Field(description="Of the whole file.")
    authority: str | None = Field(None, description="Whose services or business the paper is about.")
    origins: dict[str, str] = Field(
        {}, description="Where each value was found: `content`, `metadata`, `folder`, `name` or `footnote.yaml`."
    )
    superseded_by: str | None = Field(None, description="A later version of the same paper.")
    text_url: str
    file_url: str

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        """The document as it is shown."""
        here = f"/v1/documents/{document.id}"
        return cls.model_validate(
            {name: getattr(document, name) for name in cls.model_fields if hasattr(document, name)}
            | {"covers": document.covers.as_dict() if document.covers else None}
            | {"text_url": f"{here}/text", "file_url": f"{here}/file"}
        )


class DocumentsOut(BaseModel):
    """One page of the list of documents."""

    items: list[DocumentOut]
    total: int
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")

    @classmethod
    def of(cls, page: Page) -> DocumentsOut:
        """The page as it is shown."""
        return cls(items=[DocumentOut.of(d) for d in page.items], total=page.total, next=page.next)


class UploadOut(BaseModel):
    """The papers found in an uploaded file, and what in it could not be read."""

    documents: list[DocumentOut]
    problems: list[str] = []


class UploadStateOut(BaseModel):
    """How far an uploaded file is."""

    name: str
    size: int = Field(description="In bytes.")
    since: str = Field(description="When it came, ISO 8601.")
    state: Literal["waiting", "reading", "embedding"]
    embedded: int = Field(description="How many of its passages are embedded.")
    passages: int = Field(description="How many it holds; 0 until it is read.")


class UploadsOut(BaseModel):
    """The uploads that are not done, oldest first."""

    items: list[UploadStateOut]


class StatusOut(BaseModel):
    """Whether the service is up."""

    status: Literal["ok", "ready"]


class FieldOut(BaseModel):
    """A field that is wrong."""

    field: str
    detail: str


class ProblemOut(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldOut] | None = None
    instance: str | None = None
