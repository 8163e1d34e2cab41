"""An OpenAI-compatible endpoint on loopback that does what a test tells it to, however wrong."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[str], Iterable[str | bytes]]
"""From the prompt's text to pieces of an answer; bytes are sent as they are, in place of an event."""


class Endpoint:
    """What the endpoint does: `statuses` come first, one a request; then `script` writes the answer.

    `ends` is the finish reason, None to close without one. `asked` holds the requests' bodies; while `stalls` is set,
    nothing more is sent until `going` is set.
    """

    def __init__(self) -> None:
        self.script: Script = lambda prompt: []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.ends: str | None = "stop"
        self.asked: list[dict[str, Any]] = []
        self.going = threading.Event()
        self.url = ""

    def says(self, *pieces: str | bytes, ends: str | None = "stop") -> None:
        """Answer every prompt with these pieces."""
        self.script = lambda prompt: pieces
        self.ends = ends


STALL = b"stall"
"""A piece at which the endpoint falls silent."""


def passages(prompt: str) -> dict[int, str]:
    """The numbered passages of a prompt."""
    return {int(n): words for n, words in re.findall(r"^\[(\d+)\] <<(.*)>>$", prompt, re.MULTILINE)}


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Serve in threads; the address is in `url`."""
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append({**body, "authorization": self.headers.get("Authorization")})
            if state.statuses:
                self.send_response(state.statuses.pop(0))
                for name, value in state.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            with contextlib.suppress(OSError):
                for piece in state.script("\n\n".join(m["content"] for m in body["messages"])):
                    if piece == STALL:
                        state.going.wait(30)
                    elif isinstance(piece, bytes):
                        self.wfile.write(piece)
                    else:
                        self._event({"content": piece}, None)
                    self.wfile.flush()
                if state.ends:
                    self._event({}, state.ends)
                    self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, delta: dict[str, str], ends: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": ends}
            chunk = {
                "id": "x",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "scripted",
                "choices": [choice],
            }
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        state.going.set()
        server.shutdown()
        server.server_close()
        thread.join()
