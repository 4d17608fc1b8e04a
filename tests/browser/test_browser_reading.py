"""A conversation is read from its newest end, wherever the reader was when it was asked on."""

import pytest
from playwright.sync_api import Locator, Page, expect

from services.local_engine import LocalEngineProcess
from services.local_engine.types import Delay
from tests.browser.browser_steps import (
    PATIENCE_MS,
    ask,
    drop,
    expect_answer,
    expect_drawn,
    expect_ready,
    new_page,
    open_analyse,
    sample,
)

pytestmark = pytest.mark.browser

MAIN = "document.querySelector('[data-testid=stMain]')"
QUESTIONS = (
    "Total revenue by region as a chart",
    "Revenue by month",
    "Number of rows by category",
    "Top 5 products by revenue",
    "How is quantity distributed?",
    "Average revenue by channel",
    "Total quantity by region",
)


def scrolled(page: Page) -> int:
    return int(page.evaluate(f"Math.round({MAIN}.scrollTop)"))


def scroll(page: Page, pixels: int) -> None:
    # The page snaps to its top while this animation runs.
    page.evaluate(f"Promise.all({MAIN}.getAnimations().map(one => one.finished)).then(() => 0)")
    page.evaluate(f"{MAIN}.scrollTo(0, {pixels})")
    assert scrolled(page) > 0


def expect_headline_in_sight(page: Page) -> None:
    headline = page.get_by_role("heading", level=3).first
    expect(headline).to_be_in_viewport(ratio=1)
    expect_uncovered(headline)


def expect_uncovered(element: Locator) -> None:
    """Not only within the window: nothing lies over it either."""
    assert element.evaluate(
        """element => {
            const box = element.getBoundingClientRect();
            const found = document.elementFromPoint(box.left + 8, box.top + box.height / 2);
            return element.contains(found);
        }"""
    )


def test_new_answer_is_in_sight_after_many_turns(page: Page):
    """Also when it was asked from the end of the page, on a phone, and without animations."""
    sample(page, "Shop orders")
    for question in QUESTIONS:
        ask(page, question)
        expect_answer(page, question)
    expect_headline_in_sight(page)
    for number, (width, height) in enumerate(((1366, 768), (390, 844))):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(reduced_motion="reduce" if number else "no-preference")
        scroll(page, 10_000)
        question = f"Top {number + 2} categories by revenue"
        ask(page, question)
        expect_answer(page, question)
        expect_headline_in_sight(page)
        assert scrolled(page) == 0


def test_reader_who_scrolls_during_a_run_is_left_alone(start_server, browser, real_files, tmp_path):
    engine = LocalEngineProcess(tmp_path / "engine")
    engine.start()
    try:
        server = start_server(
            ANTHROPIC_API_KEY=engine.token, DATADOCK_CLAUDE_BASE_URL=engine.address
        )
        page = new_page(browser, server)
        page.set_viewport_size({"width": 1366, "height": 420})
        open_analyse(page)
        drop(page, real_files["penguins-raw.csv"])
        expect_ready(page)
        for question in ("Average body mass by species as a chart", "and by island?"):
            ask(page, question)
            expect_answer(page, question)
        scroll(page, 10_000)
        engine.inject(Delay(seconds=3, at="tool"))
        ask(page, "and by sex?")
        expect(page.get_by_role("button", name="Stop")).to_be_in_viewport(timeout=PATIENCE_MS)
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
        scroll(page, 150)
        expect_answer(page, "and by sex?")
        assert scrolled(page) == 150
    finally:
        engine.stop()


@pytest.mark.parametrize("size", [(1366, 768), (1000, 700), (390, 844)], ids=str)
def test_what_is_said_of_an_ending_covers_nothing_to_press(visitor, size):
    """And it is of the newest turn, also where nothing was run."""
    width, height = size
    page = visitor(viewport={"width": width, "height": height}).new_page()
    sample(page, "Shop orders")
    toast = page.get_by_test_id("stToast")
    for question, said in (
        ("Total revenue by region", "Answer ready: North has the highest total Revenue"),
        ("total turnover by region", "There is no column “turnover”."),
    ):
        ask(page, question)
        expect(toast.last).to_contain_text(said, timeout=PATIENCE_MS)
        expect(toast.locator("visible=true")).to_have_count(1)
        expect_drawn(page)
        for name in ("Details", "Add file", "New conversation"):
            expect_uncovered(page.get_by_role("button", name=name))
        expect_uncovered(page.get_by_test_id("stChatInputTextArea"))


def test_way_back_from_another_page_leads_to_the_conversation(page: Page):
    """The navigation's own links don't know it. A new conversation is not undone by it."""
    sample(page, "Shop orders")
    ask(page, "Total revenue by region")
    expect_answer(page, "Total revenue by region")
    address = page.url
    page.get_by_role("link", name="Containers & cost").click()
    expect(page.get_by_role("heading", name="Containers & cost")).to_be_visible()
    page.get_by_role("link", name="Analyse").click()
    expect_answer(page, "Total revenue by region")
    assert page.url == address
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="Ask questions of your data")).to_be_visible()
    expect_drawn(page)
    page.get_by_role("link", name="Containers & cost").click()
    expect(page.get_by_role("heading", name="Containers & cost")).to_be_visible()
    page.get_by_role("link", name="Analyse").click()
    expect(page.get_by_role("heading", name="Ask questions of your data")).to_be_visible()
