"""Every example of `docs/chat.md` and `docs/mcp.md` runs."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Sample
from mcp import Client, StdioServerParameters
from test_api_support import CORPUS, server_process

from api.schemas.openai import ChatIn
from api.tools import TOOLS

ROOT = CORPUS.parent
CHAT = (ROOT / "docs" / "chat.md").read_text(encoding="utf-8")
MCP = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.copied(tmp_path_factory.mktemp("reach"))


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    with server_process(data) as url:
        yield url


def blocks(page: str, language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    assert found
    return found


def said(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("page", [CHAT, MCP], ids=["chat", "mcp"])
def test_the_python_of_the_pages_runs(page: str, url: str) -> None:
    for code in blocks(page, "python"):
        assert "care leavers" in said([sys.executable, "-c", code.replace("http://127.0.0.1:8000", url)])


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_commands_of_the_page_run(url: str) -> None:
    for command in blocks(CHAT, "sh"):
        assert "care leavers" in said(
            ["bash", "-euc", command.replace("curl http://127.0.0.1:8000", f"curl --fail {url}")]
        )


def test_the_entries_for_the_files_of_other_programs_connect(data: Path, url: str) -> None:
    command, http = (json.loads(block)["mcpServers"]["footnote"] for block in blocks(MCP, "json"))
    assert command["command"] == "footnote"
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "cli", *command["args"]],
        env={**os.environ, **dict.fromkeys(command["env"], str(data)), "PYTHONPATH": str(ROOT)},
    )

    async def connect(server: StdioServerParameters | str) -> list[str]:
        async with Client(server) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    for server in (started, http["url"].replace("http://127.0.0.1:8000", url)):
        assert asyncio.run(connect(server)) == list(TOOLS)


def test_the_pages_name_every_field_and_tool() -> None:
    for field in ChatIn.model_fields:
        assert f"`{field}`" in CHAT
    for name, tool in TOOLS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", MCP, re.MULTILINE)
        assert {f"`{field}`" for field in tool.takes.model_fields} <= set(re.findall("`[a-z_]+`", row))
