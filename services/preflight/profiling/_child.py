"""The parent's side: one warm child, asked one file at a time, ended when it takes too long."""

import threading

import msgspec

from services.preflight.inspection import Worker
from services.preflight.profiling import _bounds
from services.preflight.profiling.types import ProfileTables, Reply, Unprofiled

_MODULE = "services.preflight.profiling._worker"
_OWN = {
    # Blocks come and go; memory that is given back for each has to be cleared for the next.
    "MALLOC_MMAP_THRESHOLD_": "67108864",
    "MALLOC_TRIM_THRESHOLD_": "134217728",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "mimalloc",
}
_decoder = msgspec.json.Decoder(Reply)


class Profilers:
    """One child: profiles wait for each other, and never for a check."""

    def __init__(self) -> None:
        self._bounds = _bounds.load()
        self._turn = threading.Lock()
        self._child: Worker | None = None
        self._idle_bytes = 0
        """What the child takes when it has read nothing yet."""
        self._closed = False

    def warm(self) -> None:
        """Start the child, so that the first file needn't wait for imports."""
        with self._turn:
            self._take()

    def ask(self, request: ProfileTables, stop: threading.Event | None = None) -> Reply | None:
        """The child's answer; None if `stop` was set before it came.

        A child that dies or takes too long leaves the file unprofiled.
        """
        with self._turn:
            if stop is not None and stop.is_set():
                return None
            child = self._take()
            try:
                reply = self._asked(child, request, stop)
            except BaseException:
                child.end()
                raise
            if not child.is_usable or self._closed:
                child.end()
            return reply

    def close(self) -> None:
        """End the child; one that is at work is ended under way."""
        self._closed = True
        if self._child is not None:
            self._child.kill()
        with self._turn:
            if self._child is not None:
                self._child.end()

    @property
    def child_id(self) -> int | None:
        """The process id of the child, while there is one."""
        return self._child.process_id if self._child is not None else None

    def _take(self) -> Worker:
        if self._child is None or not self._child.is_alive:
            self._child = Worker(_MODULE, _OWN)
            self._idle_bytes = 0
        return self._child

    def _asked(
        self, child: Worker, request: ProfileTables, stop: threading.Event | None
    ) -> Reply | None:
        if not self._idle_bytes:
            if not child.is_ready():
                child.end()
                return Unprofiled(code="crashed")
            self._idle_bytes = child.resident_bytes
        answer = child.ask(
            msgspec.json.encode(request),
            self._bounds.wall_seconds,
            stop,
            most_bytes=self._idle_bytes + self._bounds.memory_bytes,
        )
        if answer == "stopped":
            return None
        if not isinstance(answer, bytes):
            return Unprofiled(code=answer)
        reply: Reply = _decoder.decode(answer)
        return reply
