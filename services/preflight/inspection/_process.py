"""A child process that answers messages one at a time, and is ended when it takes too much."""

import contextlib
import os
import resource
import selectors
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from services import telemetry
from services.clock import SystemClock
from services.preflight.inspection._pipe import receive, send

_log = telemetry.log("preflight")
_ROOT = Path(__file__).resolve().parents[3]
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
_LOOK_SECONDS = 0.05
Ended: TypeAlias = Literal["stopped", "too_long", "too_much_memory", "crashed"]
"""Why there is no answer."""


class Worker:
    """One process, run from a module. It never sees the app's environment."""

    def __init__(self, module: str, own: Mapping[str, str] | None = None) -> None:
        """`own` are variables of its environment beside those that every process needs."""
        environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own Python, and a module of ours
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=environment | {"OPENBLAS_NUM_THREADS": "1"} | dict(own or {}),
            process_group=0,
        )
        self._module = module
        self._clock = SystemClock()
        self.is_usable = True
        """Whether the last answer came whole, so that another may be asked for."""
        self.answers = 0

    @property
    def process_id(self) -> int:
        """Of the operating system."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self.is_usable and self._process.poll() is None

    @property
    def resident_bytes(self) -> int:
        """What it takes now; nothing once it is gone."""
        try:
            statm = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii")
        except OSError:
            return 0
        return int(statm.split()[1]) * resource.getpagesize()

    def is_ready(self) -> bool:
        """Wait for the message of a child that says when it is ready; false if it died before."""
        return self._process.stdout is not None and receive(self._process.stdout) is not None

    def ask(
        self,
        body: bytes,
        wall_seconds: float,
        stop: threading.Event | None,
        *,
        most_bytes: int | None = None,
    ) -> bytes | Ended:
        """Send a message and wait for the answer; else what ended the waiting.

        With `most_bytes` it may not hold more than that while it is at work.
        """
        self.is_usable = False  # until the whole answer is here
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return "crashed"
        try:
            send(stdin, body)
        except OSError:
            return "crashed"
        ended = self._wait(stdout.fileno(), wall_seconds, stop, most_bytes)
        if ended is not None:
            return ended
        answer = receive(stdout)
        if answer is None:
            _log.warning("child_died", module=self._module, code=self._process.wait())
            return "crashed"
        self.is_usable = True
        self.answers += 1
        return answer

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
        self,
        descriptor: int,
        wall_seconds: float,
        stop: threading.Event | None,
        most_bytes: int | None,
    ) -> Ended | None:
        """Until there is something to read: None."""
        deadline = self._clock.monotonic() + wall_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while self._clock.monotonic() < deadline:
                if selector.select(_LOOK_SECONDS):
                    return None
                if stop is not None and stop.is_set():
                    return "stopped"
                if most_bytes is not None and self.resident_bytes > most_bytes:
                    return "too_much_memory"
        return "too_long"
