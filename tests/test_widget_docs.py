"""What `docs/` says of the widget and of streaming: every example is run, every name is there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import Sample
from test_api_support import serving
from test_widget_support import Told, browser, finished, page, told  # noqa: F401

from api.widget import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

DOCS = Path(__file__).parent.parent / "docs"
WIDGET = (DOCS / "widget.md").read_text(encoding="utf-8")
HTTP = (DOCS / "http.md").read_text(encoding="utf-8")
SOURCE = "\n".join(path.read_text("utf-8") for path in Path(bundle.__file__).parent.glob("*.[jc]s*"))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[httpx.Client]":
    with serving(sample, sample.copied(tmp_path_factory.mktemp("docs")), cors_origins=("*",)) as client:
        yield client


def statements(client: httpx.Client) -> list[str]:
    answer = client.post("/v1/ask", json={"question": "What did Ofsted say about care leavers in 2021?"}).json()
    return [statement["text"] for statement in answer["statements"]]


def here(text: str, client: httpx.Client) -> str:
    base = str(client.base_url).rstrip("/")
    return text.replace("http://127.0.0.1:8000", base).replace("https://footnote.example.org", base)


def test_a_stream_is_read_with_httpx(client: httpx.Client) -> None:
    (example,) = blocks(HTTP, "python")
    run = subprocess.run([sys.executable, "-c", here(example, client)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [f"{text} [{n}]" for n, text in enumerate(statements(client), 1)]


def test_a_stream_is_read_in_a_browser(client: httpx.Client, page: "Page") -> None:  # noqa: F811
    (example,) = blocks(HTTP, "js")
    printed: list[str] = []
    page.on("console", lambda message: printed.append(message.text))
    page.goto(str(client.base_url))
    page.evaluate(f"async () => {{ {here(example, client)} }}")
    assert printed == statements(client)


def test_the_page_of_the_example_answers(client: httpx.Client, page: "Page", told: Told) -> None:  # noqa: F811
    example = blocks(WIDGET, "html")[0]
    (policy,) = re.findall(r"^Content-Security-Policy: (.*)$", WIDGET, re.MULTILINE)
    told.page = here(example, client)
    told.policy = here(policy, client)
    page.goto(told.url)
    page.get_by_role("button", name="Ask the papers").click()
    page.get_by_role("button", name="How many children are looked after?").click()
    finished(page)
    assert page.locator(".statement, .refusal").count()
    assert page.evaluate("window.violations") == []


def test_the_page_can_be_framed_by_a_site_of_the_settings(
    client: httpx.Client,
    page: "Page",  # noqa: F811
    told: Told,  # noqa: F811
) -> None:
    told.page = here(blocks(WIDGET, "html")[1], client)
    page.goto(told.url)
    frame = page.frame_locator("iframe")
    frame.get_by_role("textbox", name="Your question").wait_for()


def test_every_attribute_property_and_part_is_told_of_and_is_there() -> None:
    observed = re.search(r"observedAttributes = \[(.*?)\]", SOURCE, re.DOTALL)
    assert observed
    table = set(
        re.findall(r"^\| `([\w-]+)` \| ", WIDGET.partition("## Attributes")[2].partition("## ")[0], re.MULTILINE)
    )
    assert table == set(re.findall(r'"([\w-]+)"', observed[1])) | {"theme"}  # which only the style sheet reads
    looks = WIDGET.partition("## Looks")[2].partition("## For")[0]
    properties = set(re.findall(r"`(--footnote-[\w-]+)`", looks))
    assert properties == set(re.findall(r"var\((--footnote-[\w-]+)", SOURCE))
    parts = set(re.findall(r"`(\w+)`", looks.partition("reaches further:")[2].partition("```")[0]))
    assert parts == set(re.findall(r'part: "(\w+)"', SOURCE))


def test_every_file_of_the_widget_is_told_of() -> None:
    table = WIDGET.partition("## For who works on it")[2]
    for path in Path(bundle.__file__).parent.glob("*.[jc]s*"):
        assert f"`{path.name}`" in table
