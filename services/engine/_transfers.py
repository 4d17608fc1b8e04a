"""Uploads and downloads that another thread can end, at whatever step they are."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.engine._line import Line


class Transfers:
    """The transfers of one run. Once stopped, those under way break off and no other begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: set[Line] = set()
        self._is_stopped = False

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has asked to stop."""
        return self._is_stopped

    def stop(self) -> None:
        """End them all, from any thread, though not a single byte may arrive."""
        with self._lock:
            self._is_stopped = True
            lines = tuple(self._lines)
        for line in lines:
            line.shut("cancelled")

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A line for one transfer, cut from the start if there was a stop before."""
        line = Line()
        with self._lock:
            self._lines.add(line)
            if self._is_stopped:
                line.shut("cancelled")
        try:
            yield line
        finally:
            with self._lock:
                self._lines.discard(line)
