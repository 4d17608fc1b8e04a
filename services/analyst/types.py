"""A question as the analyst read it, or why it did not."""

from typing import Literal, TypeAlias

import msgspec

Operation: TypeAlias = Literal["overview", "totals", "trend", "distribution", "top", "correlation"]
Aggregate: TypeAlias = Literal["sum", "mean", "median", "count", "min", "max"]
Grain: TypeAlias = Literal["day", "week", "month", "quarter", "year"]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What will be computed. Column names are exactly those of the file."""

    operation: Operation
    sentence: str
    """The reading in one or two sentences, plain text: what is computed, and what was taken for
    granted."""
    table: str | None = None
    """The name of the table (sheet) that it is about."""
    measure: str | None = None
    """The column that is added up, averaged or looked at; None where rows are counted."""
    measure_2: str | None = None
    aggregate: Aggregate = "sum"
    """In a distribution `count`, or the one figure that was asked for."""
    by: str | None = None
    date: str | None = None
    grain: Grain | None = None
    limit: int | None = None
    ascending: bool = False
    columns: tuple[str, ...] = ()
    """Every column that is used."""


class UnknownColumn(msgspec.Struct, frozen=True, kw_only=True, tag="unknown_column"):
    """The question names a column that the file does not have."""

    name: str
    closest: tuple[str, ...]
    """Columns that may be meant by `name`, best first; none where a guess would mislead."""
    others: tuple[str, ...] = ()
    """What else the question names that the file does not have."""
    is_left_out: bool = False
    """Whether the file that this one was reduced from has it."""


class Abstained(msgspec.Struct, frozen=True, kw_only=True, tag="abstained"):
    """The question is not one that fixed rules can answer; examples are ones that they can."""

    reason: str
    examples: tuple[str, ...]


Understanding: TypeAlias = Reading | UnknownColumn | Abstained
