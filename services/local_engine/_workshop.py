"""The sandbox as this server uses it: warmed up in the background, waited for without blocking."""

import asyncio
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from services import telemetry, wording
from services.errors import Message
from services.limits.types import LimitProfile
from services.local_engine._file_store import StoredFile
from services.sandbox.types import (
    ExecutionResult,
    SandboxEnvironment,
    SandboxLimits,
    SandboxUnavailable,
)

if TYPE_CHECKING:
    from services.sandbox import Sandbox

_log = telemetry.log("local_engine")
_T = TypeVar("_T")
_ROOT = Path(__file__).resolve().parents[2]
_THREADS = 32
_CANCEL_AGAIN_SECONDS = 0.05


class Workshop:
    """Runs code for containers; a container's room in the sandbox is made at its first command."""

    def __init__(
        self, profile: LimitProfile, folder: Path, environment: SandboxEnvironment | None
    ) -> None:
        self._profile = profile
        self._mounts = folder / "mounts"
        self._root = folder / "sandbox"
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="workshop")
        self._sandbox: Future[Sandbox] = Future()
        self._placed: dict[str, dict[str, str]] = {}
        """By container made in the sandbox: which file id lies there under which name."""
        self._mounted: dict[str, dict[str, str]] = {}
        self._state: Literal["starting", "ready", "failed"] = "starting"
        self._stopping = False
        self.environment = environment
        shutil.rmtree(self._mounts, ignore_errors=True)

    @property
    def state(self) -> Literal["starting", "ready", "failed"]:
        """How far the warm-up has come."""
        return self._state

    def start(self, afterwards: Callable[[], None]) -> None:
        """Begin to warm up, then do that; returns at once."""
        self._threads.submit(self._warm_up, afterwards)

    def mount(self, container_id: str, file: StoredFile, path: Path) -> None:
        """Keep the file for that container, whatever happens to the upload afterwards."""
        folder = self._mounts / container_id
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file.filename
        target.unlink(missing_ok=True)
        try:
            # Only this server sees the link. The sandbox gets a copy: code may write to it, and
            # the upload must not change.
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)
        self._mounted.setdefault(container_id, {})[file.filename] = file.id

    def mounted(self, container_id: str, filename: str) -> Path:
        """Where a mounted file can be read."""
        return self._mounts / container_id / filename

    async def run(self, container_id: str, code: str) -> ExecutionResult:
        """Run code in that container; a cancelled wait ends the code too.

        Raises SandboxUnavailable if there is no sandbox.
        """
        sandbox = await asyncio.shield(asyncio.wrap_future(self._sandbox))
        running = self._in_thread(lambda: self._run(sandbox, container_id, code))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # The code may be about to start, when there is nothing to cancel yet.
            while not running.done():
                sandbox.cancel(container_id)
                await asyncio.wait({running}, timeout=_CANCEL_AGAIN_SECONDS)
            raise

    async def interrupt(self, container_id: str) -> None:
        """End what runs in that container; its result tells so."""
        if container_id in self._placed:
            sandbox = self._sandbox.result()
            await self._in_thread(lambda: sandbox.cancel(container_id))

    async def close(self, container_id: str) -> None:
        """Give up a container's room and files."""
        await self._in_thread(lambda: self._close(container_id))

    def stop(self) -> None:
        """End the sandbox with all its containers."""
        self._stopping = True
        if self._sandbox.done() and self._sandbox.exception() is None:
            self._sandbox.result().stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        shutil.rmtree(self._mounts, ignore_errors=True)

    def _warm_up(self, afterwards: Callable[[], None]) -> None:
        try:
            sandbox = self._begin()
            self._sandbox.set_result(sandbox)
            self._state = "ready" if sandbox.wait_ready() else "failed"
        except Exception:  # noqa: BLE001 - border: told in health and as `unavailable`
            self._state = "failed"
            if not self._stopping:
                _log.exception("sandbox_failed")
            if not self._sandbox.done():
                sorry = Message(what_happened=wording.replies.tool_unavailable())
                self._sandbox.set_exception(SandboxUnavailable(sorry))
        if not self._stopping:
            afterwards()

    def _begin(self) -> "Sandbox":
        # Imported here, so that the address is printed without waiting for it.
        from services.sandbox import Sandbox, find_environment

        if self.environment is None:
            self.environment = find_environment(_ROOT, self._profile.environment)
        limits = SandboxLimits(
            memory_bytes=self._profile.ram_limit_bytes,
            execution_seconds=self._profile.execution_limit_seconds,
            disk_bytes=self._profile.disk_limit_bytes,
        )
        sandbox = Sandbox(self.environment, limits, self._root)
        sandbox.start()
        return sandbox

    def _run(self, sandbox: "Sandbox", container_id: str, code: str) -> ExecutionResult:
        if container_id not in self._placed:
            sandbox.create(container_id)
            self._placed[container_id] = {}
        placed = self._placed[container_id]
        for name, file_id in self._mounted.get(container_id, {}).items():
            # Once only: what code has made of its copy since then stays.
            if placed.get(name) != file_id:
                shutil.copyfile(
                    self._mounts / container_id / name, sandbox.input_dir(container_id) / name
                )
                placed[name] = file_id
        return sandbox.run(container_id, code)

    def _close(self, container_id: str) -> None:
        self._mounted.pop(container_id, None)
        if self._placed.pop(container_id, None) is not None:
            self._sandbox.result().close(container_id)
        shutil.rmtree(self._mounts / container_id, ignore_errors=True)

    def _in_thread(self, work: Callable[[], _T]) -> asyncio.Future[_T]:
        return asyncio.wrap_future(self._threads.submit(work))
