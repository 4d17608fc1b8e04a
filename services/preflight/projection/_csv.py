"""Peak memory of `read_csv` and a typical analysis, from what a CSV holds.

The formulas follow what the parser does, step by step; mechanism and constants come from a measured
study of 189 files (docs/decisions/0007). In all of them A is the frame (8 bytes per cell, 1 per
boolean), S the string objects of text columns, N the rows, L the rows of a parser's chunk.
"""

import math
from typing import Literal

from services.preflight.inspection.types import ColumnMeasure, CsvMeasures
from services.preflight.projection.types import EnvironmentConstants, Peaks

Bound = Literal["low", "point", "high"]

_DTYPES_BY_NAME = ("bool", "float64", "int64", "object", "uint64")
_BUFFER_BYTES = 786_432
_WORD_BYTES = 16
"""Per field, the tokeniser keeps a pointer and a start."""
_TABLE_ENTRY_BYTES, _TABLE_LOAD_RATIO, _TABLE_LEAST = 16.25, 0.77, 32
_HEAP_CHUNKS_FROM_WIDTH = 15
_HEAP_RATIO, _HEAP_HIGH_RATIO, _HEAP_MOST_BYTES = 0.2, 0.45, 6_000_000
_WIDE_FROM: dict[Bound, int] = {"low": 400, "point": 190, "high": 60}
_WIDE_TO: dict[Bound, int] = {"low": 1_000, "point": 290, "high": 100}
_WIDE_RATIO: dict[Bound, float] = {"low": 0.7, "point": 0.85, "high": 1.0}
_HEAPED_ROWS, _HEAPED_RATIO = 32_768, 0.75
_HEAPED_FROM_CHUNKS, _HEAPED_TO_CHUNKS = 4, 8
_HEAVY_RATIO, _REUSED_BYTES = 1.5, 11
_DESCRIBED_BYTES = 134
"""Per distinct string of the column that has most: describing Arrow text makes a table of them."""
_BOOLEAN_KEY_BYTES, _BOOLEAN_KEY_HIGH_BYTES = 98, 134
"""Per row, at least: joining on booleans with blanks makes objects of them again; most where more
than half of the columns are objects."""
_TEXT_ORDER_BYTES = 14
"""Per row, what sorting by text leaves in the heap."""
_COUNTED_BYTES = 33
"""Per distinct string, for its count, the order of counts, and their copies."""


def project(
    measures: CsvMeasures, environment: EnvironmentConstants, bound: Bound = "point"
) -> Peaks:
    """Peaks of the whole process. `low` and `high` take the bounds of what is estimated."""
    if environment.strings == "arrow":
        return _arrow(measures, environment)
    return _objects(measures, environment, bound)


def frame_bytes(rows: int, columns: tuple[ColumnMeasure, ...]) -> float:
    """A: the cells of a frame without the objects that they point to."""
    return rows * sum(1 if column.dtype == "bool" else 8 for column in columns)


def assembly_bytes(rows: int, columns: tuple[ColumnMeasure, ...]) -> float:
    """C: the columns and the blocks that are built of them, at the worst moment.

    Adjacent columns of one type are stacked, which takes the frame twice. A type that occurs in
    several runs of columns has its runs merged and then re-ordered, each time beside all the rest.
    """
    frame = frame_bytes(rows, columns)
    worst, merged = 2 * frame, 0.0
    for dtype in _DTYPES_BY_NAME:
        alike = [column.dtype == dtype for column in columns]
        runs = sum(a and not b for a, b in zip(alike, [False, *alike], strict=False))
        if runs > 1:
            own = rows * sum(alike) * (1 if dtype == "bool" else 8)
            worst = max(worst, 2 * frame + merged + 2 * own)
            merged += own
    return worst


def _objects(measures: CsvMeasures, environment: EnvironmentConstants, bound: Bound) -> Peaks:
    """Text columns hold Python strings (pandas before 3).

    load = base + max(T + A + S + K, A + S + 8 N, S + C + F)
    analysis = max(load, base + S + A + counting, base + figure + S + 3 A + c N + wide)

    T: a chunk's tokens; K: the table in which a chunk's equal strings are found; C: assembly; F:
    freed pieces that the allocator keeps; c: bytes per row by columns to group by.
    """
    rows, columns = measures.rows, measures.columns
    frame = frame_bytes(rows, columns)
    strings = sum(_strings(column, bound) for column in columns)
    load = environment.baseline_bytes + max(
        _tokens(measures) + frame + strings + _table(columns),
        frame + strings + 8 * rows,
        strings + assembly_bytes(rows, columns) + _kept_by_heap(measures, frame, bound),
    )
    analysis = (
        environment.baseline_bytes
        + environment.figure_bytes
        + strings
        + 3 * frame
        + _row_bytes(measures, environment, bound, is_heavy=strings > _HEAVY_RATIO * frame) * rows
        + _wide(measures, frame, bound)
        + environment.column_bytes * measures.width
    )
    described = environment.baseline_bytes + strings + frame + _counting(columns)
    return Peaks(load_bytes=load, analysis_bytes=max(load, analysis, described))


def _arrow(measures: CsvMeasures, environment: EnvironmentConstants) -> Peaks:
    """Text columns hold Arrow arrays (pandas 3): offsets and bytes, no objects.

    Numbers cost more than before, since chunks, columns and copied blocks live together; text costs
    less to load, and much more to describe, which makes Python strings of it again.
    """
    rows = measures.rows
    textual = [column for column in measures.columns if column.dtype == "object"]
    numeric = tuple(column for column in measures.columns if column.dtype != "object")
    frame = frame_bytes(rows, numeric)
    offsets = 8.0 * rows * len(textual)
    text = sum(column.text_bytes for column in textual)
    load = (
        environment.baseline_bytes
        + 2.7 * frame
        + 1.35 * offsets
        + 1.6 * text
        + 0.8 * _tokens(measures)
    )
    load = max(load, environment.baseline_bytes)
    analysis = (
        environment.baseline_bytes
        + environment.figure_bytes
        + 2.7 * frame
        + 2.55 * offsets
        + 3.05 * text
        + environment.row_bytes[0] * rows
        + environment.column_bytes * measures.width
        + _DESCRIBED_BYTES * max((c.file_distinct for c in textual), default=0.0)
    )
    return Peaks(load_bytes=load, analysis_bytes=max(load, analysis))


def _strings(column: ColumnMeasure, bound: Bound) -> float:
    match bound:
        case "low":
            return column.strings_low_bytes
        case "point":
            return column.strings_bytes
        case "high":
            return column.strings_high_bytes


def _tokens(measures: CsvMeasures) -> float:
    """T: one chunk as a stream of bytes, with a pointer and a start per field."""
    chunk = min(measures.rows, measures.chunk_rows)
    return chunk * (measures.row_bytes + _WORD_BYTES * (measures.width + 1)) + _BUFFER_BYTES


def _table(columns: tuple[ColumnMeasure, ...]) -> float:
    """K: a hash table of the column with most different strings in a chunk."""
    textual = [column.chunk_distinct for column in columns if column.dtype == "object"]
    return _hash_table(max(textual)) if textual else 0.0


def _counting(columns: tuple[ColumnMeasure, ...]) -> float:
    """Describing a text column counts each of its different strings, one column at a time."""
    most = max((c.file_distinct for c in columns if c.dtype == "object"), default=0.0)
    return _hash_table(most) + _COUNTED_BYTES * most


def _hash_table(distinct: float) -> float:
    entries = max(_TABLE_LEAST, distinct / _TABLE_LOAD_RATIO)
    return _TABLE_ENTRY_BYTES * 2.0 ** math.ceil(math.log2(entries))


def _kept_by_heap(measures: CsvMeasures, frame: float, bound: Bound) -> float:
    """F: chunks of columns that were freed and not given back.

    With few columns a chunk's arrays are large and mostly returned; with more they lie in the
    heap. How much stays depends on their order: between nothing and two thirds of the frame.
    """
    ratio = _HEAP_HIGH_RATIO if bound == "high" else _HEAP_RATIO if bound == "point" else 0.0
    kept = ratio * frame
    if measures.width < _HEAP_CHUNKS_FROM_WIDTH:
        return min(kept, _HEAP_MOST_BYTES)
    return max(kept, _pinned(measures, frame)) if bound == "high" else kept


def _pinned(measures: CsvMeasures, frame: float) -> float:
    """At most this much of freed chunks stays for good, though there are not hundreds of columns.

    The buffers that a file is read into hold a quarter of a megabyte. Once one was freed, glibc
    takes arrays of that size from its heap, which is those of 16 to 31 columns. The heap only
    shrinks from its end: one small thing that lives there keeps all below it. Whether one does
    differs between two processes that only import other things, so it is no more than possible.
    Where runs of a type are merged, what is freed is used again.
    """
    is_merged = assembly_bytes(measures.rows, measures.columns) > 2 * frame
    if measures.chunk_rows != _HEAPED_ROWS or is_merged:
        return 0.0
    chunks = measures.rows / measures.chunk_rows
    span = _HEAPED_TO_CHUNKS - _HEAPED_FROM_CHUNKS
    return _HEAPED_RATIO * frame * min(1.0, max(0.0, (chunks - _HEAPED_FROM_CHUNKS) / span))


def _row_bytes(
    measures: CsvMeasures, environment: EnvironmentConstants, bound: Bound, *, is_heavy: bool
) -> float:
    """c; what loading has freed between many strings is used again by joining."""
    groups = measures.group_columns
    least = 0.0
    if measures.joins_booleans:
        objects = sum(column.dtype == "object" for column in measures.columns)
        is_most = bound == "high" and objects > len(measures.columns) / 2
        least = _BOOLEAN_KEY_HIGH_BYTES if is_most else _BOOLEAN_KEY_BYTES
    if not _has_numbers(measures.columns):
        is_text_sorted = groups == 2 and measures.columns[0].dtype == "object"
        order = _TEXT_ORDER_BYTES if is_text_sorted else 0.0
        return max(least, environment.textual_row_bytes[groups] + order)
    if groups == 2 and not measures.pivots:
        groups = 1
    first = next(c for c in measures.columns if c.dtype not in ("object", "bool"))
    is_plotted_last = groups == 0 and first.dtype == "float64"
    real = environment.real_row_bytes if is_plotted_last else 0.0
    reused = _REUSED_BYTES if groups == 1 and is_heavy else 0.0
    return max(least, environment.row_bytes[groups] + real - reused)


def _wide(measures: CsvMeasures, frame: float, bound: Bound) -> float:
    """Chunks of so many columns lie in the heap in small pieces that the copies can't reuse.

    Freed, they go back to the system or stay as they are, by what lives at the heap's end: under
    two hundred columns they mostly go, above three hundred they mostly stay.
    """
    first, last = _WIDE_FROM[bound], _WIDE_TO[bound]
    share = min(1.0, max(0.0, (measures.width - first) / (last - first)))
    wide = frame * _WIDE_RATIO[bound] * share
    return max(wide, _pinned(measures, frame)) if bound == "high" else wide


def _has_numbers(columns: tuple[ColumnMeasure, ...]) -> bool:
    return any(column.dtype not in ("object", "bool") for column in columns)
