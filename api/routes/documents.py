"""`/v1/documents`: list, look up, read, download and remove documents."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.access import same_site
from api.filenames import INLINE, media_type_of, safe_name
from api.negotiate import JSON, accepts, preferred
from api.routes import problems
from api.routes.examples import DOCUMENT, DOCUMENTS
from api.schemas.requests import Text
from api.schemas.responses import DocumentOut, DocumentsOut
from api.service import TheService
from index.errors import NotFound

TEXT = "text/plain"
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'self'"
"""For originals: nothing in them is run or fetched, whatever a browser takes them for."""
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""For PDFs, which browsers show in a reader of their own that a sandbox would shut out."""

router = APIRouter(tags=["documents"])
Page = Annotated[int, Query(ge=1, le=200, description="The most documents on one page.")]


@router.get(
    "/v1/documents",
    summary="List documents",
    responses=problems(406, 422) | {200: {"content": {JSON: {"example": DOCUMENTS}}}},
    dependencies=[Depends(accepts(JSON))],
)
async def list_documents(
    service: TheService,
    limit: Page = 50,
    cursor: Annotated[Text | None, Query(max_length=2000, description="`next` of the page before.")] = None,
    q: Annotated[Text, Query(max_length=300, description="Words of the title, source or publisher.")] = "",
) -> DocumentsOut:
    """Every paper, by source."""
    engine = service.pipeline().engine
    return DocumentsOut.of(
        await service.lookups.run(lambda stop: engine.documents(query=q, limit=limit, cursor=cursor))
    )


@router.get(
    "/v1/documents/{document_id}",
    summary="Look up one document",
    responses=problems(404, 406) | {200: {"content": {JSON: {"example": DOCUMENT}}}},
    dependencies=[Depends(accepts(JSON))],
)
async def one_document(document_id: str, service: TheService) -> DocumentOut:
    """What is known of one paper."""
    engine = service.pipeline().engine
    return DocumentOut.of(await service.lookups.run(lambda stop: engine.document(document_id)))


@router.get(
    "/v1/documents/{document_id}/text",
    summary="Read the text of a document",
    response_class=Response,
    responses=problems(404, 406) | {200: {"content": {TEXT: {"schema": {"type": "string"}}}}},
    dependencies=[Depends(accepts(TEXT))],
)
async def document_text(document_id: str, service: TheService) -> Response:
    """The text that citations point into, as it is stored. Offsets count Unicode code points of it."""
    engine = service.pipeline().engine
    text = await service.lookups.run(lambda stop: engine.text(document_id))
    return Response(text.encode(), media_type=f"{TEXT}; charset=utf-8")


@router.get(
    "/v1/documents/{document_id}/file",
    summary="Download the original file",
    response_class=Response,
    responses=problems(404, 406) | {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def document_file(request: Request, document_id: str, service: TheService) -> Response:
    """The file the document was read from, byte for byte."""
    engine = service.pipeline().engine

    def look_up() -> tuple[Path, str, str]:
        path, name = engine.original(document_id)
        if not path.is_file():
            raise NotFound(f"The original of document {document_id!r} is gone.")
        media_type = media_type_of(name)
        # A wrong charset is worse than none: browsers guess one, as they do for files on a disk.
        charset = "; charset=utf-8" if media_type.startswith("text/") and _is_utf8(path) else ""
        return path, name, media_type + charset

    path, name, content_type = await service.lookups.run(lambda stop: look_up())
    media_type = preferred(request.headers.get("accept", ""), [content_type.partition(";")[0]])
    # Always the whole file (RFC 9110, 14.2 allows it): a bad range would be answered with bare text.
    request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
    return FileResponse(
        path,
        filename=safe_name(name),
        content_disposition_type="inline" if media_type in INLINE else "attachment",
        headers={
            "Accept-Ranges": "none",
            "Content-Type": content_type,
            "Content-Security-Policy": PDF_POLICY if media_type == "application/pdf" else SANDBOX,
        },
    )


@router.delete(
    "/v1/documents/{document_id}",
    status_code=204,
    summary="Remove a document",
    responses=problems(403, 404),
    dependencies=[Depends(same_site)],
)
async def remove_document(document_id: str, service: TheService) -> Response:
    """Take one paper out of the index, with its text and its file once no other paper is in it."""
    engine = service.pipeline().engine
    if not await service.lookups.run(lambda stop: engine.remove_document(document_id)):
        raise NotFound(f"There is no document {document_id!r}.")
    return Response(status_code=204)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
