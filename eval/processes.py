"""Footnote run from outside, as people run it: its commands and its server as processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eval.clients import HttpClient
from index.errors import FootnoteError
from index.settings import Settings

_START_SECONDS = 120.0
_TORCH = 73  # exit code of a command that imported torch
_WATCHED = f"import sys, cli; sys.exit(cli.main(sys.argv[1:]) or {_TORCH} * ('torch' in sys.modules))"


class ProcessError(FootnoteError):
    """A command or the server failed, or its memory cannot be read."""


def imports_torch(data: Path, question: str) -> bool:
    """Whether `footnote ask` imports torch. Raises `ProcessError`."""
    return _finished([sys.executable, "-P", "-c", _WATCHED, "--data", str(data), "ask", question]).returncode == _TORCH


def _command(data: Path, *arguments: str) -> list[str]:
    # -P: a `cli.py` in the current folder is not ours.
    return [sys.executable, "-P", "-m", "cli", "--data", str(data), *arguments]


def footnote(data: Path, *arguments: str) -> str:
    """What a command prints, once it has ended well."""
    return _finished(_command(data, *arguments)).stdout


def _finished(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL)
    if done.returncode not in {0, _TORCH}:
        raise ProcessError(f"`{' '.join(command)}` failed with code {done.returncode}.", done.stderr.strip()[-2000:])
    return done


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[HttpClient, int]]:
    """A server of its own on a free port of this machine, once it is ready, and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    # Only its memory is of interest, so nothing keeps the questions out.
    environment = os.environ | {"FOOTNOTE_API_KEY": "", "FOOTNOTE_RATE_LIMIT": ""}
    command = _command(settings.data, "serve", "--host", "127.0.0.1", "--port", str(port))
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process,
    ):
        try:
            end = time.monotonic() + _START_SECONDS
            while not _is_ready(url):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise ProcessError("The server did not start.", log.read().decode("utf-8", "replace")[-2000:])
                time.sleep(0.05)
            yield HttpClient(url), process.pid
        finally:
            process.terminate()


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:  # not listening yet, or 503
        return False


def largest_child_mb() -> float:
    """The most memory that any process started from here and ended since had at once, in MB; 0 where not told."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def resident_mb(process: int) -> float:
    """The memory of a process that is in RAM, in millions of bytes: from `/proc` on Linux, from `ps` elsewhere.

    Raises:
        ProcessError: the system tells neither way.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):
        pass
    try:
        said = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True
        ).stdout
        return int(said) * 1024 / 1e6
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise ProcessError("The memory of the server cannot be read.", "This needs Linux or macOS.") from error
