"""Keeping one zygote alive, and asking it for workers."""

import contextlib
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from services import telemetry, wording
from services.errors import Message
from services.sandbox.types import SandboxUnavailable

_log = telemetry.log("sandbox")
_ZYGOTE = Path(__file__).with_name("_zygote.py")
_MESSAGE_BYTES = 65_536
# Imports take 2 to 6 seconds; on a slow disk, without compiled bytecode, many times that.
_START_SECONDS = 120.0
_ANSWER_SECONDS = 20.0
_STOP_SECONDS = 5.0

_AnswerT = TypeVar("_AnswerT")


class _Hello(msgspec.Struct, frozen=True):
    ready: bool
    mapped_bytes: int = 0
    anonymous_bytes: int = 0
    missing: str = ""
    problem: str = ""


class _Forked(msgspec.Struct, frozen=True):
    pid: int


class Ended(msgspec.Struct, frozen=True):
    """How a worker ended: its wait status, and the most memory it had resident."""

    status: int
    peak_bytes: int


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A forked process; whoever launched it closes `pidfd`, readable once it has ended."""

    pid: int
    pidfd: int
    mapped_bytes: int
    anonymous_bytes: int
    zygote: int


class _ZygoteGone(Exception):
    """It ended, or did not answer."""


def shared_environment(python: Path) -> dict[str, str]:
    """What the zygote and all workers have in common; no variable of ours is passed on."""
    return {
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # its own pool reserves 1 GB
        "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a forking process must have no threads
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "TZ": "UTC",
    }


class Supervisor:
    """Starts the zygote, and starts it again when it has died. Thread-safe."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._python = python
        self._folder = folder
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._failure: SandboxUnavailable | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._hello = _Hello(ready=False)
        self._importing = False
        self._stopping = False

    def start(self) -> None:
        """Begin to import the libraries; returns at once."""
        threading.Thread(target=self._warm_up, name="sandbox-start", daemon=True).start()

    def wait_ready(self, timeout_seconds: float | None) -> bool:
        """Whether the zygote was up in that time. Raises SandboxUnavailable if it can't be."""
        if not self._settled.wait(timeout_seconds):
            return False
        if self._failure is not None:
            raise self._failure
        return True

    def launch(self, order: dict[str, Any], descriptors: list[int]) -> Worker | None:
        """Fork a worker; none when the machine has no room for it. Raises SandboxUnavailable."""
        message = msgspec.json.encode({"op": "run", **order})
        with self._lock:
            self._begin_if_needed()
            try:
                return self._launch(message, descriptors)
            except _ZygoteGone:
                # It died between two executions: once more, with a new one.
                self._begin_if_needed()
            try:
                return self._launch(message, descriptors)
            except _ZygoteGone:
                raise SandboxUnavailable(wording.runs.sandbox_not_started("it ended")) from None

    def reap(self, worker: Worker) -> Ended | None:
        """Collect a worker that has ended; none when its zygote, which knows how, is gone."""
        message = msgspec.json.encode({"op": "reap", "pid": worker.pid})
        with self._lock:
            if self._process is None or self._process.pid != worker.zygote:
                return None
            try:
                return self._ask(message, [], Ended)[0]
            except _ZygoteGone:
                return None

    def stop(self) -> None:
        """End the zygote and with it every worker."""
        self._stopping = True
        process = self._process
        if process is not None and self._importing:
            process.kill()  # it would not listen
        with self._lock:
            self._end()

    def _warm_up(self) -> None:
        # A failure is kept for `wait_ready`, which raises it.
        with self._lock, contextlib.suppress(SandboxUnavailable):
            self._begin_if_needed()

    def _begin_if_needed(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            _log.warning("zygote_died", exit_code=self._process.returncode)
        self._end()
        try:
            self._begin()
            self._failure = None
        except SandboxUnavailable as failure:
            self._end()
            self._failure = failure
            raise
        finally:
            self._settled.set()

    def _begin(self) -> None:
        if self._stopping:
            raise SandboxUnavailable(wording.runs.sandbox_not_started("it was stopped"))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        ours.settimeout(_START_SECONDS)
        self._importing = True
        with theirs:
            self._process = self._spawn(theirs.fileno())
        if self._stopping:
            self._process.kill()
        try:
            hello = msgspec.json.decode(ours.recv(_MESSAGE_BYTES), type=_Hello)
        except (OSError, msgspec.MsgspecError) as error:
            raise SandboxUnavailable(wording.runs.sandbox_not_started("it ended")) from error
        finally:
            self._importing = False
        if not hello.ready:
            raise SandboxUnavailable(_why_not(hello))
        ours.settimeout(_ANSWER_SECONDS)
        self._hello = hello
        _log.info("zygote_ready", pid=self._process.pid)

    def _spawn(self, control_fd: int) -> subprocess.Popen[bytes]:
        # matplotlib's list of fonts takes seconds to make: kept from one start to the next.
        fonts = self._folder / "matplotlib"
        fonts.mkdir(parents=True, exist_ok=True)
        environment = shared_environment(self._python) | {
            "HOME": str(fonts),
            "MPLCONFIGDIR": str(fonts),
        }
        with (self._folder / "zygote.log").open("wb") as log:
            try:
                return subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
                    [self._python, "-I", "-B", _ZYGOTE, str(control_fd)],
                    env=environment,
                    close_fds=True,
                    pass_fds=[control_fd],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                reason = "its interpreter is missing"
                raise SandboxUnavailable(wording.runs.sandbox_not_started(reason)) from error

    def _launch(self, message: bytes, descriptors: list[int]) -> Worker | None:
        forked, received = self._ask(message, descriptors, _Forked)
        if not forked.pid or not received or self._process is None:
            return None
        return Worker(
            pid=forked.pid,
            pidfd=received[0],
            mapped_bytes=self._hello.mapped_bytes,
            anonymous_bytes=self._hello.anonymous_bytes,
            zygote=self._process.pid,
        )

    def _ask(
        self, message: bytes, descriptors: list[int], answer_type: type[_AnswerT]
    ) -> tuple[_AnswerT, list[int]]:
        if self._control is None:
            raise _ZygoteGone
        try:
            socket.send_fds(self._control, [message], descriptors)
            data, received, _, _ = socket.recv_fds(
                self._control, _MESSAGE_BYTES, 1, socket.MSG_CMSG_CLOEXEC
            )
            return msgspec.json.decode(data, type=answer_type), received
        except (OSError, msgspec.MsgspecError) as error:
            self._end()
            raise _ZygoteGone from error

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is None:
            return
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _why_not(hello: _Hello) -> Message:
    if hello.missing:
        return wording.runs.sandbox_lacks_library(hello.missing)
    _log.error("zygote_failed", problem=hello.problem)
    return wording.runs.sandbox_not_started("its libraries could not be loaded")
