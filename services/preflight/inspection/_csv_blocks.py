"""A CSV from one end to the other, in blocks of whole records."""

from collections.abc import Iterator

from services.preflight.inspection import _slices
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import SourceFile

_BLOCK_BYTES = 4_000_000
_LONGEST_RECORD_BYTES = 64_000_000


def blocks(
    source: SourceFile, encoding: Encoding, start: int, quote: str | None
) -> Iterator[bytes]:
    """Whole records in UTF-8, some megabytes at a time."""
    mark = quote.encode() if quote else b""
    rest = b""
    with source.path.open("rb") as file:
        file.seek(start)
        while piece := file.read(_BLOCK_BYTES):
            rest += piece
            last = rest.rfind(encoding.line_end) if len(rest) < _LONGEST_RECORD_BYTES else len(rest)
            while last > 0 and (start + last) % encoding.unit_bytes:
                last = rest.rfind(encoding.line_end, 0, last + len(encoding.line_end) - 1)
            if last < 0:
                continue
            text = encoding.to_utf8(rest[: last + len(encoding.line_end)])
            end = _slices.last_record_end(text, mark) if mark else len(text)
            # What follows the last whole record is kept as it was read.
            kept = len(encoding.from_utf8(text[end:])) if end < len(text) else 0
            yield text[:end]
            rest = rest[last + len(encoding.line_end) - kept :]
    if rest.strip(b"\r\n\0"):
        yield encoding.to_utf8(rest) + b"\n"
