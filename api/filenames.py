"""File names that are safe to store and to send, and the media types of what is sent back."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".eml": "message/rfc822",
    ".htm": "text/html",
    ".html": "text/html",
    ".md": "text/markdown",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xhtml": "application/xhtml+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
"""By suffix. Fixed here: what the machine's own table says would differ from place to place."""

INLINE = frozenset({"text/plain", "application/pdf"})
"""What a browser may show; it downloads the rest."""
MOST_BYTES = 200


def media_type_of(name: str) -> str:
    """The media type for a file name; `application/octet-stream` when it says nothing."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def safe_name(name: str) -> str:
    """The last part of a client's file name, without what could mislead a file system or a reader.

    Taken out: folders (of either slash), control, format and unassigned characters (among them those that
    turn the direction of writing), leading dots, and what is longer than 200 bytes of UTF-8 before the suffix.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*').strip(" .")
    suffix = PurePosixPath(kept).suffix[:20]
    stem = kept.removesuffix(suffix).encode()[: MOST_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore") + suffix or "upload"
