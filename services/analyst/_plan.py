"""What is wanted, checked against what the columns hold; only then is it a reading."""

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
    is_nested,
    is_numeric,
    is_time,
    one_row_each,
    usual_aggregate,
)
from services.analyst._wanted import Wanted, joined, reading_of, what, with_changes
from services.analyst.types import Reading
from services.preflight.types import ColumnReport
from services.wording import questions as say
from services.wording import readings

MOST_LISTED = 50


def settle(wanted: Wanted, columns: Columns) -> Reading | Refused:
    """The reading, with what was left open filled in where there is one way to do so."""
    match wanted.operation:
        case "overview":
            return reading_of(wanted, columns, readings.read_as_overview(), "count")
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
        return _trend(
            with_changes(wanted, operation="trend", by=None, date=date, grain=grain), columns
        )
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
    sentence = readings.read_as_totals(what(filled), wanted.by, ascending=filled.ascending)
    return reading_of(filled, columns, sentence)


def _other_way_round(wanted: Wanted, columns: Columns) -> Wanted:
    """'cities by sales' means sales by city: only one of the two can be added up."""
    if wanted.measure is None or wanted.by is None or wanted.aggregate is not None:
        return wanted
    measure, by = columns.report(wanted.measure), columns.report(wanted.by)
    if measure.kind == "text" and is_numeric(by) and usual_aggregate(by) == "sum":
        return with_changes(wanted, measure=by.name, by=measure.name)
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
    sentence = readings.read_as_trend(what(filled), filled.grain, filled.date)
    return reading_of(filled, columns, sentence)


def _with_date(wanted: Wanted, columns: Columns) -> Wanted | Refused:
    dates = (wanted.date,) if wanted.date else columns.dates()
    if len(dates) > 1:
        what_of = wanted.measure or "number of rows"
        grain_of_it = f"{wanted.grain} of " if wanted.grain else ""
        asked = tuple(f"{what_of} by {grain_of_it}{date}" for date in dates)
        return Refused(say.ambiguous_date(dates), asked)
    if not dates:
        unclear = [column.name for column in columns.table.columns if column.kind == "date"]
        return Refused(say.unreadable_dates(unclear[0]) if unclear else say.no_date())
    date = columns.report(dates[0])
    if not is_time(date):
        return Refused(say.unreadable_dates(date.name) if date.kind == "date" else say.no_date())
    grain = wanted.grain or grain_of(date) or fitting_grain(date)
    if is_too_fine(grain, date):
        return Refused(say.too_fine_a_grain(grain, date.name))
    return with_changes(wanted, date=date.name, grain=grain)


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
        sentence = readings.read_as_one_figure(wanted.aggregate, column.name)
        return problem or reading_of(wanted, columns, sentence)
    if column.kind == "date":
        return _trend(Wanted(operation="trend", counts_rows=True, date=column.name), columns)
    if column.kind == "mixed" or is_number_as_text(column) or is_nested(column):
        return Refused(why_no_number(column))
    sentence = readings.read_as_distribution(column.name)
    return reading_of(wanted, columns, sentence, "count")


def _top(wanted: Wanted, columns: Columns) -> Reading | Refused:
    if wanted.limit is not None and not 1 <= wanted.limit <= MOST_LISTED:
        return Refused(say.limit_out_of_range(MOST_LISTED))
    if wanted.by is not None and is_time(columns.report(wanted.by)):
        grain = wanted.grain or grain_of(columns.report(wanted.by)) or "day"
        wanted = with_changes(wanted, by=None, date=wanted.by, grain=grain)
    if wanted.by is None:
        return _top_periods(wanted, columns)
    group = columns.report(wanted.by)
    problem = not_a_group(group)
    if problem:
        return problem
    if wanted.measure is None:
        note = "" if wanted.counts_rows else readings.rows_were_counted()
        wanted = with_changes(wanted, counts_rows=True, note=joined(wanted.note, note))
    elif is_numeric(group) and not is_numeric(columns.report(wanted.measure)):
        return Refused(
            say.ambiguous_top(group.name, wanted.measure),
            tuple(f"{how} {group.name} by {wanted.measure}" for how in _hows(group)),
        )
    elif wanted.aggregate is None and one_row_each(group, columns.table):
        wanted = with_changes(wanted, aggregate="min" if wanted.ascending else "max")
    filled = _with_aggregate(wanted, columns, averages=False)
    if isinstance(filled, Refused):
        return filled
    if filled.measure == group.name:
        return Refused(say.same_column_twice(group.name))
    sentence = readings.read_as_top(
        filled.limit, group.name, what(filled), ascending=filled.ascending
    )
    return reading_of(filled, columns, sentence)


def _hows(column: ColumnReport) -> tuple[str, str]:
    """The likelier of total and average first."""
    is_averaged = usual_aggregate(column) == "mean"
    return ("average", "total") if is_averaged else ("total", "average")


def _top_periods(wanted: Wanted, columns: Columns) -> Reading | Refused:
    dated = _with_date(wanted, columns)
    if isinstance(dated, Refused):
        return dated
    by_day = dated.grain == "day" and dated.date is not None and dated.aggregate is None
    adds_up = dated.measure and usual_aggregate(columns.report(dated.measure)) == "sum"
    if by_day and not adds_up and one_row_each(columns.report(dated.date or ""), columns.table):
        dated = with_changes(dated, aggregate="min" if dated.ascending else "max")
    if dated.measure is None:
        note = "" if dated.counts_rows else readings.rows_were_counted()
        dated = with_changes(dated, counts_rows=True, note=joined(dated.note, note))
    filled = _with_aggregate(dated, columns, averages=False)
    if isinstance(filled, Refused):
        return filled
    if filled.grain is None or filled.date == filled.measure:
        return Refused(say.not_understood())
    sentence = readings.read_as_top_periods(
        filled.limit, filled.grain, what(filled), ascending=filled.ascending
    )
    return reading_of(filled, columns, sentence)


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
    sentence = readings.read_as_correlation(wanted.measure, wanted.measure_2)
    return reading_of(wanted, columns, sentence)


def _with_measure(wanted: Wanted, columns: Columns) -> Wanted | Refused:
    """The measure that was named, or the only one that can be meant."""
    if wanted.measure is not None or wanted.counts_rows:
        return wanted
    if wanted.aggregate is None:
        return with_changes(
            wanted, counts_rows=True, note=joined(wanted.note, readings.rows_were_counted())
        )
    usable = columns.amounts() if wanted.aggregate == "sum" else columns.numbers()
    if len(usable) != 1:
        return Refused(say.ambiguous_amount(usable) if usable else say.no_amount())
    note = joined(wanted.note, readings.amount_was_taken(usable[0]))
    return with_changes(wanted, measure=usable[0], note=note)


def _with_aggregate(
    wanted: Wanted | Refused, columns: Columns, *, averages: bool = True
) -> Wanted | Refused:
    """The aggregate that was named, or the one that the measure's name leaves no doubt about."""
    if isinstance(wanted, Refused):
        return wanted
    if wanted.counts_rows or wanted.measure is None:
        return with_changes(wanted, aggregate="count", measure=None)
    column = columns.report(wanted.measure)
    problem = not_a_measure(column)
    if problem:
        return problem
    if wanted.aggregate is not None and not (wanted.how_much and usual_aggregate(column) != "sum"):
        return wanted
    usual = usual_aggregate(column)
    if usual == "sum":
        note = joined(wanted.note, readings.sum_was_taken(column.name))
        return with_changes(wanted, aggregate="sum", note=note)
    if usual == "mean" and averages and not wanted.how_much:
        note = joined(wanted.note, readings.average_was_taken(column.name))
        return with_changes(wanted, aggregate="mean", note=note)
    along = wanted.by or wanted.date
    asked = tuple(f"{word} {column.name} by {along}" for word in ("average", "total"))
    return Refused(say.ambiguous_aggregate(column.name), asked)
