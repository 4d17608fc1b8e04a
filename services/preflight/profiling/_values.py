"""Tables of values, some thousand rows at a time: what JSON and workbooks have in common."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from services.preflight.profiling._distinct import Distinct, held_in_bounds, table_bits
from services.preflight.profiling._rows import RowKeys, weight
from services.preflight.profiling._team import Team
from services.preflight.profiling._value_column import ValueColumn
from services.preflight.profiling.types import Bounds, TableFigures
from services.preflight.types import TableReport

_CELLS, _LEAST_ROWS = 400_000, 100
_ROW_KEYS_RATIO = 4


def profile(
    table: TableReport, rows: Iterable[Sequence[object]], bounds: Bounds, team: Team
) -> TableFigures:
    """The figures of a table whose rows have a value, or None, for each column."""
    width = len(table.columns)
    bits = table_bits(bounds.held_keys, width)
    columns = [
        ValueColumn(column, Distinct(bounds.exact_distinct, bits)) for column in table.columns
    ]
    row_keys = RowKeys(bounds.held_keys // _ROW_KEYS_RATIO)
    stream = iter(rows)
    while block := list(itertools.islice(stream, max(_LEAST_ROWS, _CELLS // max(1, width)))):
        keys = np.zeros(len(block), np.uint64)
        for number, (column, values) in enumerate(
            zip(columns, zip(*block, strict=True), strict=True)
        ):
            keys += column.take(values) * weight(number)
        row_keys.add(keys)
        held_in_bounds([column.counted for column in columns], bounds.held_keys, row_keys.held)
    return TableFigures(
        name=table.name,
        rows=row_keys.rows,
        duplicate_rows=row_keys.duplicates(team.map),
        columns=tuple(column.figures() for column in columns),
    )
