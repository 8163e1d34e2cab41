"""What the browser tests share: a Chromium, pages that embed the widget, and a service that answers as it is told."""

import json
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.routes.examples import ANSWER, REFUSAL
from api.widget import bundle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PAGES = Path(__file__).parent / "pages"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STRICT = (
    "default-src 'none'; script-src {service}; connect-src {service}; base-uri 'none'; form-action 'none'; "
    "frame-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""A page's policy that lets in the widget's script and its calls, and nothing else whatever."""
WATCH = """
  window.violations = [];
  window.said = [];
  const note = (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
  document.addEventListener("securitypolicyviolation", note);
  window.print = () => { top.printed = document.body.innerText; };
"""
"""Run in every page before its own scripts."""
HEARD = """() => {
  const region = document.querySelector("footnote-chat").shadowRoot.querySelector("[role=status].unseen");
  const note = () => region.textContent && window.said.push(region.textContent);
  new MutationObserver(note).observe(region, { childList: true });
}"""

Event = tuple[str, Any]


class Told:
    """A service whose answers a test gives, event by event, beside pages that embed the widget."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.judged: list[dict[str, Any]] = []
        self.texts: dict[str, str] = {}
        self.papers: list[dict[str, Any]] = []
        self.searched: list[str] = []
        self.gone = threading.Event()
        self.later: queue.Queue[str | None] = queue.Queue()
        self.next: list[tuple[int, str, str]] = []
        self.attributes = ""
        self.policy = ""
        self.page = ""
        self.service = "/"
        self.url = ""

    def answers(self, *events: Event, end: bool = True) -> None:
        """The next question is answered with these events; without `end`, more may come `later`."""
        body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
        self.next.append((200, "text/event-stream", body + ("" if end else "\0")))

    def fails(self, status: int, **problem: Any) -> None:
        """The next question is answered with a problem."""
        self.next.append((status, "application/problem+json", json.dumps({"status": status, **problem})))

    def tells(self, name: str, data: Any) -> None:
        """One more event of the answer that is under way."""
        self.later.put(f"event: {name}\ndata: {json.dumps(data)}\n\n")

    def ends(self) -> None:
        """The connection of the answer that is under way is closed."""
        self.later.put(None)


class _Handler(BaseHTTPRequestHandler):
    told: Told

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        told, (path, _, query) = self.told, self.path.partition("?")
        if path == "/widget.js":
            self._send(200, "text/javascript", bundle.script())
        elif path.startswith("/parts/"):
            self._send(200, "text/javascript", (Path(bundle.__file__).parent / Path(path).name).read_bytes())
        elif path == "/v1/documents":
            told.searched.append(query)
            body = {"items": told.papers, "total": len(told.papers), "next": None}
            self._send(200, "application/json", json.dumps(body).encode())
        elif path.startswith("/v1/documents/"):
            text = told.texts.get(path.split("/")[3])
            if text is None:
                self._send(404, "application/problem+json", b'{"status": 404, "detail": "It is not here."}')
            else:
                self._send(200, "text/plain; charset=utf-8", text.encode())
        elif path == "/":
            page = told.page or (PAGES / "plain.html").read_text()
            page = page.replace("{service}", told.service).replace("{attributes}", told.attributes)
            self._send(200, "text/html", page.encode())
        else:
            self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        told = self.told
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/feedback":
            told.judged.append(body)
            self._send(204, "", b"")
            return
        told.asked.append(body | {"key": self.headers.get("Authorization")})
        status, media_type, text = told.next.pop(0)
        if status != 200:
            self._send(status, media_type, text.encode())
            return
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        self.wfile.write(text.rstrip("\0").encode())
        if text.endswith("\0"):
            self._more()

    def _more(self) -> None:
        """Write what the test tells, until it says that it is over or the page has gone."""
        while True:
            try:
                text = self.told.later.get(timeout=0.05)
            except queue.Empty:
                text = ": still here\n\n"
            if text is None:
                return
            try:
                self.wfile.write(text.encode())
            except OSError:
                self.told.gone.set()
                return

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        if media_type:
            self.send_header("Content-Type", media_type)
        if media_type == "text/html" and self.told.policy:
            self.send_header("Content-Security-Policy", self.told.policy)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def told() -> Iterator[Told]:
    """A service that is told what to answer, with a page that embeds the widget at its root."""
    made = Told()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"told": made}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/"
    yield made
    made.ends()
    server.shutdown()
    server.server_close()
    thread.join(10)


def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    return os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A Chromium that is already there: none is downloaded."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    path = chromium()
    if path is None:
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("REQUIRE_CHROMIUM is set, but no Chromium was found")
        pytest.skip(f"needs a Chromium: none of {', '.join(NAMES)} is on the path (apt-get install chromium)")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()


@contextmanager
def new_page(browser: "Browser", **context: Any) -> Iterator["Page"]:
    """A page of its own; what goes wrong in its scripts fails the test."""
    with browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}) as made:
        made.add_init_script(WATCH)
        page = made.new_page()
        page.set_default_timeout(30_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert not errors


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    with new_page(browser) as made:
        yield made


def embed(page: "Page", told: Told, attributes: str = 'mode="inline"') -> None:
    """Open the page with the widget, and listen to what it says aloud."""
    told.attributes = attributes
    page.goto(told.url)
    page.evaluate(HEARD)


def field(page: "Page") -> "Locator":
    return page.get_by_role("textbox", name="Your question")


def ask(page: "Page", question: str = "How many libraries were open?") -> None:
    """Type a question and send it."""
    field(page).fill(question)
    page.keyboard.press("Enter")


def finished(page: "Page", turns: int = 1) -> None:
    """Wait until this many questions have been answered."""
    page.wait_for_function(
        """(n) => {
          const turns = [...document.querySelector("footnote-chat").shadowRoot.querySelectorAll(".turn")];
          return turns.length === n && turns.every((turn) => turn.getAttribute("aria-busy") === "false");
        }""",
        arg=turns,
    )


def within(page: "Page", script: str, arg: Any = None) -> Any:
    """Evaluate `root => ...` on the widget's shadow root."""
    wrapped = f"(arg) => ({script})(document.querySelector('footnote-chat').shadowRoot, arg)"
    return page.evaluate(wrapped, arg)


def focused(page: "Page") -> str:
    """The accessible name (or the text) of what has the focus in the widget."""
    script = "root => root.activeElement?.getAttribute('aria-label') ?? root.activeElement?.innerText ?? ''"
    return str(within(page, script)).strip()


def answer(*texts: str, document: str = "d1", **more: Any) -> dict[str, Any]:
    """The body of an answer whose statements are these words, each quoted from one paper that is just these words."""
    citations, statements, at = [], [], 0
    for number, text in enumerate(texts, 1):
        place = {"document_id": document, "start": at, "end": at + len(text), "quote": text}
        citations.append({**ANSWER["citations"][0], **place, "number": number, "file": None, "page": None})
        statements.append({"text": text, "citations": [number]})
        at += len(text) + 1
    said = " ".join(f"{text} [{number}]" for number, text in enumerate(texts, 1))
    return {**ANSWER, "answer": said, "statements": statements, "citations": citations, **more}


def events(body: dict[str, Any]) -> list[Event]:
    """An answer as the service streams it."""
    told: list[Event] = [("understood", body["understood"])]
    told += [("citation", citation) for citation in body["citations"]]
    told += [("statement", statement) for statement in body["statements"]]
    return [*told, ("answer", body)]


def refusal(reason: str = "outside_period", **more: Any) -> dict[str, Any]:
    """The body of a refusal."""
    return {**REFUSAL, "refusal": {**REFUSAL["refusal"], "reason": reason}, **more}


def until(true: Callable[[], object], page: "Page", seconds: float = 20) -> None:
    """Wait for something that the test's own thread can see, while the page goes on."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(10)
