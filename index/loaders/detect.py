"""The format of a file from its content: magic bytes, then structure. A name only tells Markdown from plain text."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

from index.errors import FileTooLarge, UnreadableFile, UnsupportedFormat
from index.loaders.text import decode

_HEAD = 4096
_MOST_ENTRIES = 100_000
_MARKDOWN = frozenset({".md", ".markdown", ".mkd", ".mdown"})
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|meta|div|table|h[1-6]|p|article|section)\b",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(r"<(html|head|body)\b", re.IGNORECASE)  # after whatever else a program put before it
_FIELD = re.compile(r"^(From |[A-Za-z][A-Za-z0-9-]*:)")
_MAIL = frozenset({"message-id", "mime-version", "received", "return-path", "delivered-to", "x-mailer", "content-type"})
_OTHERS = (  # first bytes of formats that are known and not read, and what to do
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls, .ppt, .msg)", "Save it as DOCX or PDF."),
    (b"{\\rtf", "RTF", "Save it as DOCX or PDF."),
    (b"\x89PNG", "a picture", "Save it as PDF."),
    (b"\xff\xd8\xff", "a picture", "Save it as PDF."),
    (b"GIF8", "a picture", "Save it as PDF."),
    (b"II*\x00", "a picture", "Save it as PDF."),
    (b"MM\x00*", "a picture", "Save it as PDF."),
    (b"\x1f\x8b", "a gzip archive", "Pack it as ZIP, or unpack it."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Pack it as ZIP, or unpack it."),
    (b"Rar!", "a RAR archive", "Pack it as ZIP, or unpack it."),
)


def detect(name: str, data: bytes) -> str:
    """`pdf`, `docx`, `zip`, `eml`, `html`, `markdown` or `text`.

    Raises:
        UnreadableFile: the file is empty, or a ZIP that is damaged.
        UnsupportedFormat: the content is of another kind.
        FileTooLarge: a ZIP with too many entries to list.
    """
    if not data.strip(b"\x00\t\n\r "):
        raise UnreadableFile("The file is empty.", "Check that it was saved whole.")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _packed(data)
    for magic, kind, todo in _OTHERS:
        if data.startswith(magic):
            raise UnsupportedFormat(f"The file is {kind}, which is not read.", todo)
    head = decode(data[:_HEAD])
    head_or_body = head.lstrip("\ufeff \t\n").startswith("<") and _PAGE.search(head)
    if head_or_body or _HTML.match(head.lstrip("\ufeff")):
        return "html"
    if _is_mail(head):
        return "eml"
    return "markdown" if PurePath(name).suffix.lower() in _MARKDOWN else "text"


def _packed(data: bytes) -> str:
    if data.count(b"PK\x01\x02") > _MOST_ENTRIES:
        raise FileTooLarge("The ZIP holds too many files.", "Split it.")
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise UnreadableFile("The ZIP is damaged or cut short.", "Get a whole copy.") from error
    if "word/document.xml" in names:
        return "docx"
    for part, kind in (
        ("xl/workbook.xml", "a spreadsheet"),
        ("ppt/presentation.xml", "a slide show"),
        ("content.xml", "an OpenDocument file"),
    ):
        if part in names:
            raise UnsupportedFormat(f"The file is {kind}, which is not read.", "Save it as PDF.")
    return "zip"


def _is_mail(head: str) -> bool:
    """Whether the text begins with the fields of RFC 5322, one of them such as only a mail program writes."""
    fields: set[str] = set()
    for line in head.splitlines():
        if not line.strip():
            break
        if _FIELD.match(line):
            fields.add(line.partition(":")[0].lower())
        elif not line.startswith((" ", "\t")):
            return False
    return len(fields) >= 2 and bool(fields & _MAIL) and bool(fields & {"from", "subject", "content-type"})
