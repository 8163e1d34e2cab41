"""Files that hold files: ZIP archives, and mails with what is attached to them."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import PurePosixPath

from index.errors import FileTooLarge, LoadError, UnreadableFile, UnsupportedFormat
from index.loaders.detect import detect
from index.loaders.limits import Limits

_CHUNK = 1 << 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # LZMA lets a file ask for 4 GB of memory

Member = tuple[str, bytes | LoadError]


def expand(name: str, data: bytes, limits: Limits | None = None) -> Iterator[Member]:
    """The plain files in `data`, which may be a ZIP or a mail: names are paths, `pack.zip/annex/a.pdf`.

    A plain file yields itself; a mail yields itself (its body is what `load` reads) and then its attachments.
    A member that cannot be had yields its error in place of its bytes, so that the caller reports it and goes on.
    Folders and the `__MACOSX` entries that macOS adds for itself are no files. Names are made safe: they never
    lead out of the container, and no two are the same.
    """
    yield from _Unpacking(limits or Limits()).members(name, data, 0)


class _Unpacking:
    """One run over a container: counts what was unpacked at every depth."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.files = 0
        self.bytes = 0

    def members(self, name: str, data: bytes, depth: int) -> Iterator[Member]:
        try:
            kind = detect(name, data)
        except LoadError as error:
            yield name, error
            return
        opened = CONTAINERS.get(kind)
        if opened is None:
            yield name, data
            return
        if kind == "eml":
            yield name, data
        if depth >= self.limits.depth:
            if kind != "eml":
                yield name, UnsupportedFormat("The archive lies too deep within others.", "Unpack it.")
            return
        names: Counter[str] = Counter()
        for inner, content in opened(data, self):
            self.files += 1
            if self.files > self.limits.files or self.bytes > self.limits.unpacked_bytes:
                yield (
                    name,
                    FileTooLarge("The archive holds more than may be unpacked; the rest is left out.", "Split it."),
                )
                return
            path = _unique(f"{name}/{safe(inner)}", names)
            if isinstance(content, LoadError):
                yield path, content
            else:
                yield from self.members(path, content, depth + 1)

    @property
    def room(self) -> int:
        """Bytes that the next file may have, one more than allowed so that going over shows."""
        return min(self.limits.file_bytes, self.limits.unpacked_bytes - self.bytes) + 1


def safe(name: str) -> str:
    """`name` as a relative path that leads nowhere else: no `..`, no drive, no root, no control characters."""
    cleaned = "".join(letter if letter.isprintable() else "_" for letter in name).replace("\\", "/")
    parts = [part.replace(":", "_") for part in PurePosixPath(cleaned).parts if part.strip("/. ")]
    return "/".join(parts) or "unnamed"


def _unique(path: str, names: Counter[str]) -> str:
    names[path] += 1
    if names[path] == 1:
        return path
    pure = PurePosixPath(path)
    return _unique(str(pure.with_name(f"{pure.stem} ({names[path]}){pure.suffix}")), names)


def _zip(data: bytes, run: _Unpacking) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if not entry.is_dir() and not entry.filename.startswith("__MACOSX/"):
                yield entry.filename, _entry(archive, entry, run)


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, run: _Unpacking) -> bytes | LoadError:
    if entry.flag_bits & 0x1:
        return UnreadableFile("The file is protected by a password within its archive.", "Pack it without one.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return UnsupportedFormat("The entry is a link, not a file.", "Pack the file itself.")
    if entry.compress_type not in _METHODS:
        return UnsupportedFormat("The file is compressed in a way that is not read.", "Pack it as an ordinary ZIP.")
    room, content = run.room, bytearray()
    try:
        with archive.open(entry) as stream:
            while len(content) < room and (piece := stream.read(min(_CHUNK, room - len(content)))):
                content += piece
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError) as error:
        return UnreadableFile(f"The file is damaged within its archive ({error}).", "Pack it anew.")
    run.bytes += len(content)
    return bytes(content) if len(content) < room else FileTooLarge("Unpacked, the file is too large.", "Split it.")


def _mail(data: bytes, run: _Unpacking) -> Iterator[Member]:
    """Attachments, and mails within the mail; pictures shown in the body are none."""
    for index, part in enumerate(attachments(data), 1):
        inner = part.get_payload(0) if part.get_content_type() == "message/rfc822" else None
        if isinstance(inner, EmailMessage):
            yield part.get_filename() or f"{index}.eml", inner.as_bytes()
            continue
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        run.bytes += len(content)
        yield part.get_filename() or f"attachment {index}", content


def attachments(data: bytes) -> list[EmailMessage]:
    """The parts of a mail that are files of their own."""
    found: list[EmailMessage] = []
    message = message_from_bytes(data, policy=policy.default)
    waiting = [part for part in [message] if isinstance(part, EmailMessage)]
    body = message.get_body() if isinstance(message, EmailMessage) else None
    while waiting:
        part = waiting.pop()
        shown = part.get_content_maintype() == "image" and part.get("Content-ID")
        if part.get_content_type() == "message/rfc822" and part is not message:
            found.append(part)
        elif part.is_multipart():
            waiting.extend(child for child in reversed(list(part.iter_parts())) if isinstance(child, EmailMessage))
        elif part not in (message, body) and not shown and (part.is_attachment() or part.get_filename()):
            found.append(part)
    return found


CONTAINERS: Mapping[str, Callable[[bytes, _Unpacking], Iterator[Member]]] = {"zip": _zip, "eml": _mail}
