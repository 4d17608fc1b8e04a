"""Where the rows of a CSV begin, and which of a row's fields are columns: as its report says."""

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.preflight.inspection import MISSING_WORDS
from services.preflight.types import Dialect, FileReport

MISSING = ("", *MISSING_WORDS)
_MOST_FIELDS = 2_000

csv.field_size_limit(64_000_000)


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
    size_bytes: int
    rows: int
    """As far as the check could tell."""

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
    found = Layout(
        path=path,
        dialect=dialect,
        codec=codec,
        is_plain=is_plain,
        start=0,
        labels=0,
        names=names,
        width=len(names),
        size_bytes=path.stat().st_size,
        rows=report.tables[0].rows,
    )
    codes = {finding.code for finding in report.findings}
    with found.text() as file:
        skipped = list(itertools.islice(file, dialect.skip_rows))
        lines = _Counted(file)
        if dialect.header_row is not None:
            records = reader(lines, dialect)
            for number, _ in enumerate(filter(is_there, records)):
                if number >= dialect.header_row:
                    break
        found.start = sum(len(line.encode()) for line in skipped) + lines.size
        first = next(filter(is_there, reader(lines, dialect)), [])
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


def reader(lines: Iterator[str], dialect: Dialect) -> "Iterator[list[str]]":
    if not dialect.is_quoted:
        return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quotechar)


def is_there(record: list[str]) -> bool:
    """Whether pandas sees a row in it: a line of spaces is none."""
    return bool(record) and not (len(record) == 1 and record[0].strip(" \t") == "")
