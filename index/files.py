"""Which files of a folder are indexed, and their bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.errors import FileTooLarge, UnreadableFile


@dataclass(frozen=True, slots=True)
class File:
    """A file in a folder; `source` is its path relative to it, `modified` in nanoseconds."""

    source: str
    path: Path
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds: files by source, and what can be seen to be no readable file, each with the reason."""

    files: dict[str, File]
    unreadable: dict[str, str]

    def may_hold(self, source: str) -> bool:
        """Whether a file is there, or may be there in a folder that cannot be read now."""
        return source in self.files or not self.unreadable.keys().isdisjoint(
            {source, *(parent.as_posix() for parent in PurePosixPath(source).parents)}
        )


def find_files(path: Path, leave_out: Path | None = None) -> Listing:
    """The files below a folder, or the one file; names that start with a dot and `leave_out` apart.

    Raises:
        UnreadableFile: there is no such folder or file, or the folder holds nothing.
    """
    if not path.exists():
        raise UnreadableFile(f"There is no file or folder {path}.", "Check the path.")
    found = Listing({}, {})
    alone = not path.is_dir()

    def unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(path).as_posix()
        found.unreadable[_writable(name)] = f"The folder cannot be read: {error.strerror}."

    for file in [path] if alone else sorted(_below(path, leave_out, unreadable)):
        source = file.name if alone else file.relative_to(path).as_posix()
        try:
            source.encode()
            status = file.stat()
        except UnicodeEncodeError:
            found.unreadable[_writable(source)] = "Its name is not valid UTF-8. Rename it."
        except OSError as error:
            found.unreadable[source] = f"The file cannot be read: {error.strerror}."
        else:
            if stat.S_ISREG(status.st_mode):
                found.files[source] = File(source, file, status.st_size, status.st_mtime_ns)
            else:
                kind = (
                    "a link to a folder, which is not followed" if stat.S_ISDIR(status.st_mode) else "no regular file"
                )
                found.unreadable[source] = f"It is {kind}."
    if not found.files and not found.unreadable:
        raise UnreadableFile(f"The folder {path} holds no files.", "Check the path; hidden files are left out.")
    return found


def _below(path: Path, leave_out: Path | None, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    """Everything below a folder that is not a folder itself; links to folders are given, not followed."""
    left_out = leave_out.resolve() if leave_out else None
    for folder, folders, names in os.walk(path, onerror=unreadable):
        here = Path(folder)
        links = {name for name in folders if (here / name).is_symlink()}
        folders[:] = [
            name
            for name in folders
            if name not in links and not name.startswith(".") and (here / name).resolve() != left_out
        ]
        yield from (here / name for name in [*names, *links] if not name.startswith("."))


def read_file(file: File, max_file_mb: int) -> bytes:
    """The bytes of a file of at most this many megabytes (1,048,576 bytes).

    Raises:
        FileTooLarge: it is larger.
        UnreadableFile: it is gone, or may not be read.
    """
    limit = max_file_mb * 1024**2
    try:
        with file.path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise UnreadableFile(f"{file.source} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if len(data) > limit:
        raise FileTooLarge(f"{file.source} is larger than {max_file_mb} MB.", "Raise `max_file_mb` to index it.")
    return data


def safe_name(name: str) -> str:
    """The last part of an uploaded file's name, without what no name should hold."""
    last = _writable(PurePosixPath(name.replace("\\", "/")).name)
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable if printable.strip(".") else "upload"


def _writable(name: str) -> str:
    """A name that can be written in UTF-8; bytes that could not be decoded become question marks."""
    return name.encode("utf-8", "replace").decode()
