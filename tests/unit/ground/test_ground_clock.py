"""One clock: scaled for rehearsals, turned by hand in tests."""

import threading
from datetime import UTC, datetime, timedelta

from services.clock import ManualClock, SystemClock


def test_two_processes_with_one_origin_agree_on_the_time():
    """The local engine is another process; expiry must mean the same instant in both."""
    origin = datetime.now(UTC).timestamp() - 1_000
    first, second = SystemClock(60, origin), SystemClock(60, origin)
    assert abs((first.now() - second.now()).total_seconds()) < 30
    assert first.now() - datetime.now(UTC) > timedelta(seconds=1_000 * 58)


def test_a_scaled_clock_waits_a_fraction_of_the_time():
    clock = SystemClock(10_000)
    before = clock.monotonic()
    assert not clock.wait(threading.Event(), 100)
    assert clock.monotonic() - before >= 100


def test_a_manual_clock_moves_only_by_hand():
    clock = ManualClock()
    start = clock.now()
    assert clock.now() == start
    clock.sleep(90)
    assert clock.now() == start + timedelta(seconds=90)
    assert clock.monotonic() == 90
    event = threading.Event()
    assert not clock.wait(event, 10)
    event.set()
    assert clock.wait(event, 10)
    assert clock.monotonic() == 100
