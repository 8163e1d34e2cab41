"""PDF, read with PDFium (Chromium's engine, through pypdfium2)."""

from __future__ import annotations

import re
from typing import Any

from index.errors import UnreadableFile
from index.loaders.limits import Tick, idle
from index.loaders.pdf import flow, furniture, layout, page
from index.models import Loaded

_MOST_PAGES = 10_000
_FEW_WORDS = 5
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([-+Z])(?:(\d\d)'?(\d\d)?)?)?")
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Read a PDF: text in reading order, tables as rows, page starts, metadata.

    Raises:
        UnreadableFile: it is damaged or encrypted, or none of its pages holds text.
    """
    document = _open(data)
    try:
        laid: list[layout.Laid] = []
        extra: list[tuple[int, str]] = []
        problems: list[str] = []
        for number in range(1, min(len(document), _MOST_PAGES) + 1):
            seen, problem = _page(document, number)
            if problem:
                problems.append(problem)
            laid.append(layout.lay(seen))
            extra.extend((number, words) for words in seen.slanted)
            tick()
            if laid[-1].struck:
                extra.append((number, laid[-1].struck))
        metadata = _metadata(document)
    finally:
        document.close()
    body = flow.body_size(each.items for each in laid)
    kept, removed = furniture.part(laid, body)
    written = flow.write(kept)
    return Loaded(
        written.text, written.pages, metadata, tuple(sorted([*removed, *extra, *written.repeated])), tuple(problems)
    )


def _open(data: bytes) -> Any:
    import pypdfium2  # type: ignore[import-untyped]

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise UnreadableFile("The PDF is protected by a password.", "Save it without one.") from error
        raise UnreadableFile(
            "The PDF is damaged or cut short.", "Get a whole copy, or print it to PDF anew."
        ) from error


def _page(document: Any, number: int) -> tuple[page.Page, str]:
    handle = document[number - 1]
    try:
        seen = page.read(handle)
    finally:
        handle.close()
    if len(seen.words) < _FEW_WORDS and seen.covered > 0.3:
        return seen, f"page {number} holds no text (a scanned image?); install Tesseract to read it"
    return seen, ""


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
