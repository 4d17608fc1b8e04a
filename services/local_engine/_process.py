"""The app's side of the engine: a child process, its address, its end, its control routes."""

import contextlib
import http.client
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from services import telemetry, wording
from services.clock import Clock, SystemClock
from services.errors import EngineError
from services.local_engine.types import AnyFault, Bill, EngineContainer, EngineHealth
from services.sandbox.types import SandboxEnvironment

_log = telemetry.log("local_engine")
_T = TypeVar("_T")
_ROOT = Path(__file__).resolve().parents[2]
_TOKEN_VARIABLE = "DATADOCK_ENGINE_TOKEN"  # noqa: S105 - the variable's name, not a token
_READY_SECONDS = 30.0
_STOP_SECONDS = 5.0
_CONTROL_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_DOUBLINGS = 10
_STEADY_SECONDS = 60.0
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


class _Released(msgspec.Struct, frozen=True, kw_only=True):
    container_id: str
    ended_at: datetime


class LocalEngineProcess:
    """The child. All verbs may be called from any thread."""

    def __init__(
        self,
        home: Path,
        limits: str = "guide",
        clock: Clock | None = None,
        environment: SandboxEnvironment | None = None,
        *,
        overrides: Mapping[str, Any] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """`home` is the engine's own folder; `options` are passed to the child as they are."""
        self._home = home
        self._limits = limits
        self._clock = clock or SystemClock()
        self._environment = environment
        self._overrides = dict(overrides or {})
        self._options = tuple(options)
        self._lock = threading.RLock()
        self._child: _Child | None = None
        self._early_deaths = 0
        self._died_at: float | None = None
        self._started_at = 0.0
        self._stopped = False
        # Pauses between restarts are real, whatever the app's time scale.
        self._real = SystemClock()

    @property
    def address(self) -> str:
        """`http://127.0.0.1:PORT`, once the child is ready, for which this waits.

        Raises EngineError if it does not become ready, or was not started.
        """
        return self._running().address()

    @property
    def token(self) -> str:
        """The key that the child accepts; a new one with every start."""
        return self._running().token

    @property
    def pid(self) -> int:
        """The child's process id. Raises EngineError if it was not started."""
        return self._running().process.pid

    def start(self) -> None:
        """Start the child and return at once; does nothing if it runs. Raises EngineError."""
        with self._lock:
            if self.is_alive():
                return
            self._stopped = False
            self._child = _Child.spawn(self._command(), self._home)
            self._started_at = self._real.monotonic()
            self._died_at = None
            _log.info("engine_started", pid=self._child.process.pid)

    def is_alive(self) -> bool:
        """Whether the child runs; it may not be ready yet."""
        child = self._child
        return child is not None and child.process.poll() is None

    def ensure(self) -> None:
        """Start the child if it does not run, and wait until it is ready.

        After each early death the next start has to wait longer, up to half a minute; until then
        this raises EngineError at once, as it does when the child can't be started.
        """
        with self._lock:
            if not self.is_alive():
                self._start_again()
            child = self._running()
        child.address()

    def stop(self) -> None:
        """End the child: by closing its stdin, then by force. Does nothing if it does not run."""
        with self._lock:
            self._stopped = True
            child, self._child = self._child, None
        if child is not None:
            child.end()
            _log.info("engine_stopped", code=child.process.returncode)

    def health(self) -> EngineHealth:
        """How the engine is. Raises EngineError if it can't be reached."""
        return self._ask("GET", "/_control/health", EngineHealth)

    def containers(self) -> tuple[EngineContainer, ...]:
        """The live containers, oldest first. Raises EngineError."""
        return self._ask("GET", "/_control/containers", tuple[EngineContainer, ...])

    def release(self, container_id: str) -> datetime | None:
        """End a container and its bill; returns when it ended, None if it never was.

        Raises EngineError if the engine can't be reached. A repeated release changes nothing.
        """
        with contextlib.suppress(_NotFound):
            body = {"container_id": container_id}
            return self._ask("POST", "/_control/release", _Released, body).ended_at
        return None

    def bill(self, after: int = 0) -> Bill:
        """The engine's own books, rows numbered above `after`. Raises EngineError."""
        return self._ask("GET", f"/_control/bill?after={after}", Bill)

    def inject(self, *faults: AnyFault) -> None:
        """Let these go wrong, in this order. Raises EngineError."""
        self._ask("POST", "/_control/faults", tuple[AnyFault, ...], list(faults))

    def clear_faults(self) -> tuple[AnyFault, ...]:
        """Let nothing more go wrong. Raises EngineError."""
        return self._ask("DELETE", "/_control/faults", tuple[AnyFault, ...])

    def _start_again(self) -> None:
        now = self._real.monotonic()
        if self._stopped:
            raise EngineError(wording.runs.unreachable())
        if self._child is not None and self._died_at is None:
            _log.warning("engine_died", code=self._child.process.returncode)
            self._child.end()
            self._died_at = now
            was_steady = now - self._started_at > _STEADY_SECONDS
            self._early_deaths = 0 if was_steady else self._early_deaths + 1
        if self._died_at is not None and now - self._died_at < self._pause_seconds():
            raise EngineError(wording.runs.unreachable())
        self.start()

    def _pause_seconds(self) -> float:
        """None after the first early death, then longer with each."""
        if self._early_deaths < 2:
            return 0.0
        doubled = min(self._early_deaths - 2, _DOUBLINGS)
        return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0**doubled)

    def _running(self) -> "_Child":
        child = self._child
        if child is None:
            raise EngineError(wording.runs.unreachable())
        return child

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "services.local_engine", "--port", "0"]
        command += ["--home", str(self._home), "--limits", self._limits]
        if isinstance(self._clock, SystemClock):
            command += ["--time-scale", repr(self._clock.scale)]
            command += ["--time-origin", repr(self._clock.origin_seconds)]
        if self._overrides:
            command += ["--limit-overrides", msgspec.json.encode(self._overrides).decode()]
        if self._environment is not None:
            told = msgspec.json.encode(self._environment, enc_hook=str).decode()
            command += ["--environment", told]
        return [*command, *self._options]

    def _ask(self, method: str, path: str, wanted: type[_T], body: object = None) -> _T:
        """One call of a control route, without a proxy and without the SDK."""
        child = self._running()
        host = child.address().removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=_CONTROL_SECONDS)
        try:
            connection.request(
                method,
                path,
                body=None if body is None else msgspec.json.encode(body),
                headers={"authorization": f"Bearer {child.token}"},
            )
            reply = connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as exc:
            raise EngineError(wording.runs.unreachable()) from exc
        finally:
            connection.close()
        if reply.status == http.client.NOT_FOUND:
            raise _NotFound(wording.runs.unreachable())
        if reply.status != http.client.OK:
            _log.error("control_refused", path=path, status=reply.status)
            raise EngineError(wording.runs.unreachable())
        return msgspec.json.decode(content, type=wanted)


class _NotFound(EngineError):
    """The engine knows no such thing."""


class _Child:
    """One life of the process."""

    def __init__(self, process: "subprocess.Popen[bytes]", token: str) -> None:
        self.process = process
        self.token = token
        self._address = ""
        self._told = threading.Event()
        threading.Thread(target=self._listen, name="engine-address", daemon=True).start()

    @classmethod
    def spawn(cls, command: list[str], home: Path) -> "_Child":
        """Start it in a process group of its own, with an environment that holds no secret."""
        token = secrets.token_urlsafe(32)
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "PYTHONPATH": str(_ROOT),
            "PYTHONUNBUFFERED": "1",
            "MPLCONFIGDIR": str(home / "matplotlib"),
            _TOKEN_VARIABLE: token,
        }
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                cwd=_ROOT,
                process_group=0,
            )
        except OSError as exc:
            raise EngineError(wording.runs.unreachable()) from exc
        return cls(process, token)

    def address(self) -> str:
        """Its first line, for which this waits. Raises EngineError."""
        if not self._told.wait(_READY_SECONDS) or not self._address:
            raise EngineError(wording.runs.unreachable())
        return self._address

    def end(self) -> None:
        """Close its stdin, wait, kill what is left of its group."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self._told.wait(_STOP_SECONDS)
            self.process.stdout.close()

    def _listen(self) -> None:
        if self.process.stdout is not None:
            line = self.process.stdout.readline().decode(errors="replace").strip()
            if line.startswith("http://127.0.0.1:"):
                self._address = line
        self._told.set()
