"""One command: run in the sandbox, told as the wire tells it."""

import asyncio
import mimetypes
import re
from typing import Any

import msgspec

from services import wording
from services.local_engine._containers import Container
from services.local_engine._engine import LocalEngine
from services.local_engine._file_store import sha256_of
from services.local_engine.types import ContainerDeath, Delay, ToolFault
from services.sandbox.types import ExecutionResult, OutputFile, SandboxUnavailable

_ANSWER = re.compile(r"^ANSWER:[ \t]*(.+)$", re.MULTILINE)
_KILLED_EXIT = 137


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended: on the wire, and in words if it failed."""

    content: dict[str, Any]
    stdout: str = ""
    stderr: str = ""
    failure: str | None = None


async def execute(engine: LocalEngine, container: Container, code: str) -> Execution:
    """Run code in the container, or let the injected fault happen instead."""
    slow = engine.faults.take(Delay, lambda fault: fault.at == "tool")
    if slow is not None:
        await asyncio.sleep(slow.seconds)
    if engine.faults.take(ContainerDeath) is not None:
        container.is_doomed = True
        return _error(engine, "unavailable")
    fault = engine.faults.take(ToolFault)
    if fault is not None:
        return _killed(engine, "") if fault.outcome == "killed" else _error(engine, fault.outcome)
    try:
        result = await engine.workshop.run(container.id, code)
    except SandboxUnavailable:
        return _error(engine, "unavailable")
    container.peak_bytes = max(container.peak_bytes, result.peak_bytes)
    return await _told(engine, result)


def answer_text(stdout: str) -> str:
    """The sentences that the code marked as its answer: the headline, then the others as prose."""
    sentences = [line.strip() for line in _ANSWER.findall(stdout)]
    headline, *prose = [line for line in sentences if line] or [wording.replies.nothing_printed()]
    return "\n\n".join([headline, " ".join(prose)]) if prose else headline


async def _told(engine: LocalEngine, result: ExecutionResult) -> Execution:
    match result.why:
        case "memory":
            return _killed(engine, result.stdout)
        case "time":
            return _error(engine, "execution_time_exceeded")
        case "cancelled" | "crashed" | "expired":
            return _error(engine, "unavailable")
        case "ok" | "error" | "disk" | "processes":
            pass
    outputs = await asyncio.to_thread(lambda: [_kept(engine, file) for file in result.files])
    failed = result.exit_code != 0
    return Execution(
        content=_result(result.stdout, result.stderr, result.exit_code, outputs),
        stdout=result.stdout,
        stderr=result.stderr,
        failure=wording.replies.code_failed(result.exit_code) if failed else None,
    )


def _kept(engine: LocalEngine, file: OutputFile) -> str:
    """Take a produced file over into the Files API; returns its id."""
    stored = engine.files.add(
        file.path,
        filename=file.name,
        mime_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        sha256=sha256_of(file.path),
        downloadable=True,
    )
    return stored.id


def _killed(engine: LocalEngine, stdout: str) -> Execution:
    """The container's memory was used up; the kernel says no more than this."""
    return Execution(
        content=_result(stdout, "Killed", _KILLED_EXIT, []),
        stdout=stdout,
        stderr="Killed",
        failure=wording.replies.out_of_memory(engine.profile.ram_spoken_bytes),
    )


def _error(engine: LocalEngine, code: str) -> Execution:
    failure = wording.replies.tool_unavailable()
    if code == "execution_time_exceeded":
        failure = wording.replies.too_slow(engine.profile.execution_limit_seconds)
    return Execution(
        content={"type": "bash_code_execution_tool_result_error", "error_code": code},
        failure=failure,
    )


def _result(stdout: str, stderr: str, return_code: int, file_ids: list[str]) -> dict[str, Any]:
    return {
        "type": "bash_code_execution_result",
        "stdout": stdout,
        "stderr": stderr,
        "return_code": return_code,
        "content": [
            {"type": "bash_code_execution_output", "file_id": file_id} for file_id in file_ids
        ],
    }
