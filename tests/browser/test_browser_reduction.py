"""A file that is too large to be sent: reduced with one click, and asked about."""

import random
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_steps import (
    PATIENCE_MS,
    ask,
    drop,
    expect_answer,
    expect_ready,
    open_analyse,
)

pytestmark = pytest.mark.browser

ROWS = 230_000


@pytest.fixture(scope="module")
def too_large(tmp_path_factory):
    """21 MB and more, most of it session ids that no question is about."""
    chance = random.Random(11)
    regions = ("North", "South", "East", "West")
    path = tmp_path_factory.mktemp("large") / "orders.csv"
    with path.open("w") as out:
        out.write("order,region,amount,session,token\n")
        out.writelines(
            f"{n},{regions[n % 4]},{n % 500 / 4:.2f},{chance.getrandbits(160):040x},"
            f"{chance.getrandbits(128):032x}\n"
            for n in range(ROWS)
        )
    assert path.stat().st_size > 21_000_000
    return path


def test_large_file_is_reduced_and_every_answer_says_so(page: Page, too_large):
    open_analyse(page)
    drop(page, too_large)
    reduce = page.get_by_role("button", name="Reduce and continue")
    expect(reduce).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("All 230,000 rows are kept")).to_be_visible()

    page.get_by_role("button", name="Change what is kept").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("columns and all rows"))).to_be_visible()
    dialog.get_by_role("radio", name="Sample").click()
    expect(dialog.get_by_text(re.compile("one row in 10:"))).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)

    reduce.click()
    expect(page.get_by_text("Fits (reduced)")).to_be_visible(timeout=PATIENCE_MS)
    expect_ready(page)
    expect(page.get_by_role("heading", name="orders (reduced).csv")).to_be_visible()

    question = "Total amount by region as a chart"
    ask(page, question)
    expect_answer(page, question)
    expect(page.get_by_text(re.compile(r"Reduced data: \d of 5 columns\."))).to_be_visible()
