"""Plain text: how long it is, and what a string of it takes."""

from pathlib import Path

import numpy as np

from services.preflight.inspection import _csv_findings
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import Inspected, SourceFile, TextMeasures
from services.preflight.types import FileReport

_BUFFER_BYTES = 1 << 20
_CONTINUES, _CONTINUATION = 0xC0, 0x80
_TWO_BYTES_FROM, _FOUR_BYTES_FROM = 0xC4, 0xF0


def read(source: SourceFile, encoding: Encoding) -> Inspected:
    """What this text holds; reads all of it once."""
    if encoding.is_utf8:
        characters, widest = count_utf8(source.path)
    else:
        characters, widest = source.size_bytes // encoding.unit_bytes, 2
    report = FileReport(
        kind="text",
        mime="text/plain",
        size_bytes=source.size_bytes,
        encoding=encoding.name,
        encoding_confidence=encoding.confidence,
        text_characters=characters,
        findings=tuple(_csv_findings.of_encoding(encoding, None)),
    )
    return Inspected(
        report=report, measures=TextMeasures(characters=characters, bytes_per_character=widest)
    )


def count_utf8(path: Path) -> tuple[int, int]:
    """Characters of a UTF-8 file, and the bytes that each takes in a Python string of all of it.

    One character from U+0100 on makes all of them take two, one from U+10000 on four.
    """
    characters, highest = 0, 0
    buffer = bytearray(_BUFFER_BYTES)
    view = np.frombuffer(buffer, np.uint8)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            part = view[:size]
            characters += int(np.count_nonzero((part & _CONTINUES) != _CONTINUATION))
            highest = max(highest, int(part.max()))
    if highest < _TWO_BYTES_FROM:
        return characters, 1
    return characters, 2 if highest < _FOUR_BYTES_FROM else 4
