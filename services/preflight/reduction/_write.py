"""A file through the steps into a compact CSV: read, choose rows, write cells, group.

Runs in the child. One row is in memory at a time, and what is larger lies in the request's folder.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.preflight.reduction import _cells, _facts, _groups
from services.preflight.reduction._choice import Chosen
from services.preflight.reduction._csv_source import CsvRows
from services.preflight.reduction._json_source import JsonRows
from services.preflight.reduction._source import Row, Rows
from services.preflight.reduction._wanted import Wanted, gather, table_of
from services.preflight.reduction._xlsx_source import XlsxRows
from services.preflight.reduction.types import (
    Advanced,
    Bounds,
    NotWritten,
    ReduceRequest,
    Written,
)
from services.preflight.types import ColumnReport

NAME = "reduced.csv"
_BUFFER_BYTES = 1 << 20
_ROWS_BETWEEN = 2_000
Tell = Callable[[Advanced], None]


def write(request: ReduceRequest, bounds: Bounds, tell: Tell) -> Written | NotWritten:
    """Write `reduced.csv` into the request's folder."""
    wanted = gather(request.steps)
    table = table_of(request.report, wanted)
    rows = _opened(request, wanted)
    try:
        columns = _columns(request, wanted)
        if isinstance(rows, XlsxRows):
            rows.need(_needed(rows.names, columns, wanted))
        chosen = Chosen(rows, table.columns, wanted, bounds.newest_rows)
        written = _written(request, bounds, wanted, columns, chosen, tell)
        # Names that no looked-at record had: with them once more, unless columns were chosen.
        if isinstance(rows, JsonRows) and wanted.names is None and wanted.by is None:
            known = len(rows.names)
            if rows.widen():
                more = [_Out(position=n, write=None) for n in range(known, len(rows.names))]
                chosen = Chosen(rows, table.columns, wanted, bounds.newest_rows)
                written = _written(request, bounds, wanted, [*columns, *more], chosen, tell)
    finally:
        if isinstance(rows, XlsxRows):
            rows.close()
    return written


@dataclass(frozen=True, slots=True)
class _Out:
    """A column that is written: where it stands in the source, and how its values are written."""

    position: int
    write: Callable[[str], str] | None
    is_summed: bool = False
    is_whole: bool = False


def _opened(request: ReduceRequest, wanted: Wanted) -> Rows:
    path, folder, report = Path(request.path), Path(request.folder), request.report
    table = table_of(report, wanted)
    match report.kind:
        case "xlsx":
            return XlsxRows(path, table, folder)
        case "json" | "ndjson":
            return JsonRows(path, report, table, request.shape, folder)
        case _:
            return CsvRows(path, report, request.fields)


def _columns(request: ReduceRequest, wanted: Wanted) -> list[_Out]:
    """In the order of writing: of one type together, or the groups and then their sums."""
    table = table_of(request.report, wanted)
    facts = _facts.ordered(table.columns, wanted)

    def out(column: ColumnReport, position: int, dtype: str) -> _Out:
        return _Out(
            position=position,
            write=_cells.writer(column, request.report, wanted),
            is_summed=column.name not in (wanted.by or ()),
            is_whole=dtype in ("int64", "uint64"),
        )

    if wanted.by is None:
        return [out(c, n, d) for d, n, c in facts if wanted.keeps(c.name)]
    by = [out(c, n, d) for d, n, c in facts if c.name in wanted.by]
    numeric = ("int64", "uint64", "float64")
    sums = [
        out(c, n, d)
        for d, n, c in facts
        if d in numeric and wanted.keeps(c.name) and c.name not in wanted.by
    ]
    return [*by, *sums]


def _needed(names: tuple[str, ...], columns: list[_Out], wanted: Wanted) -> frozenset[int]:
    """The columns that are written, and those by which rows are chosen."""
    chosen_by = {step.column for step in wanted.filters}
    if wanted.newest is not None and wanted.newest.column is not None:
        chosen_by.add(wanted.newest.column)
    by_name = (n for n, name in enumerate(names) if name in chosen_by)
    return frozenset((*(column.position for column in columns), *by_name))


def _written(
    request: ReduceRequest,
    bounds: Bounds,
    wanted: Wanted,
    columns: list[_Out],
    chosen: Chosen,
    tell: Tell,
) -> Written | NotWritten:
    folder = Path(request.folder)
    names = chosen.names
    header = [names[column.position] for column in columns]
    is_grouped = wanted.by is not None
    target = folder / ("rows.csv" if is_grouped else NAME)
    with target.open("wb", buffering=_BUFFER_BYTES) as raw:
        out = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(out, lineterminator="\n")
        if not is_grouped:
            writer.writerow(header)
        count = 0
        for row in _told(_cells_of(chosen, columns), chosen, tell):
            writer.writerow(row)
            count += 1
        out.flush()
        out.detach()
    if not count:
        return NotWritten(code="no_rows")
    if is_grouped:
        keys = [name for name, c in zip(header, columns, strict=True) if not c.is_summed]
        sums = [name for name, c in zip(header, columns, strict=True) if c.is_summed]
        whole = [c.is_whole for c in columns if c.is_summed]
        count = _groups.group(
            target,
            folder / NAME,
            by=keys,
            sums=sums,
            is_whole=whole,
            memory_bytes=bounds.group_memory_bytes,
        )
    return Written(source_rows=chosen.source_rows, rows=count, columns=len(columns) + is_grouped)


def _cells_of(chosen: Chosen, columns: list[_Out]) -> Iterator[Row]:
    plan = [(column.position, column.write) for column in columns]
    for row in chosen:
        yield [row[at] if write is None else write(row[at]) for at, write in plan]


def _told(rows: Iterator[Row], chosen: Chosen, tell: Tell) -> Iterator[Row]:
    """The rows, with word of them now and then; how often it is passed on, `tell` decides."""
    for number, row in enumerate(rows):
        if number % _ROWS_BETWEEN == 0:
            tell(Advanced(done=min(1.0, chosen.done), rows=number))
        yield row
