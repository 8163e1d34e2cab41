"""PDF, read with PDFium (Chromium's engine, through pypdfium2)."""

from __future__ import annotations

import re
from typing import Any

from index.errors import UnreadableFile
from index.loaders.limits import Tick, idle
from index.loaders.pdf import flow, furniture, layout, ocr, page
from index.models import Loaded

_MOST_PAGES = 10_000
_FEW_WORDS = 10  # a scanned page may bear a stamp
_UNDECODED = 0.3
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([-+Z])(?:(\d\d)'?(\d\d)?)?)?")
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Read a PDF: text in reading order, tables as rows, page starts, metadata.

    Pages that are pictures are read by OCR where Tesseract is installed (`metadata["ocr"]` names them), otherwise
    they are reported in `problems` and counted as pages without text. Words that a line strikes out are furniture.

    Raises:
        UnreadableFile: it is damaged or encrypted, or none of its pages holds text.
    """
    document = _open(data)
    laid: list[layout.Laid] = []
    extra: list[tuple[int, str]] = []
    problems: list[str] = []
    scanned: list[str] = []
    try:
        for number in range(1, min(len(document), _MOST_PAGES) + 1):
            seen, problem, by_ocr = _page(document, number)
            problems.extend([problem] if problem else [])
            scanned.extend([str(number)] if by_ocr else [])
            laid.append(layout.lay(seen))
            extra.extend((number, words) for words in (*seen.slanted, laid[-1].struck) if words)
            tick()
        if len(document) > _MOST_PAGES:
            problems.append(f"pages {_MOST_PAGES + 1} to {len(document)} were left out: split the file to read them")
        metadata = _metadata(document)
    finally:
        document.close()
    kept, removed = furniture.part(laid, flow.body_size(each.items for each in laid))
    written = flow.write(kept)
    if not written.text:
        raise UnreadableFile("No page of the PDF holds text.", problems[0] if problems else "Check that it is whole.")
    if scanned:
        metadata["ocr"] = ", ".join(scanned)
    return Loaded(
        written.text,
        written.pages,
        metadata,
        tuple(sorted([*removed, *extra, *written.repeated])),
        tuple(problems),
    )


def _page(document: Any, number: int) -> tuple[page.Page, str, bool]:
    """A page, what is wrong with it, and whether it was read by OCR. A bad page never stops the others."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        handle = document[number - 1]
    except pypdfium2.PdfiumError:
        return page.Page(1.0, 1.0), f"page {number} is damaged; print the file to PDF anew to read it", False
    try:
        seen = page.read(handle)
        picture = len(seen.words) < _FEW_WORDS and (seen.covered > 0.3 or (not seen.words and seen.drawings > 100))
        if not picture and seen.undecoded < _UNDECODED:
            return seen, "", False
        read = ocr.read(handle, seen) if ocr.available() else None
    finally:
        handle.close()
    if read is not None and len(read.words) > len(seen.words):
        return read, "", True
    if not picture:
        return seen, f"page {number} does not tell its letters (an unusual font); print the file to PDF anew", False
    much = "hardly any text" if seen.words else "no text"
    todo = "OCR finds none in it" if ocr.available() else "install Tesseract to read it"
    return seen, f"page {number} holds {much} (a scanned image?); {todo}", False


def _open(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise UnreadableFile("The PDF is protected by a password.", "Save it without one.") from error
        raise UnreadableFile(
            "The PDF is damaged or cut short.", "Get a whole copy, or print it to PDF anew."
        ) from error


def _metadata(document: Any) -> dict[str, str]:
    found = document.get_metadata_dict(skip_empty=True)
    names = {
        "Title": "title",
        "Author": "author",
        "CreationDate": "created",
        "ModDate": "modified",
        "Producer": "producer",
    }
    values = {name: found[key] for key, name in names.items() if key in found}
    return {name: _date(value) if name in ("created", "modified") else value for name, value in values.items()}


def _date(value: str) -> str:
    """ISO 8601 for a PDF date (ISO 32000-1, 7.9.4: `D:20240328102632+01'00'`), as far as it goes; others unchanged."""
    found = _DATE.match(value)
    if not found:
        return value
    day = "-".join(part for part in found.groups()[:3] if part)
    hour, minute, second, sign, zone, zone_minute = found.groups()[3:]
    if not found[3] or hour is None:
        return day
    offset = "" if sign is None else "+00:00" if sign == "Z" or zone is None else f"{sign}{zone}:{zone_minute or '00'}"
    return f"{day}T{hour}:{minute or '00'}:{second or '00'}{offset}"
