"""What is wanted, checked against what the columns hold; only then is it a reading."""

import msgspec

from services.analyst._checks import (
    Refused,
    fitting_grain,
    is_number_as_text,
    is_too_fine,
    not_a_group,
    not_a_measure,
    why_no_number,
)
from services.analyst._columns import Columns
from services.analyst._roles import (
    grain_of,
    is_numeric,
    is_time,
    one_row_each,
    usual_aggregate,
)
from services.analyst._written import writing_of
from services.analyst.types import Aggregate, Grain, Operation, Reading
from services.preflight.types import ColumnReport
from services.wording import questions as say

MOST_LISTED = 50


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
    note: str = ""


def settle(wanted: Wanted, columns: Columns) -> Reading | Refused:
    """The reading, with what was left open filled in where there is one way to do so."""
    match wanted.operation:
        case "overview":
            return _reading(wanted, columns, say.read_as_overview(), "count")
        case "totals":
            return _totals(wanted, columns)
        case "trend":
            return _trend(wanted, columns)
        case "distribution":
            return _distribution(wanted, columns)
        case "top":
            return _top(wanted, columns)
        case "correlation":
            return _correlation(wanted, columns)


def _totals(wanted: Wanted, columns: Columns) -> Reading | Refused:
    wanted = _other_way_round(wanted, columns)
    if wanted.by is not None and is_time(columns.report(wanted.by)):
        date, grain = wanted.by, grain_of(columns.report(wanted.by))
        return _trend(_with(wanted, operation="trend", by=None, date=date, grain=grain), columns)
    if wanted.by is None:
        return Refused(say.not_understood())
    problem = not_a_group(columns.report(wanted.by))
    if problem:
        return problem
    filled = _with_aggregate(_with_measure(wanted, columns), columns)
    if isinstance(filled, Refused):
        return filled
    if filled.measure == filled.by:
        return Refused(say.same_column_twice(wanted.by))
    return _reading(filled, columns, say.read_as_totals(_what(filled), wanted.by))


def _other_way_round(wanted: Wanted, columns: Columns) -> Wanted:
    """'cities by sales' means sales by city: only one of the two can be added up."""
    if wanted.measure is None or wanted.by is None or wanted.aggregate is not None:
        return wanted
    measure, by = columns.report(wanted.measure), columns.report(wanted.by)
    if measure.kind == "text" and is_numeric(by) and usual_aggregate(by) == "sum":
        return _with(wanted, measure=by.name, by=measure.name)
    return wanted


def _trend(wanted: Wanted, columns: Columns) -> Reading | Refused:
    dated = _with_date(wanted, columns)
    if isinstance(dated, Refused):
        return dated
    filled = _with_aggregate(_with_measure(dated, columns), columns)
    if isinstance(filled, Refused):
        return filled
    if filled.date is None or filled.grain is None or filled.date == filled.measure:
        return Refused(say.not_understood())
    sentence = say.read_as_trend(_what(filled), filled.grain, filled.date)
    return _reading(filled, columns, sentence)


def _with_date(wanted: Wanted, columns: Columns) -> Wanted | Refused:
    dates = (wanted.date,) if wanted.date else columns.dates()
    if len(dates) > 1:
        asked = tuple(f"{wanted.measure} by {date}" for date in dates) if wanted.measure else ()
        return Refused(say.ambiguous_date(dates), asked or _counts_by(dates))
    if not dates:
        unclear = [column.name for column in columns.table.columns if column.kind == "date"]
        return Refused(say.unreadable_dates(unclear[0]) if unclear else say.no_date())
    date = columns.report(dates[0])
    if not is_time(date):
        return Refused(say.unreadable_dates(date.name) if date.kind == "date" else say.no_date())
    grain = wanted.grain or grain_of(date) or fitting_grain(date)
    if is_too_fine(grain, date):
        return Refused(say.too_fine_a_grain(grain, date.name))
    return _with(wanted, date=date.name, grain=grain)


def _counts_by(dates: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"number of rows by {date}" for date in dates)


def _distribution(wanted: Wanted, columns: Columns) -> Reading | Refused:
    if wanted.measure is None:
        return Refused(say.not_understood())
    column = columns.report(wanted.measure)
    if column.kind == "empty":
        return Refused(say.nothing_in(column.name))
    if wanted.how_much and usual_aggregate(column) != "sum":
        return Refused(say.ambiguous_aggregate(column.name))
    if wanted.aggregate:
        problem = not_a_measure(column)
        sentence = say.read_as_one_figure(wanted.aggregate, column.name)
        return problem or _reading(wanted, columns, sentence)
    if column.kind == "date":
        return _trend(Wanted(operation="trend", counts_rows=True, date=column.name), columns)
    if column.kind == "mixed" or is_number_as_text(column):
        return Refused(why_no_number(column))
    sentence = say.read_as_distribution(column.name)
    return _reading(wanted, columns, sentence, "count")


def _top(wanted: Wanted, columns: Columns) -> Reading | Refused:
    if wanted.limit is not None and not 1 <= wanted.limit <= MOST_LISTED:
        return Refused(say.limit_out_of_range(MOST_LISTED))
    if wanted.by is not None and is_time(columns.report(wanted.by)):
        grain = wanted.grain or grain_of(columns.report(wanted.by)) or "day"
        wanted = _with(wanted, by=None, date=wanted.by, grain=grain)
    if wanted.by is None:
        return _top_periods(wanted, columns)
    group = columns.report(wanted.by)
    problem = not_a_group(group)
    if problem:
        return problem
    if wanted.measure is None:
        wanted = _with(wanted, counts_rows=True)
    elif is_numeric(group) and not is_numeric(columns.report(wanted.measure)):
        return Refused(
            say.ambiguous_top(group.name, wanted.measure),
            (
                f"total {group.name} by {wanted.measure}",
                f"average {group.name} by {wanted.measure}",
            ),
        )
    elif wanted.aggregate is None and one_row_each(group, columns.table):
        wanted = _with(wanted, aggregate="min" if wanted.ascending else "max")
    filled = _with_aggregate(wanted, columns, averages=False)
    if isinstance(filled, Refused):
        return filled
    if filled.measure == group.name:
        return Refused(say.same_column_twice(group.name))
    sentence = say.read_as_top(filled.limit, group.name, _what(filled), ascending=filled.ascending)
    return _reading(filled, columns, sentence)


def _top_periods(wanted: Wanted, columns: Columns) -> Reading | Refused:
    dated = _with_date(wanted, columns)
    if isinstance(dated, Refused):
        return dated
    if dated.measure is None:
        dated = _with(dated, counts_rows=True)
    filled = _with_aggregate(dated, columns, averages=False)
    if isinstance(filled, Refused):
        return filled
    if filled.grain is None or filled.date == filled.measure:
        return Refused(say.not_understood())
    sentence = say.read_as_top_periods(
        filled.limit, filled.grain, _what(filled), ascending=filled.ascending
    )
    return _reading(filled, columns, sentence)


def _correlation(wanted: Wanted, columns: Columns) -> Reading | Refused:
    if wanted.measure is None or wanted.measure_2 is None:
        return Refused(say.not_understood())
    if wanted.measure == wanted.measure_2:
        return Refused(say.same_column_twice(wanted.measure))
    for name in (wanted.measure, wanted.measure_2):
        column = columns.report(name)
        if column.kind == "empty":
            return Refused(say.nothing_in(name))
        if not (is_numeric(column) or column.dtype == "bool" or is_time(column)):
            return Refused(
                why_no_number(column)
                if is_number_as_text(column)
                else say.correlation_needs_numbers(name)
            )
    sentence = say.read_as_correlation(wanted.measure, wanted.measure_2)
    return _reading(wanted, columns, sentence)


def _with_measure(wanted: Wanted, columns: Columns) -> Wanted | Refused:
    """The measure that was named, or the only one that can be meant."""
    if wanted.measure is not None or wanted.counts_rows:
        return wanted
    if wanted.aggregate is None:
        return _with(wanted, counts_rows=True, note=_joined(wanted.note, say.rows_were_counted()))
    usable = columns.amounts() if wanted.aggregate == "sum" else columns.numbers()
    if len(usable) != 1:
        return Refused(say.ambiguous_amount(usable) if usable else say.no_amount())
    note = _joined(wanted.note, say.amount_was_taken(usable[0]))
    return _with(wanted, measure=usable[0], note=note)


def _with_aggregate(
    wanted: Wanted | Refused, columns: Columns, *, averages: bool = True
) -> Wanted | Refused:
    """The aggregate that was named, or the one that the measure's name leaves no doubt about."""
    if isinstance(wanted, Refused):
        return wanted
    if wanted.counts_rows or wanted.measure is None:
        return _with(wanted, aggregate="count", measure=None)
    column = columns.report(wanted.measure)
    problem = not_a_measure(column)
    if problem:
        return problem
    if wanted.aggregate is not None and not (wanted.how_much and usual_aggregate(column) != "sum"):
        return wanted
    usual = usual_aggregate(column)
    if usual == "sum":
        note = _joined(wanted.note, say.sum_was_taken(column.name))
        return _with(wanted, aggregate="sum", note=note)
    if usual == "mean" and averages and not wanted.how_much:
        note = _joined(wanted.note, say.average_was_taken(column.name))
        return _with(wanted, aggregate="mean", note=note)
    along = wanted.by or wanted.date
    asked = tuple(f"{word} {column.name} by {along}" for word in ("average", "total"))
    return Refused(say.ambiguous_aggregate(column.name), asked)


def _what(wanted: Wanted) -> str:
    if wanted.measure is None:
        return say.number_of_rows()
    extreme = "min" if wanted.ascending else "max"
    if wanted.operation == "top" and wanted.aggregate == extreme:
        return wanted.measure  # the highest, not the highest of the highest
    return say.aggregate_of(wanted.aggregate or "sum", wanted.measure)


def _reading(
    wanted: Wanted, columns: Columns, sentence: str, aggregate: Aggregate | None = None
) -> Reading:
    used = (wanted.by, wanted.date, wanted.measure, wanted.measure_2)
    converted = [_conversion(columns.report(name)) for name in used[2:] if name is not None]
    return Reading(
        operation=wanted.operation,
        sentence=" ".join(_joined(sentence, wanted.note, *converted).split()),
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


def _conversion(column: ColumnReport) -> str:
    """What is said of numbers that are written as text."""
    writing = writing_of(column)
    return say.numbers_are_converted(column.name, writing.example) if writing else ""


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _with(wanted: Wanted, **changes: object) -> Wanted:
    return msgspec.structs.replace(wanted, **changes)
