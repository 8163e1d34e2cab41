"""`POST /v1/documents`: a file becomes searchable before the response is sent. `GET /v1/uploads`: how far it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.access import same_site
from api.body_limit import MEGABYTE
from api.filenames import safe_name
from api.negotiate import JSON, accepts, sends_form
from api.problems import Problem
from api.routes import problems
from api.routes.examples import UPLOAD, UPLOADS
from api.schemas.responses import DocumentOut, UploadOut, UploadsOut, UploadStateOut
from api.service import TheService
from api.work import Stop
from index.indexer import Outcome

router = APIRouter(tags=["documents"])


@router.post(
    "/v1/documents",
    status_code=201,
    response_model=UploadOut,
    summary="Add a file",
    responses=problems(400, 403, 406, 413, 415, 422)
    | {
        200: {"model": UploadOut, "description": "These very bytes were there already; nothing new"},
        201: {"description": "Indexed", "content": {JSON: {"example": UPLOAD}}},
    },
    dependencies=[Depends(sends_form), Depends(same_site), Depends(accepts(JSON))],
)
async def add_document(
    request: Request,
    service: TheService,
    file: Annotated[UploadFile, File(description="PDF, Word, HTML, text and what else a loader reads.")],
) -> Response:
    """Read a file, find the papers in it and index them. It is answered once they can be searched."""
    if len((await request.form()).getlist("file")) > 1:
        raise Problem.of_field("file", "There is more than one. Send one file at a time.")
    limit = service.settings.max_upload_mb
    if (file.size or 0) > limit * MEGABYTE:
        raise Problem(413, f"The file is larger than {limit} MB.")
    name = safe_name(file.filename or "")
    with service.uploading.file(name, file.size or 0) as progress:

        def add(stop: Stop) -> Outcome:
            def embedded(done: int, of: int) -> None:
                stop.check()
                progress.embedded(done, of)

            progress.reading()
            # Read in the worker's thread, so that files which wait their turn are on the disk and not in memory.
            return service.add(name, file.file.read(), embedded)

        outcome = await service.uploads.run(add, request)
    service.metrics.uploads.labels(outcome.what).inc()
    body = UploadOut(documents=[DocumentOut.of(d) for d in outcome.documents], problems=list(outcome.reasons))
    status = 200 if outcome.what == "unchanged" else 201
    return Response(body.model_dump_json(by_alias=True), status, media_type=JSON)


@router.get(
    "/v1/uploads",
    summary="See how far uploads are",
    responses=problems(406) | {200: {"content": {JSON: {"example": UPLOADS}}}},
    dependencies=[Depends(accepts(JSON))],
)
async def list_uploads(service: TheService) -> UploadsOut:
    """The files that wait or are being indexed, oldest first. What is done is no longer here."""
    return UploadsOut(items=[UploadStateOut.model_validate(asdict(upload)) for upload in service.uploading.now()])
