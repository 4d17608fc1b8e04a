"""How many rows the steps leave, as far as the report tells: about, at least, at most."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime

from services.preflight.reduction._wanted import Wanted
from services.preflight.types import ColumnReport, KeepRows, TableReport

_DOUBT = 0.15
"""A share of rows that is only estimated may be larger by that much."""


@dataclass(frozen=True, slots=True)
class Left:
    """Rows that are left."""

    rows: int
    high_rows: int


def left(table: TableReport, wanted: Wanted) -> Left:
    """After filters, the newest, the sample and the groups, in this order."""
    rows = high = table.rows
    for step in wanted.filters:
        share = _share(table, step)
        rows = round(rows * share)
        high = round(high * min(1.0, share + _DOUBT))
    if wanted.newest is not None:
        rows, high = min(rows, wanted.newest.rows), min(high, wanted.newest.rows)
    if wanted.every > 1:
        rows, high = -(-rows // wanted.every), -(-high // wanted.every)
    if wanted.by is not None:
        groups = _groups(table, wanted.by)
        rows, high = min(rows, groups), min(high, groups)
    return Left(rows, high)


def _share(table: TableReport, step: KeepRows) -> float:
    """Of the rows that a comparison keeps: by the column's range, else by the first rows."""
    position = next((n for n, c in enumerate(table.columns) if c.name == step.column), None)
    if position is None:
        return 1.0
    column = table.columns[position]
    if step.comparison in ("<", "<=", ">", ">="):
        below = _place(column, step.value)
        if below is not None:
            return below if step.comparison in ("<", "<=") else 1 - below
    if step.comparison in ("=", "!=") and column.distinct:
        kept = 1 / column.distinct
        return kept if step.comparison == "=" else 1 - kept
    cells = [row[position] for row in table.sample if position < len(row)]
    holding = sum(step.value.lower() in (cell or "").lower() for cell in cells)
    return holding / len(cells) if cells else 1.0


def _place(column: ColumnReport, value: str) -> float | None:
    """Where a value lies between the column's least and greatest, from 0 to 1."""
    ends = [_amount(text) for text in (column.minimum, column.maximum, value)]
    low, high, at = ends
    if low is None or high is None or at is None or high <= low:
        return None
    return min(1.0, max(0.0, (at - low) / (high - low)))


def _amount(text: str | None) -> float | None:
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        return float(text.replace(",", ""))
    with contextlib.suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    return None


def _groups(table: TableReport, by: tuple[str, ...]) -> int:
    groups = 1
    for column in table.columns:
        if column.name in by:
            groups *= max(1, column.distinct if column.distinct is not None else table.rows)
    return max(1, min(groups, table.rows))
