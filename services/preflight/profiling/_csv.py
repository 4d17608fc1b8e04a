"""A CSV, row by row: a thread splits the text, two more look at the columns of each block."""

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from services.preflight.profiling import _csv_reading
from services.preflight.profiling._csv_column import CsvColumn
from services.preflight.profiling._csv_reading import Layout, Rows, TooOddError
from services.preflight.profiling._distinct import Distinct, held_in_bounds, table_bits
from services.preflight.profiling._keys import Words
from services.preflight.profiling._rows import RowKeys, weight
from services.preflight.profiling._team import Team
from services.preflight.profiling.types import Bounds, TableFigures
from services.preflight.types import FileReport

_AHEAD = 2
_WORD_BYTES, _MARKS_MOST = 8, 1 << 22
_ROW_KEYS_RATIO = 4
"""One in so many of the keys in memory may be those of rows."""
Read: TypeAlias = Callable[[Layout, Rows], Iterator[pa.RecordBatch]]


def profile(path: Path, report: FileReport, bounds: Bounds, team: Team) -> TableFigures:
    """The figures of all rows. Scans again where the check was wrong about a column's type."""
    layout = _csv_reading.layout(path, report)
    text: frozenset[int] = frozenset()
    read: Read = _csv_reading.blocks if layout.is_simple else _csv_reading.slow_blocks
    while True:
        scan = _Scan(layout, report, bounds, text)
        try:
            scan.run(read, team)
        except TooOddError:
            read = _csv_reading.slow_blocks
            continue
        if not scan.surprises:
            return scan.figures(team)
        text |= scan.surprises


class _Scan:
    """One pass over all rows; the columns with these numbers are known to hold text."""

    def __init__(
        self, layout: Layout, report: FileReport, bounds: Bounds, text: frozenset[int]
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
                column,
                layout.dialect.decimal,
                Distinct(bounds.exact_distinct, bits),
                is_text=number in text,
                marks_most=most,
            )
            for number, column in enumerate(table.columns)
        ]
        self._rows = RowKeys(bounds.held_keys // _ROW_KEYS_RATIO)
        self._odd = Rows()
        self.surprises: frozenset[int] = frozenset()

    def run(self, read: Read, team: Team) -> None:
        """Go over all rows; after a surprise only to see whether there are more of them."""
        shares = [range(first, len(self._columns), team.size) for first in range(team.size)]
        with contextlib.closing(_ahead(read(self._layout, self._odd))) as batches:
            for batch in batches:
                # Bound in a call of its own, so that the next block finds this one's memory free.
                self._take(batch, shares, team)

    def _take(
        self,
        batch: pa.RecordBatch,
        shares: list[range],
        team: Team,
    ) -> None:
        counts = not self.surprises

        def look(share: range) -> Words:
            keys = np.zeros(batch.num_rows, np.uint64)
            for number in share:
                column = self._columns[number]
                if column.needs_another_scan:
                    continue
                found = column.take(batch.column(number), counts=counts)
                if found is not None:
                    keys += found * weight(number)
            return keys

        keys = sum(team.map(look, shares), np.zeros(batch.num_rows, np.uint64))
        self.surprises = frozenset(
            number for number, column in enumerate(self._columns) if column.needs_another_scan
        )
        self._rows.add(keys)
        marked = sum(column.marks.held for column in self._columns if column.marks is not None)
        counted = [column.counted for column in self._columns]
        held_in_bounds(counted, self._bounds.held_keys, self._rows.held + marked)

    def figures(self, team: Team) -> TableFigures:
        """What all rows amount to."""
        duplicates = self._rows.duplicates(team.map)
        return TableFigures(
            name=self._name,
            rows=self._rows.rows,
            duplicate_rows=duplicates,
            columns=tuple(team.map(CsvColumn.figures, self._columns)),
            long_rows=self._odd.long,
            short_rows=self._odd.short,
        )


def _ahead(batches: Iterator[pa.RecordBatch]) -> Generator[pa.RecordBatch, None, None]:
    """The same, made by a thread that is a few blocks ahead."""
    waiting: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(_AHEAD)
    is_over = threading.Event()

    def make() -> None:
        end: BaseException | None = None
        try:
            for batch in batches:
                waiting.put(batch)
                if is_over.is_set():
                    return
        except BaseException as exc:  # noqa: BLE001 - a border: raised again by who reads
            end = exc
        waiting.put(end)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (batch := waiting.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        is_over.set()
        while thread.is_alive():
            with contextlib.suppress(queue.Empty):
                waiting.get(timeout=0.05)
