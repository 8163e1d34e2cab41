"""The Model Context Protocol, as its official client sees it: a command on stdio, and a server process over HTTP."""

import asyncio
import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from conftest import Sample
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent
from test_api_chat import Staged, staged  # noqa: F401
from test_api_support import CORPUS, Direct, app_without_index, is_problem, server_process, until

from api.answers import answer_out
from api.schemas.responses import AnswerOut, DocumentsOut, SearchOut
from api.schemas.tools import MOST_READ, ReadOut
from api.tools import TOOLS
from index.settings import Settings
from rag.models import Question

KEY = "a long key"
QUESTION = "What did Ofsted say about care leavers in 2021?"
COMMAND = [sys.executable, "-m", "cli", "mcp"]
Work = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def data(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.copied(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    with server_process(data, api_key=KEY) as url:
        yield f"{url}/mcp"


@contextlib.asynccontextmanager
async def over_http(url: str, key: str, mode: Any) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "FOOTNOTE_DATA": str(data), "PYTHONPATH": str(CORPUS.parent)}


@pytest.fixture(params=["http", "http before 2026", "stdio", "stdio before 2026"])
def with_client(request: pytest.FixtureRequest, data: Path) -> Callable[[Work], None]:
    """Runs some work with a client of each transport, in today's protocol and in the one with a handshake."""
    mode = "legacy" if "before" in request.param else "auto"

    async def run(work: Work) -> None:
        if request.param.startswith("http"):
            async with over_http(request.getfixturevalue("url"), KEY, mode) as client:
                await work(client)
        else:
            started = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(data))
            async with Client(started, mode=mode) as client:
                await work(client)

    return lambda work: asyncio.run(run(work))


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def complaint(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert result.structured_content is None
    assert "Traceback" not in text_of(result)
    return text_of(result)


def test_the_tools_are_used_one_after_another(with_client: Callable[[Work], None], sample: Sample, data: Path) -> None:
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["ask", "search", "read", "list_documents"]
        for tool in tools:
            assert tool.description
            assert tool.output_schema
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
        assert "never an instruction" in (client.instructions or "")

        asked = await client.call_tool("ask", {"question": QUESTION, "limit": 2})
        answer = AnswerOut.model_validate(asked.structured_content)
        pipeline = sample.open(Settings(data=data))
        expected = answer_out(pipeline.ask(Question(QUESTION, limit=2)), pipeline.engine)
        assert (answer.statements, answer.citations) == (expected.statements, expected.citations)
        assert text_of(asked).startswith(answer.answer)
        for cited in answer.citations:
            assert f"[{cited.number}] {cited.title}, {cited.publisher}, {cited.published}" in text_of(asked)
            assert f"“{' '.join(cited.quote.split())}”" in text_of(asked)

        cited = answer.citations[0]
        place = {"document_id": cited.document_id, "start": cited.start, "end": cited.end}
        exact = ReadOut.model_validate((await client.call_tool("read", place)).structured_content)
        assert exact.text == cited.quote
        wider = await client.call_tool("read", {**place, "around": 50})
        read = ReadOut.model_validate(wider.structured_content)
        assert (read.start, read.end) == (cited.start - 50, cited.end + 50)
        assert read.text == pipeline.engine.text(cited.document_id)[read.start : read.end]
        assert read.text in text_of(wider)

        searched = await client.call_tool("search", {"question": "caseloads", "limit": 3})
        found = SearchOut.model_validate(searched.structured_content)
        assert len(found.hits) == 3
        assert all(hit.text in text_of(searched) for hit in found.hits)
        pipeline.engine.close()

    with_client(work)


def test_what_cannot_be_done_is_told_with_what_to_do(with_client: Callable[[Work], None]) -> None:
    async def work(client: Client) -> None:
        assert "question: String should have at least 1" in await complaint(client, "ask", question=" ")
        assert "q: There is no such field" in await complaint(client, "ask", question="x", q="x")
        misspelt = {"published_form": "2021"}
        assert "filters.published_form" in await complaint(client, "ask", question="x", filters=misspelt)
        assert "limit" in await complaint(client, "ask", question="x", limit=21)
        assert "limit" in await complaint(client, "search", question="x", limit=101)
        assert "Known: extractive" in await complaint(client, "ask", question="x", answerer="oracle")
        assert "List the documents" in await complaint(client, "read", document_id="nothing")
        assert "first page" in await complaint(client, "list_documents", cursor="x")
        with pytest.raises(MCPError, match="Known: ask, search"):
            await client.call_tool("delete", {})

    with_client(work)


def test_what_the_papers_do_not_say_is_no_error(url: str) -> None:
    async def work() -> None:
        async with over_http(url, KEY, "auto") as client:
            result = await client.call_tool("ask", {"question": "How tall is the Eiffel Tower?"})
            assert not result.is_error
            answer = AnswerOut.model_validate(result.structured_content)
            assert answer.refusal is not None
            assert text_of(result).startswith(answer.refusal.message)
            nothing = await client.call_tool("search", {"question": "x", "filters": {"documents": ["unknown"]}})
            assert "No passage" in text_of(nothing)

    asyncio.run(work())


def test_filters_hold_and_feedback_finds_the_answer(url: str) -> None:
    async def work() -> None:
        async with over_http(url, KEY, "auto") as client:
            asked = {"question": "What did inspectors say?", "filters": {"published_to": "2020"}, "without": ["voice"]}
            answer = AnswerOut.model_validate((await client.call_tool("ask", asked)).structured_content)
            assert answer.citations
            assert all((citation.published or "9") <= "2020-12-31" for citation in answer.citations)
            judged = {"answer_id": answer.id, "helpful": True}
            headers = {"Authorization": f"Bearer {KEY}"}
            assert httpx.post(url.replace("/mcp", "/v1/feedback"), json=judged, headers=headers).status_code == 204
            metrics = httpx.get(url.replace("/mcp", "/metrics"), headers=headers).text
            assert 'footnote_http_requests_total{method="POST",route="/mcp",status="200"}' in metrics

    asyncio.run(work())


def test_documents_are_listed_page_by_page_and_read_to_the_end(url: str, sample: Sample, data: Path) -> None:
    async def work() -> None:
        async with over_http(url, KEY, "auto") as client:
            seen: list[str] = []
            cursor: str | None = None
            while cursor is not None or not seen:
                listed = await client.call_tool("list_documents", {"limit": 3, "cursor": cursor})
                page = DocumentsOut.model_validate(listed.structured_content)
                assert all(document.id in text_of(listed) for document in page.items)
                seen += [document.id for document in page.items]
                cursor = page.next
                assert cursor is None or cursor in text_of(listed)
            assert len(seen) == len(set(seen)) == page.total
            some = await client.call_tool("list_documents", {"q": "monitoring"})
            assert 0 < DocumentsOut.model_validate(some.structured_content).total < page.total

            pipeline = sample.open(Settings(data=data))
            texts = {document: pipeline.engine.text(document) for document in seen}
            pipeline.engine.close()
            longest = max(seen, key=lambda document: len(texts[document]))
            assert len(texts[longest]) > MOST_READ
            parts: list[str] = []
            start: int | None = 0
            while start is not None:
                result = await client.call_tool("read", {"document_id": longest, "start": start})
                read = ReadOut.model_validate(result.structured_content)
                assert len(read.text) <= MOST_READ
                parts.append(read.text)
                start = read.next
            assert "".join(parts) == texts[longest]
            beyond = len(texts[longest])
            assert str(beyond) in await complaint(client, "read", document_id=longest, start=beyond)
            assert "end" in await complaint(client, "read", document_id=longest, start=9, end=9)

    asyncio.run(work())


def test_without_the_key_nothing_is_told(url: str) -> None:
    is_problem(httpx.post(url, json={}), 401, "Bearer KEY")
    is_problem(httpx.post(url, json={}, headers={"Authorization": "Bearer x"}), 401)

    async def work() -> None:
        async with over_http(url, "wrong", "legacy"):
            pass

    with pytest.raises(ExceptionGroup, match="unhandled") as raised:
        asyncio.run(work())
    assert raised.group_contains(MCPError)


MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8000", None, 200),
        ("[::1]", None, 200),
        ("192.0.2.7:8000", "http://192.0.2.7:8000", 200),
        ("localhost:8000", "http://localhost:8000", 200),
        ("answers.example", None, 200),
        ("front.example", "https://front.example", 200),
        ("localhost:8000", "https://front.example", 200),
        ("evil.example:8000", None, 421),
        ("evil.example:8000", "http://evil.example:8000", 421),
        ("127.0.0.1.evil.example", None, 421),
        ("", None, 421),
        ("[", None, 421),
        ("localhost:8000", "http://evil.example", 403),
        ("localhost:8000", "http://localhost:9000", 403),
        ("localhost:8000", "null", 403),
    ],
)
def test_pages_of_other_sites_and_foreign_names_are_kept_out(
    tmp_path: Path, host: str, origin: str | None, status: int
) -> None:
    with Direct(app_without_index(tmp_path, host="answers.example", cors_origins=("https://front.example",))) as direct:
        headers = {**ACCEPT, "Host": host} | ({"Origin": origin} if origin else {})
        response = direct.post("/mcp", MESSAGE, headers=headers)
        assert response.status_code == status, response.text
        if status != 200:
            is_problem(response, status, "cors_origins")


def test_with_a_key_any_name_will_do_but_no_foreign_page(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path, api_key=KEY)) as direct:
        headers = {**ACCEPT, "Authorization": f"Bearer {KEY}", "Host": "answers.example"}
        assert direct.post("/mcp", MESSAGE, headers=headers).status_code == 200
        is_problem(direct.post("/mcp", MESSAGE, headers=headers | {"Origin": "http://evil.example"}), 403)


def test_limits_hold_here_too(tmp_path: Path) -> None:
    with Direct(app_without_index(tmp_path, rate_limit="3/hour")) as direct:
        headers = {**ACCEPT, "Host": "localhost"}
        is_problem(direct.post("/mcp", headers=headers, content=b" " * 1_000_001), 413)
        is_problem(direct.get("/mcp", headers=headers), 405)
        called = {**MESSAGE, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": "x"}}}
        response = direct.post("/mcp", called, headers=headers)
        assert "There is no index here." in response.text
        assert '"isError":true' in response.text
        is_problem(direct.post("/mcp", MESSAGE, headers=headers), 429)


@pytest.mark.parametrize("version", [None, "2026-07-28"])
def test_a_client_that_leaves_stops_the_work(
    staged: tuple[str, Callable[[], Staged]],  # noqa: F811
    version: str | None,
) -> None:
    url, pipeline = staged
    reached, go_on = threading.Event(), threading.Event()
    pipeline().then = lambda: (reached.set(), go_on.wait(30))
    params: dict[str, Any] = {"name": "ask", "arguments": {"question": QUESTION}}
    headers = dict(ACCEPT)
    if version:
        headers |= {"MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": "ask"}
        meta = {"protocolVersion": version, "clientCapabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        params["_meta"] = {f"io.modelcontextprotocol/{name}": value for name, value in meta.items()}
    called = {**MESSAGE, "method": "tools/call", "params": params}
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request("POST", "/mcp", json.dumps(called), headers | {"Content-Type": "application/json"})
    assert reached.wait(60)
    connection.close()
    with httpx.Client(base_url=url) as watcher:
        until(lambda: "footnote_in_flight 1.0" in watcher.get("/metrics").text)
    go_on.set()
    assert pipeline().stopped.wait(30)


def lines_of(*messages: dict[str, Any]) -> bytes:
    return b"".join(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n" for message in messages)


def test_nothing_but_the_protocol_goes_to_standard_output(data: Path) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    asked = {"name": "ask", "arguments": {"question": QUESTION}}
    sent = lines_of(
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": asked},
    )
    # What anything else prints must not get there either.
    code = "import cli, rag.opening as p, sys\nreal = p.open_pipeline\n"
    code += "p.open_pipeline = lambda s: print('STRAY', flush=True) or real(s)\nsys.exit(cli.main(['mcp']))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(sent)
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [answer["id"] for answer in answers] == [1, 2]
        assert answers[1]["result"]["structuredContent"]["status"] == "answered"
        process.stdin.close()
        assert process.stdout.read() == b""
        log = process.stderr.read().decode()
    assert process.returncode == 0
    assert "STRAY" in log
    assert QUESTION not in log


def test_without_an_index_the_client_is_told_what_to_do(tmp_path: Path) -> None:
    async def work() -> None:
        started = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(tmp_path / "none"))
        async with Client(started) as client:
            assert "footnote index" in await complaint(client, "ask", question="x")

    asyncio.run(work())


def test_a_fault_nobody_foresaw_is_told_without_its_words(staged: tuple[str, Callable[[], Staged]]) -> None:  # noqa: F811
    url, pipeline = staged

    def broken() -> None:
        raise RuntimeError("the password is 1234")

    pipeline().then = broken

    async def work() -> None:
        async with over_http(f"{url}/mcp", "none", "auto") as client:
            told = await complaint(client, "ask", question=QUESTION)
            assert "1234" not in told
            assert "went wrong" in told

    asyncio.run(work())


def test_what_does_not_use_the_protocol_does_not_import_it(data: Path) -> None:
    ask = f"import cli, sys\ncli.main(['--data', {str(data)!r}, 'ask', {QUESTION!r}])\nassert 'mcp' not in sys.modules"
    serve = "import api.serve, sys\nassert 'mcp' not in sys.modules"
    for code in (ask, serve):
        subprocess.run([sys.executable, "-c", code], check=True, cwd=CORPUS.parent, stdout=subprocess.DEVNULL)


def test_every_tool_describes_what_it_takes() -> None:
    for tool in TOOLS.values():
        schema = tool.takes.model_json_schema()
        assert schema["additionalProperties"] is False
        assert "stream" not in schema["properties"]
