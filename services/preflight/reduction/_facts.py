"""What each column of a file would be in a compact CSV: its type, its bytes, its strings.

Of a CSV this is what was measured, less the marks that a number can do without. Of a workbook or of
JSON it is worked out from the cells that were looked at, so its bounds are wider.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from services.preflight.inspection.types import ColumnMeasure, CsvMeasures, Dtype, XlsxMeasures
from services.preflight.reduction import _cells, _numbers
from services.preflight.reduction._wanted import Wanted, table_of
from services.preflight.reduction.types import Source
from services.preflight.types import ColumnReport, FileReport, TableReport

_DTYPES: tuple[str, ...] = get_args(Dtype)
_ORDER = ("bool", "float64", "int64", "uint64", "object")
_TEXT_OBJECT_BYTES, _STEP_BYTES = 49, 16
_SAMPLED_HIGH_RATIO, _HEAD_HIGH_RATIO = 1.03, 1.2
"""Upper ends of what cells take: measured along the file, or told from its first rows alone."""
_TRIM_DOUBT_RATIO = 0.25
_REPEATING_RATIO = 0.5
_TYPICAL_CELL_BYTES = 8.0
_MARKS = re.compile('[",\\r\\n]')


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column, as it would be written."""

    report: ColumnReport
    position: int
    """In the source, from 0 on."""
    dtype: Dtype
    cell_bytes: float
    """Of a row on average, without the mark after it."""
    high_cell_bytes: float
    measure: ColumnMeasure
    """Of all rows of the source."""

    @property
    def order(self) -> tuple[int, int]:
        """Columns of one type together, which lowers the peak; then as in the source."""
        return _ORDER.index(self.dtype), self.position


def of_columns(source: Source, wanted: Wanted) -> list[ColumnFacts]:
    """All columns of the wanted table, in the order in which they would be written."""
    table = table_of(source.report, wanted)
    # Fields that the header does not name stand in front, unless every row just ends in a mark.
    extra = 0
    if isinstance(source.measures, CsvMeasures) and not ends_in_mark(source.report):
        extra = max(0, source.measures.width - len(table.columns))
    found = [
        _column(source, table, wanted, position, extra) for position in range(len(table.columns))
    ]
    return sorted(found, key=lambda column: column.order)


def ordered(
    columns: Sequence[ColumnReport], wanted: Wanted
) -> list[tuple[Dtype, int, ColumnReport]]:
    """Type, position and report of each column, in the order in which they are written."""
    found = [(_dtype(column, wanted), n, column) for n, column in enumerate(columns)]
    return sorted(found, key=lambda one: (_ORDER.index(one[0]), one[1]))


def ends_in_mark(report: FileReport) -> bool:
    """Whether every row has an empty field at its end."""
    return any(finding.code == "trailing_delimiter" for finding in report.findings)


def _column(
    source: Source, table: TableReport, wanted: Wanted, position: int, extra: int
) -> ColumnFacts:
    report = table.columns[position]
    rows = max(1, table.rows)
    sample = [row[position] for row in table.sample if position < len(row)]
    write = _cells.writer(report, source.report, wanted)
    dtype = _dtype(report, wanted)
    given = _given(source, position + extra)
    raw, high_ratio = _source_cell_bytes(source, report, given, sample, rows)
    ratio = 1.0
    if write is not None:
        before = sum(len(text) for text in sample if text is not None)
        after = sum(len(write(text)) for text in sample if text is not None)
        ratio = after / before if before else 1.0
    is_quoted_already = source.report.kind == "csv" and _has_commas(source.report)
    cell = raw * ratio + (0.0 if is_quoted_already else _quoting_bytes(sample))
    # Rounded numbers have a greatest length; which zeros can go, only the first rows tell.
    is_open = ratio < 1 and report.name not in wanted.digits
    doubt = raw * (1 - ratio) * _TRIM_DOUBT_RATIO if is_open else 0.0
    measure = given if given is not None and dtype == given.dtype else None
    if measure is None or source.report.kind != "csv":
        measure = _measure(dtype, cell, sample, rows)
    return ColumnFacts(
        report=report,
        position=position,
        dtype=dtype,
        cell_bytes=cell,
        high_cell_bytes=(cell + doubt) * high_ratio,
        measure=measure,
    )


def _has_commas(report: FileReport) -> bool:
    return report.dialect is None or report.dialect.delimiter == ","


def _quoting_bytes(sample: Sequence[str | None]) -> float:
    """What quotes around a cell add, where it holds a mark of CSV."""
    more = [2 + t.count('"') for t in sample if t is not None and _MARKS.search(t)]
    return sum(more) / len(sample) if sample else 0.0


def _given(source: Source, position: int) -> ColumnMeasure | None:
    columns = source.measures.columns if isinstance(source.measures, CsvMeasures) else ()
    return columns[position] if position < len(columns) else None


def _dtype(report: ColumnReport, wanted: Wanted) -> Dtype:
    """As pandas reads it from the smaller file: dates of a sheet become text there."""
    if report.name in wanted.numbers and _numbers.decimal_mark(report) is not None:
        return "float64"
    if report.kind == "date" and report.dtype.startswith("datetime"):
        return "object"
    known = [one for one in _DTYPES if one == report.dtype]
    return _as_dtype(known[0]) if known else "object"


def _as_dtype(name: str) -> Dtype:
    match name:
        case "bool" | "float64" | "int64" | "uint64":
            return name
        case _:
            return "object"


def _source_cell_bytes(
    source: Source,
    report: ColumnReport,
    given: ColumnMeasure | None,
    sample: Sequence[str | None],
    rows: int,
) -> tuple[float, float]:
    """A cell's bytes in the source on average, and by how much that may be too little."""
    if report.content_bytes is not None:
        ratio = _HEAD_HIGH_RATIO if isinstance(source.measures, XlsxMeasures) else 1.0
        return max(0.0, report.content_bytes / rows - 1), max(ratio, _SAMPLED_HIGH_RATIO)
    if given is not None:
        return given.text_bytes / rows, _SAMPLED_HIGH_RATIO
    if not sample:
        return _TYPICAL_CELL_BYTES, _HEAD_HIGH_RATIO
    total = sum(len(text.encode("utf-8", "replace")) for text in sample if text is not None)
    return total / len(sample), _HEAD_HIGH_RATIO


def _measure(
    dtype: Dtype, cell_bytes: float, sample: Sequence[str | None], rows: int
) -> ColumnMeasure:
    """What a column takes of which only some cells were looked at."""
    if dtype != "object":
        return ColumnMeasure(dtype=dtype, text_bytes=cell_bytes * rows)
    present = [text for text in sample if text is not None]
    filled = len(present) / len(sample) if sample else 1.0
    mean = cell_bytes / filled if filled else 0.0
    size = math.ceil((_TEXT_OBJECT_BYTES + mean) / _STEP_BYTES) * _STEP_BYTES
    most = rows * filled * size
    distinct = len(set(present))
    repeats = distinct <= _REPEATING_RATIO * len(present)
    ratio = distinct / len(present) if present else 0.0
    point = distinct * size if repeats else most * ratio
    return ColumnMeasure(
        dtype="object",
        strings_bytes=point,
        strings_low_bytes=min(point, distinct * size),
        strings_high_bytes=most,
        text_bytes=cell_bytes * rows,
        chunk_distinct=distinct if repeats else rows * filled * ratio,
        file_distinct=distinct if repeats else rows * filled * ratio,
    )
