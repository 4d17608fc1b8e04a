"""The parent's side: a child for each reduction, listened to until it has ended."""

import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from services import telemetry
from services.clock import SystemClock
from services.preflight.reduction import _bounds
from services.preflight.reduction.types import (
    Advanced,
    ChildMessage,
    NotWritten,
    ReduceRequest,
    Written,
)

NAME = "reduced.csv"
_log = telemetry.log("preflight")
_ROOT = Path(__file__).resolve().parents[3]
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
_decoder = msgspec.json.Decoder(ChildMessage)
OnAdvanced = Callable[[Advanced], None]


class Reducers:
    """Runs reductions, few at once. What a child leaves lies in the request's folder."""

    def __init__(self) -> None:
        self._bounds = _bounds.load()
        self._places = threading.Semaphore(self._bounds.children)
        self._clock = SystemClock()

    def reduce(
        self, request: ReduceRequest, on_advanced: OnAdvanced, stop: threading.Event
    ) -> Written | NotWritten | None:
        """The outcome; None if `stop` was set first. `reduced.csv` is there only if written."""
        while not self._places.acquire(timeout=0.1):
            if stop.is_set():
                return None
        try:
            return self._reduce(request, on_advanced, stop)
        finally:
            self._places.release()

    def _reduce(
        self, request: ReduceRequest, on_advanced: OnAdvanced, stop: threading.Event
    ) -> Written | NotWritten | None:
        environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-m", "services.preflight.reduction._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=environment | {"OPENBLAS_NUM_THREADS": "1"},
            process_group=0,
        )
        with process:
            try:
                return self._follow(process, request, on_advanced, stop)
            finally:
                process.kill()

    def _follow(
        self,
        process: "subprocess.Popen[bytes]",
        request: ReduceRequest,
        on_advanced: OnAdvanced,
        stop: threading.Event,
    ) -> Written | NotWritten | None:
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            return NotWritten(code="crashed")
        try:
            stdin.write(msgspec.json.encode(request) + b"\n")
            stdin.close()
        except OSError:
            return self._died(process)
        while True:
            if not self._wait(stdout.fileno(), stop):
                return None if stop.is_set() else NotWritten(code="too_long")
            line = stdout.readline()
            if not line.endswith(b"\n"):
                return self._died(process)
            message: ChildMessage = _decoder.decode(line)
            if not isinstance(message, Advanced):
                return message
            on_advanced(message)

    def _died(self, process: "subprocess.Popen[bytes]") -> NotWritten:
        code = process.wait()
        _log.warning("reducer_died", code=code)
        return NotWritten(code="too_long" if code == -signal.SIGXCPU else "crashed")

    def _wait(self, descriptor: int, stop: threading.Event) -> bool:
        """Until there is something to read; false where it is stopped or says nothing for long."""
        deadline = self._clock.monotonic() + self._bounds.silent_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while self._clock.monotonic() < deadline and not stop.is_set():
                if selector.select(0.05):
                    return True
        return False
