"""A file that breaks its reader costs its own check, and nothing else (R13)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from services.preflight.inspection import Inspectors, _bounds, _pipe
from services.preflight.inspection.types import Inspected, InspectFile, Refusal

ROOT = Path(__file__).parents[3]


@pytest.fixture
def inspectors():
    made = Inspectors()
    yield made
    made.close()


@pytest.fixture
def question(tmp_path: Path) -> InspectFile:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    return InspectFile(
        path=str(path),
        name="a.csv",
        check_limit_bytes=400_000_000,
        practical_limit_bytes=15_000_000,
    )


def children() -> set[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    of_threads = [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]
    return {int(pid) for pid in listed} | set(of_threads)


def test_killed_child_is_a_refusal_and_the_next_file_is_looked_at(inspectors, question, tmp_path):
    before = children()
    assert isinstance(inspectors.ask(question), Inspected)
    (child,) = children() - before
    waiting = tmp_path / "big.csv"
    waiting.write_text("a,b\n" + "1,2\n" * 9_000_000)
    replies: list[object] = []
    slow = msgspec.structs.replace(question, path=str(waiting), thorough=True)
    thread = threading.Thread(target=lambda: replies.append(inspectors.ask(slow)))
    thread.start()
    deadline = time.monotonic() + 20
    while not is_busy(child) and time.monotonic() < deadline:
        thread.join(0.01)
    os.kill(child, signal.SIGKILL)
    thread.join(20)
    assert replies == [Refusal(code="crashed")]
    assert isinstance(inspectors.ask(question), Inspected)


def is_busy(pid: int) -> bool:
    """Whether it has used a little processor time, and so is at work on the file."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0] == "R"


def test_stop_ends_a_check_at_once(inspectors, question, tmp_path):
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "1,2\n" * 9_000_000)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    started = time.monotonic()
    slow = msgspec.structs.replace(question, path=str(path), thorough=True)
    assert inspectors.ask(slow, stop) is None
    assert time.monotonic() - started < 3


def worker(environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.preflight.inspection._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )


def test_child_ends_with_its_parent(question):
    process = worker()
    assert process.stdin is not None
    assert process.stdout is not None
    _pipe.send(process.stdin, msgspec.json.encode(question))
    assert _pipe.receive(process.stdout)
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


def test_child_never_takes_more_memory_than_it_may(inspectors, question, tmp_path):
    """A record without an end would be read into memory as a whole."""
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.write(b'a,b\n"')
        file.truncate(350_000_000)
    before = children()
    reply = inspectors.ask(msgspec.structs.replace(question, path=str(path)))
    assert isinstance(reply, Refusal)
    for child in children() - before:
        status = Path(f"/proc/{child}/status").read_text()
        peak = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM"))
        assert peak * 1024 < _bounds.load().memory_bytes


def test_child_sees_no_key_of_the_app(inspectors, question, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "planted-secret")
    before = children()
    inspectors.ask(question)
    (child,) = children() - before
    assert b"planted-secret" not in Path(f"/proc/{child}/environ").read_bytes()


@pytest.mark.parametrize("kind", ["fifo", "folder", "missing", "dangling"])
def test_what_is_no_file_is_refused_without_waiting(inspectors, question, tmp_path, kind):
    path = tmp_path / "odd"
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "dangling":
            path.symlink_to(tmp_path / "nowhere")
    reply = inspectors.ask(msgspec.structs.replace(question, path=str(path)))
    assert reply == Refusal(code="not_a_file")


def test_small_file_is_known_within_the_patience_of_a_page(inspectors, question):
    inspectors.ask(question)
    times = []
    for _ in range(5):
        started = time.monotonic()
        inspectors.ask(question)
        times.append(time.monotonic() - started)
    assert min(times) < 0.3


def test_earlier_files_leave_a_later_one_all_the_memory(inspectors, tmp_path):
    """What they have left in the child's heap would keep a valid document from being checked."""
    path = tmp_path / "records.json"
    codes = []
    for rows, width in ((200_000, 4), (330_000, 4), (260_000, 6), (330_000, 5), (300_000, 6)):
        row = json.dumps({f"field_{i}": 1234.567 + i for i in range(width)})
        path.write_text('{"data":[' + ",".join([row] * rows) + "]}")
        reply = inspectors.ask(
            InspectFile(
                path=str(path),
                name=path.name,
                check_limit_bytes=10**9,
                practical_limit_bytes=10**9,
            )
        )
        codes.append(getattr(reply, "code", "inspected"))
    assert codes == ["inspected"] * 5
