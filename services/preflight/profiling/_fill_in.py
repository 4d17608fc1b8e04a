"""A report with the figures of all rows in it, and with the findings that need every row."""

from collections.abc import Iterator, Sequence

import msgspec

from services import wording
from services.preflight.profiling.types import ColumnFigures, TableFigures
from services.preflight.types import ColumnReport, FileReport, Finding, Severity, TableReport

_NAMED_AT_MOST = 3
_MOSTLY_EMPTY_RATIO = 0.5
_REPLACED = frozenset({"blanks", "empty_column"})
_NUMERIC = ("integer", "number", "empty", "boolean")


def fill_in(report: FileReport, found: Sequence[TableFigures]) -> FileReport:
    """The report of all rows; tables without figures stay as they are."""
    by_name = {figures.name: figures for figures in found}
    tables = tuple(
        _table(table, by_name[table.name]) if table.name in by_name else table
        for table in report.tables
    )
    findings = report.findings
    first = report.tables[0]
    if first.name in by_name:
        kept = [f for f in findings if f.code not in _REPLACED and not _is_outdated(f, by_name)]
        new = _findings(first, tables[0], by_name[first.name], {f.code for f in findings})
        findings = tuple(sorted([*kept, *new], key=lambda one: one.severity != "warning"))
    return msgspec.structs.replace(report, tables=tables, findings=findings)


def contradicts(before: FileReport, after: FileReport) -> bool:
    """Whether what was projected from is not so: other rows or other types."""
    return any(
        one.rows != other.rows
        or [column.dtype for column in one.columns] != [column.dtype for column in other.columns]
        for one, other in zip(before.tables[:1], after.tables[:1], strict=True)
    )


def _table(table: TableReport, figures: TableFigures) -> TableReport:
    return msgspec.structs.replace(
        table,
        rows=figures.rows,
        rows_exact=True,
        duplicate_rows=figures.duplicate_rows,
        columns=tuple(map(_column, _columns(table, figures), figures.columns)),
    )


def _columns(table: TableReport, figures: TableFigures) -> tuple[ColumnReport, ...]:
    """Those that the check saw, and those that first come up in later rows."""
    late = figures.columns[len(table.columns) :]
    return (
        *table.columns,
        *(ColumnReport(name=one.name, dtype=one.dtype, kind=one.kind) for one in late),
    )


def _column(column: ColumnReport, figures: ColumnFigures) -> ColumnReport:
    return msgspec.structs.replace(
        column,
        dtype=figures.dtype,
        kind=figures.kind,
        nulls=figures.nulls,
        distinct=figures.distinct,
        distinct_error=figures.distinct_error,
        minimum=figures.minimum,
        maximum=figures.maximum,
        date_format=figures.settled_format or column.date_format,
        counts_exact=True,
    )


def _is_outdated(finding: Finding, by_name: dict[str, TableFigures]) -> bool:
    """Whether all rows have settled what the sample left open: which order dates are in."""
    if finding.code != "ambiguous_dates":
        return False
    return any(
        column.name == finding.column and (column.telling_dates or column.swapped_dates)
        for figures in by_name.values()
        for column in figures.columns
    )


def _findings(
    before: TableReport, after: TableReport, figures: TableFigures, known: set[str]
) -> Iterator[Finding]:
    if figures.duplicate_rows:
        text = wording.files.duplicate_rows(figures.duplicate_rows, figures.rows)
        yield _finding("duplicate_rows", "info", text)
    if figures.long_rows and "long_rows" not in known:
        share = figures.long_rows / max(1, figures.rows + figures.long_rows)
        yield _finding("long_rows", "warning", wording.files.long_rows(share))
    if figures.short_rows and "short_rows" not in known:
        share = figures.short_rows / max(1, figures.rows)
        yield _finding("short_rows", "warning", wording.files.short_rows(share))
    late = [column.name for column in figures.columns[len(before.columns) :]]
    if late:
        yield _finding("columns_found_late", "warning", wording.files.columns_found_late(late))
    for column, found in zip(before.columns, figures.columns, strict=False):
        yield from _of_values(column, found, figures.rows)
    yield from _constant(after)
    yield from _blanks(after)


def _of_values(before: ColumnReport, found: ColumnFigures, rows: int) -> Iterator[Finding]:
    name = before.name
    present = rows - found.nulls
    if found.kind in ("text", "mixed") and before.kind in _NUMERIC:
        text = wording.files.text_found_late(found.odd, present - found.numbers)
        yield _finding("text_found_late", "warning", text, name)
    if not found.unfit_dates:
        return
    if found.swapped_dates and found.telling_dates:
        text = wording.files.two_date_orders(found.telling_dates, found.swapped_dates)
        yield _finding("two_date_orders", "warning", text, name)
    elif found.settled_format:
        yield _finding("other_date_order", "warning", wording.files.other_date_order(), name)
    else:
        text = wording.files.no_dates(found.unfit_dates)
        yield _finding("no_dates", "warning", text, name)


def _constant(table: TableReport) -> Iterator[Finding]:
    if table.rows < 2:
        return
    names = [c.name for c in table.columns if c.distinct == 1 and not c.nulls]
    for name in names[:_NAMED_AT_MOST]:
        yield _finding("constant_column", "info", wording.files.constant_column(), name)
    if (rest := len(names) - _NAMED_AT_MOST) > 0:
        yield _finding("constant_column", "info", wording.files.further_constants(rest))


def _blanks(table: TableReport) -> Iterator[Finding]:
    blank = sorted((c for c in table.columns if c.nulls), key=lambda c: c.nulls or 0, reverse=True)
    empty = [c for c in blank if c.kind == "empty"]
    filled = [c for c in blank if c.kind != "empty"]
    if len(empty) > _NAMED_AT_MOST:
        yield _finding("empty_column", "warning", wording.files.empty_columns(len(empty)))
    else:
        for column in empty:
            yield _finding("empty_column", "warning", wording.files.empty_throughout(), column.name)
    for column in filled[:_NAMED_AT_MOST]:
        count = column.nulls or 0
        ratio = count / max(1, table.rows)
        severity: Severity = "warning" if ratio >= _MOSTLY_EMPTY_RATIO else "info"
        text = wording.files.blanks(ratio, count, is_exact=True)
        yield _finding("blanks", severity, text, column.name)
    if (rest := len(filled) - _NAMED_AT_MOST) > 0:
        yield _finding("blanks", "info", wording.files.further_blanks(rest))


def _finding(code: str, severity: Severity, message: str, column: str | None = None) -> Finding:
    return Finding(code=code, severity=severity, message=message, column=column)
