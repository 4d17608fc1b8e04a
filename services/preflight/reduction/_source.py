"""A table as a stream of rows, whatever it is written as."""

from collections.abc import Iterator
from typing import Protocol, TypeAlias

Row: TypeAlias = list[str]


class Rows(Protocol):
    """A table that can be gone over, more than once if need be."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, in order."""

    @property
    def done(self) -> float:
        """How much of it has been read this time, from 0 to 1."""

    def __iter__(self) -> Iterator[Row]:
        """Every row from the first one on; a missing value is empty."""


class DamagedError(Exception):
    """The source is not what its check promised."""
