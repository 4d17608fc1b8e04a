"""What is worth knowing about the columns of a table, of whatever format."""

from collections.abc import Iterator, Sequence

from services import wording
from services.preflight.inspection._columns import Column
from services.preflight.types import Finding, Severity

NAMED_AT_MOST = 3
"""Columns that get a line of their own for the same finding; more are said in one line."""
_MOSTLY_EMPTY_RATIO = 0.5


def of_columns(columns: Sequence[Column], rows: int) -> Iterator[Finding]:
    """Mixed types, separators, ambiguous dates and blanks."""
    for column in columns:
        yield from _of_values(column)
    yield from _of_blanks(columns, rows)


def _of_values(column: Column) -> Iterator[Finding]:
    report = column.report
    how = report.number_style
    if how is not None and how.decimal is not None:
        text = wording.files.written_numbers(how.example, decimal=how.decimal)
        yield Finding(code="thousands", severity="info", message=text, column=report.name)
    elif how is not None:
        yield _warning("thousands", wording.files.unclear_numbers(how.example), report.name)
    elif report.kind == "mixed":
        text = wording.files.mixed_types(column.numeric_ratio, column.odd)
        yield _warning("mixed_types", text, report.name)
    if column.dates is not None and column.dates.other is not None:
        is_day_first = column.dates.format.index("%d") < column.dates.format.index("%m")
        text = wording.files.ambiguous_dates(report.examples[0], is_day_first=is_day_first)
        yield _warning("ambiguous_dates", text, report.name)


def _of_blanks(columns: Sequence[Column], rows: int) -> Iterator[Finding]:
    blank = sorted(
        (c for c in columns if c.null_ratio > 0), key=lambda c: c.null_ratio, reverse=True
    )
    empty = [c for c in blank if c.report.kind == "empty"]
    if len(empty) > NAMED_AT_MOST:
        yield _warning("empty_column", wording.files.empty_columns(len(empty)))
        blank = [c for c in blank if c.report.kind != "empty"]
    for column in blank[:NAMED_AT_MOST]:
        name, ratio = column.report.name, column.null_ratio
        if column.report.kind == "empty":
            yield _warning("empty_column", wording.files.empty_column(), name)
            continue
        count = round(ratio * rows)
        text = wording.files.blanks(ratio, count, is_exact=column.report.counts_exact)
        severity: Severity = "warning" if ratio >= _MOSTLY_EMPTY_RATIO else "info"
        yield Finding(code="blanks", severity=severity, message=text, column=name)
    if (rest := len(blank) - NAMED_AT_MOST) > 0:
        yield Finding(code="blanks", severity="info", message=wording.files.further_blanks(rest))


def _warning(code: str, message: str, column: str | None = None) -> Finding:
    return Finding(code=code, severity="warning", message=message, column=column)
