"""The child that looks into files: reads requests, answers each, ends with its standard input.

Run as `python -m services.preflight.inspection._worker`. A message is four bytes of length and JSON.
Whatever a hostile file does to a reader happens here, within a memory limit; the parent's clock ends
what takes too long.
"""

import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.preflight.inspection import _inspect, _preview
from services.preflight.inspection._bounds import load
from services.preflight.inspection.types import (
    Bounds,
    Identity,
    IdentifyFile,
    InspectFile,
    Preview,
    PreviewTable,
    Refusal,
    Reply,
    Request,
)

_LENGTH = struct.Struct(">I")
_decoder = msgspec.json.Decoder(Request)


def main() -> None:
    """Answer until there is nobody who asks."""
    bounds = load()
    _limit(bounds)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    while (raw := receive(requests)) is not None:
        send(replies, msgspec.json.encode(_answered(_decoder.decode(raw), bounds)))


def receive(stream: BinaryIO) -> bytes | None:
    """The next message, None at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def send(stream: BinaryIO, body: bytes) -> None:
    """Write one message."""
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def _answered(request: Request, bounds: Bounds) -> Reply:
    try:
        match request:
            case InspectFile():
                return _inspect.inspect(request, bounds)
            case IdentifyFile():
                return Identity(identified=_inspect.identify(Path(request.path)))
            case PreviewTable():
                return Preview(table=_preview.read(Path(request.path), request.kind, request.rows))
    except MemoryError:
        return Refusal(code="too_much_memory")
    except RecursionError:
        return Refusal(code="too_deep", limit=bounds.json_depth)
    except Exception:  # noqa: BLE001 - a border: a file that breaks a reader is refused, not raised
        sys.excepthook(*sys.exc_info())
        return Refusal(code="unreadable")


def _limit(bounds: Bounds) -> None:
    """A cap on memory of its own, beyond what is taken already; mapped files don't count."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    taken = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData"))
    cap = taken * 1024 + bounds.memory_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (cap, cap))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
