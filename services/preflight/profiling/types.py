"""What is asked of the profiling child, and what it hands back: figures of every row."""

from typing import Literal, TypeAlias

import msgspec

from services.preflight.inspection.types import Dtype
from services.preflight.types import ColumnKind, FileReport

UnprofiledCode: TypeAlias = Literal["too_long", "too_much_memory", "unreadable", "crashed"]


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a profile may take before the file is left without one; see bounds.toml."""

    memory_bytes: int
    reserved_bytes: int
    cpu_seconds: int
    wall_seconds: float
    threads: int
    exact_distinct: int
    held_keys: int
    document_bytes: int


class ProfileTables(msgspec.Struct, frozen=True, kw_only=True, tag="profile"):
    """Ask for the figures of all rows of a file that was checked; `report` says how it is read."""

    path: str
    report: FileReport
    exact_distinct: int | None = None
    """Different values up to which they are counted exactly, if not as in bounds.toml."""
    held_keys: int | None = None


class ColumnFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One column over all rows."""

    name: str
    dtype: Dtype
    kind: ColumnKind
    nulls: int
    distinct: int
    distinct_error: float | None = None
    minimum: str | None = None
    maximum: str | None = None
    numbers: int = 0
    """Numbers among the values of a column that turned out to hold text as well."""
    odd: str = ""
    """Of such a column: the first value that is no number."""
    unfit_dates: int = 0
    """Values of a column of dates that are none in its format."""
    swapped_dates: int = 0
    """Those among them that are dates with day and month swapped."""
    telling_dates: int = 0
    """Values that are dates in the column's format only, not with day and month swapped."""
    settled_format: str | None = None
    """The other order of day and month, where all values are dates in that one only."""
    text_bytes: int = 0


class TableFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One table over all rows."""

    name: str
    rows: int
    duplicate_rows: int
    columns: tuple[ColumnFigures, ...]
    long_rows: int = 0
    """Rows with too many fields, which are left out."""
    short_rows: int = 0


class Profiled(msgspec.Struct, frozen=True, kw_only=True, tag="profiled"):
    """Every row was looked at. Tables that were not are left out."""

    tables: tuple[TableFigures, ...]


class Unprofiled(msgspec.Struct, frozen=True, kw_only=True, tag="unprofiled"):
    """The file could not be gone through; what its check found stands."""

    code: UnprofiledCode


Reply: TypeAlias = Profiled | Unprofiled
