"""How long a visitor waits: start, verdict, first progress, answer, screen; against references.

Each figure stands beside a reference that was measured in the same run, since machines differ:
an empty Streamlit app, the usual upload page, the bare SDK call to the same local engine.

    .venv/bin/python bench/first_answer.py [--quick] [--json]
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from services.app import Application
from services.engine.types import Endpoint
from services.events import Finished
from services.files.types import Upload
from services.ids import ConversationId, UserId
from services.questions.types import Ask
from services.settings import Settings
from services.store import open_store

_ROOT = Path(__file__).resolve().parent.parent
_SEED = 20261124
_ROWS = 95_000  # about 5 MB
_QUESTION = "total amount by region"
_FOLLOW_UPS = ("average amount by region", "total amount by product", "average amount by product")
_TIMEOUT_MS = 60_000
_EMPTY_APP = 'import streamlit as st\nst.title("Empty")\n'
_USUAL_APP = """
import pandas as pd
import streamlit as st

st.title("Usual")
uploaded = st.file_uploader("Upload")
if uploaded is not None:
    st.dataframe(pd.read_csv(uploaded))
"""


def main() -> None:
    """Measure everything and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    repeats = 2 if options.quick else 5
    with tempfile.TemporaryDirectory(prefix="datadock-bench-") as folder:
        figures = measure(Path(folder), repeats)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    for line in _lines(figures):
        sys.stdout.write(line + "\n")


def measure(folder: Path, repeats: int) -> dict[str, float]:
    """Medians in seconds, by name."""
    data = folder / "sales.csv"
    write_data(data)
    figures: dict[str, float] = {}
    with chromium() as browser:
        figures |= cold_start(browser, folder, repeats)
        figures |= drop_to_verdict(browser, folder, data, repeats)
        figures |= question_to_screen(browser, folder, data, repeats)
    figures |= question_to_finished(folder, data, repeats)
    return figures


def write_data(path: Path) -> None:
    """About 5 MB of orders: number, date, region, product, quantity, amount, note."""
    random = np.random.default_rng(_SEED)
    regions = random.choice(["North", "South", "East", "West"], _ROWS)
    products = random.choice([f"Product {n}" for n in range(40)], _ROWS)
    days = random.integers(0, 365, _ROWS)
    dates = (np.datetime64("2025-01-01") + days).astype(str)
    quantities = random.integers(1, 9, _ROWS)
    amounts = random.gamma(2, 40, _ROWS).round(2)
    with path.open("w") as out:
        out.write("Order,Date,Region,Product,Quantity,Amount\n")
        for n in range(_ROWS):
            cells = (100_000 + n, dates[n], regions[n], products[n], quantities[n], amounts[n])
            out.write(",".join(map(str, cells)) + "\n")


def cold_start(browser: Browser, folder: Path, repeats: int) -> dict[str, float]:
    """From starting the process to the first page's heading, each time with a new data folder."""
    empty = folder / "empty.py"
    empty.write_text(_EMPTY_APP)
    ours, theirs = [], []
    for n in range(repeats):
        theirs.append(_start_to_heading(browser, empty, folder / f"empty{n}", "Empty"))
        ours.append(
            _start_to_heading(
                browser, _ROOT / "streamlit_app.py", folder / f"cold{n}", "Ask questions"
            )
        )
    return {"start_s": statistics.median(ours), "start_empty_s": statistics.median(theirs)}


def _start_to_heading(browser: Browser, script: Path, home: Path, heading: str) -> float:
    started = time.perf_counter()
    with server(script, home) as address, visit(browser) as page:
        open_page(page, address)
        page.get_by_role("heading", name=heading).first.wait_for(timeout=_TIMEOUT_MS)
        return time.perf_counter() - started


def drop_to_verdict(browser: Browser, folder: Path, data: Path, repeats: int) -> dict[str, float]:
    """From dropping 5 MB to the verdict, against the usual page showing its table."""
    usual = folder / "usual.py"
    usual.write_text(_USUAL_APP)
    ours, theirs = [], []
    with (
        server(usual, folder / "usual") as their_address,
        server(_ROOT / "streamlit_app.py", folder / "verdict") as our_address,
    ):
        for n in range(repeats + 1):
            with visit(browser) as page:
                open_page(page, their_address)
                seconds = _drop(page, data, '[data-testid="stDataFrame"] canvas')
                theirs += [seconds] if n else []
            changed = folder / f"sales{n}.csv"  # other content each time: a known file is instant
            changed.write_text(data.read_text() + f"{n},2025-01-01,North,Product 1,1,{n}.5\n")
            with visit(browser) as page:
                open_page(page, our_address)
                seconds = _drop(page, changed, "text=Ready.")
                ours += [seconds] if n else []
    return {"verdict_s": statistics.median(ours), "verdict_usual_s": statistics.median(theirs)}


def _drop(page: Page, data: Path, wanted: str) -> float:
    page.locator('[data-testid="stFileUploader"] input[type=file]').wait_for(
        state="attached", timeout=_TIMEOUT_MS
    )
    started = time.perf_counter()
    page.set_input_files('[data-testid="stFileUploader"] input[type=file]', data)
    page.locator(wanted).first.wait_for(timeout=_TIMEOUT_MS)
    return time.perf_counter() - started


def question_to_screen(
    browser: Browser, folder: Path, data: Path, repeats: int
) -> dict[str, float]:
    """Enter to the first progress; the finished event to the answer on the screen."""
    home = folder / "screen"
    progress, seen = [], []
    with server(_ROOT / "streamlit_app.py", home) as address, visit(browser) as page:
        open_page(page, address)
        _drop(page, data, "text=Ready.")
        for n in range(repeats + 1):
            question = (_QUESTION, *_FOLLOW_UPS)[n % 4]
            box = page.get_by_test_id("stChatInputTextArea")
            box.fill(question)
            started = time.perf_counter()
            box.press("Enter")
            page.get_by_role("button", name="Stop").wait_for(timeout=_TIMEOUT_MS)
            progress.append(time.perf_counter() - started)
            answer = page.get_by_role("button", name="Steps and code")
            page.get_by_role("button", name="Stop").wait_for(state="hidden", timeout=_TIMEOUT_MS)
            answer.first.wait_for(timeout=_TIMEOUT_MS)
            seen.append(time.time())
    finished = finished_at(home)
    lags = [at - end for at, end in zip(seen, finished, strict=True)]
    return {"progress_s": statistics.median(progress[1:]), "screen_s": statistics.median(lags[1:])}


def finished_at(home: Path) -> list[float]:
    """Unix times of the finished events of all answers, in order, from the journals."""
    from services.clock import SystemClock
    from services.runs import Runs
    from services.runs.types import AnswerQuestion, RunRow

    clock = SystemClock()
    store = open_store(home, clock)
    runs = Runs(store, clock, workers=1, fence=store.next_number("server"))
    rows = [row for _, row in store.space("runs.rows", RunRow).scan()]
    ends = [
        numbered.event.at.timestamp()
        for row in rows
        if isinstance(row.task, AnswerQuestion)
        for numbered in runs.events(row.owner, row.id)
        if isinstance(numbered.event, Finished)
    ]
    runs.shutdown(0)
    store.close()
    return sorted(ends)


def question_to_finished(folder: Path, data: Path, repeats: int) -> dict[str, float]:
    """The app's whole path for a question in a live container, against the bare SDK call."""
    application = Application.build(Settings(home=folder / "path"))
    application.start()
    try:
        user = UserId("bench")
        conversation_id = _first_answer(application, user, data)
        ours, bare = [], []
        caller = BareCaller(application.endpoint(), application.engine.default_model().id, data)
        caller.ask(_QUESTION)
        for n in range(repeats * 3):
            question = _FOLLOW_UPS[n % len(_FOLLOW_UPS)]
            bare.append(caller.ask(question))
            ours.append(_ask(application, user, conversation_id, question))
    finally:
        application.stop()
    return {"answer_s": statistics.median(ours), "answer_bare_s": statistics.median(bare)}


def _first_answer(application: Application, user: UserId, data: Path) -> ConversationId:
    """A conversation with a checked file, and a container that has answered once."""
    spooled = application.spool_folder / "bench"
    shutil.copyfile(data, spooled)
    upload = Upload(path=spooled, name=data.name, size_bytes=data.stat().st_size)
    started = application.preflight.check(user, upload)
    conversation_id = application.conversations.open(user)
    application.conversations.attach(user, conversation_id, started.file_id)
    if started.run_id is not None:
        application.runs.wait(user, started.run_id, 60)
    _ask(application, user, conversation_id, _QUESTION)
    return conversation_id


def _ask(
    application: Application, user: UserId, conversation_id: ConversationId, question: str
) -> float:
    """From the question to its finished event, in seconds, by the instants in the journal.

    Nothing polls meanwhile: it would take the interpreter from the worker that is measured.
    """
    started = application.clock.now()
    asked = application.questions.ask(user, conversation_id, Ask(text=question))
    if asked.run_id is None or not application.runs.wait(user, asked.run_id, 60):
        raise SystemExit(f"not run: {question}")
    ending = application.runs.events(user, asked.run_id)[-1].event
    if not isinstance(ending, Finished):
        raise SystemExit(f"not answered: {question}")
    return (ending.at - started).total_seconds()


class BareCaller:
    """What a short script would do.

    The SDK, one container, the conversation so far, the stream read to its end, files fetched.
    """

    def __init__(self, endpoint: Endpoint, model: str, data: Path) -> None:
        import anthropic

        self._client = anthropic.Anthropic(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            max_retries=0,
            http_client=httpx2.Client(trust_env=False, timeout=60),
        )
        self._model = model
        self._file_id = self._client.files.upload(file=(data.name, data.read_bytes())).id
        self._container: str | None = None
        self._history: list[Any] = []

    def ask(self, question: str) -> float:
        """Seconds until the stream has ended and the produced files are here."""
        content: list[Any] = [{"type": "text", "text": question}]
        if self._container is None:
            content.insert(0, {"type": "container_upload", "file_id": self._file_id})
        messages = [*self._history, {"role": "user", "content": content}]
        request: dict[str, Any] = {"messages": messages}
        if self._container is not None:
            request["container"] = self._container
        started = time.perf_counter()
        with self._client.messages.stream(
            model=self._model,
            max_tokens=8000,
            tools=[{"type": "code_execution_20260521", "name": "code_execution"}],
            **request,
        ) as stream:
            message = stream.get_final_message()
        for block in message.content:
            if block.type == "bash_code_execution_tool_result":
                for output in getattr(block.content, "content", ()):
                    self._client.files.download(output.file_id).read()
        seconds = time.perf_counter() - started
        if message.container is not None:
            self._container = message.container.id
        said = "".join(block.text for block in message.content if block.type == "text")
        self._history += [
            {"role": "user", "content": question},
            {"role": "assistant", "content": said},
        ]
        return seconds


@contextlib.contextmanager
def server(script: Path, home: Path) -> Iterator[str]:
    """A Streamlit server for that script; ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
    } | {
        "DATADOCK_HOME": str(home),
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script)],
        cwd=_ROOT if script.is_relative_to(_ROOT) else script.parent,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("There is no Chromium here. Install the package chromium.")
    flags = ["--disable-gpu", "--disable-quic", "--disable-background-networking"]
    flags += ["--no-first-run", "--disable-component-update", "--disable-sync"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextlib.contextmanager
def visit(browser: Browser) -> Iterator[Page]:
    """A new visitor's tab."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


def open_page(page: Page, address: str) -> None:
    """Go there as soon as somebody answers."""
    host, port = address.removeprefix("http://").split(":")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
            break
        time.sleep(0.01)
    page.goto(address)


def _lines(figures: dict[str, float]) -> list[str]:
    f = figures
    return [
        f"first_answer start={f['start_s']:.2f}s empty_app={f['start_empty_s']:.2f}s"
        f" ratio={f['start_s'] / f['start_empty_s']:.2f} (aim 2)",
        f"first_answer verdict_5MB={f['verdict_s']:.2f}s usual_page={f['verdict_usual_s']:.2f}s"
        f" ratio={f['verdict_s'] / f['verdict_usual_s']:.2f} (aim 1)",
        f"first_answer progress={f['progress_s'] * 1000:.0f}ms (aim 300)",
        f"first_answer answer={f['answer_s']:.3f}s bare_sdk={f['answer_bare_s']:.3f}s"
        f" overhead={(f['answer_s'] / f['answer_bare_s'] - 1) * 100:+.0f}% (aim +10)",
        f"first_answer finished_to_screen={f['screen_s'] * 1000:.0f}ms (aim 400)",
    ]


if __name__ == "__main__":
    main()
