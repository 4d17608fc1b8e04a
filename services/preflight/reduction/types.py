"""What a reduction deals in: a source with its measures, and what the child is told and tells."""

from typing import Literal, TypeAlias

import msgspec

from services.preflight.inspection.types import Measures
from services.preflight.types import FileReport, ReductionStep

FailureCode: TypeAlias = Literal[
    "disk_full", "damaged", "too_much_memory", "too_long", "no_rows", "bomb", "crashed"
]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A checked file: what it is, and what its memory was projected from."""

    report: FileReport
    measures: Measures


class ReduceRequest(msgspec.Struct, frozen=True, kw_only=True, tag="reduce"):
    """Write a smaller version of a file into an empty folder, as `reduced.csv`."""

    path: str
    folder: str
    report: FileReport
    fields: int
    """Fields of most records of a CSV; more than it has columns where some are not named."""
    shape: Literal["records", "lines", "columns", "lists", "other"] = "records"
    """Of JSON: how its table is written."""
    steps: tuple[ReductionStep, ...]


class Advanced(msgspec.Struct, frozen=True, kw_only=True, tag="advanced"):
    """So much of the source has been read, from 0 to 1, and so many of its rows."""

    done: float
    rows: int


class Written(msgspec.Struct, frozen=True, kw_only=True, tag="written"):
    """The smaller version is complete."""

    source_rows: int
    rows: int
    columns: int


class NotWritten(msgspec.Struct, frozen=True, kw_only=True, tag="not_written"):
    """Why there is none; nothing of it is left."""

    code: FailureCode


ChildMessage: TypeAlias = Advanced | Written | NotWritten


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a reduction may take; see bounds.toml."""

    memory_bytes: int
    group_memory_bytes: int
    cpu_seconds: int
    silent_seconds: float
    children: int
    advanced_every_seconds: float
    newest_rows: int
