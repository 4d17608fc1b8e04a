"""JSON: a list of records, one record a line, columns, or a document that holds a table.

`_json_text` proves the bytes, `_json_tables` finds the table, and here it is described.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from services import wording
from services.preflight.inspection import _cells, _json_tables, _json_text, _json_values
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
_LIKELY = re.compile(rb'\s*(?:\{\s*"|\[\s*\{\s*"|\[\s*\[|\[\s*"[^"]*"\s*,)')


def is_begun(head: bytes) -> bool:
    """Whether a text begins as a JSON object or list does."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def is_likely(head: bytes) -> bool:
    """Whether a text that proves to be no JSON was meant to be: `[draft] Dear all` was not."""
    return _LIKELY.match(head) is not None


def read(
    source: SourceFile, head: bytes, encoding: Encoding, bounds: Bounds
) -> Inspected | Refusal:
    """What this JSON holds, or where it stops being JSON."""
    is_lines = _is_lines(source, head)
    mime = LINES_MIME if is_lines else MIME
    try:
        with source.path.open("rb") as file:
            file.seek(encoding.bom_bytes)
            _json_text.check_encoding(file, encoding)
            if is_lines and encoding.is_utf8:
                found = _json_tables.lines(file, source, bounds)
            elif source.size_bytes <= bounds.json_whole_bytes:
                text = encoding.to_utf8(file.read())
                found = (
                    _json_tables.lines(io.BytesIO(text), source, bounds)
                    if is_lines
                    else _json_tables.document(text, source, bounds, encoding.bom_bytes)
                )
            elif encoding.is_utf8:
                is_list = head.lstrip()[:1] == b"["
                read_large = _json_tables.streamed if is_list else _json_tables.mapped
                found = read_large(file, source, bounds)
            else:
                raise _json_text.InvalidError("not_utf8")
    except _json_text.InvalidError as exc:
        limits = {"too_deep": bounds.json_depth, "not_utf8": bounds.json_whole_bytes}
        return Refusal(
            code=exc.code,
            mime=mime,
            size_bytes=source.size_bytes,
            what=exc.what,
            rows=exc.rows,
            position=exc.position,
            line=exc.line,
            limit=exc.limit or limits.get(exc.code),
        )
    if not any(map(_json_values.holds_something, found.sample)):
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


def _described(
    source: SourceFile,
    found: _json_tables.Found,
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
    found: _json_tables.Found, grid: dict[str, list[Cell | None]], columns: list[Column]
) -> Iterator[Finding]:
    if found.is_nested:
        text = wording.files.nested_table(found.name)
        yield Finding(code="nested_table", severity="warning", message=text)
    for key, cells in grid.items():
        if any(cell is not None and cell.kind == "nested" for cell in cells):
            text = wording.files.nested_values()
            yield Finding(code="nested_values", severity="warning", message=text, column=key)
    yield from of_columns(columns, found.rows)


def _measures(found: _json_tables.Found, columns: list[Column]) -> JsonMeasures:
    widest = found.widest_byte
    objects, kept = _object_bytes(found, columns)
    return JsonMeasures(
        shape=found.shape,
        rows=found.rows,
        characters=found.characters,
        bytes_per_character=1 if widest < 0xC4 else 2 if widest < 0xF0 else 4,
        line_bytes=found.line_bytes,
        object_bytes=objects,
        kept_bytes=kept,
        columns=tuple(ColumnMeasure(dtype=column.dtype) for column in columns),
    )


def _object_bytes(found: _json_tables.Found, columns: list[Column]) -> tuple[float, float]:
    """A record's share of what the parser makes of all, and of what text that stays pins.

    Objects lie in the order in which they were made: record by record text pins all that was made
    beside it; column by column only what is of its own column.
    """
    sample = found.sample
    if found.shape not in ("columns", "lists"):
        objects = sum(map(_json_values.record_bytes, sample)) / max(1, len(sample))
        has_text = found.shape == "other" or any(c.dtype == "object" for c in columns)
        return objects, objects if has_text else 0.0
    mappings = [_json_values.as_mapping(record) for record in sample]
    objects = kept = 0.0
    for key, column in zip(found.keys, columns, strict=True):
        values = [mapping.get(key) for mapping in mappings]
        own, holder = _json_values.column_bytes(
            values, found.rows, has_keys=found.shape == "columns"
        )
        objects += own + holder
        kept += own if column.dtype == "object" else 0.0
    return objects, kept
