"""JSON: records, one record a line, columns, or something nested.

The whole document is checked, but never built: msgspec steps over values without making objects of
them, and only sampled records are decoded.
"""

import mmap
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from services import wording
from services.preflight.inspection import _cells, _strings, _table_findings, _text
from services.preflight.inspection._cells import Cell
from services.preflight.inspection._csv import SAMPLE_COLUMNS, SAMPLE_ROWS
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._xlsx_sheet import text_object_bytes
from services.preflight.inspection.types import (
    Bounds,
    ColumnMeasure,
    Inspected,
    JsonMeasures,
    Refusal,
    SourceFile,
)
from services.preflight.types import FileReport, Finding, TableReport

MIME, LINES_MIME = "application/json", "application/x-ndjson"
_SAMPLED_RECORDS = 1_000
_POSITION = re.compile(r"\(byte (\d+)\)")
_INT_BYTES, _FLOAT_BYTES, _SLOT_BYTES = 32, 32, 9
_SMALL_INTS = range(-5, 257)
_LIST_HEAD_BYTES = 72

_raw = msgspec.json.Decoder(msgspec.Raw)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_raw_map = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(source: SourceFile, encoding: Encoding, bounds: Bounds) -> Inspected | Refusal:
    """What this document holds, or where it stops being JSON."""
    if source.size_bytes > bounds.json_whole_bytes * 8:
        return _refusal(source, "too_much_memory")
    with source.path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            text: Any = mapped if encoding.name == "utf-8" else _converted(mapped, encoding)
            return _read(source, encoding, memoryview(text))
        except RecursionError:
            return _refusal(source, "too_deep")


def _converted(mapped: mmap.mmap, encoding: Encoding) -> bytes:
    """As UTF-8 without a byte order mark."""
    return encoding.to_utf8(mapped[encoding.bom_bytes :])


def _read(source: SourceFile, encoding: Encoding, text: memoryview) -> Inspected | Refusal:
    """The four shapes, in the order of how often they are met."""
    try:
        _raw.decode(text)
    except msgspec.DecodeError as exc:
        lines = _lines(text)
        if lines is not None:
            return _records(source, encoding, lines, "lines", len(text))
        return _malformed(source, exc, len(text))
    first = bytes(text[:64]).lstrip()[:1]
    if first == b"[":
        return _records(source, encoding, _raw_list.decode(text), "records", len(text))
    if first == b"{":
        lines = _lines(text)
        if lines is not None and len(lines) > 1:
            return _records(source, encoding, lines, "lines", len(text))
        return _columns_or_other(source, encoding, _raw_map.decode(text))
    return _refusal(source, "no_rows")


def _lines(text: memoryview) -> list[msgspec.Raw] | None:
    """Every line as a value of its own, if that is what the file is."""
    try:
        found = _raw.decode_lines(text)
    except msgspec.DecodeError:
        return None
    return found if found and bytes(found[0]).lstrip()[:1] == b"{" else None


def _malformed(source: SourceFile, exc: Exception, size: int) -> Refusal:
    found = _POSITION.search(str(exc))
    position = int(found[1]) if found else None
    is_cut = "truncated" in str(exc) or (position is not None and position >= size - 1)
    return Refusal(
        code="truncated" if is_cut else "invalid_json",
        mime=MIME,
        size_bytes=source.size_bytes,
        what="JSON document",
        position=position,
    )


def _refusal(source: SourceFile, code: Any) -> Refusal:
    return Refusal(code=code, mime=MIME, size_bytes=source.size_bytes, what="JSON document")


def _records(
    source: SourceFile,
    encoding: Encoding,
    records: Sequence[msgspec.Raw],
    shape: Any,
    size: int,
) -> Inspected | Refusal:
    if not records:
        return _refusal(source, "no_rows")
    step = max(1, len(records) // _SAMPLED_RECORDS)
    raw = [bytes(record) for record in records[::step]]
    sampled = [msgspec.json.decode(record) for record in raw]
    if not all(isinstance(record, dict) for record in sampled):
        return _other(source, encoding, len(records))
    line_bytes = sum(text_object_bytes(r.decode("utf-8", "replace")) for r in raw) / len(raw)
    head = [msgspec.json.decode(record) for record in records[:SAMPLE_ROWS]]
    return _table(source, encoding, sampled, head, len(records), shape, line_bytes)


def _columns_or_other(
    source: SourceFile, encoding: Encoding, document: dict[str, msgspec.Raw]
) -> Inspected | Refusal:
    """Columns of equal length make a table; anything else is nested, and no table."""
    columns = {}
    for name, raw in document.items():
        value = msgspec.json.decode(raw) if bytes(raw[:1]) in (b"[", b"{") else None
        columns[name] = list(value.values()) if isinstance(value, dict) else value
    lengths = {len(c) if isinstance(c, list) else -1 for c in columns.values()}
    if len(lengths) != 1 or -1 in lengths or lengths == {0}:
        return _other(source, encoding, 0)
    rows = lengths.pop()
    step = max(1, rows // _SAMPLED_RECORDS)
    every = [{n: c[i] for n, c in columns.items() if c} for i in range(0, rows, step)]
    head = [{n: c[i] for n, c in columns.items() if c} for i in range(min(rows, SAMPLE_ROWS))]
    return _table(source, encoding, every, head, rows, "columns", 0.0)


def _other(source: SourceFile, encoding: Encoding, rows: int) -> Inspected:
    """A document that is no table: it can be sent and asked about, not counted here."""
    characters, widest = _text.count_utf8(source.path)
    finding = Finding(code="nested_json", severity="warning", message=wording.files.no_table())
    return Inspected(
        report=FileReport(
            kind="json",
            mime=MIME,
            size_bytes=source.size_bytes,
            encoding=encoding.name,
            encoding_confidence=encoding.confidence,
            text_characters=characters,
            findings=(finding,),
        ),
        measures=JsonMeasures(
            shape="other",
            rows=rows,
            characters=characters,
            bytes_per_character=widest,
            line_bytes=0.0,
            object_bytes=0.0,
            columns=(),
        ),
    )


def _table(
    source: SourceFile,
    encoding: Encoding,
    sampled: list[dict[str, Any]],
    head: list[dict[str, Any]],
    rows: int,
    shape: Any,
    line_bytes: float,
) -> Inspected:
    names = tuple(dict.fromkeys(name for record in sampled for name in record))
    cells = {name: [_cell(record.get(name)) for record in sampled] for name in names}
    described, measures = [], []
    for name in names:
        found = cells[name]
        kinds: Counter[str] = Counter(cell.kind for cell in found if cell is not None)
        dtype = _cells.dtype_of(kinds, has_blanks=None in found)
        strings = [text_object_bytes(c.text) for c in found if c is not None and c.kind == "text"]
        total = rows * sum(strings) / max(1, len(found))
        width = 1 if dtype == "bool" else 8
        described.append(
            _cells.describe(
                name, found, dtype, rows=rows, memory_bytes=round(rows * width + total)
            )
        )
        measures.append(
            ColumnMeasure(
                dtype=dtype,
                strings_bytes=total,
                strings_low_bytes=total,
                strings_high_bytes=total,
                text_bytes=total,
            )
        )
    characters, widest = _text.count_utf8(source.path)
    table = TableReport(
        name=source.name,
        rows=rows,
        rows_exact=True,
        columns=tuple(column.report for column in described),
        sample=tuple(
            tuple(_cells.shown(_cell(record.get(name))) for name in names[:SAMPLE_COLUMNS])
            for record in head
        ),
    )
    nested = [n for n in names if any(c is not None and c.kind == "nested" for c in cells[n])]
    findings = [*_nested_findings(nested), *_table_findings.of_columns(described, rows)]
    is_lines = shape == "lines"
    return Inspected(
        report=FileReport(
            kind="ndjson" if is_lines else "json",
            mime=LINES_MIME if is_lines else MIME,
            size_bytes=source.size_bytes,
            encoding=encoding.name,
            encoding_confidence=encoding.confidence,
            tables=(table,),
            findings=tuple(sorted(findings, key=lambda finding: finding.severity != "warning")),
        ),
        measures=JsonMeasures(
            shape=shape,
            rows=rows,
            characters=characters,
            bytes_per_character=widest,
            line_bytes=line_bytes,
            object_bytes=sum(map(_object_bytes, sampled)) / len(sampled) + _SLOT_BYTES,
            columns=tuple(measures),
        ),
    )


def _nested_findings(names: Sequence[str]) -> Iterator[Finding]:
    for name in names[: _table_findings.NAMED_AT_MOST]:
        yield Finding(
            code="nested_values",
            severity="info",
            message=wording.files.nested_values(),
            column=name,
        )


def _cell(value: object) -> Cell | None:
    match value:
        case None:
            return None
        case bool():
            return Cell("true" if value else "false", "boolean")
        case int():
            return Cell(str(value), "integer")
        case float():
            return Cell(repr(value), "number")
        case str():
            return Cell(value, "text")
        case _:
            return Cell(msgspec.json.encode(value).decode(), "nested")


def _object_bytes(value: object) -> float:
    """What the reader's own objects of a value take; keys are not shared between records."""
    match value:
        case None | bool():
            return 0
        case int():
            return 0 if value in _SMALL_INTS else _INT_BYTES
        case float():
            return _FLOAT_BYTES
        case str():
            return text_object_bytes(value)
        case dict():
            held = sum(text_object_bytes(k) + _object_bytes(v) for k, v in value.items())
            return _strings.dict_bytes(len(value)) + held
        case list():
            return _LIST_HEAD_BYTES + 8 * len(value) + 16 + sum(map(_object_bytes, value))
        case _:
            return 0
