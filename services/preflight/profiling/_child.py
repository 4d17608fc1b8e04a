"""The parent's side: one warm child, asked one file at a time, ended when it takes too long."""

import contextlib
import os
import resource
import selectors
import subprocess
import sys
import threading
from pathlib import Path
from typing import Literal

import msgspec

from services import telemetry
from services.clock import SystemClock
from services.preflight.inspection import pipes
from services.preflight.profiling import _bounds
from services.preflight.profiling.types import Bounds, ProfileTables, Reply, Unprofiled

_log = telemetry.log("preflight")
_ROOT = Path(__file__).resolve().parents[3]
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
_OWN = {
    "OPENBLAS_NUM_THREADS": "1",
    # Blocks come and go; memory that is given back for each has to be cleared for the next.
    "MALLOC_MMAP_THRESHOLD_": "67108864",
    "MALLOC_TRIM_THRESHOLD_": "134217728",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "mimalloc",
}
_LOOK_SECONDS = 0.05
_decoder = msgspec.json.Decoder(Reply)


class Profilers:
    """One child: profiles wait for each other, and never for a check."""

    def __init__(self) -> None:
        self._bounds = _bounds.load()
        self._turn = threading.Lock()
        self._child: _Child | None = None
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
                reply = child.ask(request, self._bounds, stop)
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

    def _take(self) -> "_Child":
        if self._child is None or not self._child.is_alive:
            self._child = _Child()
        return self._child


class _Child:
    """One process. It never sees the app's environment."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.preflight.profiling._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=environment | _OWN,
            process_group=0,
        )
        self._clock = SystemClock()
        self._idle_bytes = 0
        self.is_usable = True

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self.is_usable and self._process.poll() is None

    def ask(
        self, request: ProfileTables, bounds: Bounds, stop: threading.Event | None
    ) -> Reply | None:
        self.is_usable = False  # until the whole answer is here
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return Unprofiled(code="crashed")
        if not self._idle_bytes:
            if pipes.receive(stdout) is None:  # that it is ready
                return Unprofiled(code="crashed")
            self._idle_bytes = self._resident_bytes()
        try:
            pipes.send(stdin, msgspec.json.encode(request))
        except OSError:
            return Unprofiled(code="crashed")
        ended = self._wait(stdout.fileno(), bounds, stop)
        if ended is not None:
            return None if ended == "stopped" else Unprofiled(code=ended)
        raw = pipes.receive(stdout)
        if raw is None:
            _log.warning("profiler_died", code=self._process.wait())
            return Unprofiled(code="crashed")
        self.is_usable = True
        reply: Reply = _decoder.decode(raw)
        return reply

    def kill(self) -> None:
        """End it from another thread; who waits for its answer learns that it died."""
        self._process.kill()

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
        self, descriptor: int, bounds: Bounds, stop: threading.Event | None
    ) -> Literal["stopped", "too_long", "too_much_memory"] | None:
        """Until there is something to read: None; else what ended the waiting."""
        deadline = self._clock.monotonic() + bounds.wall_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while self._clock.monotonic() < deadline:
                if selector.select(_LOOK_SECONDS):
                    return None
                if stop is not None and stop.is_set():
                    return "stopped"
                if self._resident_bytes() > self._idle_bytes + bounds.memory_bytes:
                    return "too_much_memory"
        return "too_long"

    def _resident_bytes(self) -> int:
        """What it takes now."""
        try:
            statm = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii")
        except OSError:
            return 0
        return int(statm.split()[1]) * resource.getpagesize()
