"""Questions that can be asked of this very file; each is read before it is offered."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from services.analyst._columns import Columns
from services.analyst._program import plain
from services.analyst._roles import (
    has_several_rows_each,
    is_identifier,
    is_nested,
    is_numeric,
    is_running_number,
    is_telling,
    usual_aggregate,
    values_seen,
)
from services.analyst._words import plural
from services.analyst.types import Aggregate, Operation, Reading
from services.preflight.types import ColumnReport

_FEW_GROUPS: Final = 40
_LISTED: Final = 5
_WORDS: Final[dict[Aggregate, str]] = {
    "sum": "total ",
    "mean": "average ",
    "median": "median ",
    "min": "minimum ",
    "max": "maximum ",
}


class Candidate(msgspec.Struct, frozen=True):
    """A question that may be offered, with bare names if it is understood so, else quoted ones."""

    operation: Operation
    text: str
    """With `{0}`, `{1}` for the columns."""
    columns: tuple[str, ...]
    counts: bool = False
    """Whether rows are counted."""
    many: int = -1
    """Which of the columns is named in the plural."""

    def wordings(self) -> Iterator[str]:
        """The question, at first as a person would type it."""
        names = [plain(name) for name in self.columns]
        named = [plural(name) if at == self.many else name for at, name in enumerate(names)]
        quoted = [f"`{name}`" if '"' in name else f'"{name}"' for name in names]
        for one in (self.text.format(*named), self.text.format(*quoted)):
            yield one[:1].upper() + one[1:]


Read = Callable[[str], Reading | None]


def offered(found: Iterable[Candidate], read: Read, most: int) -> tuple[str, ...]:
    """The first candidates that are read as what they are meant to be; none twice."""
    chosen: dict[tuple[str, frozenset[str]], str] = {}
    for one in found:
        key = (one.operation, frozenset(one.columns))
        if len(chosen) == most:
            break
        if key not in chosen:
            text = next((text for text in one.wordings() if _is_meant(one, read(text))), None)
            if text is not None:
                chosen[key] = text
    return tuple(chosen.values())


def _is_meant(candidate: Candidate, reading: Reading | None) -> bool:
    if reading is None or reading.operation != candidate.operation:
        return False
    return candidate.operation == "overview" or set(candidate.columns) == (
        set(reading.columns) - ({reading.date} - set(candidate.columns))
    )


def candidates(columns: Columns) -> Iterator[Candidate]:
    """Questions of different kinds, the most telling first; some may not be readable."""
    groups, measures = groups_of(columns), measures_of(columns)
    main = measures[0] if measures else None
    if groups:
        yield totals(main, groups[0], columns)
    yield from trends(main, columns)
    many = [name for name in groups if values_seen(columns.report(name)) > _LISTED]
    if many and main is not None:
        yield top(main, many[-1], columns)
    used = {groups[0], many[-1] if many and main else groups[0]} if main and groups else set()
    yield from [counts(name) for name in groups if name not in used][:1]
    if len(measures) > 1:
        yield correlation(measures[0], measures[1])
    yield from (distribution(name) for name in [*measures[1:2], *measures[:1], *groups[:1]])
    yield OVERVIEW
    if main is not None:
        yield Candidate("distribution", f"{_figure(main, columns)}{{0}}", (main,))


OVERVIEW: Final = Candidate("overview", "What is in this file?", ())


def totals(
    measure: str | None, group: str, columns: Columns, how: Aggregate | None = None
) -> Candidate:
    """`Total Sales by Region`."""
    if measure is None:
        return counts(group)
    return Candidate("totals", f"{_figure(measure, columns, how)}{{0}} by {{1}}", (measure, group))


def counts(group: str) -> Candidate:
    """`Number of rows by Region`."""
    return Candidate("totals", "number of rows by {0}", (group,), counts=True)


def top(
    measure: str | None, group: str, columns: Columns, how: Aggregate | None = None
) -> Candidate:
    """`Top 5 Products by Sales`."""
    if measure is None:
        text = f"the {_LISTED} most common {{0}}"
        return Candidate("top", text, (group,), counts=True, many=0)
    is_sum = usual_aggregate(columns.report(measure)) == "sum"
    figure = "" if is_sum and how in (None, "sum") else _figure(measure, columns, how)
    text = f"top {_LISTED} {{1}} by {figure}{{0}}"
    return Candidate("top", text, (measure, group), many=1)


def trends(
    measure: str | None, columns: Columns, how: Aggregate | None = None
) -> Iterator[Candidate]:
    """`Total Sales over time`; where there are several dates, along the first."""
    names = (measure,) if measure is not None else ()
    figure = f"{_figure(measure, columns, how)}{{0}}" if measure is not None else "number of rows"
    dates = columns.dates()
    if len(dates) == 1:
        yield Candidate("trend", f"{figure} over time", names, counts=not names)
    elif dates:
        along = (*names, dates[0])
        yield Candidate("trend", f"{figure} by month of {{{len(names)}}}", along, counts=not names)
        yield Candidate("trend", f"{figure} by {{{len(names)}}}", along, counts=not names)


def correlation(one: str, other: str) -> Candidate:
    """`Correlation between Sales and Profit`."""
    return Candidate("correlation", "correlation between {0} and {1}", (one, other))


def distribution(name: str) -> Candidate:
    """`Distribution of Sales`."""
    return Candidate("distribution", "distribution of {0}", (name,))


def groups_of(columns: Columns) -> list[str]:
    """Columns with a handful of values, each in several rows; the handiest first."""
    usable = [column for column in columns.table.columns if _is_group(column, columns)]
    usable.sort(key=lambda column: abs(values_seen(column) - _LISTED))
    return [column.name for column in usable]


def measures_of(columns: Columns) -> list[str]:
    """Columns of numbers that mean amounts, those first that a business asks about first."""
    numbers = [columns.report(name) for name in columns.numbers()]
    usable = [column for column in numbers if not is_running_number(column, columns.table)]
    usable.sort(key=lambda column: (not is_telling(column), usual_aggregate(column) is None))
    return [column.name for column in usable]


def _is_group(column: ColumnReport, columns: Columns) -> bool:
    rows = columns.table.rows
    mostly_blank = column.nulls is not None and 2 * column.nulls > rows
    few = 1 < values_seen(column) <= _FEW_GROUPS and has_several_rows_each(column, columns.table)
    named = is_identifier(column) or is_numeric(column) or is_nested(column)
    return column.kind in ("text", "boolean") and few and not mostly_blank and not named


def _figure(measure: str, columns: Columns, how: Aggregate | None = None) -> str:
    usual: Aggregate = "sum" if usual_aggregate(columns.report(measure)) == "sum" else "mean"
    return _WORDS[how or usual]
