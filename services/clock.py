"""The only clock. Times are aware and UTC; a scale above 1 makes hours pass in seconds."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What every room is given instead of `time` and `datetime`."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Pause for that many seconds of this clock."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Pause until the event is set or that many seconds of this clock have passed."""


class SystemClock:
    """Real time, or real time made faster by `scale`, counted from `origin_seconds` (Unix time).

    Processes that share scale and origin agree on the time, so the local engine is given both.
    """

    def __init__(self, scale: float = 1.0, origin_seconds: float | None = None) -> None:
        if scale <= 0:
            raise ValueError("scale must be positive")
        self.scale = scale
        self.origin_seconds = time.time() if origin_seconds is None else origin_seconds

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        real = time.time()
        seconds = self.origin_seconds + (real - self.origin_seconds) * self.scale
        return datetime.fromtimestamp(seconds, UTC)

    def monotonic(self) -> float:
        """Scaled seconds since some fixed instant."""
        return time.monotonic() * self.scale

    def sleep(self, seconds: float) -> None:
        """Pause for that many scaled seconds."""
        time.sleep(max(0.0, seconds) / self.scale)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Pause until the event is set or that many scaled seconds have passed."""
        return event.wait(max(0.0, seconds) / self.scale)


class ManualClock:
    """A clock that a test turns by hand; `sleep` and `wait` advance it and return at once."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant that the test has set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that the test has let pass."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._elapsed += seconds

    def sleep(self, seconds: float) -> None:
        """Let the time pass without pausing."""
        self.advance(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let the time pass unless the event is set already."""
        if event.is_set():
            return True
        self.advance(seconds)
        return event.is_set()
