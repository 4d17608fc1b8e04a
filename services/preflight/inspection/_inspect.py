"""From a path to a report: by content first, then by what kind of text it is. Runs in the child."""

from pathlib import Path

import msgspec

from services import wording
from services.preflight.inspection import (
    _content_type,
    _csv,
    _dialect,
    _encoding,
    _image,
    _json,
    _text,
    _xlsx,
)
from services.preflight.inspection._content_type import JPEG_MIME, PNG_MIME
from services.preflight.inspection.types import Bounds, Inspected, InspectFile, Refusal, SourceFile
from services.preflight.types import FileKind, Finding, Identified

_HEAD_BYTES = 262_144
_FURTHER_PIECES, _FURTHER_BYTES = 4, 32_768
_PROMISES: dict[str, tuple[FileKind, ...]] = {
    ".csv": ("csv",),
    ".tsv": ("csv",),
    ".xlsx": ("xlsx",),
    ".json": ("json", "ndjson"),
    ".ndjson": ("ndjson",),
    ".jsonl": ("ndjson",),
    ".png": ("png",),
    ".jpg": ("jpeg",),
    ".jpeg": ("jpeg",),
    ".txt": ("text", "csv", "json", "ndjson"),
    ".pdf": (),
    ".xls": (),
    ".docx": (),
    ".zip": (),
}
"""Which kinds a name may promise; what is not listed promises nothing."""
_TABULAR_NAMES = frozenset({".csv", ".tsv", ".xlsx", ".json", ".ndjson", ".jsonl"})
_STEADY_RATIO = 0.9
_PROSE_RECORDS = 3


def inspect(request: InspectFile, bounds: Bounds) -> Inspected | Refusal:
    """What a file is, or why it can't be used."""
    path = Path(request.path)
    if not path.is_file():
        return Refusal(code="not_a_file")
    source = SourceFile(path=path, name=request.name, size_bytes=path.stat().st_size)
    if source.size_bytes == 0:
        return Refusal(code="empty_file")
    if source.size_bytes > request.check_limit_bytes:
        return Refusal(
            code="too_large_to_check",
            size_bytes=source.size_bytes,
            limit=request.check_limit_bytes,
        )
    found = _by_content(source, bounds)
    if isinstance(found, Refusal):
        return found
    return _with_remarks(source, found, request.practical_limit_bytes)


def identify(path: Path) -> Identified:
    """The type alone, for a file that a run produced; a small one is looked at as a whole."""
    source = SourceFile(path=path, name=path.name, size_bytes=path.stat().st_size)
    head = _head(source)
    if not head:
        return Identified(kind=None, mime="application/x-empty")
    typed = _content_type.identify(source, head)
    if isinstance(typed, Refusal):
        return Identified(kind=None, mime=typed.mime)
    match typed.container:
        case "workbook":
            return Identified(kind="xlsx", mime=typed.mime)
        case "png":
            return Identified(kind="png", mime=typed.mime)
        case "jpeg":
            return Identified(kind="jpeg", mime=typed.mime)
        case "text":
            return _identify_text(source, head)


def _identify_text(source: SourceFile, head: bytes) -> Identified:
    encoding = _encoding.detect(head)
    if encoding is None:
        return Identified(kind=None, mime=_content_type.binary(source, head).mime)
    if source.extension in (".csv", ".tsv"):
        return Identified(kind="csv", mime=_csv.MIME)
    if source.extension in (".ndjson", ".jsonl"):
        return Identified(kind="ndjson", mime=_json.LINES_MIME)
    if source.extension == ".json":
        return Identified(kind="json", mime=_json.MIME)
    return Identified(kind="text", mime="text/plain")


def _by_content(source: SourceFile, bounds: Bounds) -> Inspected | Refusal:
    head = _head(source)
    typed = _content_type.identify(source, head)
    if isinstance(typed, Refusal):
        return typed
    match typed.container:
        case "workbook":
            return _xlsx.read(source, bounds)
        case "png" | "jpeg" if source.extension in _TABULAR_NAMES:
            return Refusal(
                code="wrong_type",
                mime=typed.mime,
                size_bytes=source.size_bytes,
                what="PNG image" if typed.mime == PNG_MIME else "JPEG image",
                extension=source.extension,
            )
        case "png":
            return _image.read(source, PNG_MIME, bounds)
        case "jpeg":
            return _image.read(source, JPEG_MIME, bounds)
        case "text":
            return _textual(source, head, bounds)


def _textual(source: SourceFile, head: bytes, bounds: Bounds) -> Inspected | Refusal:
    encoding = _encoding.detect(head, _further(source, head))
    if encoding is None:
        return _content_type.binary(source, head)
    text = encoding.decode(head[encoding.bom_bytes :])
    if not text.strip() and len(head) == source.size_bytes:
        return Refusal(code="empty_file", size_bytes=source.size_bytes)
    if text.lstrip()[:1] in ("{", "["):
        found = _json.read(source, encoding, bounds)
        if isinstance(found, Inspected) or source.extension in (".json", ".ndjson", ".jsonl"):
            return found
    elif source.extension in (".json", ".ndjson", ".jsonl"):
        if not _is_table(source, text):
            return Refusal(
                code="invalid_json",
                mime=_json.MIME,
                size_bytes=source.size_bytes,
                what="JSON document",
                position=len(text) - len(text.lstrip()),
            )
    if _is_table(source, text):
        return _csv.read(source, head, encoding, bounds)
    return _text.read(source, encoding)


def _is_table(source: SourceFile, text: str) -> bool:
    """A name that promises a table is believed; else the columns have to be steady."""
    if source.extension in (".csv", ".tsv"):
        return True
    sniffed = _dialect.sniff(text)
    is_steady = sniffed.width > 1 and sniffed.consistency >= _STEADY_RATIO
    return is_steady and len(sniffed.records) >= _PROSE_RECORDS


def _head(source: SourceFile) -> bytes:
    """The beginning, cut at a line end unless it is all of the file."""
    with source.path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if len(head) == source.size_bytes:
        return head
    cut = head.rfind(b"\n") + 1
    return head[:cut] if cut else head


def _further(source: SourceFile, head: bytes) -> bytes:
    """Pieces from further on, for bytes that the head may not show."""
    if len(head) >= source.size_bytes:
        return b""
    pieces = []
    with source.path.open("rb") as file:
        for number in range(1, _FURTHER_PIECES + 1):
            file.seek(source.size_bytes * number // (_FURTHER_PIECES + 1))
            piece = file.read(_FURTHER_BYTES)
            start, end = piece.find(b"\n") + 1, piece.rfind(b"\n") + 1
            pieces.append(piece[start:end])
    return b"".join(pieces)


def _with_remarks(source: SourceFile, found: Inspected, practical_limit_bytes: int) -> Inspected:
    """Findings that hold for every kind: a name that promises something else, and the size."""
    report, remarks = found.report, []
    promised = _PROMISES.get(source.extension)
    if promised is not None and report.kind not in promised:
        text = wording.files.renamed(*_NOUNS[report.kind], source.extension)
        remarks.append(Finding(code="renamed", severity="warning", message=text))
    if source.size_bytes > practical_limit_bytes:
        text = wording.files.over_practical_limit(source.size_bytes, practical_limit_bytes)
        remarks.append(Finding(code="over_practical_limit", severity="warning", message=text))
    if not remarks:
        return found
    findings = (*remarks, *report.findings)
    return msgspec.structs.replace(found, report=msgspec.structs.replace(report, findings=findings))


_NOUNS: dict[FileKind | None, tuple[str, str]] = {
    "csv": ("a CSV table", "CSV"),
    "xlsx": ("an Excel workbook", "Excel"),
    "json": ("a JSON document", "JSON"),
    "ndjson": ("JSON with one record a line", "JSON lines"),
    "text": ("plain text", "text"),
    "png": ("a PNG image", "a PNG image"),
    "jpeg": ("a JPEG image", "a JPEG image"),
    None: ("something unknown", "text"),
}
