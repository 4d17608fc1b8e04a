"""Steps, gathered: which rows and which columns, in the one order in which they are taken.

Rows are chosen first, by the source's own values, then columns are left out and written compactly,
and groups come last. So a row may be chosen by a column that is not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from services.preflight.types import (
    FileReport,
    KeepColumns,
    KeepRows,
    NarrowTypes,
    NewestRows,
    OneRowPerGroup,
    PickSheet,
    ReductionStep,
    SampleRows,
    TableReport,
)


@dataclass(slots=True)
class Wanted:
    """What the steps ask for, taken together."""

    table: str | None = None
    filters: list[KeepRows] = field(default_factory=list)
    newest: NewestRows | None = None
    every: int = 1
    names: frozenset[str] | None = None
    """The columns to keep; None: all of them."""
    numbers: set[str] = field(default_factory=set)
    """Text columns that become numbers."""
    digits: dict[str, int] = field(default_factory=dict)
    """Columns whose decimals are rounded to so many places."""
    by: tuple[str, ...] | None = None

    def keeps(self, name: str) -> bool:
        """Whether that column is kept."""
        return self.names is None or name in self.names

    @property
    def keeps_all_rows(self) -> bool:
        """Whether no row is left out or put together with others."""
        return not self.filters and self.newest is None and self.every == 1 and self.by is None


def gather(steps: Sequence[ReductionStep]) -> Wanted:
    """The steps as one wish; of repeated ones the stricter holds."""
    wanted = Wanted()
    for step in steps:
        match step:
            case PickSheet():
                wanted.table = step.name
            case KeepColumns():
                kept = frozenset(step.names)
                wanted.names = kept if wanted.names is None else wanted.names & kept
            case KeepRows():
                wanted.filters.append(step)
            case NewestRows():
                if wanted.newest is None or step.rows < wanted.newest.rows:
                    wanted.newest = step
            case SampleRows():
                wanted.every *= max(1, step.every)
            case OneRowPerGroup():
                wanted.by = step.by
            case NarrowTypes():
                wanted.numbers.update(step.columns)
                if step.digits is not None:
                    wanted.digits.update(dict.fromkeys(step.columns, step.digits))
            case _:
                assert_never(step)
    return wanted


def table_of(report: FileReport, wanted: Wanted) -> TableReport:
    """The table that is reduced: the named one, else the one that questions are about."""
    named = [table for table in report.tables if table.name == wanted.table]
    return (named or list(report.tables))[0]
