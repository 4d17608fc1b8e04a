"""JSON: a list of records, one record a line, columns, or a document that holds a table.

Whatever its shape, every byte is checked (of a document up to the size in bounds.toml) without
making objects of it; only the records of the sample become values.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import msgspec
import numpy as np

from services import wording
from services.preflight.inspection import _cells, _json_text, _json_values
from services.preflight.inspection._cells import Cell
from services.preflight.inspection._columns import Column
from services.preflight.inspection._csv import SAMPLE_COLUMNS, SAMPLE_ROWS
from services.preflight.inspection._csv_findings import of_encoding
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._table_findings import of_columns
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
LINES_EXTENSIONS = (".ndjson", ".jsonl", ".ldjson")
EXTENSIONS = (".json", ".geojson", *LINES_EXTENSIONS)

_SAMPLE_RECORDS = 1_000
_SAMPLE_PER_BLOCK = 40
_MOST_ELEMENTS = 3_000_000

Shape = Literal["records", "lines", "columns", "other"]


@dataclass(slots=True)
class _Found:
    """A table in a document: its rows, a sample of them, and how the text is made."""

    shape: Shape
    name: str
    rows: int
    rows_exact: bool
    sample: list[object]
    characters: int = 0
    widest_byte: int = 0
    line_bytes: float = 0.0
    is_nested: bool = False
    keys: tuple[str, ...] = field(default=())


def is_begun(head: bytes) -> bool:
    """Whether a text begins as a JSON object or list does."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read(
    source: SourceFile, head: bytes, encoding: Encoding, bounds: Bounds
) -> Inspected | Refusal:
    """What this JSON holds, or where it stops being JSON."""
    is_lines = _is_lines(source, head)
    mime = LINES_MIME if is_lines else MIME
    try:
        with source.path.open("rb") as file:
            file.seek(encoding.bom_bytes)
            if is_lines and encoding.is_utf8:
                found = _lines(file, source)
            elif source.size_bytes <= bounds.json_whole_bytes:
                text = encoding.to_utf8(file.read())
                found = _lines(io.BytesIO(text), source) if is_lines else _document(text, source)
            else:
                found = _sampled(file, source)
    except _json_text.InvalidError as exc:
        return Refusal(
            code=exc.code,
            mime=mime,
            size_bytes=source.size_bytes,
            what="JSON file",
            rows=exc.rows,
            position=exc.position,
        )
    if not found.sample:
        return Refusal(code="no_rows", mime=mime, size_bytes=source.size_bytes)
    found.keys = _json_values.keys_of(found.sample)
    if len(found.keys) > bounds.columns:
        return Refusal(
            code="too_many_columns",
            mime=mime,
            size_bytes=source.size_bytes,
            rows=len(found.keys),
            limit=bounds.columns,
        )
    return _described(source, found, encoding, "ndjson" if is_lines else "json", mime)


def _is_lines(source: SourceFile, head: bytes) -> bool:
    """Whether each line is a document of its own."""
    lines = [line for line in head.split(b"\n") if line.strip()]
    if not lines or not _json_text.is_valid(lines[0]):
        return False
    if source.extension in LINES_EXTENSIONS:
        return True
    return lines[0].lstrip()[:1] == b"{" and len(lines) > 1 and lines[1].lstrip()[:1] == b"{"


def _lines(file: BinaryIO, source: SourceFile) -> _Found:
    """Every line is checked, block by block; some of each block become values."""
    found = _Found("lines", source.name, 0, True, [])
    decoder = msgspec.json.Decoder(msgspec.Raw)
    offset, length = file.tell(), 0.0
    for block in _json_text.blocks(file):
        try:
            records = decoder.decode_lines(block)
        except (msgspec.DecodeError, RecursionError):
            raise _json_text.first_bad_line(block, offset, found.rows) from None
        step = max(1, len(records) // _SAMPLE_PER_BLOCK)
        chosen = records[:SAMPLE_ROWS] if not found.rows else records[::step]
        found.sample.extend(map(_json_values.decode, chosen))
        found.rows += len(records)
        length += len(block)
        _measure_text(block, found)
        offset += len(block)
    del found.sample[_SAMPLE_RECORDS * 4 :]
    found.line_bytes = length / max(1, found.rows)
    return found


def _document(raw: bytes, source: SourceFile) -> _Found:
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError) as exc:
        error = _json_text.explained(exc, raw, 0, None, may_be_cut=True)
        if error.code == "truncated":
            error.rows = _json_text.whole_records(raw)
        raise error from None
    is_list = raw.lstrip()[:1] == b"["
    found = _in_list(raw, source.name) if is_list else _in_object(raw, source.name)
    _measure_text(raw, found)
    return found


def _in_list(raw: bytes, name: str) -> _Found:
    is_records = raw.lstrip()[1:].lstrip()[:1] == b"{"
    if raw.count(b"{" if is_records else b",") > _MOST_ELEMENTS:
        records = _json_text.slices_of(raw)
        mean = sum(map(len, records)) / max(1, len(records))
        rows = round(len(raw) / (mean + 1)) if records else 0
        return _Found("records", name, rows, False, [*map(_json_values.decode, records)])
    elements = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return _Found("records", name, len(elements), True, _decoded_sample(elements))


def _decoded_sample(elements: list[msgspec.Raw]) -> list[object]:
    first = elements[:SAMPLE_ROWS]
    rest = elements[SAMPLE_ROWS:]
    step = max(1, len(rest) // _SAMPLE_RECORDS)
    return [_json_values.decode(raw) for raw in (*first, *rest[::step])]


def _in_object(raw: bytes, name: str) -> _Found:
    if raw.lstrip()[:1] != b"{":
        return _Found("other", name, 1, True, [_json_values.decode(raw)])
    members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    kinds = {bytes(value)[:1] for value in members.values()}
    if len(members) > 0 and kinds in ({b"{"}, {b"["}):
        columns = _as_columns(members, name, is_list=kinds == {b"["})
        if columns is not None:
            return columns
    lists = {key: v for key, v in members.items() if re.match(rb"\[\s*\{", bytes(v)[:200])}
    if lists:
        key = max(lists, key=lambda k: len(bytes(lists[k])))
        found = _in_list(bytes(lists[key]), key)
        found.shape, found.is_nested = "other", True
        return found
    return _Found("other", name, 1, True, [_json_values.decode(raw)] if members else [])


def _as_columns(members: dict[str, msgspec.Raw], name: str, *, is_list: bool) -> _Found | None:
    """`{"a": {"0": 1}, "b": …}` or `{"a": [1], "b": …}` with columns of the same length."""
    decoded = {key: _json_values.decode(raw) for key, raw in members.items()}
    columns: dict[str, list[object]] = {}
    indexes: set[object] = set()
    for key, value in decoded.items():
        if isinstance(value, list) and is_list:
            columns[key] = value
            indexes.add(len(value))
        elif isinstance(value, dict):
            columns[key] = list(value.values())
            indexes.add(tuple(value))
    if len(indexes) != 1 or len(columns) != len(members):
        return None
    rows = list(zip(*columns.values(), strict=True))
    if is_list and any(isinstance(value, dict | list) for row in rows[:5] for value in row):
        return None
    sample: list[object] = [dict(zip(columns, row, strict=True)) for row in rows[:_SAMPLE_RECORDS]]
    return _Found("columns", name, len(rows), True, sample)


def _sampled(file: BinaryIO, source: SourceFile) -> _Found:
    """A document that is too large to be checked as a whole: records from along the file."""
    found = _Found("records", source.name, 0, False, [])
    start = file.tell()
    records: list[bytes] = []
    for number in range(16):
        file.seek(start + number * (source.size_bytes - start) // 16)
        records.extend(_json_text.slices_of(file.read(400_000))[:200])
    file.seek(-min(source.size_bytes, 64), 2)
    if file.read().rstrip()[-1:] not in (b"]", b"}"):
        raise _json_text.InvalidError("truncated", None)
    mean = sum(map(len, records)) / max(1, len(records))
    found.rows = round(source.size_bytes / (mean + 1)) if records else 0
    found.sample = [*map(_json_values.decode, records)]
    file.seek(start)
    while block := file.read(_json_text.BLOCK_BYTES):
        _measure_text(block, found)
    return found


def _measure_text(block: bytes, found: _Found) -> None:
    data = np.frombuffer(block, np.uint8)
    if len(data):
        found.widest_byte = max(found.widest_byte, int(data.max()))
        found.characters += int(np.count_nonzero((data & 0xC0) != 0x80))


def _described(
    source: SourceFile,
    found: _Found,
    encoding: Encoding,
    kind: Literal["json", "ndjson"],
    mime: str,
) -> Inspected:
    mappings = [_json_values.as_mapping(record) for record in found.sample]
    grid: dict[str, list[Cell | None]] = {
        key: [_json_values.cell(mapping.get(key)) for mapping in mappings] for key in found.keys
    }
    columns = [_column(key, cells, found.rows) for key, cells in grid.items()]
    shown = list(grid.values())[:SAMPLE_COLUMNS]
    table = TableReport(
        name=found.name,
        rows=found.rows,
        rows_exact=found.rows_exact,
        columns=tuple(column.report for column in columns),
        sample=tuple(
            tuple(_cells.shown(cells[row]) for cells in shown)
            for row in range(min(SAMPLE_ROWS, len(mappings)))
        ),
    )
    report = FileReport(
        kind=kind,
        mime=mime,
        size_bytes=source.size_bytes,
        encoding=encoding.name,
        encoding_confidence=encoding.confidence,
        tables=(table,),
        findings=(*of_encoding(encoding, None), *_findings(found, grid, columns)),
    )
    return Inspected(report=report, measures=_measures(found, columns))


def _column(key: str, cells: list[Cell | None], rows: int) -> Column:
    present = [cell for cell in cells if cell is not None]
    kinds = Counter(cell.kind for cell in present)
    dtype = _cells.dtype_of(kinds, has_blanks=len(present) < len(cells))
    return _cells.describe(key, cells, dtype, rows=rows, memory_bytes=None)


def _findings(
    found: _Found, grid: dict[str, list[Cell | None]], columns: list[Column]
) -> Iterator[Finding]:
    if found.is_nested:
        text = wording.files.nested_table(found.name)
        yield Finding(code="nested_table", severity="warning", message=text)
    for key, cells in grid.items():
        if any(cell is not None and cell.kind == "nested" for cell in cells):
            text = wording.files.nested_values()
            yield Finding(code="nested_values", severity="warning", message=text, column=key)
    yield from of_columns(columns, found.rows)


def _measures(found: _Found, columns: list[Column]) -> JsonMeasures:
    widest = found.widest_byte
    sample = found.sample
    return JsonMeasures(
        shape=found.shape,
        rows=found.rows,
        characters=found.characters,
        bytes_per_character=1 if widest < 0xC4 else 2 if widest < 0xF0 else 4,
        line_bytes=found.line_bytes,
        object_bytes=sum(map(_json_values.record_bytes, sample)) / max(1, len(sample)),
        columns=tuple(ColumnMeasure(dtype=column.dtype) for column in columns),
    )
