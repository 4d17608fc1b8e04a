"""What steps bring: rows, size, memory, seconds; it only computes, so it follows every click."""

import math
from collections.abc import Sequence

import msgspec

from services import wording
from services.limits.types import LimitProfile
from services.preflight.inspection.types import ColumnMeasure, CsvMeasures
from services.preflight.projection import project_memory
from services.preflight.reduction import _facts, _rows
from services.preflight.reduction._facts import ColumnFacts
from services.preflight.reduction._rows import Left
from services.preflight.reduction._says import sentences
from services.preflight.reduction._wanted import Wanted, gather, table_of
from services.preflight.reduction.types import Source
from services.preflight.types import MemoryProjection, ReductionPlan, ReductionStep, TableReport

_CHUNK_CELLS = 1 << 20
_GROUPS_MOST = 50
_COUNT_NAME_BYTES = 8
_SUM_BYTES = 12.0
_SECONDS_PER_BYTE = {"csv": 1.6e-8, "xlsx": 3e-7, "json": 9e-8, "ndjson": 5e-8}
_SECONDS_PER_CELL, _START_SECONDS = 5e-7, 0.6


class Estimator:
    """Estimates for one file, profile and environment; columns are worked out once per wish."""

    def __init__(self, source: Source, profile: LimitProfile, environment: str) -> None:
        self.source = source
        self.profile = profile
        self._environment = environment

    def within(self, file_limit_bytes: int) -> "Estimator":
        """The same for a lower limit."""
        profile = msgspec.structs.replace(self.profile, file_limit_bytes=file_limit_bytes)
        return Estimator(self.source, profile, self._environment)

    def plan(self, steps: Sequence[ReductionStep]) -> ReductionPlan:
        """What these steps would bring, in figures and in words."""
        wanted = gather(steps)
        table = table_of(self.source.report, wanted)
        columns = _facts.of_columns(self.source, wanted)
        kept = chosen(columns, wanted)
        left = _rows.left(table, wanted)
        memory = self.memory(kept, table.rows, left)
        size = size_bytes(kept, left.rows)
        return ReductionPlan(
            steps=tuple(steps),
            says=sentences(self, wanted, columns, kept, left),
            truth=truth(table, wanted, columns, kept, left),
            is_exact=wanted.keeps_all_rows and not wanted.digits,
            rows=left.rows,
            columns=len(kept) + (wanted.by is not None),
            size_bytes=size,
            memory=memory,
            fits=self.fits(kept, table.rows, left, memory),
            seconds=self._seconds(kept, table),
        )

    def fits(
        self, kept: Sequence[ColumnFacts], rows: int, left: Left, memory: MemoryProjection | None
    ) -> bool:
        """By the upper ends, in size and in memory. Raises nothing; no column never fits."""
        if not kept or high_size_bytes(kept, left.high_rows) > self.profile.file_limit_bytes:
            return False
        return (memory or self.memory(kept, rows, left)).fits

    def memory(self, kept: Sequence[ColumnFacts], rows: int, left: Left) -> MemoryProjection:
        """The projection for these columns and rows; its upper end is that of the most rows."""
        found = self._projected(kept, rows, left.rows)
        if left.high_rows == left.rows:
            return found
        most = self._projected(kept, rows, left.high_rows)
        return msgspec.structs.replace(found, high_bytes=most.high_bytes, fits=most.fits)

    def _projected(self, kept: Sequence[ColumnFacts], rows: int, left: int) -> MemoryProjection:
        measures = _measures(self.source, kept, rows, left)
        size = size_bytes(kept, left)
        return project_memory(measures, size, self._environment, self.profile)

    def _seconds(self, kept: Sequence[ColumnFacts], table: TableReport) -> float:
        report = self.source.report
        reading = report.size_bytes * _SECONDS_PER_BYTE.get(report.kind or "csv", 1e-7)
        return _START_SECONDS + reading + table.rows * len(kept) * _SECONDS_PER_CELL


def chosen(columns: Sequence[ColumnFacts], wanted: Wanted) -> list[ColumnFacts]:
    """The columns that are written; grouped, those to group by, the sums and a count."""
    kept = [column for column in columns if wanted.keeps(column.report.name)]
    if wanted.by is None:
        return kept
    by = [column for column in columns if column.report.name in wanted.by]
    sums = [c for c in kept if c.dtype != "object" and c.report.name not in wanted.by]
    return [*(_summed(column) for column in sums if column.dtype != "bool"), *by]


def size_bytes(kept: Sequence[ColumnFacts], rows: int) -> int:
    """Of the smaller file."""
    return round(_header_bytes(kept) + rows * sum(c.cell_bytes + 1 for c in kept))


def high_size_bytes(kept: Sequence[ColumnFacts], rows: int) -> int:
    """At most, as far as one can tell."""
    return round(_header_bytes(kept) + rows * sum(c.high_cell_bytes + 1 for c in kept))


def truth(
    table: TableReport,
    wanted: Wanted,
    columns: Sequence[ColumnFacts],
    kept: Sequence[ColumnFacts],
    left: Left,
) -> str:
    """What it means for answers."""
    say = wording.reductions
    if wanted.by is not None:
        return say.truth_grouped(is_all=not (wanted.filters or wanted.newest or wanted.every > 1))
    if wanted.every > 1:
        return say.truth_sampled(wanted.every)
    if wanted.filters or wanted.newest is not None:
        return say.truth_part(left.rows, table.rows)
    if wanted.digits:
        return say.truth_rounded(max(wanted.digits.values()))
    return say.truth_exact(table.rows, is_exact=table.rows_exact, dropped=len(columns) - len(kept))


def _summed(column: ColumnFacts) -> ColumnFacts:
    cell = max(column.cell_bytes, _SUM_BYTES)
    return ColumnFacts(
        report=column.report,
        position=column.position,
        dtype=column.dtype,
        cell_bytes=cell,
        high_cell_bytes=max(cell, column.high_cell_bytes + _COUNT_NAME_BYTES),
        measure=column.measure,
    )


def _header_bytes(kept: Sequence[ColumnFacts]) -> int:
    return sum(len(column.report.name.encode("utf-8", "replace")) + 1 for column in kept)


def _measures(source: Source, kept: Sequence[ColumnFacts], rows: int, left: int) -> CsvMeasures:
    """What the memory formulas take in, for these columns and so many of the rows."""
    share = left / rows if rows else 0.0
    width = max(1, len(kept))
    chunk = _chunk_rows(width)
    before = source.measures
    old_chunk = before.chunk_rows if isinstance(before, CsvMeasures) else chunk
    columns = tuple(_shrunk(c, share, left, chunk, old_chunk) for c in kept)
    has_numbers = any(c.dtype not in ("object", "bool") for c in columns)
    groups = sum(1 < (c.report.distinct or 0) <= _GROUPS_MOST for c in kept)
    return CsvMeasures(
        rows=left,
        width=width,
        chunk_rows=chunk,
        row_bytes=sum(c.cell_bytes + 1 for c in kept),
        columns=columns,
        group_columns=min(2, groups),
        pivots=has_numbers and groups > 1,
        first_column_distinct=0.0 if has_numbers or not columns else columns[0].file_distinct,
    )


def _shrunk(
    column: ColumnFacts, share: float, left: int, chunk: int, old_chunk: int
) -> ColumnMeasure:
    """A column's strings when only a share of the rows is left, in chunks of another length.

    Rows picked out repeat less than rows side by side: at most all that are left differ.
    """
    measure = column.measure
    # `text_bytes` is of all rows, of which `left` are that share.
    mean = measure.text_bytes * share / left if left else 0.0
    most = left * (math.ceil((mean + 49) / 16) * 16 + 16) if share < 1 else math.inf
    longer = max(1.0, chunk / max(1, old_chunk))
    distinct = min(measure.chunk_distinct * longer, measure.file_distinct or math.inf, left)
    high = measure.strings_high_bytes * share
    if share < 1:
        high = min(measure.strings_high_bytes, max(high, most))
    return msgspec.structs.replace(
        measure,
        strings_bytes=measure.strings_bytes * share,
        strings_low_bytes=measure.strings_low_bytes * share,
        strings_high_bytes=high,
        text_bytes=measure.text_bytes * share,
        chunk_distinct=max(distinct, 0.0),
        file_distinct=min(measure.file_distinct, left),
    )


def _chunk_rows(width: int) -> int:
    """Rows that pandas parses at a time: the largest power of two below 2^20 cells."""
    rows = 1
    while 2 * rows < _CHUNK_CELLS // width:
        rows *= 2
    return rows
