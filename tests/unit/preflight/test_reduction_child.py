"""The child that reduces: its words, its ends, and what it leaves."""

import os
import random
import signal
import threading
from pathlib import Path

import pytest

from services.preflight.reduction.types import Advanced, NotWritten, Written
from services.preflight.types import KeepColumns, KeepRows
from tests.unit.preflight.preflight_made import with_part, workbook
from tests.unit.preflight.reduction_made import by_child, request_of, source_of, written

ROWS = 400_000


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A file that takes about a second."""
    chance = random.Random(1)
    lines = (f"{n},{chance.random():.6f},word {n % 50}" for n in range(ROWS))
    path = tmp_path_factory.mktemp("long") / "long.csv"
    return written(path, "n,x,w\n" + "\n".join(lines) + "\n")


def test_child_tells_how_far_it_is_and_not_too_often(long, tmp_path):
    outcome, words = by_child(request_of(source_of(long), long, tmp_path / "w"))
    assert outcome == Written(source_rows=ROWS, rows=ROWS, columns=3)
    assert [word.done for word in words] == sorted(word.done for word in words)
    assert all(0 <= word.done <= 1 for word in words)
    assert 2 <= len(words) <= 40


def test_stop_ends_the_child_at_once(long, tmp_path):
    from services.preflight.reduction import Reducers

    stop = threading.Event()
    request = request_of(source_of(long), long, tmp_path / "w")
    words: list[Advanced] = []

    def tell(word: Advanced) -> None:
        words.append(word)
        stop.set()

    assert Reducers().reduce(request, tell, stop) is None
    assert len(words) == 1
    assert reducers() == []


def reducers() -> list[str]:
    """Children of ours that still run."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes()
            status = (line.parent / "status").read_text()
        except OSError:
            continue
        if b"reduction._worker" in command and f"PPid:\t{os.getpid()}\n" in status:
            found.append(line.parent.name)
    return found


def test_killed_child_is_an_outcome(long, tmp_path):
    from services.preflight.reduction import Reducers

    request = request_of(source_of(long), long, tmp_path / "w")

    def kill(word: Advanced) -> None:
        for child in reducers():
            os.kill(int(child), signal.SIGKILL)

    outcome = Reducers().reduce(request, kill, threading.Event())
    assert outcome == NotWritten(code="crashed")


def test_full_disk_is_an_outcome(long, tmp_path):
    request = request_of(source_of(long), long, tmp_path / "w")
    (tmp_path / "w" / "reduced.csv").symlink_to("/dev/full")
    outcome, _ = by_child(request)
    assert outcome == NotWritten(code="disk_full")


def test_nothing_left_is_an_outcome(long, tmp_path):
    step = KeepRows(column="n", comparison="<", value="0")
    outcome, _ = by_child(request_of(source_of(long), long, tmp_path / "w", step))
    assert outcome == NotWritten(code="no_rows")


def test_workbook_that_breaks_off_is_an_outcome(tmp_path):
    content = workbook(("A", [["a"], *([n] for n in range(50))]))
    path = written(tmp_path / "a.xlsx", content)
    source = source_of(path)
    broken = b"<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row>"
    written(path, with_part(content, "xl/worksheets/sheet1.xml", broken))
    outcome, _ = by_child(request_of(source, path, tmp_path / "w"))
    assert outcome == NotWritten(code="damaged")


def test_entities_are_not_expanded(tmp_path):
    content = workbook(("A", [["a"], *([n] for n in range(50))]))
    path = written(tmp_path / "a.xlsx", content)
    source = source_of(path)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'
    written(path, with_part(content, "xl/worksheets/sheet1.xml", bomb))
    outcome, _ = by_child(request_of(source, path, tmp_path / "w"))
    assert outcome == NotWritten(code="bomb")


def test_memory_stays_bounded_whatever_the_file(long, tmp_path):
    """Shared strings of a workbook and rows of a table lie on disk, not in the child."""
    peaks: list[int] = []

    def look(word: Advanced) -> None:
        for child in reducers():
            status = Path("/proc", child, "status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            peaks.append(int(line.split()[1]) * 1024)

    from services.preflight.reduction import Reducers

    request = request_of(source_of(long), long, tmp_path / "w", KeepColumns(names=("n", "w")))
    assert isinstance(Reducers().reduce(request, look, threading.Event()), Written)
    assert peaks
    assert max(peaks) < 150_000_000
