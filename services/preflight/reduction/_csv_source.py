"""CSV of any dialect and encoding, row by row."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from services.preflight.reduction import _facts
from services.preflight.reduction._source import DamagedError, Row
from services.preflight.types import Dialect, FileReport

_BUFFER_BYTES = 1 << 18
_LONGEST_FIELD = 64_000_000


class CsvRows:
    """The rows that pandas makes of the file as it was checked."""

    def __init__(self, path: Path, report: FileReport, fields: int) -> None:
        self._path = path
        self._report = report
        self._dialect = report.dialect or Dialect(delimiter=",")
        self.names = tuple(column.name for column in report.tables[0].columns)
        codes = {finding.code for finding in report.findings}
        ends_in_mark = _facts.ends_in_mark(report)
        self._labels = 0 if ends_in_mark else max(0, fields - len(self.names))
        self._most = max(fields, len(self.names)) + ends_in_mark
        self._skips_long = "long_rows" in codes
        self._file: IO[bytes] | None = None
        self._size = max(1, path.stat().st_size)
        self._read = 0

    @property
    def done(self) -> float:
        """By the bytes that were read."""
        return min(1.0, self._read / self._size)

    def __iter__(self) -> Iterator[Row]:
        self._read = 0
        csv.field_size_limit(_LONGEST_FIELD)
        with self._path.open("rb") as raw:
            text = io.TextIOWrapper(
                io.BufferedReader(_Counted(raw, self), _BUFFER_BYTES),
                encoding=_codec(self._report.encoding),
                errors="replace",
                newline="",
            )
            try:
                yield from self._rows(text)
            except csv.Error as exc:
                raise DamagedError from exc

    def note_read(self, size_bytes: int) -> None:
        """So many bytes more."""
        self._read += size_bytes

    def _rows(self, text: io.TextIOWrapper) -> Iterator[Row]:
        dialect = self._dialect
        for _ in range(dialect.skip_rows):
            text.readline()
        reader = (
            csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quotechar)
            if dialect.is_quoted
            else csv.reader(text, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
        )
        # Blank lines are no rows, nor do they count on the way to the header.
        header = dialect.header_row
        before = 0 if header is None else header + 1
        width, labels, most = len(self.names), self._labels, self._most
        is_single = width + labels == 1
        for record in reader:
            if not record or (len(record) == 1 and _is_blank(record[0], is_single=is_single)):
                continue
            if before:
                before -= 1
                continue
            if len(record) > most and self._skips_long:
                continue
            row = record[labels:] if labels else record
            if len(row) < width:
                row.extend([""] * (width - len(row)))
            yield row


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, raw: IO[bytes], owner: CsvRows) -> None:
        super().__init__()
        self._raw = raw
        self._owner = owner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        piece = self._raw.read(len(buffer))
        buffer[: len(piece)] = piece
        self._owner.note_read(len(piece))
        return len(piece)


def _is_blank(field: str, *, is_single: bool) -> bool:
    """An empty field of a table with one column is a value that is missing, not a blank line."""
    return not field.strip() and (not is_single or field != "")


def _codec(encoding: str | None) -> str:
    return "utf-8-sig" if encoding in (None, "utf-8", "utf8", "ascii") else str(encoding)
