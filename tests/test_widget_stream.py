"""What the widget makes of what arrives: in parts, cut off, faulty, hostile, or not what was expected."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from test_widget_support import (
    STRICT,
    Told,
    answer,
    ask,
    browser,  # noqa: F401
    embed,
    events,
    field,
    finished,
    focused,
    page,  # noqa: F401
    refusal,
    told,  # noqa: F401
    until,
    within,
)

from api.routes.examples import ANSWER

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = [
    "<script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 1">',
    "<svg onload=alert(1)>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "\u202egnirts desrever\u202c \u202enever closed",
    "a</mark></div></article><footnote-chat mode=page>",
]
"""Words that do harm where they are taken for anything but words."""


def test_an_answer_is_shown_as_it_comes_and_read_aloud_once(page: "Page", told: Told) -> None:  # noqa: F811
    body = answer("Fourteen libraries were open.", "Two were closed.")
    started = events(body)
    told.answers(started[0], end=False)
    embed(page, told)
    ask(page)
    page.get_by_text("Looking through the papers").first.wait_for()
    page.get_by_role("button", name="Ask again without “2022”").wait_for()
    told.tells("delta", {"text": "Fourteen libr"})
    page.get_by_text("Fourteen libr").wait_for()
    assert page.locator(".cite").count() == 0
    told.tells(*started[1])
    told.tells("statement", body["statements"][0])
    page.get_by_role("button", name="Source 1: Annual report").wait_for()
    assert page.locator(".turn").get_attribute("aria-busy") == "true"
    told.tells("delta", {"text": "aries were open. [1] Two were"})
    page.locator(".draft", has_text="Two were").wait_for()
    assert page.locator(".draft").inner_text() == "Two were"  # the rest of the first statement stands as one already
    page.get_by_role("button", name="Source 1: Annual report").focus()
    told.tells(*started[2])
    told.tells("statement", body["statements"][1])
    told.tells("answer", body)
    told.ends()
    finished(page)
    assert page.locator(".statement").all_inner_texts() == [
        "Fourteen libraries were open.\xa01",
        "Two were closed.\xa02",
    ]
    assert focused(page).startswith("Source 1:")  # what is read is not taken away when more comes
    assert page.evaluate("window.said") == [
        "Looking through the papers",
        "Answer: Fourteen libraries were open. Two were closed. 2 quotations.",
    ]


@pytest.mark.parametrize(
    ("wire", "read"),
    [
        ("event: a\ndata: 1\n\n", [["a", "1"]]),
        ("\ufeffevent: a\r\ndata: 1\r\ndata:2\r\n\r\n", [["a", "1\n2"]]),
        ("event: a\rdata: é€😀\r\r", [["a", "é€😀"]]),
        (": comment\n\ndata\ndata: x: y\nid: 3\n\nevent: b\n\ndata: cut", [["message", "\nx: y"]]),
        ("event: a\ndata: 1\n\n: alive\n\ndata: 2\n\n", [["a", "1"], ["message", "2"]]),
    ],
)
def test_events_are_read_however_they_are_cut(page: "Page", told: Told, wire: str, read: list[Any]) -> None:  # noqa: F811
    page.goto(told.url)
    script = """async (wire) => {
      const { readEvents } = await import("/parts/service.js");
      const bytes = new TextEncoder().encode(wire);
      const found = [];
      for (let size = 1; size <= bytes.length; size += 1) {
        const stream = new ReadableStream({
          start(control) {
            for (let at = 0; at < bytes.length; at += size) control.enqueue(bytes.slice(at, at + size));
            control.close();
          },
        });
        const events = [];
        for await (const event of readEvents(stream)) events.push(event);
        found.push(events);
      }
      return found;
    }"""
    for found in page.evaluate(script, wire):
        assert found == read


def test_stop_ends_the_work_and_keeps_what_is_typed(page: "Page", told: Told) -> None:  # noqa: F811
    body = answer("Fourteen libraries were open.")
    told.answers(*events(body)[:3], end=False)
    embed(page, told)
    ask(page)
    page.get_by_text("Fourteen libraries were open.").wait_for()
    field(page).fill("And in 2023")
    page.keyboard.press("Enter")  # not yet: the first is under way
    assert "still being answered" in page.evaluate("window.said.at(-1)")
    page.get_by_role("button", name="Stop").click()
    until(told.gone.is_set, page)
    assert "Stopped" in page.locator(".turn").inner_text()
    assert field(page).input_value() == "And in 2023"
    assert len(told.asked) == 1
    told.answers(*events(body))
    page.get_by_role("button", name="Try again").click()
    finished(page)
    assert told.asked[1]["question"] == told.asked[0]["question"]
    assert told.asked[1]["history"] == []
    assert field(page).input_value() == "And in 2023"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ((500, {"detail": "boom"}), "Something went wrong in the service"),
        ((429, {"detail": "Too many."}), "Try again in 7 seconds"),
        ((422, {"detail": "filters.voice: is wrong."}), "filters.voice: is wrong."),
        ("cut", "The connection was lost"),
        ("error", "Something went wrong in the service"),
        ("nonsense", "Something went wrong in the service"),
        ("html", "Something went wrong in the service"),
        ("network", "The service cannot be reached"),
    ],
)
def test_a_fault_says_what_to_do_and_loses_nothing(page: "Page", told: Told, fault: Any, words: str) -> None:  # noqa: F811
    body = answer("Fourteen libraries were open.")
    if fault == "cut":
        told.answers(*events(body)[:2])
    elif fault == "error":
        told.answers(events(body)[0], ("error", {"status": 500, "title": "x", "detail": "boom"}))
    elif fault == "nonsense":
        told.next.append((200, "text/event-stream", "event: answer\ndata: {\n\n"))
    elif fault == "html":
        told.next.append((200, "text/html", "<h1>Sign in</h1>"))
    elif fault != "network":
        told.fails(fault[0], **fault[1])
    embed(page, told)
    if fault == "network":
        page.route("**/v1/ask", lambda route: route.abort())
    ask(page)
    box = page.locator(".fault")
    box.wait_for()
    assert words in box.inner_text()
    assert words in page.evaluate("window.said.at(-1)")
    field(page).fill("half a thought")
    page.unroute_all()
    told.answers(*events(body))
    page.get_by_role("button", name="Try again").click()
    finished(page)
    assert page.locator(".statement").count() == 1
    assert page.locator(".fault").count() == 0
    assert field(page).input_value() == "half a thought"
    assert page.locator(".turn").count() == 1


def test_a_question_can_be_changed_after_a_fault(page: "Page", told: Told) -> None:  # noqa: F811
    told.fails(500)
    embed(page, told)
    ask(page, "How many librarys?")
    page.locator(".fault").wait_for()
    field(page).fill("half a thought")
    page.get_by_role("button", name="Change the question").click()
    assert field(page).input_value() == "How many librarys?\nhalf a thought"
    assert focused(page) == "Your question"


def test_a_key_is_asked_for_and_kept_out_of_the_page(page: "Page", told: Told) -> None:  # noqa: F811
    told.fails(401, detail="A key is needed.")
    told.answers(*events(answer("Fourteen libraries were open.")))
    told.texts["d1"] = "Fourteen libraries were open."
    embed(page, told)
    ask(page)
    page.get_by_label("Key").fill("secret")
    page.get_by_role("button", name="Use this key").click()
    finished(page)
    assert [asked["key"] for asked in told.asked] == [None, "Bearer secret"]
    page.locator(".cite").click()
    assert page.get_by_role("link", name="Open the original").count() == 0
    assert page.get_by_role("button", name="Download the original").is_visible()
    assert page.evaluate("Object.keys({ ...localStorage, ...sessionStorage }).length") == 0


def test_what_others_wrote_is_never_more_than_words(page: "Page", told: Told) -> None:  # noqa: F811
    told.policy = STRICT.format(service="'self'")
    every = " ".join(HOSTILE)
    body = answer(*HOSTILE)
    for citation in body["citations"]:
        citation.update(title=every, publisher=every, voice=every, heading=every, paragraph=every, published=every)
        citation.update(url="javascript:window.hacked=1", file="javascript:window.hacked=1", page=1)
    body["understood"] = {"question": every, "period": None, "voice": every}
    told.texts["d1"] = "\n".join(HOSTILE) + "\n" + every
    told.papers = [{"id": "../../x", "title": every, "publisher": every, "published": every, "source": every}]
    told.answers(*events(body))
    refused = refusal(understood=body["understood"])
    refused["refusal"].update(message=every, nearest=[{"document_id": "../x", "title": every, "published": every}])
    told.answers(*events(refused))
    told.fails(422, detail=every)
    embed(page, told)
    for turn in range(3):
        ask(page, every)
        finished(page, turn + 1)
    for number, words in enumerate(HOSTILE):
        page.locator(".cite").nth(number).click()
        assert page.locator("mark").text_content() == words
        assert (page.get_by_role("link", name="Open the original").get_attribute("href") or "").startswith(told.url)
        page.keyboard.press("Escape")
    page.locator(".nearest .link").click()
    page.get_by_text("The paper can no longer be opened").wait_for()
    link = page.get_by_role("link", name="Open the original").get_attribute("href") or ""
    assert link.removeprefix(told.url) == "v1/documents/..%2Fx/file"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="What can I ask?").first.click()
    page.locator(".papers li").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Print the conversation").click()
    assert HOSTILE[0] in page.evaluate("window.printed")
    assert page.locator(".statement").first.inner_text().startswith(HOSTILE[0])
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("window.violations") == []
    assert within(page, "root => root.querySelectorAll('script, img, footnote-chat, [onerror]').length") == 0
    # A turn of direction ends with the words that began it.
    loose = """root => [...root.querySelectorAll("*")].filter((e) => [...e.childNodes].some(
      (n) => n.nodeType === 3 && n.data.includes("\\u202e"))).filter((e) => !e.closest("[dir=auto]")
      || getComputedStyle(e.closest("[dir=auto]")).unicodeBidi !== "isolate").map((e) => e.outerHTML.slice(0, 80))"""
    assert within(page, loose) == []


def test_very_long_answers_are_shown_whole_and_read_in_part(page: "Page", told: Told) -> None:  # noqa: F811
    words = "W" * 30_000 + ". " + "word " * 4_000
    body = answer(words.strip(), document="long")
    told.texts["long"] = "é" * 20_000 + words
    body["citations"][0].update(start=20_000, end=20_000 + len(words.strip()))
    told.answers(*events(body))
    page.set_viewport_size({"width": 320, "height": 640})
    embed(page, told, 'mode="page"')
    ask(page)
    finished(page)
    assert len(page.locator(".statement").text_content() or "") > 49_000
    assert len(page.evaluate("window.said.at(-1)")) < 2_000
    page.locator(".cite").evaluate("(button) => button.click()")
    page.locator("mark").wait_for()
    assert within(
        page, "root => [...root.querySelectorAll('.log, .text, .shell')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("refuses", ["clipboard", "both", "none"])
def test_copying_works_without_tls_and_says_when_it_does_not(page: "Page", told: Told, refuses: str) -> None:  # noqa: F811
    told.answers(*events(answer("Fourteen libraries were \u202eopen.")))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    embed(page, told)
    if refuses != "none":  # as on a page without TLS, and where the old command is shut off, too
        page.evaluate("navigator.clipboard.write = () => Promise.reject(new Error()); 0")
    if refuses == "both":
        page.evaluate("document.execCommand = () => false; 0")
    ask(page)
    finished(page)
    page.get_by_role("button", name="Copy with footnotes").click()
    page.locator(".actions .muted").wait_for()
    note = page.locator(".actions .muted").inner_text()
    assert focused(page).strip() == "Copy with footnotes"
    if refuses == "both":
        assert "did not allow copying" in note
        return
    assert note == "Copied, with footnotes."
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == "“Fourteen libraries were open.” [1]"  # what turns the direction stays behind
    assert lines[4].startswith(
        "[1] Northford Council, Annual report of the library service, December 2022, paragraph 2.1"
    )
    rich = "navigator.clipboard.read().then(([i]) => i.getType('text/html')).then((b) => b.text())"
    assert "<sup>[1]</sup>" in page.evaluate(rich)


def test_offsets_count_code_points(page: "Page", told: Told) -> None:  # noqa: F811
    text = "😀 𝒜 first line\n\n\n\nThe quote has 😀 too. After it.\n" * 3
    start = text.index("The quote", 60)
    quote = "The quote has 😀 too."
    body = answer(quote, document="emoji")
    body["citations"][0].update(start=start, end=start + len(quote))
    told.texts["emoji"] = text
    told.answers(*events(body))
    embed(page, told)
    ask(page)
    finished(page)
    page.locator(".cite").click()
    page.locator("mark").wait_for()
    assert page.locator("mark").text_content() == quote
    assert page.locator(".note").count() == 0
    assert page.locator(".words > span").last.text_content() == " After it.\n" + (
        "😀 𝒜 first line\n\nThe quote has 😀 too. After it." if start < 80 else ""
    )


@pytest.mark.parametrize(("text", "says"), [("It says something else now.", "has changed since"), (None, "no longer")])
def test_a_quote_outlives_its_paper(page: "Page", told: Told, text: str | None, says: str) -> None:  # noqa: F811
    told.answers(*events(answer("Fourteen libraries were open.")))
    if text:
        told.texts["d1"] = text
    embed(page, told)
    ask(page)
    finished(page)
    page.locator(".cite").click()
    page.get_by_text(says).wait_for()
    assert page.locator("mark").text_content() == "Fourteen libraries were open."


def test_the_whole_paper_can_be_read(page: "Page", told: Told) -> None:  # noqa: F811
    told.texts["d1"] = "First line.\n" + "Some words.\n" * 1000 + "The quote.\n" + "More words.\n" * 1000 + "Last line."
    body = answer("The quote.")
    body["citations"][0].update(start=told.texts["d1"].index("The quote"), end=told.texts["d1"].index("The quote") + 10)
    told.answers(*events(body))
    embed(page, told)
    ask(page)
    finished(page)
    page.locator(".cite").click()
    assert "First line." not in page.locator(".words").inner_text()
    in_sight = """root => {
      const [mark, box] = ["mark", ".panel .text"].map((css) => root.querySelector(css).getBoundingClientRect());
      return box.top < mark.top && mark.bottom < box.bottom;
    }"""
    assert within(page, in_sight)
    page.get_by_role("button", name="Show the whole paper").first.click()
    shown = page.locator(".words").inner_text()
    assert shown.startswith("First line.")
    assert shown.endswith("Last line.")
    assert within(page, in_sight)


def test_a_question_that_is_too_long_is_not_cut(page: "Page", told: Told) -> None:  # noqa: F811
    embed(page, told)
    ask(page, "😀" * 2003)
    assert "3 characters too long" in page.locator(".over").inner_text()
    assert field(page).input_value() == "😀" * 2003
    assert told.asked == []


def test_filters_that_cannot_be_read_widen_nothing(page: "Page", told: Told) -> None:  # noqa: F811
    embed(page, told, """mode="inline" filters='{"voice": "Ofsted'""")
    ask(page)
    page.get_by_text("This page is not set up rightly").first.wait_for()
    assert told.asked == []


def test_the_filters_of_the_page_hold(page: "Page", told: Told) -> None:  # noqa: F811
    told.answers(*events(answer("Words.", understood={"question": "x", "period": None, "voice": "Ofsted"})))
    told.papers = [
        {"id": str(n), "title": f"Paper of {date}", "publisher": None, "published": date, "source": "x"}
        for n, date in enumerate(["2019-12-31", "2020", "2020-06", "2021-01-01", None])
    ]
    filters = {"published_from": "2020-01-01", "published_to": "2020", "voice": "Ofsted"}
    embed(page, told, f"mode=inline filters='{json.dumps(filters)}'")
    ask(page)
    finished(page)
    assert told.asked[0]["filters"] == filters
    assert page.get_by_role("button", name=re.compile("Ask again without")).count() == 0
    assert page.locator(".chip").inner_text() == "said by Ofsted"
    page.get_by_role("button", name="What can I ask?").first.click()
    page.get_by_text("2 papers").wait_for()
    assert page.locator(".papers .link").all_inner_texts() == ["Paper of 2020", "Paper of 2020-06"]


@pytest.mark.parametrize(("keep", "kept"), [("", 0), ('keep="tab"', 1)])
def test_the_conversation_stays_in_the_page_unless_asked(page: "Page", told: Told, keep: str, kept: int) -> None:  # noqa: F811
    told.answers(*events(answer("Fourteen libraries were open.")))
    embed(page, told, f"mode=inline {keep}")
    ask(page)
    finished(page)
    assert page.evaluate("sessionStorage.length") == kept
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    assert page.locator(".turn").count() == kept
    if kept:
        assert page.locator(".statement").inner_text().startswith("Fourteen libraries were open.")
        page.get_by_role("button", name="New conversation").click()
        page.reload()
        assert page.locator(".turn").count() == 0


def test_words_between_the_quotes_are_not_shown_as_quotes(page: "Page", told: Told) -> None:  # noqa: F811
    body = answer("Fourteen libraries were open.", "Two were closed.")
    body["statements"] = [{"text": "Sixteen libraries exist, of which two are closed.", "citations": [1, 2]}]
    told.answers(*events(body), ("answer", body))
    embed(page, told)
    ask(page)
    finished(page)
    assert page.locator("blockquote").count() == 0
    assert page.locator(".statement .cite").all_inner_texts() == ["1", "2"]
    assert ANSWER["status"] == "answered"


def test_the_methods_and_the_language_of_the_element(page: "Page", told: Told) -> None:  # noqa: F811
    told.answers(*events(answer("Fourteen libraries were open.")))
    embed(page, told, 'lang="cy" chat-title="Papurau’r cyngor"')
    assert page.get_by_role("button", name="Papurau’r cyngor").is_visible()
    page.evaluate("document.querySelector('footnote-chat').ask('How many?')")
    finished(page)
    assert "8 Gorffennaf" not in page.locator(".turn").inner_text()
    assert "Rhagfyr 2022" in page.locator("figcaption").inner_text()
    page.get_by_role("button", name="Rhagor").click()
    page.get_by_role("button", name="English").click()
    assert "December 2022" in page.locator("figcaption").inner_text()
    assert focused(page) == "Your question"
    page.evaluate("document.querySelector('footnote-chat').hide()")
    assert not page.evaluate("document.querySelector('footnote-chat').hasAttribute('open')")
    page.evaluate("document.querySelector('footnote-chat').setAttribute('open', '')")
    assert field(page).is_visible()
