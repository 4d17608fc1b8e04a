"""The parent's side: warm children, asked one at a time, ended when they take too long."""

import contextlib
import queue
import threading

import msgspec

from services.preflight.inspection import _bounds
from services.preflight.inspection._process import Worker
from services.preflight.inspection.types import InspectFile, Refusal, Reply, Request

_MODULE = "services.preflight.inspection._worker"
_decoder = msgspec.json.Decoder(Reply)


class Inspectors:
    """A few children. A file that ends one costs its own check, and nothing else."""

    def __init__(self) -> None:
        self._bounds = _bounds.load()
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._places = threading.Semaphore(self._bounds.children)
        # An answer's files don't wait behind the files that people add.
        self._short_places = threading.Semaphore(1)
        self._closed = False

    def warm(self) -> None:
        """Start one child, so that the first file needn't wait for imports."""
        if self._idle.empty():
            self._idle.put(Worker(_MODULE))

    def ask(self, request: Request, stop: threading.Event | None = None) -> Reply | None:
        """The child's answer; None if `stop` was set before it came.

        A child that dies is a refusal of the file, as is one that takes too long.
        """
        places = self._places if isinstance(request, InspectFile) else self._short_places
        with places:
            child = self._take()
            try:
                reply = _asked(child, request, self._bounds.wall_seconds, stop)
                if child.answers > 1 and _is_out_of_memory(reply):
                    # What earlier files have left in its heap counts as well: a fresh child tells.
                    child.end()
                    child = Worker(_MODULE)
                    reply = _asked(child, request, self._bounds.wall_seconds, stop)
            except BaseException:
                child.end()
                raise
            if child.is_usable and not self._closed:
                self._idle.put(child)
            else:
                child.end()
            return reply

    @property
    def idle_child_id(self) -> int | None:
        """The process id of a child that waits for work, for measuring what it takes."""
        with self._idle.mutex:
            return self._idle.queue[-1].process_id if self._idle.queue else None

    def close(self) -> None:
        """End all children."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().end()

    def _take(self) -> Worker:
        with contextlib.suppress(queue.Empty):
            while True:
                child = self._idle.get_nowait()
                if child.is_alive:
                    return child
                child.end()
        return Worker(_MODULE)


def _is_out_of_memory(reply: Reply | None) -> bool:
    return isinstance(reply, Refusal) and reply.code == "too_much_memory"


def _asked(
    child: Worker, request: Request, wall_seconds: float, stop: threading.Event | None
) -> Reply | None:
    answer = child.ask(msgspec.json.encode(request), wall_seconds, stop)
    match answer:
        case bytes():
            reply: Reply = _decoder.decode(answer)
            return reply
        case "stopped":
            return None
        case "too_long":
            return Refusal(code="too_long")
        case _:
            return Refusal(code="crashed")
