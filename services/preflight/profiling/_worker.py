"""The child that goes over all rows: reads requests, answers each, ends with its standard input.

Run as `python -m services.preflight.profiling._worker`. It gives way to whoever else needs the
processor, and ends by its own limits where a file takes too much.
"""

import ctypes
import gc
import os
import sys
from pathlib import Path

import msgspec
import pyarrow as pa

from services.preflight.inspection import own_limits, pipes
from services.preflight.profiling import _profile
from services.preflight.profiling._bounds import load
from services.preflight.profiling._team import Team
from services.preflight.profiling.types import Bounds, ProfileTables, Reply, Unprofiled

_NICENESS = 2
_LIBC = ctypes.CDLL(None)
READY = b"ready"
"""The first message: from now on it takes what it takes for a file."""
_decoder = msgspec.json.Decoder(ProfileTables)


def main() -> None:
    """Answer until there is nobody who asks."""
    bounds = load()
    os.nice(_NICENESS)
    team = Team(bounds.threads)
    own_limits.limit_memory(bounds.reserved_bytes)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    gc.freeze()
    pipes.send(replies, READY)
    while (raw := pipes.receive(requests)) is not None:
        request = _decoder.decode(raw)
        own_limits.limit_time(bounds.cpu_seconds)
        pipes.send(replies, msgspec.json.encode(_answered(request, bounds, team)))
        _give_back()
    team.close()


def _answered(request: ProfileTables, bounds: Bounds, team: Team) -> Reply:
    bounds = msgspec.structs.replace(
        bounds,
        exact_distinct=request.exact_distinct or bounds.exact_distinct,
        held_keys=request.held_keys or bounds.held_keys,
    )
    try:
        return _profile.profile(Path(request.path), request.report, bounds, team)
    except MemoryError:
        return Unprofiled(code="too_much_memory")
    except Exception:  # noqa: BLE001 - a border: a file that breaks a reader has no profile
        sys.excepthook(*sys.exc_info())
        return Unprofiled(code="unreadable")


def _give_back() -> None:
    """Hand the memory of one file back, so that it does not count against the next."""
    gc.collect()  # little to do: what was there from the start is frozen
    pa.default_memory_pool().release_unused()
    _LIBC.malloc_trim(0)


if __name__ == "__main__":
    main()
