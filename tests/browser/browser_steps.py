"""What a visitor does on Analyse, and how a test knows that it is done."""

import importlib.util
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

PATIENCE_MS = 30_000


def package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def open_analyse(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Ask questions of your data")).to_be_visible(
        timeout=PATIENCE_MS
    )


def drop(page: Page, path: Path) -> None:
    page.set_input_files('[data-testid="stFileUploader"] input[type=file]', path)


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_enabled(timeout=PATIENCE_MS)
    box.fill(question)
    box.press("Enter")


def expect_drawn(page: Page) -> None:
    """The page's script has run to its end."""
    drawn = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(drawn).to_be_attached(timeout=PATIENCE_MS)


def expect_answer(page: Page, question: str) -> None:
    """The newest turn is this question's, finished, with a picture and a table."""
    asked = page.get_by_test_id("stChatMessage").first
    expect(asked).to_contain_text(question, timeout=PATIENCE_MS)
    # What an earlier drawing left stays until this one has ended, and would look like the answer.
    expect_drawn(page)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=PATIENCE_MS)
    expect_drawn(page)
    card = page.locator('[class*="st-key-answer_card"]').first
    expect(card).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stImage").locator("img").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=PATIENCE_MS)


def new_page(browser: Browser, server: Any) -> Page:
    """A visitor of a server that is not the shared one."""
    return browser.new_context(
        base_url=server.address, viewport={"width": 1366, "height": 768}
    ).new_page()


def expect_ready(page: Page) -> None:
    """The file is checked and can be asked about."""
    expect(page.get_by_text("Ready.").first).to_be_visible(timeout=PATIENCE_MS)
    expect_drawn(page)


def sample(page: Page, name: str) -> None:
    """Begin a conversation with one of our own data sets."""
    open_analyse(page)
    page.get_by_role("button", name=name).click()
    expect_ready(page)
