"""The rows of a CSV as blocks of text columns, exactly those that pandas reads of it.

Arrow splits the text; what it refuses, rows that are too short or too long, is looked at here: the
short ones are filled up with blanks, the long ones left out. A dialect or row that Arrow can't do
goes through Python's csv module, slowly.
"""

import codecs
import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from services.preflight.inspection import MISSING_WORDS
from services.preflight.types import Dialect, FileReport

_BLOCK_BYTES, _LEAST_BLOCK_BYTES, _RESERVED_BYTES = 1 << 20, 1 << 16, 1 << 26
"""Arrow reserves a block for each column, so that wide tables need smaller ones."""
_MOST_FIELDS = 2_000
_GATHERED_ROWS, _GATHERED_BYTES = 1 << 14, 1 << 23
_HEAD_BYTES = 1 << 20
_SLOW_ROWS = 20_000
_MISSING = ["", *MISSING_WORDS]

csv.field_size_limit(64_000_000)


class TooOddError(Exception):
    """Arrow can't go on with this file; the slow way can."""


@dataclass(slots=True)
class Layout:
    """Where the rows begin, and which of a row's fields are columns."""

    path: Path
    dialect: Dialect
    codec: str
    is_plain: bool
    """Whether the bytes are UTF-8 as they are."""
    start: int
    """Offset of the first row: in bytes of UTF-8 after decoding."""
    labels: int
    names: tuple[str, ...]
    width: int

    @property
    def is_simple(self) -> bool:
        """Whether Arrow can split it: by one byte that is neither a quote nor a line end."""
        marks = (self.dialect.delimiter, self.dialect.quotechar)
        return self.width <= _MOST_FIELDS and all(len(mark.encode()) == 1 for mark in marks)

    def text(self) -> io.TextIOWrapper:
        """All of the file as text."""
        codec = "utf-8-sig" if self.is_plain else self.codec
        return self.path.open(encoding=codec, errors="replace", newline="")


@dataclass(slots=True)
class Rows:
    """How many rows were odd."""

    short: int = 0
    long: int = 0
    odd_lines: list[str] = field(default_factory=list)


def layout(path: Path, report: FileReport) -> Layout:
    """How this file is laid out, as its report says."""
    dialect = report.dialect or Dialect(delimiter=",")
    names = tuple(column.name for column in report.tables[0].columns)
    codec = (report.encoding or "utf-8").lower()
    is_plain = codec in ("utf-8", "utf-8-sig") and not report.has_bad_bytes
    found = Layout(path, dialect, codec, is_plain, 0, 0, names, len(names))
    codes = {finding.code for finding in report.findings}
    with found.text() as file:
        skipped = list(itertools.islice(file, dialect.skip_rows))
        lines = _Counted(file)
        if dialect.header_row is not None:
            reader = _reader(lines, dialect)
            for number, _ in enumerate(filter(_is_there, reader)):
                if number >= dialect.header_row:
                    break
        found.start = sum(len(line.encode()) for line in skipped) + lines.size
        first = next(filter(_is_there, _reader(lines, dialect)), [])
    if "trailing_delimiter" in codes:
        found.width += 1
    elif "row_labels" in codes and len(first) > len(names):
        found.labels = len(first) - len(names)
        found.width = len(first)
    return found


class _Counted:
    """Lines, with the bytes that they take in UTF-8."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self.size = 0

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.size += len(line.encode("utf-8", "replace"))
        return line


def _reader(lines: Iterator[str], dialect: Dialect) -> "Iterator[list[str]]":
    if not dialect.is_quoted:
        return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quotechar)


def _is_there(record: list[str]) -> bool:
    """Whether pandas sees a row in it: a line of spaces is none."""
    return bool(record) and not (len(record) == 1 and record[0].strip(" \t") == "")


def blocks(found: Layout, counts: Rows) -> Iterator[pa.RecordBatch]:
    """The rows in blocks. Raises TooOddError where Arrow can't go on."""
    names = [f"c{i}" for i in range(found.width)]
    wanted = names[found.labels : found.labels + len(found.names)]
    size = max(_LEAST_BLOCK_BYTES, min(_BLOCK_BYTES, _RESERVED_BYTES // found.width))

    def refused(row: pyarrow.csv.InvalidRow) -> str:
        if row.actual_columns > found.width:
            counts.long += 1
        else:
            counts.odd_lines.append(row.text)
        return "skip"

    try:
        with _opened(found) as source:
            reader = pyarrow.csv.open_csv(
                source,
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names, block_size=size, use_threads=False
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=found.dialect.delimiter,
                    quote_char=found.dialect.quotechar if found.dialect.is_quoted else False,
                    newlines_in_values=found.dialect.is_quoted,
                    invalid_row_handler=refused,
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(wanted, pa.string()),
                    include_columns=wanted,
                    null_values=_MISSING,
                    strings_can_be_null=True,
                ),
            )
            for batch in _gathered(reader):
                yield _without_blank_lines(batch) if found.width == 1 else batch
                if counts.odd_lines:
                    yield from _of_odd_lines(found, counts)
    except (pa.ArrowInvalid, ValueError) as exc:
        raise TooOddError from exc
    yield from _of_odd_lines(found, counts)


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


def slow_blocks(found: Layout, counts: Rows) -> Iterator[pa.RecordBatch]:
    """The same through Python's csv module, for what Arrow refuses."""
    with found.text() as file:
        for _ in range(found.dialect.skip_rows):
            next(file, None)
        records: Iterator[list[str]] = filter(_is_there, _reader(file, found.dialect))
        if found.dialect.header_row is not None:
            records = itertools.islice(records, found.dialect.header_row + 1, None)
        while some := list(itertools.islice(records, _SLOW_ROWS)):
            yield _batch(found, counts, some)


def _of_odd_lines(found: Layout, counts: Rows) -> Iterator[pa.RecordBatch]:
    lines, counts.odd_lines = counts.odd_lines, []
    if not lines:
        return
    records = [
        record
        for line in lines
        for record in _reader(io.StringIO(line, newline=""), found.dialect)
        if _is_there(record)
    ]
    if records:
        yield _batch(found, counts, records)


def _batch(found: Layout, counts: Rows, records: list[list[str]]) -> pa.RecordBatch:
    """Records of any width, made as wide as the table."""
    fitting = [record for record in records if len(record) <= found.width]
    counts.long += len(records) - len(fitting)
    counts.short += sum(len(record) < found.width for record in fitting)
    missing = frozenset(_MISSING)
    columns = []
    for index in range(found.labels, found.labels + len(found.names)):
        fields = (record[index] if index < len(record) else "" for record in fitting)
        columns.append(pa.array([None if f in missing else f for f in fields], pa.string()))
    return pa.record_batch(columns, names=[f"c{i}" for i in range(len(columns))])


def _without_blank_lines(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Of a table of one column: a line of spaces is a blank line to pandas, not a value."""
    texts = batch.column(0)
    blank = pa.compute.match_substring_regex(texts, r"^[ \t]+$").fill_null(False)
    return batch.filter(pa.compute.invert(blank)) if pa.compute.any(blank).as_py() else batch


def _opened(found: Layout) -> "pa.NativeFile | pa.PythonFile":
    if found.is_plain:
        file = pa.OSFile(str(found.path))
        mark = file.read(3) == codecs.BOM_UTF8
        file.seek(found.start + (3 if mark else 0))
        return file
    return pa.PythonFile(_Decoded(found), mode="r")


class _Decoded(io.RawIOBase):
    """The file in UTF-8 from its first row on, whatever it is written in."""

    def __init__(self, found: Layout) -> None:
        super().__init__()
        self._file = found.path.open("rb")
        codec = "utf-8-sig" if found.codec == "utf-8" else found.codec
        self._decoder = codecs.getincrementaldecoder(codec)("replace")
        self._skip = found.start
        self._rest = b""
        self._is_over = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._is_over and (size < 0 or len(self._rest) < size):
            raw = self._file.read(_BLOCK_BYTES)
            self._is_over = not raw
            text = self._decoder.decode(raw, self._is_over).encode("utf-8", "replace")
            dropped = min(self._skip, len(text))
            self._skip -= dropped
            self._rest += text[dropped:]
        wanted = len(self._rest) if size < 0 else size
        out, self._rest = self._rest[:wanted], self._rest[wanted:]
        return out

    def close(self) -> None:
        self._file.close()
        super().close()
