"""How much a column is likely to answer, from its kind, its values and its name."""

import math
import re
from collections.abc import Sequence

from services.preflight.reduction._facts import ColumnFacts
from services.preflight.types import ColumnReport, TableReport

_UNIQUE_RATIO = 0.5
_LONG_TEXT_BYTES = 40
_GROUPS = 1_000
_ID = re.compile(r"(?:^|[_\W])(?:id|uuid|guid|key|hash|token|nr|number|index|row)s?$|Id$|ID$")
_MACHINE = re.compile(
    r"hash|uuid|guid|token|checksum|user.?agent|payload|raw|url|blob|signature", re.I
)
_AMOUNT = re.compile(
    r"amount|revenue|sales|total|price|cost|profit|value|betrag|umsatz|preis|montant|importe",
    re.IGNORECASE,
)
_FEW_GROUPS = 50
_CATEGORY_RATIO = 0.1
_DISPENSABLE = 0.3
_COMPARED_ROWS, _COMPARED_LEAST = 100, 20


def worth(column: ColumnFacts, rows: int) -> float:
    """From 0 (nothing) to 1: figures, dates and what one groups by."""
    report = column.report
    filled = 1 - (report.nulls or 0) / max(1, rows)
    return float(_of_kind(column, rows) * max(0.02, filled) ** 0.5)


def by_worth(
    columns: Sequence[ColumnFacts], rows: int, *, is_tight: bool = False
) -> list[ColumnFacts]:
    """What is kept first, first: a figure, a group and a date; then the rest by its use.

    First what one groups and filters by, then figures, then what hardly any question needs; of one
    use by worth per byte. Where room `is_tight`, the rest is by worth per byte alone, which keeps
    more columns.
    """
    core: list[ColumnFacts] = []
    for is_wanted in (_is_measure, _is_group, _is_date):
        wanted = [column for column in columns if is_wanted(column, rows)]
        if wanted:
            core.append(min(wanted, key=_rank))
    places = {column.position for column in core}
    rest = [column for column in columns if column.position not in places]
    return [
        *core,
        *sorted(rest, key=lambda c: (not is_tight and _use(c, rows), -_per_byte(c, rows))),
    ]


def _use(column: ColumnFacts, rows: int) -> int:
    """What a column is for: 0 to group and filter by, 1 a figure, 2 hardly anything."""
    report = column.report
    if is_dispensable(column, rows):
        return 2
    if report.kind in ("date", "boolean"):
        return 0
    distinct = report.distinct if report.distinct is not None else column.measure.file_distinct
    most = _GROUPS if report.kind == "text" else _FEW_GROUPS
    is_category = report.kind in ("text", "integer") and distinct <= most
    return 0 if is_category and distinct <= max(2, _CATEGORY_RATIO * rows) else 1


def _per_byte(column: ColumnFacts, rows: int) -> float:
    return worth(column, rows) / math.sqrt(column.cell_bytes + 1)


def is_dispensable(column: ColumnFacts, rows: int) -> bool:
    """Whether hardly any question needs it: ids, hashes, long texts, nearly empty columns."""
    return worth(column, rows) < _DISPENSABLE


def carries_nothing(report: ColumnReport, rows: int) -> bool:
    """Empty, or the same value in every row, as far as the file was looked at."""
    if report.kind == "empty" or (report.nulls is not None and report.nulls >= rows):
        return True
    return report.distinct is not None and report.distinct <= 1 and not report.nulls


def repeats(columns: Sequence[ColumnFacts], table: TableReport) -> set[str]:
    """Names of columns that say in every row that was looked at what an earlier one says."""
    seen: dict[tuple[str | None, ...], ColumnFacts] = {}
    found: set[str] = set()
    sample = table.sample[:_COMPARED_ROWS]
    if len(sample) < _COMPARED_LEAST:
        return found
    for column in sorted(columns, key=lambda one: one.position):
        values = tuple(row[column.position] for row in sample if column.position < len(row))
        if len(set(values)) < 2:
            continue
        first = seen.setdefault(values, column)
        if first is not column and _looks_alike(first, column):
            found.add(column.report.name)
    return found


def _looks_alike(one: ColumnFacts, other: ColumnFacts) -> bool:
    """Whether the rest of the file says nothing against it."""
    a, b = one.report, other.report
    same = (a.kind, a.minimum, a.maximum, a.examples) == (b.kind, b.minimum, b.maximum, b.examples)
    return same and abs(one.cell_bytes - other.cell_bytes) < 0.01 * (one.cell_bytes + 1)


def _is_measure(column: ColumnFacts, rows: int) -> bool:
    return (
        column.report.kind in ("number", "integer")
        and not _ID.search(column.report.name)
        and not is_dispensable(column, rows)
    )


def _is_group(column: ColumnFacts, rows: int) -> bool:
    distinct = column.report.distinct or 0
    is_even = 2 < distinct <= _FEW_GROUPS and not is_dispensable(column, rows)
    return is_even and column.report.kind in ("text", "integer")


def _is_date(column: ColumnFacts, rows: int) -> bool:
    return column.report.kind == "date" and not is_dispensable(column, rows)


def _rank(column: ColumnFacts) -> tuple[bool, bool, int]:
    """Of several: the one with a telling name, decimals before whole numbers, the first one."""
    report = column.report
    return not _AMOUNT.search(report.name), report.kind == "integer", column.position


def _of_kind(column: ColumnFacts, rows: int) -> float:
    report = column.report
    distinct = report.distinct if report.distinct is not None else column.measure.file_distinct
    is_unique = rows > _GROUPS and distinct > _UNIQUE_RATIO * rows
    match report.kind:
        case "empty":
            return 0.0
        case "number":
            return 1.0
        case "integer":
            if _ID.search(report.name):
                return 0.15 if is_unique else 0.6
            return 1.0
        case "boolean":
            return 0.6
        case "date":
            return 1.0
    if _MACHINE.search(report.name) and distinct > _GROUPS:
        return 0.03
    if column.cell_bytes > _LONG_TEXT_BYTES:
        return 0.05 if distinct > _GROUPS else 0.5
    if is_unique:
        return 0.1
    return 1.0 if distinct <= _GROUPS else 0.5
