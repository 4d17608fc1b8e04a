"""What a question asks for, before anything is checked; and as a reading, once it has been."""

import msgspec

from services.analyst._columns import Columns
from services.analyst._written import writing_of
from services.analyst.types import Aggregate, Grain, Operation, Reading
from services.preflight.types import ColumnReport
from services.wording import readings


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a question asks for, column by column, before anything is checked."""

    operation: Operation
    measure: str | None = None
    measure_2: str | None = None
    aggregate: Aggregate | None = None
    how_much: bool = False
    """'How much' asks for a sum, but only of what can be added up."""
    counts_rows: bool = False
    by: str | None = None
    date: str | None = None
    grain: Grain | None = None
    limit: int | None = None
    ascending: bool = False
    drawn: str = ""
    """The kind of chart that was asked for: `pie`, `line`, `bar`."""
    note: str = ""


def with_changes(wanted: Wanted, **changes: object) -> Wanted:
    """The same with some of its parts replaced."""
    return msgspec.structs.replace(wanted, **changes)


def what(wanted: Wanted) -> str:
    if wanted.measure is None:
        return readings.number_of_rows()
    extreme = "min" if wanted.ascending else "max"
    if wanted.operation == "top" and wanted.aggregate == extreme:
        return wanted.measure  # the highest, not the highest of the highest
    return readings.aggregate_of(wanted.aggregate or "sum", wanted.measure)


def reading_of(
    wanted: Wanted, columns: Columns, sentence: str, aggregate: Aggregate | None = None
) -> Reading:
    used = (wanted.by, wanted.date, wanted.measure, wanted.measure_2)
    converted = [_conversion(columns.report(name)) for name in used[2:] if name is not None]
    notes = (wanted.note, *converted, _drawing(wanted))
    return Reading(
        operation=wanted.operation,
        sentence=" ".join(joined(sentence, *notes).split()),
        table=columns.table.name,
        measure=wanted.measure,
        measure_2=wanted.measure_2,
        aggregate=aggregate or wanted.aggregate or "sum",
        by=wanted.by,
        date=wanted.date,
        grain=wanted.grain,
        limit=wanted.limit,
        ascending=wanted.ascending,
        columns=columns.names()
        if wanted.operation == "overview"
        else tuple(name for name in used if name is not None),
    )


def _drawing(wanted: Wanted) -> str:
    """What is said where another kind of chart was asked for than is drawn."""
    if wanted.operation == "trend":
        return readings.line_along_time() if wanted.drawn in ("pie", "bar") else ""
    if wanted.drawn == "pie":
        return readings.bars_instead_of_pie()
    is_line = wanted.drawn == "line" and wanted.operation in ("totals", "top", "overview")
    return readings.bars_instead_of_line() if is_line else ""


def _conversion(column: ColumnReport) -> str:
    """What is said of numbers that are written as text."""
    writing = writing_of(column)
    return readings.numbers_are_converted(column.name, writing.example) if writing else ""


def joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
