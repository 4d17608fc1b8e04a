"""One look at a path, without a room: for the local engine's process and the shell."""

import atexit
import threading
from pathlib import Path

from services.limits.types import LimitProfile
from services.preflight import _verdict
from services.preflight.inspection import Inspectors
from services.preflight.inspection.types import Inspected, InspectFile, Refusal
from services.preflight.types import FileReport, Verdict

_lock = threading.Lock()
_shared: list[Inspectors] = []


def inspect(path: Path, name: str, profile: LimitProfile) -> FileReport | Verdict:
    """What a file is, or the verdict that refuses it. Looked at in a child process of ours."""
    reply = inspectors().ask(
        InspectFile(
            path=str(path),
            name=name,
            check_limit_bytes=profile.check_limit_bytes,
            practical_limit_bytes=profile.practical_file_limit_bytes,
        )
    )
    if isinstance(reply, Inspected):
        return reply.report
    return _verdict.refuse(reply if isinstance(reply, Refusal) else Refusal(code="crashed"), name)


def inspectors() -> Inspectors:
    """The children of this process; they end with it."""
    with _lock:
        if not _shared:
            _shared.append(Inspectors())
            atexit.register(_shared[0].close)
        return _shared[0]
