"""A CSV in pieces of whole rows, which several threads may split into columns at the same time.

A piece ends where a row does: at a line end before which the number of quotation marks is even.
That holds as long as marks enclose whole fields. Where some stand elsewhere, Arrow has to go over
the text as one stream (`_csv_reading`), since only it can tell then where rows end.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

from services.preflight.profiling._csv_layout import MISSING, Layout, Rows

_LEAST_BYTES, _MOST_BYTES, _LONGEST_BYTES = 1 << 18, 1 << 22, 1 << 26
_ROWS, _LEAST_ROWS = 1 << 15, 1 << 12
"""So many rows in a piece, if they fit: calls cost the same for few, caches hold not many more."""
_AT_LEAST_PIECES = 4
_LINE_END, _RETURN = ord("\n"), ord("\r")
_UNFIT = "conversion error"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole rows, as bytes of UTF-8."""

    text: pa.Buffer
    raw: bytes
    """What the text is the beginning of."""
    has_quotes: bool


class TooOddError(Exception):
    """This way of reading can't go on with the file; a slower one can."""


class UnfitError(Exception):
    """A field of a column is not of its type; as text it can be had."""


def pieces(found: Layout) -> Iterator[Piece]:
    """All rows. Raises TooOddError where no row ends for long."""
    size = piece_bytes(found)
    quote = found.dialect.quotechar.encode()
    rest = b""
    with opened(found) as source:
        while raw := source.read(max(size, len(rest))):
            text = rest + raw if rest else raw
            has_quotes = found.dialect.is_quoted and quote in text
            cut = _last_row_end(text, quote if has_quotes else None)
            if cut:
                yield Piece(pa.py_buffer(text).slice(0, cut), text, has_quotes)
            elif len(text) > _LONGEST_BYTES:
                raise TooOddError
            rest = text[cut:]
    if rest:
        yield Piece(pa.py_buffer(rest), rest, found.dialect.is_quoted)


def piece_bytes(found: Layout) -> int:
    """How large pieces should be: some for every thread, with as many rows as caches hold."""
    row = found.size_bytes / max(1, found.rows)
    size = max(min(row * _ROWS, found.size_bytes / _AT_LEAST_PIECES), row * _LEAST_ROWS)
    return max(int(min(size, _MOST_BYTES)), _LEAST_BYTES)


def opened(found: Layout) -> io.RawIOBase:
    """The text in UTF-8 from its first row on."""
    if not found.is_plain:
        return _Decoded(found)
    file = found.path.open("rb", buffering=0)
    mark = file.read(3) == codecs.BOM_UTF8
    file.seek(found.start + (3 if mark else 0))
    return file


def _last_row_end(text: bytes, quote: bytes | None) -> int:
    """Where the last whole row ends; 0 if none does."""
    # The line ends of old Macs count where there are no others; the last byte may be half of one.
    end, limit = (b"\n", len(text)) if b"\n" in text else (b"\r", len(text) - 1)
    if quote is None:
        return text.rfind(end, 0, limit) + 1
    marks = np.flatnonzero(np.frombuffer(text, np.uint8) == quote[0])
    # Outside of quotes is what lies before the first, between the second and the third, and so on.
    place = len(marks) - len(marks) % 2
    if place < len(marks):
        limit = min(limit, int(marks[place]))
    while True:
        first = int(marks[place - 1]) if place else 0
        cut = text.rfind(end, first, limit) + 1
        if cut or not place:
            return cut
        place -= 2
        limit = int(marks[place])


def columns(
    piece: Piece,
    found: Layout,
    types: Sequence[pa.DataType],
    counts: Rows,
    missing: Sequence[str] = MISSING,
) -> list[pa.Array]:
    """The columns of a piece. Raises UnfitError and TooOddError."""
    if piece.has_quotes and not _is_regular(piece.text, found):
        raise TooOddError
    names = [f"c{i}" for i in range(found.width)]
    wanted = names[found.labels : found.labels + len(found.names)]

    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(piece.text),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, block_size=piece.text.size + 1, use_threads=False
            ),
            parse_options=parse_options(found, counts),
            convert_options=pyarrow.csv.ConvertOptions(
                check_utf8=False,
                column_types=dict(zip(wanted, types, strict=True)),
                include_columns=wanted,
                null_values=missing,
                strings_can_be_null=True,
                decimal_point=found.dialect.decimal,
            ),
        )
    except pa.ArrowInvalid as exc:
        raise (UnfitError if _UNFIT in str(exc) else TooOddError) from exc
    if not table.num_rows:
        return []
    return [column.chunk(0) for column in table.columns]


def parse_options(found: Layout, counts: Rows) -> pyarrow.csv.ParseOptions:
    """How Arrow is to split; rows that it refuses are counted."""

    def refused(row: pyarrow.csv.InvalidRow) -> str:
        if row.actual_columns > found.width:
            counts.long += 1
        else:
            counts.odd_lines.append(row.text)
        return "skip"

    return pyarrow.csv.ParseOptions(
        delimiter=found.dialect.delimiter,
        quote_char=found.dialect.quotechar if found.dialect.is_quoted else False,
        newlines_in_values=found.dialect.is_quoted,
        invalid_row_handler=refused,
    )


def has_hexadecimal(piece: Piece) -> bool:
    """Arrow takes `0x1F` for a whole number, pandas does not."""
    if all(piece.raw.find(x, 0, piece.text.size) < 0 for x in (b"x", b"X")):
        return False
    data = np.frombuffer(piece.text, np.uint8)
    after = (data[1:] | np.uint8(0x20)) == ord("x")
    return bool((after & (data[:-1] == ord("0"))).any())


def _is_regular(text: pa.Buffer, found: Layout) -> bool:
    """Whether marks enclose whole fields only, so that their number tells where a row may end."""
    quote = ord(found.dialect.quotechar)
    data = np.frombuffer(text, np.uint8)
    marks = np.flatnonzero(data == quote)
    if not len(marks):
        return True
    if len(marks) % 2:
        return False
    beside = np.zeros(256, np.bool_)
    beside[[ord(found.dialect.delimiter), quote, _LINE_END, _RETURN]] = True
    opening, closing = marks[0::2], marks[1::2]
    before = beside[data[np.maximum(opening - 1, 0)]]  # the first byte of all is a mark itself
    after = beside[data[np.minimum(closing + 1, len(data) - 1)]]
    return bool(before.all() and after.all())


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
            raw = self._file.read(_LEAST_BYTES)
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
