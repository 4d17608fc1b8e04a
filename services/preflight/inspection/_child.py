"""The parent's side: warm children, asked one at a time, ended when they take too long."""

import contextlib
import os
import queue
import selectors
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from services import telemetry
from services.clock import SystemClock
from services.preflight.inspection import _bounds
from services.preflight.inspection._pipe import receive, send
from services.preflight.inspection.types import InspectFile, Refusal, Reply, Request

_log = telemetry.log("preflight")
_ROOT = Path(__file__).resolve().parents[3]
_decoder = msgspec.json.Decoder(Reply)


class Inspectors:
    """A few children. A file that ends one costs its own check, and nothing else."""

    def __init__(self) -> None:
        self._bounds = _bounds.load()
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        self._places = threading.Semaphore(self._bounds.children)
        # An answer's files don't wait behind the files that people add.
        self._short_places = threading.Semaphore(1)
        self._closed = False

    def warm(self) -> None:
        """Start one child, so that the first file needn't wait for imports."""
        if self._idle.empty():
            self._idle.put(_Child())

    def ask(self, request: Request, stop: threading.Event | None = None) -> Reply | None:
        """The child's answer; None if `stop` was set before it came.

        A child that dies is a refusal of the file, as is one that takes too long.
        """
        places = self._places if isinstance(request, InspectFile) else self._short_places
        with places:
            child = self._take()
            try:
                reply = child.ask(request, self._bounds.wall_seconds, stop)
                if child.answers > 1 and _is_out_of_memory(reply):
                    # What earlier files have left in its heap counts as well: a fresh child tells.
                    child.end()
                    child = _Child()
                    reply = child.ask(request, self._bounds.wall_seconds, stop)
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

    def _take(self) -> "_Child":
        with contextlib.suppress(queue.Empty):
            while True:
                child = self._idle.get_nowait()
                if child.is_alive:
                    return child
                child.end()
        return _Child()


def _is_out_of_memory(reply: Reply | None) -> bool:
    return isinstance(reply, Refusal) and reply.code == "too_much_memory"


class _Child:
    """One process. It never sees the app's environment."""

    def __init__(self) -> None:
        passed = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in passed if name in os.environ}
        environment["OPENBLAS_NUM_THREADS"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.preflight.inspection._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=environment,
            process_group=0,
        )
        self._clock = SystemClock()
        self.is_usable = True
        self.answers = 0

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, request: Request, wall_seconds: float, stop: threading.Event | None
    ) -> Reply | None:
        self.is_usable = False  # until the whole answer is here
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return Refusal(code="crashed")
        try:
            send(stdin, msgspec.json.encode(request))
        except OSError:
            return Refusal(code="crashed")
        ended = self._wait(stdout.fileno(), wall_seconds, stop)
        if ended is not None:
            return None if ended == "stopped" else Refusal(code="too_long")
        raw = receive(stdout)
        if raw is None:
            _log.warning("inspector_died", code=self._process.wait())
            return Refusal(code="crashed")
        self.is_usable = True
        self.answers += 1
        reply: Reply = _decoder.decode(raw)
        return reply

    def end(self) -> None:
        """Make sure that it is gone."""
        self.is_usable = False
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _wait(
        self, descriptor: int, wall_seconds: float, stop: threading.Event | None
    ) -> str | None:
        """Until there is something to read: None; else what ended the waiting."""
        deadline = self._clock.monotonic() + wall_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while self._clock.monotonic() < deadline:
                if selector.select(0.05):
                    return None
                if stop is not None and stop.is_set():
                    return "stopped"
        return "too_long"
