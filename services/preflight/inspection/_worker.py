"""The child that looks into files: reads requests, answers each, ends with its standard input.

Run as `python -m services.preflight.inspection._worker`. Each message is its length and JSON.
Whatever a hostile file does to a reader happens here, within limits on memory and processor time;
the parent's clock ends what takes too long.
"""

import sys
from pathlib import Path

import msgspec
from PIL import Image

from services.preflight.inspection import _inspect, _preview
from services.preflight.inspection import _own_limits as own_limits
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
    own_limits.limit_memory(bounds.memory_bytes)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    while (raw := receive(requests)) is not None:
        request = _decoder.decode(raw)
        own_limits.limit_time(bounds.cpu_seconds)
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


if __name__ == "__main__":
    main()
