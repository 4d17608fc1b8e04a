"""The one connection of an attempt, which another thread can cut.

Closing a socket does not wake a thread that reads from it, and a silent server gives the reading
loop no chance to look at a clock, so neither a stop nor a deadline could be noticed from inside.
Shutting the socket down wakes the reader at whatever step it is: sending, waiting for headers,
reading the stream.
"""

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from services.clock import Clock

Cut: TypeAlias = Literal["cancelled", "deadline"]
_TICK_SECONDS = 0.1
"""How often the deadline is looked at, in real seconds: a clock in tests may run fast or stand."""


class LineCutError(Exception):
    """The line was cut before a request could use it."""


class Line:
    """Knows the sockets of an attempt, as httpx tells them, and why they were cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut: Cut | None = None
        self.connected = False

    @property
    def cut(self) -> Cut | None:
        """Why the line was cut; None while it may be used."""
        return self._cut

    def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """The `trace` extension of a request: notes each socket as soon as there is one."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.attach(info["return_value"])

    def attach(self, stream: Any) -> None:
        """Take a network stream of the HTTP library as the one to cut."""
        sock = stream.get_extra_info("socket")
        with self._lock:
            self.connected = True
            if isinstance(sock, socket.socket):
                self._socket = sock
            if self._cut is not None:
                _shut(self._socket)

    def check(self) -> None:
        """Raise LineCutError if the line was cut already."""
        if self._cut is not None:
            raise LineCutError

    def shut(self, why: Cut) -> None:
        """Cut the line, from any thread, at any time; the first reason stays."""
        with self._lock:
            if self._cut is None:
                self._cut = why
            _shut(self._socket)


class Watch:
    """Cuts a line when its time is over, though not a single byte may arrive."""

    def __init__(self, line: Line, clock: Clock, timeout_seconds: float) -> None:
        self._line = line
        self._clock = clock
        self._ends_at_seconds = clock.monotonic() + timeout_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="engine-deadline", daemon=True)

    def start(self) -> None:
        """Begin to look at the clock."""
        self._thread.start()

    def stop(self) -> None:
        """End the looking; returns when it has ended."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_TICK_SECONDS):
            if self._clock.monotonic() >= self._ends_at_seconds:
                self._line.shut("deadline")
                return


def _shut(sock: socket.socket | None) -> None:
    if sock is None:
        return
    # The plain method, also on a TLS socket: its own would take the TLS state away from under the
    # thread that is reading. An already closed socket raises OSError.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
