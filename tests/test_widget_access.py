"""The widget for everybody: by keyboard alone, read aloud, in small windows, high contrast, and without motion."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from test_widget_support import (
    Told,
    answer,
    ask,
    browser,  # noqa: F401
    embed,
    events,
    field,
    finished,
    focused,
    new_page,
    page,  # noqa: F401
    refusal,
    told,  # noqa: F401
    until,
    within,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LONG = "Fourteen libraries were open in the year, of which three on Sundays, and " + "a-very-long-word-" * 12 + " too."
PAPERS = [
    {"id": f"d{n}", "title": f"Report {n} on the libraries", "publisher": "Council", "published": f"202{n}"}
    for n in range(4)
]


def prepared(told: Told) -> None:  # noqa: F811
    told.texts["d1"] = f"{LONG} Two were closed.\n" + "What follows in the paper.\n" * 80
    told.papers = PAPERS


def states(page: "Page", told: Told) -> Iterator[str]:  # noqa: F811
    """Lead the widget through everything it can look like."""
    yield "empty"
    body = answer(LONG, "Two were closed.")
    told.answers(*events(body)[:2], end=False)
    ask(page, "How many libraries were open in 2022?")
    page.locator(".progress").wait_for()
    yield "asking"
    for event in events(body)[2:]:
        told.tells(*event)
    told.ends()
    finished(page)
    yield "answered"
    page.get_by_role("button", name="Not helpful").click()
    page.locator(".comment").wait_for()
    yield "judged"
    page.get_by_role("button", name="Source 1:").click()
    page.locator("mark").wait_for()
    yield "source"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="What can I ask?").first.click()
    page.locator(".papers li").first.wait_for()
    yield "papers"
    page.get_by_role("button", name="Ask in this paper").first.click()
    if page.locator(".panel").is_visible():
        page.get_by_role("button", name="Close").first.click()
    yield "scope"
    told.answers(*events(refusal()))
    ask(page, "And in 1950?")
    finished(page, 2)
    yield "refused"
    told.fails(500)
    ask(page, "And in 2023?")
    finished(page, 3)
    yield "fault"
    told.fails(401)
    ask(page, "And in 2024? " + "x" * 2000)
    page.locator(".over", has_text="too long").wait_for()
    yield "too long"
    ask(page, "And in 2024?")
    finished(page, 4)
    yield "key"
    page.get_by_role("button", name="More").click()
    yield "menu"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(browser: "Browser", told: Told, scheme: Any) -> None:  # noqa: F811
    pytest.importorskip("axe_playwright_python", reason="needs axe: pip install axe-playwright-python")
    source = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    prepared(told)
    with new_page(browser, color_scheme=scheme, reduced_motion="reduce") as page:  # noqa: F811
        embed(page, told, f'mode="page" theme="{scheme}" suggestions="How many libraries were open?"')
        page.evaluate(source)
        seen = set()
        for state in states(page, told):
            found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
            assert [(v["id"], v["nodes"][0]["target"], v["nodes"][0]["any"]) for v in found["violations"]] == [], state
            seen.add(state)
        assert len(seen) == 12
        background = "root => getComputedStyle(root.querySelector('.shell')).backgroundColor"
        assert (sum(map(int, within(page, background)[4:-1].split(","))) > 380) == (scheme == "light")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256)])
@pytest.mark.parametrize("mode", ["page", "docked"])
def test_everything_fits_a_small_window_and_400_percent(
    browser: "Browser",  # noqa: F811
    told: Told,  # noqa: F811
    width: int,
    height: int,
    mode: str,
) -> None:
    prepared(told)
    script = """(root) => {
      const hidden = (e) => !e.checkVisibility() || e.matches(".unseen, .keys");
      const shown = (css) => [...root.querySelectorAll(css)].filter((e) => !hidden(e));
      const boxes = shown("*").filter((e) => e.clientWidth && !e.matches(".send span, textarea"));
      const wide = [...boxes, document.documentElement].filter((e) => e.scrollWidth > e.clientWidth + 1);
      const place = (e) => e.getBoundingClientRect();
      const out = shown("button, textarea, input, p, h2, h3").filter((e) => place(e).right > innerWidth + 1);
      const small = shown("button, a").filter((e) => Math.min(place(e).width, place(e).height) < 24);
      return [...wide, ...out, ...small].map((e) => `${e.localName}.${e.className}`);
    }"""
    with new_page(browser, viewport={"width": width, "height": height}, reduced_motion="reduce") as page:  # noqa: F811
        embed(page, told, f'mode="{mode}" suggestions="How many libraries were open in the year?"')
        if mode == "docked":
            page.get_by_role("button", name="Ask the papers").click()
        for state in states(page, told):
            assert within(page, script) == [], state
            if state in {"asking", "answered", "refused"}:
                # The question stands in sight, above its answer.
                question = page.locator(".question").last.bounding_box()
                assert question is not None
                assert -30 <= question["y"] < height / 2, state
            if state == "source":
                mark = page.locator("mark").bounding_box()
                assert mark is not None
                assert 0 <= mark["y"] < height
                assert page.locator(".main").get_attribute("inert") is not None


def test_everything_by_keyboard_alone(page: "Page", told: Told) -> None:  # noqa: F811
    """Tab, Shift and Tab, Enter, Space and Escape; nothing is ever clicked."""
    prepared(told)
    keys = page.keyboard
    body = answer(LONG, "Two were closed.")
    embed(page, told, 'suggestions="How many libraries were open?"')
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")

    def tab_to(name: str, most: int = 30, key: str = "Tab") -> None:
        for _ in range(most):
            keys.press(key)
            if focused(page).startswith(name):
                return
        raise AssertionError(f"{name} is not reached with {key}; the last one was {focused(page)!r}")

    tab_to("Ask the papers")
    keys.press("Enter")
    assert focused(page) == "Your question"
    tab_to("How many libraries were open?", key="Shift+Tab")
    told.answers(*events(body))
    keys.press("Enter")
    finished(page)
    assert focused(page) == "Your question"

    # From the field back through the answer, in the order of reading.
    order = []
    for _ in range(10):
        keys.press("Shift+Tab")
        order.append(focused(page))
    assert [name.split(":")[0] for name in order] == [
        "Not helpful",
        "Helpful",
        "Copy with footnotes",
        "Source 2",
        "Source 1",
        "Ask again without “2022”",
        "Conversation",
        "Close",
        "More",
        "New conversation",
    ]

    # A source, the next one, and back to the place in the sentence.
    tab_to("Source 1:")
    keys.press("Enter")
    assert focused(page) == "Source 1 of 2"
    tab_to("Next")
    keys.press("Space")
    assert focused(page) == "Next"
    assert page.locator("mark").text_content() == "Two were closed."
    keys.press("Space")  # there is no further one
    assert page.locator("mark").text_content() == "Two were closed."
    tab_to("Text of the paper")
    before = page.locator(".panel .text").evaluate("(box) => box.scrollTop")
    keys.press("PageDown")
    until(lambda: page.locator(".panel .text").evaluate("(box) => box.scrollTop") > before, page)
    tab_to("Open the original")
    keys.press("Escape")
    assert focused(page).startswith("Source 2:")

    # A chip taken off and put back.
    told.answers(*events(body | {"understood": body["understood"] | {"period": None}}))
    tab_to("Ask again without “2022”", key="Shift+Tab")
    keys.press("Enter")
    finished(page)
    assert told.asked[-1]["without"] == ["period"]
    assert focused(page) == "Ask again with “2022”"

    # Feedback with a comment.
    tab_to("Not helpful")
    keys.press("Space")
    page.locator(".comment").wait_for()
    assert focused(page) == "Not helpful"
    assert page.get_by_role("button", name="Not helpful").get_attribute("aria-pressed") == "true"
    keys.press("Tab")
    keys.type("Out of date.")
    keys.press("Tab")
    keys.press("Enter")
    page.locator(".actions").get_by_text("Thank you").wait_for()
    assert told.judged[-1] == {"answer_id": body["id"], "helpful": False, "comment": "Out of date."}

    # A fault, and trying again; a stop.
    tab_to("Your question")
    told.fails(500)
    keys.type("And in 2023?")
    keys.press("Enter")
    finished(page, 2)
    tab_to("Try again", key="Shift+Tab")
    told.answers(events(body)[0], end=False)
    keys.press("Enter")
    assert focused(page) == "Your question"
    tab_to("Stop")
    keys.press("Enter")
    assert "Stopped" in page.locator(".turn").nth(1).inner_text()
    assert focused(page) == "Your question"

    # A line break, the menu, a new conversation, and out.
    keys.type("one")
    keys.press("Shift+Enter")
    keys.type("two")
    assert field(page).input_value() == "one\ntwo"
    tab_to("More", key="Shift+Tab")
    keys.press("Enter")
    assert focused(page) == "Download the conversation"
    keys.press("Escape")
    assert focused(page) == "More"
    keys.press("Enter")
    tab_to("Close")
    assert page.get_by_role("button", name="Download the conversation").is_hidden()
    tab_to("New conversation", key="Shift+Tab")
    keys.press("Enter")
    assert page.locator(".turn").count() == 0
    assert field(page).input_value() == "one\ntwo"
    keys.press("Escape")
    assert focused(page) == "Ask the papers"


def test_behind_a_chat_that_covers_the_window_nothing_can_be_reached(page: "Page", told: Told) -> None:  # noqa: F811
    embed(page, told, "open")
    modal = "root => root.querySelector('dialog').matches(':modal')"
    assert not within(page, modal)
    assert focused(page) == "Your question"
    page.set_viewport_size({"width": 320, "height": 640})
    until(lambda: within(page, modal), page)
    assert focused(page) == "Your question"
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.localName"))
    assert "a" not in reached
    page.set_viewport_size({"width": 1000, "height": 640})
    until(lambda: not within(page, modal), page)
    page.keyboard.press("Escape")
    assert focused(page) == "Ask the papers"


def test_the_list_of_papers_by_keyboard(page: "Page", told: Told) -> None:  # noqa: F811
    prepared(told)
    embed(page, told)
    page.get_by_role("button", name="What can I ask?").first.focus()
    page.keyboard.press("Enter")
    assert focused(page) == "What can I ask?"
    page.get_by_text("4 papers").wait_for()
    page.keyboard.press("Tab")
    assert focused(page) == "Close"
    page.keyboard.press("Tab")
    page.keyboard.type("library")
    until(lambda: "limit=50&q=library" in told.searched, page)
    assert len(told.searched) == 2  # not one for every letter
    page.keyboard.press("Escape")
    assert focused(page) == "What can I ask?"


def test_what_is_said_aloud(page: "Page", told: Told) -> None:  # noqa: F811
    prepared(told)
    embed(page, told)
    told.answers(*events(answer("Fourteen were open.")))
    ask(page)
    finished(page)
    told.answers(*events(refusal()))
    ask(page)
    finished(page, 2)
    told.fails(429)
    ask(page)
    finished(page, 3)
    page.get_by_role("button", name="New conversation").click()
    searching = "Looking through the papers"
    assert page.evaluate("window.said") == [
        searching,
        "Answer: Fourteen were open. 1 quotation.",
        searching,
        f"No answer. {refusal()['refusal']['message']}",
        searching,
        "That did not work. The service is busy. Try again in 7 seconds.",
        "A new conversation. Nothing of the last one was kept.",
    ]
    status = page.get_by_role("status")
    assert status.count() == 1
    assert within(page, "root => !root.querySelector('.main [aria-live], .main [role=log]')")


@pytest.mark.parametrize(("reduced", "animated"), [("reduce", 0), ("no-preference", 1)])
def test_nothing_moves_for_those_who_do_not_want_it(
    browser: "Browser",  # noqa: F811
    told: Told,  # noqa: F811
    reduced: Any,
    animated: int,
) -> None:
    with new_page(browser, reduced_motion=reduced) as page:  # noqa: F811
        embed(page, told)
        told.answers(events(answer("x"))[0], end=False)
        ask(page)
        page.locator(".progress").wait_for()
        running = "root => root.querySelector('.progress').getAnimations({ subtree: true }).length"
        assert min(1, within(page, running)) == animated


def test_forced_colours_leave_the_quote_and_the_buttons_in_sight(browser: "Browser", told: Told) -> None:  # noqa: F811
    prepared(told)
    told.answers(*events(answer(LONG, "Two were closed.")))
    with new_page(browser, forced_colors="active") as page:  # noqa: F811
        embed(page, told, 'mode="page"')
        ask(page)
        finished(page)
        page.get_by_role("button", name="Source 1:").click()
        page.locator("mark").wait_for()
        style: Callable[[str, str], Any] = lambda css, name: within(  # noqa: E731
            page, f"root => getComputedStyle(root.querySelector('{css}')).{name}"
        )
        canvas = style(".shell", "backgroundColor")
        assert style("mark", "backgroundColor") != canvas
        assert style(".cite[aria-current]", "backgroundColor") != canvas
        for css in (".cite:not([aria-current])", ".chip", ".send", ".quiet", ".tool"):
            assert style(css, "borderTopColor") != canvas, css
            assert style(css, "borderTopStyle") == "solid", css
