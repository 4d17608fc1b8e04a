"""Which parts of a large CSV are looked at, and the one pass over all of its bytes.

The pass counts line ends and proves the encoding; it goes through one small buffer. The parts are
one or two long contiguous runs, of a parser's chunk where that is affordable (how often text
repeats shows only there), and many short ones spread evenly (types, blanks and lengths may change
along the file).
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import Bounds
from services.preflight.types import Dialect

_BUFFER_BYTES = 1 << 19
_SAMPLE_RATIO = 1 / 20
_SAMPLE_LEAST_BYTES, _SAMPLE_MOST_BYTES = 48_000, 12_000_000
_SAMPLE_MOST_FIELDS = 1_500_000
_SPREAD_RATIO = 0.25
_SYNC_BYTES = 1 << 16
_GOLDEN = (5**0.5 - 1) / 2
_SYNC_LINES, _SYNC_RECORDS = 64, 3
_MORE = 3
_DIGIT_NINE, _LAST_ASCII = 0x39, 0x7F


@dataclass(slots=True)
class Scanned:
    """What the pass over all bytes has found."""

    line_ends: int
    lines: int
    """Line ends, and one more where the last line has none."""
    bad_byte_at: int | None = None
    """Offset of the first byte that is not valid in UTF-8."""
    lettered: list[int] = field(default_factory=list)
    """Offsets of the blocks, a buffer long, that hold a byte beyond `9`: letters, mostly."""


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
    lettered: list[int] = []
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
            largest = int(units.max()) if len(units) else 0
            if largest > _DIGIT_NINE:
                lettered.append(offset)
            if decoder is not None and (largest > _LAST_ASCII or decoder.getstate()[0]):
                bad = _first_bad(decoder, memoryview(buffer)[:count], offset)
                decoder = None if bad is not None else decoder
            offset += count
    if decoder is not None and bad is None:
        bad = _first_bad(decoder, memoryview(b""), offset, final=True)
    return Scanned(line_ends=ends, lines=ends + (last != mark), bad_byte_at=bad, lettered=lettered)


def _first_bad(
    decoder: codecs.IncrementalDecoder, piece: memoryview, offset: int, *, final: bool = False
) -> int | None:
    """Where a piece stops being UTF-8."""
    pending = len(decoder.getstate()[0])
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError as exc:
        return offset - pending + exc.start
    return None


class Cutter:
    """Cuts the slices that are looked at out of a file, in whole records."""

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        dialect: Dialect,
        *,
        data_start_bytes: int,
        size_bytes: int,
        width: int,
        row_bytes: float,
        bounds: Bounds,
    ) -> None:
        self._path = path
        self._encoding = encoding
        self._start = data_start_bytes
        self._size_bytes = size_bytes
        # So many bytes hold the fields that one looks at; short ones make many of a few bytes.
        self._most_bytes = max(_SAMPLE_LEAST_BYTES, _SAMPLE_MOST_FIELDS * row_bytes / width)
        self._is_whole = size_bytes <= bounds.whole_file_bytes
        self._records = _Records(encoding, dialect, width, bounds.record_bytes)

    @property
    def _data_bytes(self) -> int:
        return self._size_bytes - self._start

    def cut(self, chunk_bytes: float) -> list[Slice]:
        """The usual slices of the data; one that is all of it for a small file."""
        with self._path.open("rb") as file:
            if self._is_whole:
                file.seek(self._start)
                raw = self._encoding.to_utf8(file.read(self._data_bytes))
                return [Slice(_ended(raw), 0.0, is_long=True)]
            if not self._data_bytes:
                return []
            (_, wanted, _), *others = _plan(self._data_bytes, chunk_bytes, self._budget)
            first, is_all = self._records.first(file, self._start, wanted)
            slices = [Slice(first, 0.0, is_long=True)] if first else []
            return slices if is_all else [*slices, *self._at(file, others)]

    def more(self) -> list[Slice]:
        """Further short slices, in between those that were cut: three times as much of them."""
        count = _short_count(self._data_bytes)
        short = _MORE * _short_bytes(self._budget, count)
        last = 1 - (short + 1) / self._data_bytes
        plan = [(last * place, short, False) for place in _places(count, 2)]
        with self._path.open("rb") as file:
            return self._at(file, plan)

    def around(self, offsets: list[int]) -> list[Slice]:
        """Short slices that take in a whole buffer from each of these offsets."""
        length = _BUFFER_BYTES + _SYNC_BYTES
        places = [max(0, offset - self._start - _SYNC_BYTES // 2) for offset in offsets]
        plan = [(place / self._data_bytes, length, False) for place in places]
        with self._path.open("rb") as file:
            return self._at(file, plan)

    @property
    def _budget(self) -> float:
        usual = max(self._data_bytes * _SAMPLE_RATIO, _SAMPLE_LEAST_BYTES)
        return min(usual, _SAMPLE_MOST_BYTES, self._most_bytes)

    def _at(self, file: BinaryIO, plan: list[tuple[float, int, bool]]) -> list[Slice]:
        slices = []
        for position, wanted, is_long in plan:
            start = self._start + int(position * self._data_bytes)
            start -= (start - self._encoding.bom_bytes) % self._encoding.unit_bytes
            raw = self._records.between(file, start, min(wanted, self._size_bytes - start))
            if raw:
                slices.append(Slice(raw, position, is_long))
        return slices


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") or not raw else raw + b"\n"


def _plan(data_bytes: int, chunk_bytes: float, budget: float) -> list[tuple[float, int, bool]]:
    long = budget * (1 - _SPREAD_RATIO)
    plan: list[tuple[float, int, bool]]
    if chunk_bytes <= long / 2:
        plan = [(0.0, int(chunk_bytes * 1.02) + 1_000, True)]
        plan.append((0.5, int(chunk_bytes * 1.02) + 1_000, True))
    else:
        plan = [(0.0, int(min(long, chunk_bytes * 1.02)) + 1_000, True)]
    count = _short_count(data_bytes)
    short = _short_bytes(budget, count)
    last = 1 - (short + 1) / data_bytes
    plan += [(last * place, short, False) for place in _places(count - 1, 1)]
    plan.append((last, short, False))
    return plan


def _places(count: int, number: int) -> list[float]:
    """Where slices begin, from 0 to 1: one in each of equally long stretches, at uneven distances.

    Evenly spaced ones would fall into step with a file that repeats itself.
    """
    return [(i + number * (i + 1) * _GOLDEN % 1) / count for i in range(count)]


def _short_count(data_bytes: int) -> int:
    return 4 if data_bytes < 2_000_000 else 8 if data_bytes < 20_000_000 else 16


def _short_bytes(budget: float, count: int) -> int:
    return max(3_000, int(budget * _SPREAD_RATIO / count))


class _Records:
    """Finds whole records between two offsets."""

    def __init__(self, encoding: Encoding, dialect: Dialect, width: int, record_bytes: int) -> None:
        self._encoding = encoding
        self._dialect = dialect
        self._width = width
        self._record_bytes = record_bytes
        self._well_formed = _well_formed(dialect, width)

    def first(self, file: BinaryIO, start: int, length: int) -> tuple[bytes, bool]:
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

    def between(self, file: BinaryIO, start: int, length: int) -> bytes:
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
        """An offset from which records have the right width, so that it lies outside quotes.

        Read from within a quoted field, text may well have as many fields, but its quotes do not
        stand at their edges. Where they never do, the width alone has to tell.
        """
        begins = [0]
        while len(begins) < _SYNC_LINES and (end := text.find(b"\n", begins[-1])) >= 0:
            begins.append(end + 1)
        whole = (b for b in begins if self._well_formed.match(text, b))
        found = next(whole, None)
        if found is not None:
            return found
        for begin in begins:
            if self._parses(text[begin : begin + _SYNC_BYTES].decode("utf-8", "replace")):
                return begin
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


def _well_formed(dialect: Dialect, width: int) -> re.Pattern[bytes]:
    """A few records of that width whose quotes all stand at the edges of their fields."""
    quote, mark = re.escape(dialect.quotechar.encode()), re.escape(dialect.delimiter.encode())
    plain = rb"[^%s%s\r\n]*+" % (quote, mark)
    one = rb"(?:%s(?:[^%s]|%s%s)*+%s|%s)" % (quote, quote, quote, quote, quote, plain)
    record = rb"%s(?:%s%s){%d}\r?\n" % (one, mark, one, width - 1)
    return re.compile(rb"(?:%s){%d}" % (record, _SYNC_RECORDS))


def last_record_end(text: bytes, quote: bytes) -> int:
    """Just past the last line end outside quotes; past the very last where quotes are odd."""
    last = text.rfind(b"\n")
    end, odd = last, text.count(quote, 0, last + 1) % 2
    while odd and end > 0:
        earlier = text.rfind(b"\n", 0, end)
        odd ^= text.count(quote, earlier + 1, end) % 2
        end = earlier
    return (end if end > 0 else last) + 1
