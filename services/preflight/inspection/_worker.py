"""The child that looks into files: reads requests, answers each, ends with its standard input.

Run as `python -m services.preflight.inspection._worker`. Each message is its length and JSON.
Whatever a hostile file does to a reader happens here, within limits on memory and processor time;
the parent's clock ends what takes too long.
"""

import resource
import sys
from pathlib import Path

import msgspec
from PIL import Image

from services.preflight.inspection import _inspect, _preview
from services.preflight.inspection._bounds import load
from services.preflight.inspection._pipe import receive, send
from services.preflight.inspection.types import (
    Bounds,
    IdentifyFile,
    Identity,
    InspectFile,
    Preview,
    PreviewTable,
    Refusal,
    Reply,
    Request,
)

_decoder = msgspec.json.Decoder(Request)


def main() -> None:
    """Answer until there is nobody who asks."""
    bounds = load()
    Image.preinit()  # Pillow loads its formats at the first picture otherwise.
    _limit(bounds)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    while (raw := receive(requests)) is not None:
        request = _decoder.decode(raw)
        _limit_time(bounds.cpu_seconds)
        send(replies, msgspec.json.encode(_answered(request, bounds)))


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
        return Refusal(code="too_deep")
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


def _limit_time(cpu_seconds: int) -> None:
    """So many seconds of processor for the next request; past them the kernel ends the child.

    It holds even where the parent is gone and nobody looks at a clock any more.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
