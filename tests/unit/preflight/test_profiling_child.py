"""The child that goes over all rows: bounded, stopped, replaced when it dies."""

import os
import signal
import threading
from pathlib import Path

import pytest

from services.clock import SystemClock
from services.preflight import assess
from services.preflight.profiling import Profilers
from services.preflight.profiling.types import Profiled, ProfileTables, Unprofiled

ROWS = "".join(f"{i},{i * 7919 % 1_000_003},name of {i},{i % 11}\n" for i in range(250_000))


@pytest.fixture
def profilers():
    made = Profilers()
    yield made
    made.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    path = Path(tmp_path_factory.mktemp("large")) / "a.csv"
    path.write_text("id,key,name,few\n" + ROWS * 4)
    return path


@pytest.fixture(scope="module")
def request_of(large, profile) -> ProfileTables:
    return ProfileTables(path=str(large), report=assess(large, "a.csv", profile).report)


def memory(process_id: int | None, what: str) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if what in line)


def test_child_stays_within_bounds_on_many_near_unique_values(profilers, request_of):
    small = ProfileTables(path=request_of.path, report=request_of.report, held_keys=100_000)
    profilers.warm()
    assert isinstance(profilers.ask(request_of), Profiled)
    idle = memory(profilers.child_id, "VmRSS")
    reply = profilers.ask(small)
    assert isinstance(reply, Profiled)
    (table,) = reply.tables
    assert (table.rows, table.duplicate_rows) == (1_000_000, 750_000)
    assert [column.distinct for column in table.columns] == [250_000, 250_000, 250_000, 11]
    assert memory(profilers.child_id, "VmHWM") < max(idle, 150_000_000) + 380_000_000


def test_what_a_file_takes_is_given_back_before_the_next(profilers, request_of, tmp_path, profile):
    path = tmp_path / "b.csv"
    path.write_text("a,b\n1,2\n")
    small = ProfileTables(path=str(path), report=assess(path, "b.csv", profile).report)
    assert isinstance(profilers.ask(small), Profiled)
    idle = memory(profilers.child_id, "VmRSS")
    child = profilers.child_id
    for _ in range(3):
        assert isinstance(profilers.ask(request_of), Profiled)
        assert isinstance(profilers.ask(small), Profiled)  # not before the other's is given back
        assert memory(profilers.child_id, "VmRSS") < idle + 90_000_000
    assert profilers.child_id == child


def test_profile_that_is_stopped_has_no_figures(profilers, request_of):
    stop = threading.Event()
    replies: list[object] = ["none yet"]
    profilers.warm()
    thread = threading.Thread(target=lambda: replies.append(profilers.ask(request_of, stop)))
    thread.start()
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert replies[-1] is None
    assert isinstance(profilers.ask(request_of), Profiled)  # by another child


def test_child_that_is_killed_costs_its_own_file_only(profilers, request_of):
    replies: list[object] = []
    assert isinstance(profilers.ask(request_of), Profiled)
    child = profilers.child_id
    assert child is not None
    os.kill(child, signal.SIGSTOP)  # so that it is sure to be at work when it is killed
    thread = threading.Thread(target=lambda: replies.append(profilers.ask(request_of)))
    thread.start()
    os.kill(child, signal.SIGKILL)
    thread.join(20)
    assert not thread.is_alive()
    # Dead before it was asked, it has been replaced already.
    assert isinstance(replies[0], Profiled) or replies == [Unprofiled(code="crashed")]
    assert isinstance(profilers.ask(request_of), Profiled)


def test_file_that_is_not_what_its_report_says_is_left_unprofiled(profilers, request_of, tmp_path):
    gone = ProfileTables(path=str(tmp_path / "gone"), report=request_of.report)
    assert profilers.ask(gone) == Unprofiled(code="unreadable")
    path = tmp_path / "a.csv"
    path.write_bytes(os.urandom(200_000))
    reply = profilers.ask(ProfileTables(path=str(path), report=request_of.report))
    assert isinstance(reply, Profiled | Unprofiled)


def test_answer_waits_for_nobody_after_the_end(request_of):
    made = Profilers()
    made.warm()
    made.close()
    started = SystemClock().monotonic()
    made.close()
    assert SystemClock().monotonic() - started < 5
