"""A server of its own and a real Chromium.

`server` runs once per session; `page` is a new visitor's tab, `visitor` makes further visitors, and
`context.new_page()` is the same visitor's second tab. A test fails when the browser asked another
host for anything, when an error stands on its console, or when the server printed a traceback;
`problems.forgive(...)` names what a test brings about on purpose.
"""

import contextlib
import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    sync_playwright,
)

from tests.browser.browser_steps import package

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    # Root has no sandbox of Chromium's; nothing but our own pages is opened.
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_PROBES = ("/_stcore/health", "/_stcore/host-config")

Visitor = Callable[..., BrowserContext]


class Server:
    """`streamlit run streamlit_app.py` with a port and a data folder of its own."""

    def __init__(self, home: Path, log: Path, **environment: str) -> None:
        self.home = home
        self.log = log
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until everything is ready."""
        environment = os.environ | {
            "DATADOCK_HOME": str(self.home),
            "STREAMLIT_SERVER_PORT": str(self.port),
            **self._environment,
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until `/healthz` answers `ok` (an unknown path would answer too) and all is loaded."""
        pause = threading.Event()
        deadline = time.monotonic() + START_SECONDS
        with httpx2.Client(base_url=self.address, trust_env=False) as client:
            while time.monotonic() < deadline:
                assert self._process is not None
                assert self._process.poll() is None, f"the server ended:\n{self.output()}"
                with contextlib.suppress(httpx2.TransportError):
                    is_alive = client.get("/healthz").text == "ok"
                    if is_alive and client.get("/readyz").status_code == 200:
                        return
                pause.wait(0.03)
        raise AssertionError(f"the server was not ready in time:\n{self.output()}")

    def stop(self) -> None:
        """End it as an operator does, and make sure that it and its children are gone."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
            self._process = None

    def restart(self) -> None:
        """Stop and start on the same port and data."""
        self.stop()
        self.start()

    def output(self) -> str:
        """All that it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class Problems:
    """What went wrong in the browser and on the server during one test."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._printed = len(server.output())
        self.seen: list[str] = []
        """Everything, forgiven or not."""
        self._forgiven: list[str] = []

    def forgive(self, *texts: str) -> None:
        """Problems that contain one of these texts are meant to happen in this test."""
        self._forgiven.extend(texts)

    def watch(self, context: BrowserContext) -> None:
        """Take note of everything in all tabs of this visitor."""
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._web_error)

    def found(self) -> list[str]:
        """What nobody forgave."""
        seen = list(self.seen)
        printed = self._server.output()[self._printed :]
        seen.extend(
            f"server: {block[-2000:]}" for block in printed.split("Traceback (most recent")[1:]
        )
        return [one for one in seen if not any(text in one for text in self._forgiven)]

    def _request(self, request: Request) -> None:
        own = (self._server.address, "data:", "blob:", f"ws://127.0.0.1:{self._server.port}")
        if not request.url.startswith(own):
            self.seen.append(f"request to another host: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        # On a deep link Streamlit looks for its server below the page's path first.
        is_probe = "404" in message.text and url.endswith(_PROBES) and url.count("/") > 4
        if message.type == "error" and not is_probe:
            self.seen.append(f"console: {message.text} ({url})")

    def _web_error(self, error: WebError) -> None:
        self.seen.append(f"script: {error.error}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers; keyword arguments are their environment."""
    with contextlib.ExitStack() as stack:

        def start(**environment: str) -> Server:
            folder = tmp_path_factory.mktemp("server")
            running = Server(folder / "home", folder / "server.log", **environment)
            stack.callback(running.stop)
            running.start()
            return running

        yield start


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """The server that the tests share; a test may restart it.

    A file whose tests need another environment overrides this fixture and calls `start_server`.
    """
    return start_server()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine.

    Not for the whole session: while it is there, an event loop runs in this thread, and no other
    test could run one.
    """
    path = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("There is no Chromium here. Install the package chromium.")
    # Told apart from a failure of ours: the program that steers the browser can't be loaded.
    version = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], check=False, capture_output=True
    )
    if version.returncode != 0:
        pytest.skip("Playwright does not start here. On Debian, install the package libatomic1.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield running
        running.close()


@pytest.fixture
def problems(server: Server) -> Iterator[Problems]:
    """What went wrong; the test fails if there is anything left at its end."""
    noted = Problems(server)
    yield noted
    assert noted.found() == []


@pytest.fixture
def visitor(browser: Browser, server: Server, problems: Problems) -> Iterator[Visitor]:
    """Makes visitors: each has cookies of its own. Options are those of `browser.new_context`."""
    with contextlib.ExitStack() as stack:

        def arrive(**options: Any) -> BrowserContext:
            defaults = {"viewport": {"width": 1366, "height": 768}, "base_url": server.address}
            context = browser.new_context(**(defaults | options))
            problems.watch(context)
            stack.callback(context.close)
            return context

        yield arrive


@pytest.fixture
def context(visitor: Visitor) -> BrowserContext:
    """One visitor with an ordinary laptop."""
    return visitor()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """That visitor's first tab, still empty: `page.goto("/")`."""
    return context.new_page()


@pytest.fixture(scope="session")
def real_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of other people, by name: text dates, blanks, headers with spaces."""
    folder = tmp_path_factory.mktemp("real")
    packed = package("bokeh_sampledata") / "_data" / "SampleSuperstore.csv.gz"
    with gzip.open(packed) as source, (folder / "SampleSuperstore.csv").open("wb") as target:
        shutil.copyfileobj(source, target)
    for one in (
        package("lifelines") / "datasets" / "canadian_senators.csv",
        package("palmerpenguins") / "data" / "penguins-raw.csv",
    ):
        shutil.copy(one, folder)
    return {path.name: path for path in folder.iterdir()}
