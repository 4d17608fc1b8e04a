"""Excel workbooks: each sheet with its size, the one with the data also with what it takes to load.

People put a cover or notes in front: so it is the sheet with most rows that questions are about.
"""

import xml.parsers.expat
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass

import msgspec

from services import wording
from services.preflight.inspection import _cells, _strings, _xlsx_parts, _xlsx_rows, _xlsx_sheet
from services.preflight.inspection._cells import Cell, CellKind
from services.preflight.inspection._columns import Column
from services.preflight.inspection._content_type import XLSX_MIME
from services.preflight.inspection._csv import SAMPLE_COLUMNS, SAMPLE_ROWS
from services.preflight.inspection._names import pandas_names
from services.preflight.inspection._table_findings import of_columns
from services.preflight.inspection._xlsx_parts import Workbook
from services.preflight.inspection._xlsx_sheet import SheetCount
from services.preflight.inspection.types import (
    Bounds,
    ColumnMeasure,
    Dtype,
    Inspected,
    Refusal,
    RefusalCode,
    SourceFile,
    XlsxMeasures,
)
from services.preflight.types import Corrections, FileReport, Finding, Severity, TableReport

_SHARED_OVERHEAD_BYTES = 9
_NUMBER_BYTES, _DATE_BYTES = 32, 48
_WIDEST, _LONGEST = 16_384, 1_048_576
"""Columns and rows of the largest sheet that the format knows."""
_SPARSE_RATIO, _LIST_BYTES = 0.95, 72
_NAMED_RATIO, _FILLED_RATIO = 0.5, 0.5
_GROUPS_LEAST, _GROUPS_MOST, _GROUPS_PROJECTED = 2, 50, 60
_DETAILED_SHEETS = 20
"""Sheets whose columns are described; of the rest only the size is told."""


def read(
    source: SourceFile, bounds: Bounds, corrections: Corrections | None = None
) -> Inspected | Refusal:
    """What this workbook holds. Of its sheets, the one that a user has named comes first."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            _xlsx_parts.check_sizes(archive, bounds)
            _xlsx_parts.check_small_parts(archive)
            return _read(source, archive, None if corrections is None else corrections.sheet)
    except _xlsx_parts.BombError:
        return _refusal(source, "bomb")
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
        xml.parsers.expat.ExpatError,
        _xlsx_parts.DamagedError,
    ):
        return _refusal(source, "damaged")


def _refusal(source: SourceFile, code: RefusalCode) -> Refusal:
    return Refusal(code=code, mime=XLSX_MIME, size_bytes=source.size_bytes, what="Excel workbook")


@dataclass(slots=True)
class _SheetFacts:
    count: SheetCount
    rows: int
    """Data rows: all but the header."""
    names: tuple[str, ...]
    dtypes: list[Dtype]
    columns: list[Column]
    group_columns: int
    table: TableReport

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """What tells the sheet with the data: rows, then named and filled columns, then how many.

        A page of notes may be longer than a table, but it has no header over all that it fills.
        """
        named = sum(not name.startswith("Unnamed: ") for name in self.names)
        cells = (self.rows + 1) * len(self.names)
        is_table = (
            len(self.columns) > 1
            and named > _NAMED_RATIO * len(self.names)
            and self.count.cells >= _FILLED_RATIO * cells
        )
        return bool(self.count.cells and self.rows and self.columns), is_table, self.rows


def _read(source: SourceFile, archive: zipfile.ZipFile, told: str | None) -> Inspected | Refusal:
    workbook = _xlsx_parts.describe(archive)
    sheets = [
        _sheet(
            archive,
            workbook,
            position,
            is_detailed=position < _DETAILED_SHEETS or sheet.name == told,
        )
        for position, sheet in enumerate(workbook.sheets)
    ]
    # Of equals the first is taken, and the others stay in their order. What was hidden was not
    # meant to be looked at first.
    sheets.sort(
        key=lambda s: (s.table.name == told, s.weight[0] and not s.table.is_hidden, s.weight),
        reverse=True,
    )
    main, others = sheets[0], sorted(sheets[1:], key=lambda sheet: sheet.table.position)
    sheets = [main, *others]
    if not (main.count.cells and main.rows):
        return Refusal(code="no_rows", mime=XLSX_MIME, size_bytes=source.size_bytes)
    report = FileReport(
        kind="xlsx",
        mime=XLSX_MIME,
        size_bytes=source.size_bytes,
        tables=tuple(sheet.table for sheet in sheets),
        findings=_findings(sheets),
    )
    shared = _shared_strings(archive, workbook)
    measures = _measures(main, *shared)
    leading = next(sheet for sheet in sheets if sheet.table.position == 0)
    if leading is not main and told is None:
        # Whoever reads the workbook without naming a sheet gets this one.
        measures = msgspec.structs.replace(measures, unasked=_measures(leading, *shared))
    return Inspected(report=report, measures=measures)


def _sheet(
    archive: zipfile.ZipFile, workbook: Workbook, position: int, *, is_detailed: bool
) -> _SheetFacts:
    sheet = workbook.sheets[position]
    count = _xlsx_sheet.count(archive, sheet.part, workbook.date_styles)
    if count.rows > _LONGEST:
        # A row number is only a number: one cell may claim to stand in row 99,999,999,999.
        raise _xlsx_parts.DamagedError
    count.width = min(count.width, _WIDEST)
    rows = max(0, count.rows - 1)
    cells: list[list[Cell | None]] = []
    if is_detailed and count.cells:
        cells = _xlsx_rows.first_rows(
            archive, sheet.part, workbook.shared_strings, workbook.date_styles
        )
    # A dimension may promise columns that hold nothing; pandas makes columns of them all the same.
    width = min(max([count.width, *map(len, cells)], default=0), _WIDEST) if count.cells else 0
    header = _padded(cells[0], width) if cells else [None] * width
    names = pandas_names([cell.text if cell else "" for cell in header])
    body = [_padded(row, width) for row in cells[1 : rows + 1]]
    dtypes = [_dtype(count, body, column, rows) for column in range(width)]
    columns = [
        _cells.describe(
            name,
            [row[column] for row in body],
            dtypes[column],
            rows=rows,
            memory_bytes=None,
        )
        for column, name in enumerate(names if is_detailed else ())
    ]
    table = TableReport(
        name=sheet.name,
        rows=rows,
        rows_exact=True,
        columns=tuple(column.report for column in columns),
        sample=tuple(
            tuple(_cells.shown(cell) for cell in row[:SAMPLE_COLUMNS]) for row in body[:SAMPLE_ROWS]
        ),
        position=position,
        is_hidden=sheet.is_hidden,
    )
    groups = sum(_is_group([row[column] for row in body]) for column in range(width))
    return _SheetFacts(count, rows, names, dtypes, columns, min(groups, 2), table)


def _is_group(cells: list[Cell | None]) -> bool:
    """Whether so few different values come up that one would group by them."""
    times = Counter(cell.text for cell in cells if cell is not None)
    once, twice = (sum(n == wanted for n in times.values()) for wanted in (1, 2))
    if times.total() < min(_GROUPS_MOST, len(cells)):
        return False
    likely = len(times) + once**2 / (2 * max(twice, 1))
    return _GROUPS_LEAST <= len(times) <= _GROUPS_MOST and likely <= _GROUPS_PROJECTED


def _padded(row: list[Cell | None], width: int) -> list[Cell | None]:
    return (row + [None] * (width - len(row)))[:width]


def _dtype(count: SheetCount, body: list[list[Cell | None]], column: int, rows: int) -> Dtype:
    """From the first rows and from what a sample of the whole sheet holds."""
    kinds: Counter[CellKind] = Counter(count.kinds.get(column))
    here = [row[column] for row in body]
    kinds.update(cell.kind for cell in here if cell is not None)
    # A piece that is cut within a row lacks that row's cells in some columns.
    missing = _fullest(count) - sum(count.kinds.get(column, Counter()).values())
    has_blanks = None in here or len(here) == 0 or (rows > len(here) and missing > count.pieces)
    return _cells.dtype_of(kinds, has_blanks=has_blanks)


def _fullest(count: SheetCount) -> int:
    """Values of the column that has most in the sample: about the rows that were looked at."""
    return max((sum(kinds.values()) for kinds in count.kinds.values()), default=0)


def _findings(sheets: list[_SheetFacts]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    first = sheets[0]
    if len(sheets) > 1:
        others = tuple(sheet.table.name for sheet in sheets[1:])
        text = wording.files.several_sheets(first.table.name, others)
        found.append(Finding(code="several_sheets", severity="info", message=text))
    hidden = tuple(sheet.table.name for sheet in sheets if sheet.table.is_hidden)
    if hidden:
        text = wording.files.hidden_sheets(hidden, is_used=first.table.is_hidden)
        severity: Severity = "warning" if first.table.is_hidden else "info"
        found.append(Finding(code="hidden_sheets", severity=severity, message=text))
    filled = sum(not name.startswith("Unnamed: ") for name in first.names)
    if first.columns and len(first.names) > 2 and filled <= len(first.names) / 2:
        text = wording.files.header_doubtful()
        found.append(Finding(code="header_doubtful", severity="warning", message=text))
    found.extend(of_columns(first.columns, first.rows))
    return tuple(sorted(found, key=lambda finding: finding.severity != "warning"))


def _shared_strings(archive: zipfile.ZipFile, workbook: Workbook) -> tuple[int, float]:
    """How many strings the sheets share, and what those take."""
    if workbook.shared_strings is None:
        return 0, 0.0
    total, sample = _xlsx_rows.shared_string_sample(archive, workbook.shared_strings)
    sizes = [_xlsx_sheet.text_object_bytes(text) for text in sample]
    mean = sum(sizes) / len(sizes) if sizes else 0.0
    return total, total * (mean + _SHARED_OVERHEAD_BYTES)


def _measures(first: _SheetFacts, shared: int, shared_bytes: float) -> XlsxMeasures:
    """What reading that sheet takes: openpyxl loads the shared strings of all sheets."""
    count = first.count
    scale = count.cells / max(1, count.sampled_cells)
    kinds: Counter[CellKind] = Counter()
    for column in count.kinds.values():
        kinds.update(column)
    numbers = kinds["integer"] - count.small_integers + kinds["number"]
    width = len(first.names)
    return XlsxMeasures(
        rows=first.rows,
        width=width,
        cells=count.cells,
        shared_strings=shared,
        shared_strings_bytes=shared_bytes,
        inline_strings_bytes=count.inline_bytes * scale,
        values_bytes=(numbers * _NUMBER_BYTES + kinds["date"] * _DATE_BYTES) * scale,
        row_list_bytes=_row_list_bytes(count.cells, first.rows, width),
        columns=tuple(ColumnMeasure(dtype=dtype) for dtype in first.dtypes),
        group_columns=first.group_columns,
    )


def _row_list_bytes(cells: int, rows: int, width: int) -> float:
    """A row's list as it grows by appending; rows of a sparse sheet are padded to full width."""
    if cells < _SPARSE_RATIO * rows * width:
        return _LIST_BYTES + 8.0 * width
    return _strings.list_bytes(width)
