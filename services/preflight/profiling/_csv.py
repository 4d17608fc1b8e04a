"""A CSV, row by row: threads take pieces of it in turns, and look at all columns of each."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
import pyarrow as pa

from services.preflight.profiling import _csv_layout, _csv_pieces, _csv_reading, _keys
from services.preflight.profiling._csv_column import CsvColumn
from services.preflight.profiling._csv_layout import Layout, Rows
from services.preflight.profiling._csv_pieces import Piece, TooOddError, UnfitError
from services.preflight.profiling._distinct import Distinct, held_in_bounds, table_bits
from services.preflight.profiling._keys import Words
from services.preflight.profiling._rows import RowKeys, weight
from services.preflight.profiling._team import Team
from services.preflight.profiling.types import Bounds, TableFigures
from services.preflight.types import FileReport

_WORD_BYTES, _MARKS_MOST = 8, 1 << 24
_MANY_COLUMNS, _FEW_ROWS, _CACHED_VALUES = 24, 1 << 13, 1 << 16
_ROW_KEYS_RATIO = 4
"""One in so many of the keys in memory may be those of rows."""
Block: TypeAlias = Piece | list[pa.Array]
Read: TypeAlias = Callable[[Layout, Rows], Iterator[Block]]


def profile(path: Path, report: FileReport, bounds: Bounds, team: Team) -> TableFigures:
    """The figures of all rows. Scans again where the check was wrong about a column's type."""
    layout = _csv_layout.layout(path, report)
    text: frozenset[int] = frozenset()
    numeric: frozenset[int] = frozenset()
    ways: list[Read] = [_pieces, _csv_reading.blocks] if layout.is_simple else []
    ways.append(_csv_reading.slow_blocks)
    while True:
        scan = _Scan(layout, report, bounds, text, numeric)
        try:
            scan.run(ways[0], team)
        except TooOddError:
            del ways[0]
            continue
        if not scan.surprises and scan.numeric <= numeric:
            return scan.figures(team)
        text |= scan.surprises
        numeric |= scan.numeric


def _is_wide(arrays: Sequence[pa.Array]) -> bool:
    return len(arrays) >= _MANY_COLUMNS and len(arrays[0]) <= _FEW_ROWS


def _groups(arrays: Sequence[pa.Array]) -> Iterator[list[int]]:
    """Columns of numbers of one type without blanks, as many as caches hold."""
    size = max(1, _CACHED_VALUES // len(arrays[0]))
    for wanted in (pa.int64(), pa.float64()):
        numbers = [n for n, a in enumerate(arrays) if a.type == wanted and not a.null_count]
        for first in range(0, len(numbers), size):
            yield numbers[first : first + size]


def _pieces(layout: Layout, _: Rows) -> Iterator[Block]:
    return _csv_pieces.pieces(layout)


class _Scan:
    """One pass over all rows; the columns with these numbers are known to hold text, or numbers."""

    def __init__(
        self,
        layout: Layout,
        report: FileReport,
        bounds: Bounds,
        text: frozenset[int],
        numeric: frozenset[int],
    ) -> None:
        table = report.tables[0]
        self._layout = layout
        self._name = table.name
        self._bounds = bounds
        bits = table_bits(bounds.held_keys, len(table.columns))
        # As many marks as the keys of all rows would take bytes, and none that have no room.
        room = _WORD_BYTES * bounds.held_keys // len(table.columns)
        most = min(_MARKS_MOST, room, _WORD_BYTES * table.rows)
        self._columns = [
            CsvColumn(
                msgspec.structs.replace(column, kind="integer") if number in numeric else column,
                layout.dialect.decimal,
                Distinct(bounds.exact_distinct, bits),
                weight=weight(number),
                is_text=number in text,
                marks_most=most,
            )
            for number, column in enumerate(table.columns)
        ]
        self._weights = np.array([column.weight for column in self._columns], np.uint64)
        self._rows = RowKeys(bounds.held_keys // _ROW_KEYS_RATIO)
        self._is_single = layout.width == 1
        self._odd = Rows()
        self._reading, self._keeping = threading.Lock(), threading.Lock()
        self._is_over = self._has_words = False
        self.surprises: frozenset[int] = frozenset()

    @property
    def numeric(self) -> frozenset[int]:
        """Columns that the check took for text, and which hold numbers only."""
        return frozenset(n for n, column in enumerate(self._columns) if column.holds_numbers)

    def run(self, read: Read, team: Team) -> None:
        """Go over all rows; after a surprise only to see whether there are more of them."""
        source = read(self._layout, self._odd)

        def work(number: int) -> None:
            try:
                while (piece := self._next(source)) is not None:
                    for columns in self._split(piece):
                        self._take(columns, piece, first=number * len(columns) // team.size)
            except BaseException:
                self._is_over = True
                raise

        list(team.map(work, range(team.size)))

    def _next(self, source: Iterator[Block]) -> Block | None:
        with self._reading:
            return None if self._is_over else next(source, None)

    def _split(self, piece: Block) -> Iterator[list[pa.Array]]:
        """The columns of a piece, then those of the rows that Arrow refused."""
        if not isinstance(piece, Piece):
            yield [_csv_reading.without_blank_lines(piece[0])] if self._is_single else piece
            return
        if self._is_single:
            if columns := self._as_text(piece):
                yield columns
            return
        types = [column.wanted for column in self._columns]
        if pa.int64() in types and _csv_pieces.has_hexadecimal(piece):
            types = [pa.string() if one == pa.int64() else one for one in types]
        odd = Rows()
        are_numbers = not self._has_words and all(map(pa.types.is_primitive, types))
        try:
            # Among numbers words are rare, and looking for them takes a sixth of the time.
            missing = ("",) if are_numbers else _csv_layout.MISSING
            columns = _csv_pieces.columns(piece, self._layout, types, odd, missing)
        except UnfitError:
            self._has_words = True
            types = [one if pa.types.is_dictionary(one) else pa.string() for one in types]
            odd = Rows()
            columns = _csv_pieces.columns(piece, self._layout, types, odd)
        if columns:
            yield columns
        rest = _csv_reading.of_odd_lines(self._layout, odd)
        if rest:
            yield rest
        with self._keeping:
            self._odd.long += odd.long
            self._odd.short += odd.short

    def _take(self, arrays: Sequence[pa.Array], piece: Block, first: int) -> None:
        """Look at every column, from another one on than other threads do."""
        counts = not self.surprises
        keys = np.zeros(len(arrays[0]), np.uint64)
        alike = self._take_alike(arrays, keys) if counts and _is_wide(arrays) else frozenset()
        for number in (*range(first, len(arrays)), *range(first)):
            column = self._columns[number]
            if column.needs_another_scan or number in alike:
                continue
            try:
                found = column.take(arrays[number], counts=counts)
            except UnfitError:
                found = column.take(self._as_text(piece)[number], counts=counts)
            if found is not None:
                keys += found
        with self._keeping:
            self._keep(keys)

    def _take_alike(self, arrays: Sequence[pa.Array], keys: Words) -> frozenset[int]:
        """Columns of numbers without blanks, together: calls for each would cost more than work."""
        taken: set[int] = set()
        for numbers in _groups(arrays):
            values = np.stack([arrays[number].to_numpy() for number in numbers])
            found = _keys.of_numbers(values)
            found *= self._weights[numbers, None]
            lows, highs = values.min(axis=1).tolist(), values.max(axis=1).tolist()
            for place, number in enumerate(numbers):
                column, low, high = self._columns[number], lows[place], highs[place]
                if not column.needs_another_scan and math.isfinite(low) and math.isfinite(high):
                    column.take_numbers(values[place], found[place], low, high)
                    taken.add(number)
                else:
                    found[place] = 0
            keys += found.sum(axis=0, dtype=np.uint64)
        return frozenset(taken)

    def _as_text(self, piece: Block) -> list[pa.Array]:
        """The columns of a piece, once more."""
        if not isinstance(piece, Piece):
            return piece
        types = [pa.string()] * len(self._columns)
        columns = _csv_pieces.columns(piece, self._layout, types, Rows())
        return [_csv_reading.without_blank_lines(columns[0])] if self._is_single else columns

    def _keep(self, keys: Words) -> None:
        self.surprises = frozenset(
            number for number, column in enumerate(self._columns) if column.needs_another_scan
        )
        self._rows.add(keys)
        marks = [column.numbers.marks for column in self._columns]
        marked = sum(one.held for one in marks if one is not None)
        counted = [column.counted for column in self._columns]
        held_in_bounds(counted, self._bounds.held_keys, self._rows.held + marked)

    def figures(self, team: Team) -> TableFigures:
        """What all rows amount to."""
        columns = tuple(team.map(CsvColumn.figures, self._columns))
        rows = self._rows.rows
        has_key = any(
            c.distinct + c.nulls == rows and c.nulls < 2 and c.distinct_error is None
            for c in columns
        )
        return TableFigures(
            name=self._name,
            rows=rows,
            duplicate_rows=0 if has_key else self._rows.duplicates(team.map),
            columns=columns,
            long_rows=self._odd.long,
            short_rows=self._odd.short,
        )
