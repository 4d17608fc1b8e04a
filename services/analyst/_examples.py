"""Questions that can be asked of this very file; each is read before it is offered."""

from collections.abc import Callable, Iterator

from services.analyst._columns import Columns
from services.analyst._roles import (
    is_identifier,
    is_numeric,
    is_telling,
    is_year,
    usual_aggregate,
    values_seen,
)
from services.preflight.types import ColumnReport

_MOST = 4
_FEW_GROUPS = 40


def candidates(columns: Columns) -> Iterator[str]:
    """Questions of different kinds, the most telling first; some may not be readable."""
    groups = sorted(
        (column for column in columns.table.columns if _is_group(column, columns.table.rows)),
        key=lambda column: (_spread(column), columns.names().index(column.name)),
    )
    numbers = [columns.report(name) for name in columns.numbers()]
    measures = sorted(
        numbers, key=lambda column: (not is_telling(column), usual_aggregate(column) is None)
    )
    if groups and measures:
        yield f"{_figure(measures[0])} by {groups[0].name}"
    dates = columns.dates()
    figure = _figure(measures[0]) if measures else "number of rows"
    if len(dates) == 1:
        yield f"{figure} over time"
    elif dates:
        yield f"{figure} by {dates[0]}"
    for group in groups[1:2] or groups:
        yield f"number of rows by {group.name}"
    if len(numbers) > 1:
        yield f"correlation between {numbers[0].name} and {numbers[1].name}"
    for column in (measures[1:2] or measures) + groups[:1]:
        yield f"distribution of {column.name}"
    yield "What is in this file?"


def offered(columns: Columns, can_be_read: Callable[[str], bool]) -> tuple[str, ...]:
    """At most four of the candidates that can really be read."""
    chosen: list[str] = []
    for candidate in candidates(columns):
        question = candidate[:1].upper() + candidate[1:]
        if len(chosen) < _MOST and can_be_read(question):
            chosen.append(question)
    return tuple(chosen)


def _is_group(column: ColumnReport, rows: int) -> bool:
    mostly_blank = column.nulls is not None and 2 * column.nulls > rows
    few = 1 < values_seen(column) <= _FEW_GROUPS
    return column.kind in ("text", "boolean") and few and not mostly_blank


def _spread(column: ColumnReport) -> int:
    """How far the number of groups is from a handful."""
    return abs(values_seen(column) - 5)


def _figure(column: ColumnReport) -> str:
    total = usual_aggregate(column) == "sum" and is_numeric(column) and not is_year(column)
    return f"{'total' if total and not is_identifier(column) else 'average'} {column.name}"
