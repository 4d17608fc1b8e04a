"""Plain text: how much there is of it, and its encoding."""

import codecs

from services.preflight.inspection import _slices
from services.preflight.inspection._csv_findings import of_encoding
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import Inspected, SourceFile, TextMeasures
from services.preflight.types import FileReport

MIME = "text/plain"
_BLOCK_BYTES = 1 << 20


def read(source: SourceFile, encoding: Encoding) -> Inspected:
    """Length and encoding of a text that is no table."""
    scanned = _slices.scan(source.path, encoding)
    characters, widest = 0, ""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    with source.path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            text = decoder.decode(block)
            characters += len(text)
            widest = max(widest, max(text, default=""))
    report = FileReport(
        kind="text",
        mime=MIME,
        size_bytes=source.size_bytes,
        encoding=encoding.name,
        encoding_confidence=encoding.confidence,
        encoding_alternatives=encoding.alternatives,
        text_characters=characters,
        findings=tuple(of_encoding(encoding, scanned.bad_byte_at)),
        has_bad_bytes=scanned.bad_byte_at is not None,
    )
    width = 1 if widest < "\u0100" else 2 if widest < "\U00010000" else 4
    return Inspected(
        report=report, measures=TextMeasures(characters=characters, bytes_per_character=width)
    )
