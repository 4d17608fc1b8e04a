"""What running code gives back."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from services.errors import EngineError

Why: TypeAlias = Literal[
    "ok", "error", "memory", "time", "disk", "processes", "cancelled", "crashed", "expired"
]

StreamName: TypeAlias = Literal["stdout", "stderr"]
OnOutput: TypeAlias = Callable[[StreamName, str], None]
"""Told what is printed as it comes, the first `kept_output_bytes` of it; must return quickly."""


class SandboxUnavailable(EngineError):
    """The interpreter that runs the code could not be started."""

    code = "sandbox_unavailable"


class SandboxLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of every container; sizes in bytes, times in real seconds."""

    memory_bytes: int
    execution_seconds: float
    disk_bytes: int
    kept_output_bytes: int = 264_000
    output_files: int = 1_000


class SandboxEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """The interpreter that runs the code, and what is in it."""

    python: Path
    versions: dict[str, str]
    """python, pandas, numpy, matplotlib, …, as that interpreter reports them."""
    is_profile: bool
    """Whether the versions are those of the limit profile; else the app's own are used."""


class OutputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the code left at the top level of its output folder, copied out."""

    name: str
    path: Path
    size_bytes: int


class ExecutionResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one execution ended. Exit 137 means that it was killed for memory."""

    exit_code: int
    why: Why
    stdout: str
    stderr: str
    files: tuple[OutputFile, ...]
    skipped: tuple[str, ...]
    """What was left in the output folder and not taken, with the reason."""
    peak_bytes: int
    seconds: float
