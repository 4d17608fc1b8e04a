"""How the values of one column are written into the smaller file."""

from collections.abc import Callable
from datetime import datetime

from services.preflight.reduction import _numbers
from services.preflight.reduction._wanted import Wanted
from services.preflight.types import ColumnReport, FileReport

Cell = Callable[[str], str]
_NUMERIC = ("int64", "float64", "uint64")
_REMEMBERED = 50_000


def writer(column: ColumnReport, report: FileReport, wanted: Wanted) -> Cell | None:
    """What re-writes a value; None where values stay as they are."""
    if column.name in wanted.digits and is_number(column):
        return _numbers.rounding(wanted.digits[column.name])
    if report.kind == "csv" and is_number(column):
        has_comma = report.dialect is not None and report.dialect.decimal == ","
        return _numbers.compact_with_comma if has_comma else _numbers.compact
    if column.name in wanted.numbers and (mark := _numbers.decimal_mark(column)) is not None:
        return _remembering(_numbers.unwritten(mark))
    if report.kind == "csv" and column.kind == "date" and _is_foreign(column.date_format):
        return _remembering(_iso(column.date_format or ""))
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


def _remembering(write: Cell) -> Cell:
    """Values repeat: what has been worked out is looked up, as long as it is not too much."""
    known: dict[str, str] = {}

    def remembered(text: str) -> str:
        found = known.get(text)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[text] = write(text)
        return found

    return remembered
