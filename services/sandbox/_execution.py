"""Following one worker from its start to its verdict: memory, time, disk, cancellation."""

import os
import select
import signal
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from services.sandbox._disk import DiskWatch
from services.sandbox._memory import MemoryMeter
from services.sandbox._streams import Pump
from services.sandbox._supervisor import Ended, Supervisor, Worker
from services.sandbox.types import OnOutput, SandboxLimits, Why

_POLL_MILLISECONDS = 10
# After the polite signal, so that code may put its files in order.
_GRACE_SECONDS = 2.0
_KILLED = 137
_TIMED_OUT = 124
_CANCELLED = 130


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How an execution ended, and what it printed."""

    exit_code: int
    why: Why
    stdout: str
    stderr: str
    peak_bytes: int
    seconds: float


def not_run(exit_code: int, why: Why, text: str = "") -> Verdict:
    """What is said when no worker has run."""
    return Verdict(exit_code=exit_code, why=why, stdout="", stderr=text, peak_bytes=0, seconds=0.0)


def execute(
    supervisor: Supervisor,
    order: dict[str, Any],
    code: str,
    limits: SandboxLimits,
    home_fd: int,
    cancelled: threading.Event,
    on_output: OnOutput | None,
) -> Verdict:
    """Run the code in a fresh worker and wait for its end. Raises SandboxUnavailable."""
    source_fd = os.memfd_create("source", os.MFD_CLOEXEC)
    out_read, out_write = os.pipe2(os.O_CLOEXEC)
    err_read, err_write = os.pipe2(os.O_CLOEXEC)
    try:
        with os.fdopen(os.dup(source_fd), "wb") as source:
            source.write(code.encode(errors="backslashreplace"))
        os.lseek(source_fd, 0, os.SEEK_SET)
        worker = supervisor.launch(order, [source_fd, out_write, err_write])
    except BaseException:
        os.close(out_read)
        os.close(err_read)
        raise
    finally:
        for fd in (source_fd, out_write, err_write):
            os.close(fd)
    if worker is None:
        os.close(out_read)
        os.close(err_read)
        return not_run(1, "crashed", "This computer has no room for another process.\n")
    pump = Pump(out_read, err_read, limits.kept_output_bytes, on_output)
    return _Execution(supervisor, worker, limits, home_fd, cancelled).follow(pump)


class _Execution:
    def __init__(
        self,
        supervisor: Supervisor,
        worker: Worker,
        limits: SandboxLimits,
        home_fd: int,
        cancelled: threading.Event,
    ) -> None:
        self._supervisor = supervisor
        self._worker = worker
        self._limits = limits
        self._cancelled = cancelled
        self._disk = DiskWatch(home_fd, limits.disk_bytes)
        self._memory = MemoryMeter(
            worker.pid,
            mapped_bytes=worker.mapped_bytes,
            anonymous_bytes=worker.anonymous_bytes,
            limit_bytes=limits.memory_bytes,
        )
        # Real time, not the app's clock: the code is as fast as the machine.
        self._started = time.monotonic()
        self._oom_kills = _machine_oom_kills()

    def follow(self, pump: Pump) -> Verdict:
        """Watch until the worker has ended, then say how."""
        why = self._watch()
        seconds = time.monotonic() - self._started
        os.close(self._worker.pidfd)
        ended = self._supervisor.reap(self._worker)
        self._disk.finish()
        stdout, stderr = pump.finish()
        exit_code, why = self._judge(why, ended)
        return Verdict(
            exit_code=exit_code,
            why=why,
            stdout=stdout,
            stderr=stderr + ("Killed\n" if why == "memory" else ""),
            peak_bytes=self._memory.peak_bytes,
            seconds=seconds,
        )

    def _watch(self) -> Why | None:
        """Wait for the end, and bring it about when a limit is passed: then say which."""
        poll = select.poll()
        poll.register(self._worker.pidfd, select.POLLIN)
        deadline = self._started + self._limits.execution_seconds
        why: Why | None = None
        while not poll.poll(_POLL_MILLISECONDS):
            reason = self._reason_to_kill()
            if reason is not None:
                why = reason
                self._signal(signal.SIGKILL)
                poll.poll()
                break
            now = time.monotonic()
            if why is None and now >= deadline:
                why = "time"
                self._signal(signal.SIGINT)
            elif why == "time" and now >= deadline + _GRACE_SECONDS:
                self._signal(signal.SIGKILL)
                poll.poll()
                break
        return why

    def _reason_to_kill(self) -> Why | None:
        self._memory.sample()
        if self._memory.is_over:
            return "memory"
        if self._cancelled.is_set():
            return "cancelled"
        return "disk" if self._disk.over.is_set() else None

    def _judge(self, why: Why | None, ended: Ended | None) -> tuple[int, Why]:
        """Exit code and reason, by what we did and what the kernel says; never from text."""
        if ended is not None:
            self._memory.note_high_water(ended.peak_bytes)
        if why is None and self._memory.is_over:
            why = "memory"  # passed between the last sample and the end
        if why == "memory":
            return _KILLED, why
        if why == "time":
            return _TIMED_OUT, why
        if why == "cancelled":
            return _CANCELLED, why
        if why == "disk" or ended is None:
            return 1, why or "crashed"
        if not os.WIFSIGNALED(ended.status):
            code = os.waitstatus_to_exitcode(ended.status)
            return code, "error" if code else "ok"
        if os.WTERMSIG(ended.status) == signal.SIGKILL and _machine_oom_kills() > self._oom_kills:
            return _KILLED, "memory"  # the machine itself ran out
        return 128 + os.WTERMSIG(ended.status), "crashed"

    def _signal(self, number: signal.Signals) -> None:
        try:
            signal.pidfd_send_signal(self._worker.pidfd, number)
        except ProcessLookupError:
            return  # it ended by itself


def _machine_oom_kills() -> int:
    for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
        if line.startswith("oom_kill "):
            return int(line.split()[1])
    return 0
