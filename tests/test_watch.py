"""`footnote index` while the folder changes, while it is stopped, and beside a process that answers questions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fixtures.made import PROSE, pdf, text, wrapped

from index.engines import open_engine
from index.files import File
from index.watch import being_written

ROOT = Path(__file__).parent.parent
LONG = 60.0

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


class Command:
    """A `footnote` process whose output is read as it comes."""

    def __init__(self, *args: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            # Whoever runs the tests in the background may have told their children to ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, words: str) -> None:
        wait_for(lambda: any(words in line for line in self.lines), lambda: f"{words!r} in {self.lines}")

    def ends(self, sent: signal.Signals | None = None) -> int:
        if sent:
            self.process.send_signal(sent)
        code = self.process.wait(LONG)
        self._reader.join(LONG)
        return code


def wait_for(true: Callable[[], bool], what: Callable[[], str]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what()}"
        time.sleep(0.05)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    commands: list[Command] = []

    def start(*args: str) -> Command:
        commands.append(Command("--data", str(tmp_path / "data"), *args))
        return commands[-1]

    yield start
    for command in commands:
        if command.process.poll() is None:
            command.process.kill()
        command.process.wait(LONG)
        if command.process.stdout:
            command._reader.join(LONG)
            command.process.stdout.close()


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "trams.txt").write_text("The tram line to the harbour was opened in May 2021.\n", encoding="utf-8")
    return folder


def sources(data: Path) -> set[str]:
    engine = open_engine("local", data)
    try:
        return {record.source for record in engine.sources()}
    finally:
        engine.close()


def test_changes_are_taken_up_until_ctrl_c(run: Callable[..., Command], papers: Path, tmp_path: Path) -> None:
    watching = run("index", "--watch", str(papers))
    watching.says("Watching ")
    watching.says("indexed  trams.txt")
    (papers / ".hidden.txt").write_text("Nobody reads this.", encoding="utf-8")
    (papers / "buses.txt").write_text("The bus lines were cut in 2022.\n", encoding="utf-8")
    watching.says("indexed  buses.txt")
    (papers / "trams.txt").write_text("The tram line was closed again in 2023.\n", encoding="utf-8")
    watching.says("replaced  trams.txt")
    (papers / "buses.txt").unlink()
    watching.says("removed  buses.txt")
    assert watching.ends(signal.SIGINT) == 0
    assert watching.lines[-1] == "Stopped watching."
    assert not any("Traceback" in line or "hidden" in line for line in watching.lines)
    assert sources(tmp_path / "data") == {"trams.txt"}


def test_a_file_that_is_being_written_is_read_once_it_is_whole(run: Callable[..., Command], papers: Path) -> None:
    watching = run("index", "--watch", str(papers))
    watching.says("Watching ")
    whole = pdf(lambda canvas: text(canvas, 60, 100, *wrapped(PROSE, 80)))
    with (papers / "report.pdf").open("wb") as slow:
        for start in range(0, len(whole), len(whole) // 8):
            slow.write(whole[start : start + len(whole) // 8])
            slow.flush()
            time.sleep(0.4)
    watching.says("indexed  report.pdf")
    assert not any("unreadable" in line for line in watching.lines)
    assert watching.ends(signal.SIGTERM) == 0


def test_a_file_is_being_written_for_a_moment_after_a_change() -> None:
    file = File("a.txt", Path("a.txt"), 10, modified=1_000 * 10**9)
    assert being_written(file, lambda: 1_000.5)
    assert not being_written(file, lambda: 1_002.0)
    assert not being_written(file, lambda: 900.0), "the clock of a network drive may be ahead"


def test_ctrl_c_tells_what_was_done_and_the_next_run_does_the_rest(
    run: Callable[..., Command], papers: Path, tmp_path: Path
) -> None:
    for number in range(8):
        page = "\n\n".join(f"{i}. {PROSE} Paper {number} says this of line {i}." for i in range(1, 12))
        (papers / f"z{number:02}.txt").write_text(f"Paper {number}\n\n{page}", encoding="utf-8")
    indexing = run("index", str(papers))
    indexing.says("indexed  z00.txt")
    assert indexing.ends(signal.SIGINT) == 130
    (stopped,) = [line for line in indexing.lines if line.startswith("Stopped: ")]
    reported = {line.split()[1] for line in indexing.lines if line.startswith("   indexed")}
    assert f"{len(reported)} indexed" in stopped
    stored = sources(tmp_path / "data")
    assert reported <= stored
    assert len(stored - reported) <= 1, "Ctrl-C may come when a file is stored and not yet told"
    assert not any("Traceback" in line or "unreadable" in line for line in indexing.lines)
    again = run("index", str(papers))
    assert again.ends() == 0
    assert f"{9 - len(stored)} indexed, {len(stored)} unchanged" in " ".join(again.lines)


def test_a_server_answers_while_a_folder_is_indexed_and_sees_the_new_state(
    run: Callable[..., Command], papers: Path
) -> None:
    assert run("index", str(papers)).ends() == 0
    server = run("serve", "--port", "0")
    server.says("http://127.0.0.1:")
    url = next(part.strip('",') for line in server.lines for part in line.split() if "http://127.0.0.1:" in part)
    with httpx.Client(base_url=url, timeout=LONG) as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, lambda: f"ready: {server.lines}")
        statuses: list[int] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                answer = client.post("/v1/ask", json={"question": "When was the tram line to the harbour opened?"})
                statuses.append(answer.status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for number in range(8):
                (papers / f"z{number}.txt").write_text(
                    f"Depot {number} was built in {1990 + number}.\n", encoding="utf-8"
                )
            assert run("index", str(papers)).ends() == 0
            depots = client.post("/v1/search", json={"question": "When was depot 7 built?"}).json()["hits"]
            assert any("Depot 7 was built" in hit["text"] for hit in depots)
            (papers / "trams.txt").unlink()
            assert run("index", str(papers)).ends() == 0
            gone = client.post("/v1/ask", json={"question": "When was the tram line to the harbour opened?"}).json()
            assert not any("harbour" in citation["quote"] for citation in gone["citations"])
        finally:
            done.set()
            asking.join(LONG)
    assert len(statuses) > 3
    assert set(statuses) == {200}
    server.ends(signal.SIGINT)
