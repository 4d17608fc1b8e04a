"""The room: containers by name, and code that runs in them."""

import os
import re
import shutil
import threading
from pathlib import Path

from services.sandbox._collect import collect
from services.sandbox._container import Container
from services.sandbox._execution import Verdict, execute, not_run
from services.sandbox._supervisor import Supervisor, shared_environment
from services.sandbox._turns import Turn, Turns
from services.sandbox.types import (
    ExecutionResult,
    OnOutput,
    OutputFile,
    SandboxEnvironment,
    SandboxLimits,
)

_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")


class Sandbox:
    """Runs Python source in containers. Thread-safe; `root` belongs to it alone.

    At most `executions` run at once, one in each container; others wait in order. Containers live
    as long as this object: what an earlier one left in `root` is removed by `start`.
    """

    def __init__(
        self,
        environment: SandboxEnvironment,
        limits: SandboxLimits,
        root: Path,
        *,
        executions: int = 2,
    ) -> None:
        self._limits = limits
        self._homes = root / "containers"
        self._kept = root / "kept"
        self._shared = shared_environment(environment.python)
        self._supervisor = Supervisor(environment.python, root)
        self._turns = Turns(executions)
        self._containers: dict[str, Container] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def start(self) -> None:
        """Clear up, and begin to import the libraries in the background; returns at once."""
        for leftover in (self._homes, self._kept):
            shutil.rmtree(leftover, ignore_errors=True)
            leftover.mkdir(parents=True, mode=0o700)
        self._supervisor.start()

    def wait_ready(self, timeout_seconds: float | None = None) -> bool:
        """Whether the libraries were loaded in that time. Raises SandboxUnavailable."""
        return self._supervisor.wait_ready(timeout_seconds)

    def create(self, container_id: str) -> None:
        """Make a container with empty folders. Raises ValueError for a name that can't be one."""
        if not _ID.fullmatch(container_id):
            raise ValueError("a container id has 1 to 100 letters, digits, hyphens and underscores")
        with self._lock:
            if container_id in self._containers or self._stopped:
                raise ValueError("this container exists, or the sandbox has stopped")
            home, kept = self._homes / container_id, self._kept / container_id
            self._containers[container_id] = Container(home, kept)

    def input_dir(self, container_id: str) -> Path:
        """Where to copy input files: copies, never links. Raises KeyError if it is closed."""
        with self._lock:
            return self._containers[container_id].input

    def run(
        self, container_id: str, code: str, on_output: OnOutput | None = None
    ) -> ExecutionResult:
        """Execute the source like `python3` fed by a heredoc, and wait for its end.

        Files stay in the container, variables don't. Copies of what the code leaves in $OUTPUT_DIR
        are ours and last until `close`. Exit code: the code's own; 137 and why `memory` over the
        memory limit; 124 and `time` when it ran too long; 130 and `cancelled`; 1 and `disk`; 128 +
        the signal that ended it and `crashed`. A closed container gives `expired`. Raises
        SandboxUnavailable when the libraries can't be loaded.
        """
        turn = Turn(container_id)
        if not self._turns.take(turn):
            return _result(not_run(130, "cancelled"))
        try:
            with self._lock:
                container = self._containers.get(container_id)
            if container is None:
                return _result(not_run(1, "expired"))
            return self._run_in(container, code, turn, on_output)
        finally:
            self._turns.give_back(turn)

    def cancel(self, container_id: str) -> bool:
        """End what runs or waits there, at once; false if there is nothing."""
        return self._turns.cancel(container_id)

    def close(self, container_id: str) -> None:
        """End what runs there and delete the container with everything in it. May be repeated."""
        with self._lock:
            container = self._containers.pop(container_id, None)
        if container is None:
            return
        self._turns.cancel(container_id)
        self._turns.wait_until_quiet(container_id)
        container.remove()

    def stop(self) -> None:
        """Close every container and end all processes."""
        with self._lock:
            self._stopped = True
            names = list(self._containers)
        for name in names:
            self.close(name)
        self._supervisor.stop()

    def _run_in(
        self, container: Container, code: str, turn: Turn, on_output: OnOutput | None
    ) -> ExecutionResult:
        try:
            output = container.new_output()
        except OSError:
            return _result(not_run(1, "crashed", "The output folder is gone.\n"))
        try:
            order = {
                "folder": str(container.files),
                "environment": container.environment(output, self._shared),
                "file_bytes": self._limits.disk_bytes,
            }
            verdict = execute(
                self._supervisor,
                order,
                code,
                self._limits,
                container.home_fd,
                turn.cancelled,
                on_output,
            )
            files, skipped = collect(output, self._limits)
        finally:
            os.close(output.fd)
        return _result(verdict, files, skipped)


def _result(
    verdict: Verdict, files: tuple[OutputFile, ...] = (), skipped: tuple[str, ...] = ()
) -> ExecutionResult:
    return ExecutionResult(
        exit_code=verdict.exit_code,
        why=verdict.why,
        stdout=verdict.stdout,
        stderr=verdict.stderr,
        files=files,
        skipped=skipped,
        peak_bytes=verdict.peak_bytes,
        seconds=verdict.seconds,
    )
