"""A run that this process carries: what its performer is handed, and what stops it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from services.clock import Clock
from services.events import Event
from services.ids import CorrelationId, RunId, UserId
from services.runs._journal import Journal
from services.runs.types import RunRow


class LiveRun:
    """A run that this process carries; what its performer is handed."""

    def __init__(self, row: RunRow, journal: Journal, clock: Clock) -> None:
        self.row = row
        self.journal = journal
        self.ended = threading.Event()
        self.waiting: Future[None] | None = None
        """Its place among those that a worker is going to take."""
        self._server_ends = False
        self._clock = clock
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._close: Callable[[], None] | None = None

    @property
    def id(self) -> RunId:
        return self.row.id

    @property
    def owner(self) -> UserId:
        return self.row.owner

    @property
    def correlation_id(self) -> CorrelationId:
        return self.row.correlation_id or CorrelationId("")

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    @property
    def server_ends(self) -> bool:
        return self._server_ends

    def note(self, event: Event) -> None:
        self.journal.note(event)

    def wait(self, seconds: float) -> bool:
        return self._clock.wait(self._stop, seconds)

    def on_stop(self, close: Callable[[], None] | None) -> None:
        with self._lock:
            self._close = close
            call_now = close if self._stop.is_set() else None
        if call_now is not None:
            call_now()

    def request_stop(self, *, server_ends: bool = False) -> None:
        self._server_ends = self._server_ends or server_ends
        with self._lock:
            self._stop.set()
            close = self._close
        if close is not None:
            close()
