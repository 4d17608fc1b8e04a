"""One file from its bytes to a report: content type, then encoding, then its reader.

Runs in the child. What the file is worth is not judged here.
"""

import dataclasses
import os
import stat
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
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import (
    Bounds,
    Inspected,
    InspectFile,
    Refusal,
    SourceFile,
)
from services.preflight.types import Corrections, FileKind, Finding, Identified

_HEAD_BYTES = 1 << 16
_MIDDLE_BYTES = 1 << 15
_TABULAR_RATIO, _TABULAR_RECORDS = 0.9, 2
_CSV_EXTENSIONS = (".csv", ".tsv", ".tab", ".psv")
_TEXT_EXTENSIONS = (".txt", ".text", ".log", ".md", ".dat", ".asc", "")
_READ_AS: dict[FileKind, tuple[str, str, tuple[str, ...]]] = {
    "csv": ("a CSV file", "CSV", (*_CSV_EXTENSIONS, *_TEXT_EXTENSIONS)),
    "xlsx": ("an Excel workbook", "Excel", (".xlsx", "")),
    "json": ("a JSON file", "JSON", (*_json.EXTENSIONS, *_TEXT_EXTENSIONS)),
    "ndjson": ("a JSON file", "JSON", (*_json.EXTENSIONS, *_TEXT_EXTENSIONS)),
    "text": ("plain text", "text", (*_TEXT_EXTENSIONS, ".csv", ".py", ".sql", ".yaml", ".toml")),
    "png": ("a PNG image", "PNG", (".png", "")),
    "jpeg": ("a JPEG image", "JPEG", (".jpg", ".jpeg", "")),
}
"""What a kind is called, what it is read as, and the extensions that promise it or nothing."""
_PICTURES = (".png", ".jpg", ".jpeg", "")
_PROMISING = frozenset(e for _, _, extensions in _READ_AS.values() for e in extensions) | {
    *(".xls", ".xlsm", ".xlsb", ".ods", ".pdf", ".html", ".htm", ".xml", ".svg", ".zip"),
}
"""Extensions that promise a type; any other says nothing."""


def inspect(request: InspectFile, bounds: Bounds) -> Inspected | Refusal:
    """What this file is, or why it can't be used."""
    source = _source(Path(request.path), request.name)
    if source is None:
        return Refusal(code="not_a_file")
    if source.size_bytes > request.check_limit_bytes:
        return Refusal(
            code="too_large_to_check",
            size_bytes=source.size_bytes,
            limit=request.check_limit_bytes,
        )
    try:
        found = _named(source, _inspected(source, bounds, request))
    except PermissionError:
        return Refusal(code="unreadable", size_bytes=source.size_bytes)
    if isinstance(found, Refusal) or source.size_bytes <= request.practical_limit_bytes:
        return found
    text = wording.files.over_practical_limit(source.size_bytes, request.practical_limit_bytes)
    return _remarked(found, Finding(code="over_practical_limit", severity="warning", message=text))


def identify(path: Path) -> Identified:
    """The type by content alone, for a file that a run produced; its readers are not asked.

    Which kind of text it is, its name says: a table of one column looks like prose.
    """
    source = _source(path, path.name)
    if source is None or source.size_bytes == 0:
        return Identified(kind=None, mime="application/octet-stream")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    typed = _content_type.identify(source, head)
    if isinstance(typed, Refusal):
        return Identified(kind=None, mime=typed.mime)
    if typed.container != "text":
        kind: FileKind = "xlsx" if typed.container == "workbook" else typed.container
        return Identified(kind=kind, mime=typed.mime)
    if _encoding.detect(_cut(head, source.size_bytes)) is None:
        return Identified(kind=None, mime=_content_type.binary(source, head).mime)
    if source.extension in _CSV_EXTENSIONS:
        return Identified(kind="csv", mime=_csv.MIME)
    if source.extension in _json.LINES_EXTENSIONS:
        return Identified(kind="ndjson", mime=_json.LINES_MIME)
    if source.extension in _json.EXTENSIONS:
        return Identified(kind="json", mime=_json.MIME)
    return Identified(kind="text", mime=typed.mime)


def _source(path: Path, name: str) -> SourceFile | None:
    """A regular file, opened by its path; pipes and devices would block."""
    try:
        status = os.stat(path)  # noqa: PTH116 - one call tells type and size
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return SourceFile(path=path, name=name, size_bytes=status.st_size)


def _inspected(source: SourceFile, bounds: Bounds, request: InspectFile) -> Inspected | Refusal:
    if source.size_bytes == 0:
        return Refusal(code="empty_file", mime="inode/x-empty")
    with source.path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    typed = _content_type.identify(source, head)
    if isinstance(typed, Refusal):
        return typed
    match typed.container:
        case "workbook":
            return _xlsx.read(source, bounds, request.corrections)
        case "png" | "jpeg":
            return _image.read(source, typed.container, bounds)
        case "text":
            return _of_text(source, head, bounds, request)


def _of_text(
    source: SourceFile, head: bytes, bounds: Bounds, request: InspectFile
) -> Inspected | Refusal:
    told = request.corrections or Corrections()
    encoding = _encoding.detect(_cut(head, source.size_bytes), _middle(source))
    if encoding is None:
        return _content_type.binary(source, head)
    if told.encoding is not None:
        encoding = _encoding.corrected(told.encoding, head) or encoding
    head = _head(source, encoding, bounds)
    text = encoding.decode(head[encoding.bom_bytes :])
    if not text.strip("\ufeff \t\r\n\0"):
        return Refusal(code="empty_file", mime="text/plain", size_bytes=source.size_bytes)
    if "\r" in text and "\n" not in text:
        encoding = dataclasses.replace(encoding, ends_lines_with_return=True)
    plain = encoding.to_utf8(head[encoding.bom_bytes :])
    is_table = told.delimiter is not None or told.has_header is not None
    if _json.is_begun(plain) and not is_table:
        found = _json.read(source, plain, encoding, bounds)
        is_promised = source.extension in _json.EXTENSIONS
        is_meant = is_promised or (_json.is_likely(plain) and not _is_table(source, text))
        if is_meant or isinstance(found, Inspected):
            return found
    if is_table or _is_table(source, text):
        return _csv.read(
            source,
            head,
            encoding,
            bounds,
            thorough=request.thorough,
            corrections=request.corrections,
        )
    if source.extension in _json.EXTENSIONS:
        return _json.read(source, plain, encoding, bounds)
    return _text.read(source, encoding)


def _cut(raw: bytes, size_bytes: int) -> bytes:
    """Without the last line, which the reading may have cut in two."""
    if len(raw) >= size_bytes:
        return raw
    return raw[: raw.rfind(b"\n") + 1] or raw


def _middle(source: SourceFile) -> bytes:
    """Whole lines from the middle and the end, for bytes that the beginning does not show."""
    if source.size_bytes <= _HEAD_BYTES:
        return b""
    parts = []
    with source.path.open("rb") as file:
        for start in (source.size_bytes // 2, source.size_bytes - _MIDDLE_BYTES):
            file.seek(start)
            raw = file.read(_MIDDLE_BYTES)
            parts.append(raw[raw.find(b"\n") + 1 : raw.rfind(b"\n") + 1])
    return b"".join(parts)


def _head(source: SourceFile, encoding: Encoding, bounds: Bounds) -> bytes:
    """The first lines, whole: as many as usual, or more until there is a second one."""
    length = _HEAD_BYTES
    longest = _HEAD_BYTES + bounds.record_bytes
    mark = encoding.line_end
    while True:
        with source.path.open("rb") as file:
            head = file.read(length)
        if len(head) >= source.size_bytes:
            return head
        end = head.rfind(mark)
        while end >= 0 and (end - encoding.bom_bytes) % encoding.unit_bytes:
            end = head.rfind(mark, 0, end + len(mark) - 1)
        if length >= longest or head.count(mark) > 1:
            return head[: end + len(mark)] if end >= 0 else head
        length = min(4 * length, longest)


def _is_table(source: SourceFile, text: str) -> bool:
    """Whether a text has columns: by its name, or because its lines have the same fields."""
    if source.extension in _CSV_EXTENSIONS:
        return True
    sniffed = _dialect.sniff(text)
    return (
        sniffed.width > 1
        and sniffed.consistency >= _TABULAR_RATIO
        and len(sniffed.records) >= _TABULAR_RECORDS
    )


def _named(source: SourceFile, found: Inspected | Refusal) -> Inspected | Refusal:
    """What the name promises, beside what the file is."""
    if isinstance(found, Refusal):
        return found
    report = found.report
    if report.kind is None:
        return found
    article, read_as, promised = _READ_AS[report.kind]
    if source.extension in promised or source.extension not in _PROMISING:
        return found
    if report.kind in ("png", "jpeg") and source.extension not in _PICTURES:
        return Refusal(
            code="wrong_type",
            mime=report.mime,
            size_bytes=report.size_bytes,
            what=article.removeprefix("a "),
            extension=source.extension,
        )
    text = wording.files.renamed(article, source.extension, read_as)
    return _remarked(found, Finding(code="renamed", severity="warning", message=text))


def _remarked(found: Inspected, finding: Finding) -> Inspected:
    """With one more finding, before the others."""
    findings = (finding, *found.report.findings)
    report = msgspec.structs.replace(found.report, findings=findings)
    return msgspec.structs.replace(found, report=report)
