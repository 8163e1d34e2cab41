"""The chat widget as people use it, in a real Chromium, on the real service over the sample papers."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import Sample
from test_api_support import serving
from test_widget_support import (
    STRICT,
    Told,
    ask,
    browser,  # noqa: F401
    embed,
    field,
    finished,
    focused,
    page,  # noqa: F401
    told,  # noqa: F401
)

from api.records import export_feedback

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUESTION = "What did Ofsted say about care leavers in 2021?"


@pytest.fixture(scope="module")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = sample.copied(tmp_path_factory.mktemp("widget"))
    # Pages of any site, as the port of the embedding page is not known yet.
    with serving(sample, folder, cors_origins=("*",)) as client:
        client.headers["folder"] = str(folder)
        yield client


def test_ask_read_the_source_take_off_follow_up_judge_and_copy(page: "Page", client: httpx.Client) -> None:  # noqa: F811
    sent: list[dict[str, Any]] = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data or "")) if r.url.endswith("/v1/ask") else None)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(str(client.base_url))
    ask(page, QUESTION)
    finished(page)

    # The answer, its sources, and the exact words in the paper.
    statements = page.locator(".statement")
    assert statements.count() >= 2
    page.get_by_role("button", name="Source 2:").click()
    assert focused(page).startswith("Source 2 of ")
    mark = page.locator("mark")
    quote = mark.text_content() or ""
    citation = client.post("/v1/ask", json={"question": QUESTION}).json()["citations"][1]
    assert quote == citation["quote"]
    assert page.locator(".paper-title").text_content() == citation["title"]
    assert "Ofsted" in page.locator(".facts").first.inner_text()
    assert "2021" in page.locator(".facts").first.inner_text()
    box, text = mark.bounding_box(), page.locator(".panel .text").bounding_box()
    assert box is not None
    assert text is not None
    assert text["y"] <= box["y"] < text["y"] + text["height"] / 2
    shown = page.locator(".panel .words").inner_text()
    paper = client.get(f"/v1/documents/{citation['document_id']}/text").text
    after = paper[citation["end"] : citation["end"] + 60].split("\n")[0]
    assert quote + after in shown
    original = page.get_by_role("link", name="Open the original").get_attribute("href")
    assert original == f"{client.base_url}/v1/documents/{citation['document_id']}/file"
    assert client.get(original).status_code == 200

    # The one before and the one after, and back to where it was opened.
    page.get_by_role("button", name="Previous").click()
    assert page.locator("mark").text_content() != quote
    assert focused(page) == "Previous"
    page.keyboard.press("Escape")
    assert page.locator(".panel").is_hidden()
    assert focused(page).startswith("Source 1:")

    # What was understood, taken off and put back.
    page.get_by_role("button", name="Ask again without “2021”").click()
    finished(page)
    assert sent[-1]["without"] == ["period"]
    assert focused(page) == "Ask again with “2021”"
    page.get_by_role("button", name="Ask again with “2021”").click()
    finished(page)
    assert sent[-1]["without"] == []

    # A follow-up carries the conversation.
    ask(page, "And what about social workers?")
    finished(page, 2)
    assert sent[-1]["history"] == [{"question": QUESTION, "answer": sent[-1]["history"][0]["answer"]}]
    assert "[1]" in sent[-1]["history"][0]["answer"]
    assert "Understood as:" in page.locator(".turn").nth(1).inner_text()

    # Feedback is stored, and so is a comment.
    first = page.locator(".turn").first
    first.get_by_role("button", name="Not helpful").click()
    first.get_by_role("textbox").fill("The number is missing.")
    first.get_by_role("button", name="Send comment").click()
    first.get_by_text("Thank you").wait_for()
    out = io.StringIO()
    assert export_feedback(Path(client.headers["folder"]), out) == 1
    stored = json.loads(out.getvalue())
    assert (stored["helpful"], stored["comment"], stored["question"]) == (False, "The number is missing.", QUESTION)

    # The answer with its footnotes, for a mail and for a report.
    first.get_by_role("button", name="Copy with footnotes").click()
    first.get_by_text("Copied").wait_for()
    plain = page.evaluate("navigator.clipboard.readText()")
    assert "\n[1] Ofsted, " in plain
    assert f"“{quote}” [2]" in plain
    assert f"/v1/documents/{citation['document_id']}/file" in plain
    rich = page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then((blob) => blob.text())"
    )
    assert "<sup>[2]</sup>" in rich
    assert "<ol>" in rich
    assert page.evaluate("window.violations") == []


def test_a_refusal_says_why_and_where_to_look(page: "Page", client: httpx.Client) -> None:  # noqa: F811
    page.goto(str(client.base_url))
    ask(page, "What did Ofsted say about care leavers in 1950?")
    finished(page)
    refused = page.locator(".refusal")
    assert "Outside the time of the papers" in refused.inner_text()
    assert "1950" in refused.locator("p").first.inner_text()
    nearest = refused.locator(".nearest button").first
    title = nearest.inner_text()
    nearest.click()
    assert page.locator(".paper-title").inner_text() == title
    assert page.locator(".panel .words").inner_text()
    page.get_by_role("button", name="Close").click()
    assert focused(page) == title
    refused.get_by_role("button", name="Ask again without “1950”").click()
    finished(page)
    assert page.locator(".statement").count()


def test_a_page_of_another_site_with_a_strict_policy(
    page: "Page",  # noqa: F811
    told: Told,  # noqa: F811
    client: httpx.Client,
) -> None:
    told.service = f"{client.base_url}/"
    told.policy = STRICT.format(service=client.base_url)
    embed(page, told, 'suggestions="How many children were looked after?| Who wrote it?"')
    launcher = page.get_by_role("button", name="Ask the papers")
    launcher.click()
    assert focused(page) == "Your question"
    page.get_by_role("button", name="How many children were looked after?").click()
    finished(page)
    page.locator(".cite").first.click()
    assert page.locator("mark").text_content()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Helpful", exact=True).click()
    page.locator(".actions").get_by_text("Thank you").wait_for()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Print the conversation").click()
    assert "Sources" in page.evaluate("window.printed")
    page.get_by_role("button", name="More").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the conversation").click()
    assert download.value.suggested_filename == "conversation.txt"
    saved = download.value.path().read_text(encoding="utf-8")
    assert "How many children were looked after?" in saved
    assert "[1] " in saved
    field(page).press("Escape")
    assert launcher.is_visible()
    assert focused(page) == "Ask the papers"
    assert page.evaluate("window.violations") == []


def test_what_can_be_asked(page: "Page", client: httpx.Client) -> None:  # noqa: F811
    page.goto(str(client.base_url))
    page.get_by_role("button", name="What can I ask?").first.click()
    total = client.get("/v1/documents").json()["total"]
    page.get_by_text(f"{total} papers").wait_for()
    page.get_by_role("searchbox", name="Find a paper").fill("monitoring visit")
    found = client.get("/v1/documents", params={"q": "monitoring visit"}).json()
    page.get_by_text(f"{found['total']} paper").first.wait_for()
    titles = page.locator(".papers .link").all_inner_texts()
    assert titles == [item["title"] for item in found["items"]]
    page.get_by_role("button", name=titles[0], exact=True).click()
    assert page.locator(".paper-title").inner_text() == titles[0]
    page.get_by_role("button", name="Back to the papers").click()
    assert focused(page) == titles[0]
    assert page.get_by_role("searchbox").input_value() == "monitoring visit"
    page.get_by_role("button", name=f"Ask in this paper: {titles[0]}").click()
    with page.expect_request("**/v1/ask") as request:
        ask(page, "What did inspectors find?")
    assert json.loads(request.value.post_data or "")["filters"] == {"documents": [found["items"][0]["id"]]}
    finished(page)
    assert page.locator(".turn .chip", has_text=titles[0]).count() == 1
    assert set(page.locator("figcaption cite").all_inner_texts()) <= {titles[0]}
