"""How the values of one column are written into the smaller file."""

import functools
from collections.abc import Callable
from datetime import datetime

from services.preflight.reduction import _numbers
from services.preflight.reduction._wanted import Wanted
from services.preflight.types import ColumnReport, FileReport

Cell = Callable[[str], str]
_NUMERIC = ("int64", "float64", "uint64")
remembering = functools.lru_cache(maxsize=50_000)
"""For what takes a while to work out: values repeat."""


def writer(column: ColumnReport, report: FileReport, wanted: Wanted) -> Cell | None:
    """What re-writes a value; None where values stay as they are."""
    if column.name in wanted.digits and is_number(column):
        return _numbers.rounding(wanted.digits[column.name])
    if report.kind == "csv" and is_number(column):
        has_comma = report.dialect is not None and report.dialect.decimal == ","
        return _numbers.compact_with_comma if has_comma else _numbers.compact
    if column.name in wanted.numbers and (mark := _numbers.decimal_mark(column)) is not None:
        return remembering(_numbers.unwritten(mark))
    if report.kind == "csv" and column.kind == "date" and _is_foreign(column.date_format):
        return remembering(_iso(column.date_format or ""))
    return None


def is_number(column: ColumnReport) -> bool:
    """Whether pandas reads it as numbers by default."""
    return column.dtype in _NUMERIC and column.kind != "date"


def _is_foreign(form: str | None) -> bool:
    """Whether dates are written in a way that a reader has to guess or to be told."""
    return form is not None and not form.startswith("%Y-%m") and "%z" not in form


def _iso(form: str) -> Cell:
    shown = "%Y-%m-%d %H:%M:%S" if "%H" in form or "%I" in form else "%Y-%m-%d"
    if "%f" in form:
        shown += ".%f"

    def iso(text: str) -> str:
        try:
            # Without a zone, as the file has none.
            return datetime.strptime(text.strip(), form).strftime(shown)  # noqa: DTZ007
        except ValueError:
            return text

    return iso
