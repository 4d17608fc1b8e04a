"""Containers & cost as an operator uses it."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_steps import PATIENCE_MS, ask, expect_answer, expect_drawn, sample

pytestmark = pytest.mark.browser


def test_release_is_told_at_once_and_counted_everywhere(page: Page):
    """The figures stand outside the part of the page that the button belongs to."""
    sample(page, "Shop orders")
    ask(page, "Total revenue by region")
    expect_answer(page, "Total revenue by region")
    page.get_by_role("link", name="Containers & cost").click()
    release = page.get_by_role("button", name=re.compile("Release [0-9]+ idle"))
    expect(release).to_be_visible(timeout=PATIENCE_MS)
    release.click()
    expect(page.get_by_text(re.compile(r"^Released [0-9]+ containers?\. Saves "))).to_be_visible()
    live = page.get_by_test_id("stMetric").filter(has_text="Live containers")
    expect(live).to_contain_text("0 of 10", timeout=2_000)
    expect(page.get_by_text("No container is alive now.")).to_be_visible()


def test_export_holds_what_is_shown(page: Page):
    sample(page, "Shop orders")
    ask(page, "Total revenue by region")
    expect_answer(page, "Total revenue by region")
    page.get_by_role("link", name="Containers & cost").click()
    page.get_by_role("tab", name="Ledger").click()
    search = page.get_by_placeholder("Container, run or reference")
    expect(search).to_be_visible(timeout=PATIENCE_MS)
    search.fill("request")
    search.press("Enter")
    expect(page.get_by_text(re.compile(r"^[0-9]+ of [0-9]+ rows$"))).to_be_visible()
    expect_drawn(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    with Path(download.value.path()).open(encoding="utf-8", newline="") as exported:
        assert {row["kind"] for row in csv.DictReader(exported)} == {"request"}
