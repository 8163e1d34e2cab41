"""The process that reads: bounded in memory, told what to read on its standard input.

Frames both ways: one letter, eight bytes of length, the content. In: `L`, a format's name, a line feed, the file.
Out: `t` for each tick, then `r` with the result or `e` with the error, both as JSON.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from typing import IO

from index.errors import LoadError
from index.loaders.formats import LOADERS
from index.loaders.text import storable
from index.models import Loaded

_LENGTH = struct.Struct(">cQ")


def send(stream: IO[bytes], kind: bytes, content: bytes = b"") -> None:
    """Write one frame."""
    for part in (_LENGTH.pack(kind, len(content)), content):
        left = memoryview(part)
        while left:
            left = left[stream.write(left) :]
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Read one frame; `None` at the end of the stream, also when it ends within a frame."""
    head = _exactly(stream, _LENGTH.size)
    if head is None:
        return None
    kind, length = _LENGTH.unpack(head)
    content = _exactly(stream, length)
    return None if content is None else (kind, content)


def _exactly(stream: IO[bytes], length: int) -> bytes | None:
    """`length` bytes, however small the pieces they come in."""
    out = bytearray()
    while len(out) < length:
        piece = stream.read(min(length - len(out), 1 << 20))
        if not piece:
            return None
        out += piece
    return bytes(out)


def serve(memory_bytes: int) -> None:
    """Read files until the input ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or memory_bytes <= hard:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not break the frames
    while (frame := receive(inward)) is not None:
        name, _, data = frame[1].partition(b"\n")
        del frame
        try:
            loaded = LOADERS[name.decode()](data, lambda: send(outward, b"t"))
            send(outward, b"r", json.dumps(to_json(loaded)).encode())
        except LoadError as error:
            send(outward, b"e", json.dumps([type(error).__name__, error.what, error.todo]).encode())
        except (MemoryError, RecursionError, ImportError) as error:  # ImportError: no room to map a library
            content = [
                "UnreadableFile",
                f"Reading it takes too much memory ({type(error).__name__}).",
                "Split the file.",
            ]
            send(outward, b"e", json.dumps(content).encode())
        except Exception as error:
            content = ["UnreadableFile", f"The file is damaged ({type(error).__name__}: {error}).", "Get a whole copy."]
            send(outward, b"e", json.dumps(content).encode())
        del data


def to_json(loaded: Loaded) -> dict[str, object]:
    """A `Loaded` as plain JSON, without characters that cannot be stored."""
    return {
        "text": storable(loaded.text),
        "pages": loaded.pages,
        "metadata": {key: storable(value) for key, value in loaded.metadata.items()},
        "furniture": [(page, storable(words)) for page, words in loaded.furniture],
        "problems": loaded.problems,
    }


if __name__ == "__main__":
    serve(int(sys.argv[1]))
