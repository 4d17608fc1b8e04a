"""The rows of a CSV as blocks of text columns, for what can't be cut into pieces beforehand.

Arrow goes over the text as one stream. What it refuses, rows that are too short or too long, is
looked at here: the short ones are filled up with blanks, the long ones left out. A dialect or row
that Arrow can't do at all goes through Python's csv module, slowly.
"""

import io
import itertools
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from services.preflight.profiling._csv_layout import MISSING, Layout, Rows, is_there, reader
from services.preflight.profiling._csv_pieces import TooOddError, opened, parse_options

_BLOCK_BYTES, _LEAST_BLOCK_BYTES, _RESERVED_BYTES = 1 << 20, 1 << 16, 1 << 26
"""Arrow reserves a block for each column, so that wide tables need smaller ones."""
_GATHERED_ROWS, _GATHERED_BYTES = 1 << 14, 1 << 23
_SLOW_ROWS = 20_000
_MISSING = frozenset(MISSING)


def blocks(found: Layout, counts: Rows) -> Iterator[list[pa.Array]]:
    """The columns of block after block. Raises TooOddError where Arrow can't go on."""
    names = [f"c{i}" for i in range(found.width)]
    wanted = names[found.labels : found.labels + len(found.names)]
    size = max(_LEAST_BLOCK_BYTES, min(_BLOCK_BYTES, _RESERVED_BYTES // found.width))
    try:
        with opened(found) as source:
            reader = pyarrow.csv.open_csv(
                pa.PythonFile(source, mode="r"),
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names, block_size=size, use_threads=False
                ),
                parse_options=parse_options(found, counts),
                convert_options=pyarrow.csv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(wanted, pa.string()),
                    include_columns=wanted,
                    null_values=MISSING,
                    strings_can_be_null=True,
                ),
            )
            for batch in _gathered(reader):
                yield batch.columns
                if odd := of_odd_lines(found, counts):
                    yield odd
    except (pa.ArrowInvalid, ValueError) as exc:
        raise TooOddError from exc
    if odd := of_odd_lines(found, counts):
        yield odd


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Blocks of some thousand rows: every call for a column of one costs the same."""
    some: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        some.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= _GATHERED_ROWS or size >= _GATHERED_BYTES:
            yield some[0] if len(some) == 1 else pa.concat_batches(some)
            some, rows, size = [], 0, 0
    if some:
        yield pa.concat_batches(some)


def slow_blocks(found: Layout, counts: Rows) -> Iterator[list[pa.Array]]:
    """The same through Python's csv module, for what Arrow refuses."""
    with found.text() as file:
        for _ in range(found.dialect.skip_rows):
            next(file, None)
        records: Iterator[list[str]] = filter(is_there, reader(file, found.dialect))
        if found.dialect.header_row is not None:
            records = itertools.islice(records, found.dialect.header_row + 1, None)
        while some := list(itertools.islice(records, _SLOW_ROWS)):
            yield _columns(found, counts, some)


def of_odd_lines(found: Layout, counts: Rows) -> list[pa.Array]:
    """The columns of the rows that Arrow refused since the last ones were asked for."""
    lines, counts.odd_lines = counts.odd_lines, []
    records = [
        record
        for line in lines
        for record in reader(io.StringIO(line, newline=""), found.dialect)
        if is_there(record)
    ]
    return _columns(found, counts, records) if records else []


def _columns(found: Layout, counts: Rows, records: list[list[str]]) -> list[pa.Array]:
    """Records of any width, made as wide as the table."""
    fitting = [record for record in records if len(record) <= found.width]
    counts.long += len(records) - len(fitting)
    counts.short += sum(len(record) < found.width for record in fitting)
    columns = []
    for index in range(found.labels, found.labels + len(found.names)):
        fields = (record[index] if index < len(record) else "" for record in fitting)
        columns.append(pa.array([None if f in _MISSING else f for f in fields], pa.string()))
    return columns


def without_blank_lines(texts: pa.StringArray) -> pa.StringArray:
    """Of a table of one column: a line of spaces is a blank line to pandas, not a value."""
    blank = pa.compute.match_substring_regex(texts, r"^[ \t]+$").fill_null(False)
    return texts.filter(pa.compute.invert(blank)) if pa.compute.any(blank).as_py() else texts
