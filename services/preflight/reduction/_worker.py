"""The child that writes one smaller file, and ends.

Run as `python -m services.preflight.reduction._worker`: reads one request, writes word of its
progress and then its outcome, each a line of JSON. Whatever a hostile file does happens here,
within limits on memory and processor time.
"""

import errno
import sys

import duckdb
import msgspec

from services.clock import SystemClock
from services.preflight.inspection import own_limits, workbooks
from services.preflight.reduction import _write
from services.preflight.reduction._bounds import load
from services.preflight.reduction._source import DamagedError
from services.preflight.reduction.types import (
    Advanced,
    Bounds,
    ChildMessage,
    NotWritten,
    ReduceRequest,
    Written,
)

_NO_SPACE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def main() -> None:
    """Answer the one request on standard input."""
    bounds = load()
    own_limits.limit_memory(bounds.memory_bytes)
    own_limits.limit_time(bounds.cpu_seconds)
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=ReduceRequest)
    _send(_outcome(request, bounds))


def _outcome(request: ReduceRequest, bounds: Bounds) -> Written | NotWritten:
    try:
        return _write.write(request, bounds, _Teller(bounds.advanced_every_seconds))
    except (MemoryError, duckdb.OutOfMemoryException):
        return NotWritten(code="too_much_memory")
    except workbooks.BombError:
        return NotWritten(code="bomb")
    except DamagedError:
        return NotWritten(code="damaged")
    except OSError as exc:
        return NotWritten(code="disk_full" if exc.errno in _NO_SPACE else "crashed")
    except Exception:  # noqa: BLE001 - a border: a file that breaks a reader is not reduced
        sys.excepthook(*sys.exc_info())
        return NotWritten(code="crashed")


class _Teller:
    """Passes word on, not too often."""

    def __init__(self, every_seconds: float) -> None:
        self._clock = SystemClock()
        self._every_seconds = every_seconds
        self._due_seconds = 0.0

    def __call__(self, word: Advanced) -> None:
        now = self._clock.monotonic()
        if now >= self._due_seconds:
            self._due_seconds = now + self._every_seconds
            _send(word)


def _send(message: ChildMessage) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
