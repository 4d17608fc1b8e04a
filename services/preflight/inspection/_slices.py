"""Which parts of a large CSV are looked at, and the one pass over all of its bytes.

The pass counts line ends and proves the encoding; it goes through one small buffer. The parts are
one or two long contiguous runs, of a parser's chunk where that is affordable (how often text
repeats shows only there), and many short ones spread evenly (types, blanks and lengths may change
along the file).
"""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import Bounds
from services.preflight.types import Dialect

_BUFFER_BYTES = 1 << 19
_SAMPLE_RATIO = 1 / 20
_SAMPLE_LEAST_BYTES, _SAMPLE_MOST_BYTES = 48_000, 12_000_000
_SPREAD_RATIO = 0.25
_SYNC_BYTES = 1 << 16


@dataclass(slots=True)
class Scanned:
    """What the pass over all bytes has found."""

    line_ends: int
    lines: int
    """Line ends, and one more where the last line has none."""
    bad_byte_at: int | None = None
    """Offset of the first byte that is not valid in UTF-8."""


@dataclass(slots=True)
class Slice:
    """Whole records in UTF-8; `position` is how far into the data they begin, from 0 to 1."""

    raw: bytes
    position: float
    is_long: bool


def scan(path: Path, encoding: Encoding, quote: str | None = None) -> Scanned:
    """Count the line ends of a file, and check that it is UTF-8 where that is what it claims.

    With a quote, line ends within quoted fields are left out.
    """
    buffer = bytearray(_BUFFER_BYTES)
    unit = np.dtype(f"{'>' if encoding.is_big_endian else '<'}u{encoding.unit_bytes}")
    mark = 13 if encoding.ends_lines_with_return else 10
    decoder = codecs.getincrementaldecoder("utf-8")("strict") if encoding.is_utf8 else None
    ends, parity, offset, last, bad = 0, 0, 0, mark, None
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            used = count - count % encoding.unit_bytes or count
            units = np.frombuffer(buffer, unit, used // encoding.unit_bytes)
            found = units == mark
            if quote is not None:
                quotes = np.cumsum(units == ord(quote), dtype=np.uint8)
                found &= ((quotes + np.uint8(parity)) & 1) == 0
                parity = (parity + int(quotes[-1])) & 1 if len(quotes) else parity
            ends += int(np.count_nonzero(found))
            last = int(units[-1]) if len(units) else last
            if decoder is not None:
                bad = _first_bad(decoder, memoryview(buffer)[:count], offset)
                decoder = None if bad is not None else decoder
            offset += count
    if decoder is not None and bad is None:
        bad = _first_bad(decoder, memoryview(b""), offset, final=True)
    return Scanned(line_ends=ends, lines=ends + (last != mark), bad_byte_at=bad)


def _first_bad(
    decoder: codecs.IncrementalDecoder, piece: memoryview, offset: int, *, final: bool = False
) -> int | None:
    """Where a piece stops being UTF-8; most pieces are plain ASCII and need no decoding."""
    pending = len(decoder.getstate()[0])
    if not pending and not final and bytes(piece).isascii():
        return None
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError as exc:
        return offset - pending + exc.start
    return None


def cut(
    path: Path,
    encoding: Encoding,
    dialect: Dialect,
    *,
    data_start_bytes: int,
    size_bytes: int,
    width: int,
    chunk_bytes: float,
    bounds: Bounds,
) -> list[Slice]:
    """The slices of the data that are looked at; one that is all of it for a small file."""
    cutter = _Cutter(encoding, dialect, width, bounds.record_bytes)
    data_bytes = size_bytes - data_start_bytes
    with path.open("rb") as file:
        if size_bytes <= bounds.whole_file_bytes:
            file.seek(data_start_bytes)
            raw = encoding.to_utf8(file.read(data_bytes))
            return [Slice(_ended(raw), 0.0, is_long=True)]
        if not data_bytes:
            return []
        (_, wanted, _), *others = _plan(data_bytes, chunk_bytes)
        first, is_all = cutter.first_records(file, data_start_bytes, wanted)
        slices = [Slice(first, 0.0, is_long=True)] if first else []
        for position, wanted, is_long in () if is_all else others:
            start = data_start_bytes + int(position * data_bytes)
            start -= (start - encoding.bom_bytes) % encoding.unit_bytes
            raw = cutter.records(file, start, min(wanted, size_bytes - start))
            if raw:
                slices.append(Slice(raw, position, is_long))
        return slices


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") or not raw else raw + b"\n"


def _plan(data_bytes: int, chunk_bytes: float) -> list[tuple[float, int, bool]]:
    budget = min(max(data_bytes * _SAMPLE_RATIO, _SAMPLE_LEAST_BYTES), _SAMPLE_MOST_BYTES)
    count = 4 if data_bytes < 2_000_000 else 8 if data_bytes < 20_000_000 else 16
    long = budget * (1 - _SPREAD_RATIO)
    plan: list[tuple[float, int, bool]]
    if chunk_bytes <= long / 2:
        plan = [(0.0, int(chunk_bytes * 1.02) + 1_000, True)]
        plan.append((0.5, int(chunk_bytes * 1.02) + 1_000, True))
    else:
        plan = [(0.0, int(min(long, chunk_bytes * 1.02)) + 1_000, True)]
    short = max(3_000, int(budget * _SPREAD_RATIO / count))
    last = 1 - (short + 1) / data_bytes
    plan += [(last * (i + 1) / count, short, False) for i in range(count)]
    return plan


class _Cutter:
    """Cuts whole records out of the middle of a file."""

    def __init__(self, encoding: Encoding, dialect: Dialect, width: int, record_bytes: int) -> None:
        self._encoding = encoding
        self._dialect = dialect
        self._width = width
        self._record_bytes = record_bytes

    def first_records(self, file: BinaryIO, start: int, length: int) -> tuple[bytes, bool]:
        """The whole records from the first one on, and whether these are all.

        One at least, up to the bound on a record. Where a quote is not closed before that, what is
        usual has to do: it may enclose nothing.
        """
        usual: bytes | None = None
        quote = self._dialect.quotechar.encode()
        while True:
            file.seek(start)
            text = self._encoding.to_utf8(file.read(length))
            is_all = not file.read(1)
            if is_all:  # The end of the file ends the last record.
                text = _ended(text)
            end = last_record_end(text, quote)
            if end > 0 and text.count(quote, 0, end) % 2 == 0:
                return text[:end], is_all
            usual = text[:end] if usual is None else usual
            if is_all or length > self._record_bytes:
                return usual, False
            length = min(8 * length, self._record_bytes + _SYNC_BYTES)

    def records(self, file: BinaryIO, start: int, length: int) -> bytes:
        """The whole records between two offsets, in UTF-8; nothing where none can be told."""
        file.seek(start)
        raw = file.read(length)
        begin = self._encoding.after_line_end(raw, 0)
        if begin is None:
            return b""
        text = self._encoding.to_utf8(raw[begin:])
        quote = self._dialect.quotechar.encode()
        if quote in text:
            begin = self._synchronised(text)
            if begin is None:
                return b""
            text = text[begin:]
        return text[: last_record_end(text, quote)]

    def _synchronised(self, text: bytes) -> int | None:
        """An offset from which records have the right width, so that it lies outside quotes."""
        begin = 0
        for _ in range(64):
            head = text[begin : begin + _SYNC_BYTES].decode("utf-8", "replace")
            if self._parses(head):
                return begin
            end = text.find(b"\n", begin)
            if end < 0:
                return None
            begin = end + 1
        return None

    def _parses(self, head: str) -> bool:
        reader = csv.reader(
            io.StringIO(head, newline=""),
            delimiter=self._dialect.delimiter,
            quotechar=self._dialect.quotechar,
        )
        try:
            widths = [len(record) for record, _ in zip(reader, range(9), strict=False) if record]
        except csv.Error:
            return False
        return len(widths) > 1 and all(width == self._width for width in widths[:-1][:8])


def last_record_end(text: bytes, quote: bytes) -> int:
    """Just past the last line end outside quotes; past the very last where quotes are odd."""
    last = text.rfind(b"\n")
    end, odd = last, text.count(quote, 0, last + 1) % 2
    while odd and end > 0:
        earlier = text.rfind(b"\n", 0, end)
        odd ^= text.count(quote, earlier + 1, end) % 2
        end = earlier
    return (end if end > 0 else last) + 1
