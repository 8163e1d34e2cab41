"""Plain text in whatever encoding it was saved."""

from __future__ import annotations

import codecs
import re

from index.errors import UnreadableFile, UnsupportedFormat
from index.loaders.limits import Tick, idle
from index.models import Loaded

_BOMS = (  # UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x84\x86-\x9f]")
_CANDIDATES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "koi8_r", "mac_roman", "gb18030", "cp932"]
_CLEARLY_BETTER = 0.15


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Decode `data`; line ends become a line feed, and form feeds divide pages where there are any.

    Raises:
        UnsupportedFormat: the bytes are not text in any known encoding.
        UnreadableFile: there is nothing in it but white space.
    """
    text = decode(data)
    if not text.strip():
        raise UnreadableFile("The file holds no text.", "Check that it was saved whole.")
    pages = (0, *(match.end() for match in re.finditer("\f", text))) if "\f" in text.strip() else ()
    return Loaded(text, pages)


def decode(data: bytes) -> str:
    r"""The text in `data`, with `\r\n` and `\r` turned into `\n` and control characters into spaces.

    A byte order mark decides; else UTF-8 where it is valid, UTF-16 where every other byte is zero, and
    otherwise the 8-bit (or East Asian) encoding that makes the best language of it, Windows-1252 when in doubt.

    Raises:
        UnsupportedFormat: no encoding makes text of it.
    """
    text = _decoded(data)
    if len(_CONTROL.findall(text[:_SAMPLE])) > max(3, len(text[:_SAMPLE]) // 100):
        raise UnsupportedFormat("The file is not text.", "Save it as PDF, DOCX, HTML or text.")
    return storable(text.replace("\r\n", "\n").replace("\r", "\n"))


def storable(text: str) -> str:
    """`text` with a space for each control character and a question mark for each lone surrogate, so that no offset
    moves."""
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = data[:_SAMPLE]
    for half, encoding in ((sample[1::2], "utf-16-le"), (sample[::2], "utf-16-be")):
        if half.count(0) > len(half) // 2:
            return data.decode(encoding, errors="replace")
    return data.decode(_guess(sample), errors="replace")


def _guess(sample: bytes) -> str:
    """The likeliest encoding of `sample` that is not Unicode. Short English text fits many: then Windows-1252."""
    from charset_normalizer import from_bytes

    fits = {match.encoding: match for match in from_bytes(sample, cp_isolation=_CANDIDATES)}
    western = fits.get("cp1252")
    best = max(fits.values(), key=lambda match: match.coherence - match.chaos, default=None)
    if best is None:
        return "cp1252"
    if western and best.coherence - best.chaos < western.coherence - western.chaos + _CLEARLY_BETTER:
        return "cp1252"
    return best.encoding
