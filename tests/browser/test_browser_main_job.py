"""The main job as a person does it, on real files that were not made for the purpose."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.local_engine import LocalEngineProcess
from services.local_engine.types import Delay
from tests.browser.browser_steps import (
    PATIENCE_MS,
    ask,
    drop,
    expect_answer,
    new_page,
    open_analyse,
)

pytestmark = pytest.mark.browser

QUESTIONS = {
    "SampleSuperstore.csv": ("Total sales by region as a chart", "and by segment?"),
    "canadian_senators.csv": (
        "How many senators per province as a chart",
        "and by Political Affiliation at Appointment?",
    ),
    "penguins-raw.csv": ("Average body mass by species as a chart", "and by island?"),
}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_drop_read_ask_follow_up_cost(page: Page, real_files, name):
    """Two answers with image and table from one container, and money that adds up."""
    first, follow_up = QUESTIONS[name]
    open_analyse(page)
    drop(page, real_files[name])
    expect(page.get_by_text("Ready.")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    ask(page, first)
    expect_answer(page, first)
    ask(page, follow_up)
    expect_answer(page, follow_up)
    expect(page.get_by_text("Earlier in this conversation")).to_be_visible()

    address = page.url
    page.reload()
    expect_answer(page, follow_up)
    assert page.url == address


def test_one_container_with_two_runs_and_money_that_adds_up(start_server, browser, real_files):
    """On a server of its own, so that the page's figures are of these two runs alone."""
    server = start_server()
    page = new_page(browser, server)
    open_analyse(page)
    drop(page, real_files["SampleSuperstore.csv"])
    expect(page.get_by_text("Ready.")).to_be_visible(timeout=PATIENCE_MS)
    for question in QUESTIONS["SampleSuperstore.csv"]:
        ask(page, question)
        expect_answer(page, question)
    address = page.url

    page.get_by_role("link", name="Containers & cost").click()
    expect(page.get_by_text("1 of 10")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("1 idle container would cost $0.05 an hour.")).to_be_visible()
    page.get_by_role("tab", name="Ledger").click()
    expect(page.get_by_text(re.compile(r"^\d rows · \$"))).to_be_visible(timeout=PATIENCE_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    rows = [dict(zip(header, line.split(","), strict=True)) for line in lines[1:]]
    assert [row["kind"] for row in rows].count("request") == 2
    # A second answer within the second that the first has booked needs no row of its own.
    assert [row["kind"] for row in rows].count("container") in (1, 2)
    assert len({row["workspace"] for row in rows}) == 1
    assert len({row["run"] for row in rows}) == 2
    total_usd = sum(int(row["amount_microusd"]) for row in rows) / 1_000_000
    shown = page.get_by_test_id("stMetric").filter(has_text="Spent this month")
    spent = re.search(r"\$(\d+\.\d+)", shown.inner_text())
    assert spent is not None
    assert float(spent[1]) == pytest.approx(total_usd, abs=0.0006)

    server.restart()
    page.goto(address)
    expect_answer(page, QUESTIONS["SampleSuperstore.csv"][1])


def test_each_file_that_can_not_be_used_gets_its_sentence(page: Page, tmp_path):
    """And the way out stays in sight."""
    cases = {
        "empty.csv": (b"", "There is nothing in this file."),
        "picture.csv": (png(), "This is a PNG image, although its name ends in .csv."),
        "notes.pdf": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "This is a PDF"),
    }
    for name, (content, sentence) in cases.items():
        open_analyse(page)
        path = tmp_path / name
        path.write_bytes(content)
        drop(page, path)
        expect(page.get_by_text(sentence).first).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_disabled()
        expect(page.get_by_role("button", name="Choose another file")).to_be_visible()


def test_a_column_that_does_not_exist_and_a_question_beyond_the_rules(page: Page, real_files):
    open_analyse(page)
    drop(page, real_files["SampleSuperstore.csv"])
    expect(page.get_by_text("Ready.")).to_be_visible(timeout=PATIENCE_MS)
    ask(page, "total turnover by region")
    expect(page.get_by_text("There is no column “turnover”.").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    ask(page, "Why did profits fall in the south?")
    expect(page.get_by_text("The local engine can't answer this.").first).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_stop_ends_the_run_and_a_second_tab_follows_it(start_server, browser, real_files, tmp_path):
    """The engine is told to be slow, so that there is time to look, stop and ask again."""
    engine = LocalEngineProcess(tmp_path / "engine")
    engine.start()
    try:
        server = start_server(
            ANTHROPIC_API_KEY=engine.token, DATADOCK_CLAUDE_BASE_URL=engine.address
        )
        page = new_page(browser, server)
        open_analyse(page)
        drop(page, real_files["penguins-raw.csv"])
        expect(page.get_by_text("Ready.")).to_be_visible(timeout=PATIENCE_MS)
        engine.inject(Delay(seconds=60, at="tool"))
        ask(page, "Average body mass by species as a chart")
        stop = page.get_by_role("button", name="Stop")
        expect(stop).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_disabled()

        second = page.context.new_page()
        second.goto(page.url)
        expect(second.get_by_role("button", name="Stop")).to_be_visible(timeout=PATIENCE_MS)
        page.reload()
        expect(stop).to_be_visible(timeout=PATIENCE_MS)

        stop.click()
        for tab in (page, second):
            expect(tab.get_by_text("Stopped.").first).to_be_visible(timeout=PATIENCE_MS)
            expect(tab.get_by_role("button", name="Run again")).to_be_visible()
        engine.clear_faults()
        page.get_by_role("button", name="Run again").click()
        expect_answer(page, "Average body mass by species as a chart")
    finally:
        engine.stop()


def test_a_run_that_the_server_did_not_survive_is_told_and_repeated(
    start_server, browser, real_files, tmp_path
):
    """A power cut in mid-run: finished answers are there, the open one has a way on."""
    engine = LocalEngineProcess(tmp_path / "engine")
    engine.start()
    try:
        server = start_server(
            ANTHROPIC_API_KEY=engine.token, DATADOCK_CLAUDE_BASE_URL=engine.address
        )
        page = new_page(browser, server)
        open_analyse(page)
        drop(page, real_files["penguins-raw.csv"])
        expect(page.get_by_text("Ready.")).to_be_visible(timeout=PATIENCE_MS)
        ask(page, "Average body mass by species as a chart")
        expect_answer(page, "Average body mass by species as a chart")
        engine.inject(Delay(seconds=60, at="tool"))
        ask(page, "and by island?")
        expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=PATIENCE_MS)
        address = page.url

        server.kill()
        engine.clear_faults()
        server.start()
        page.goto(address)
        expect(page.get_by_text("The run was interrupted").first).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("Earlier in this conversation")).to_be_visible()
        page.get_by_role("button", name="Run again").click()
        expect_answer(page, "and by island?")
    finally:
        engine.stop()


def png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    return out.getvalue()


def test_password_protected_workbook_gets_its_sentence(page: Page, tmp_path):
    source = Path(__file__).resolve().parents[1] / "data" / "protected.xlsx"
    if not source.exists():
        pytest.fail("tests/data/protected.xlsx is missing")
    open_analyse(page)
    drop(page, source)
    expect(page.get_by_text("This workbook is protected by a password").first).to_be_visible(
        timeout=PATIENCE_MS
    )
