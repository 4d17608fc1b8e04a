"""For every test: no key, no way out of this machine, no skip that CI doesn't see."""

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.clock import ManualClock

_DROPPED = ("ANTHROPIC_", "DATADOCK_", "STREAMLIT_", "CLAUDE_", "AWS_", "GOOGLE_")
_refused: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """A test can't spend money, and doesn't touch what its user keeps."""
    for name in list(os.environ):
        if name.startswith(_DROPPED) or name.lower().endswith("_proxy"):
            del os.environ[name]
    folder = tempfile.mkdtemp(prefix="datadock-tests-")
    os.environ["DATADOCK_HOME"] = str(Path(folder, "home"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    _close_the_way_out()


def _close_the_way_out() -> None:
    """For every library at once: they all end in one of these two."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        _check(self, address)
        return connect(self, address)

    return guarded


def _check(connecting: socket.socket, address: Any) -> None:
    if connecting.family not in (socket.AF_INET, socket.AF_INET6) or _is_loopback(address[0]):
        return
    _refused.append(str(address[0]))
    raise PermissionError(f"a test may not connect to {address[0]}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fails the test during which something tried to connect elsewhere, however it was handled."""
    _refused.clear()
    yield
    assert _refused == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest and depends on most comes last: a browser, then."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure, unless the test is marked as another platform's."""
    report = yield
    if item.get_closest_marker("platform") is None and not hasattr(report, "wasxfail"):
        _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole file that skips itself is no better."""
    report = yield
    _fail_if_skipped(report)
    return report


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Not skipped in CI. {reason}"


@pytest.fixture
def clock() -> ManualClock:
    """A clock that the test turns by hand."""
    return ManualClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder
