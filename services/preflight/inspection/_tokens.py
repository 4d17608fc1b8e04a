"""A slice of a CSV as arrays: where each field is, how long it is, and what it holds.

No value is parsed: a table of byte classes, or-ed over each field, tells numbers from text in one
call for all fields, and quotes are honoured by counting them. Records that are too short get empty
fields, as pandas does; records that are too long are left out, as they have to be when reading.
"""

import functools
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Words: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]

DIGIT, POINT, SIGN, EXPONENT, OTHER, SPACE, QUOTE, HIGH, WIDE, ASTRAL = (1 << i for i in range(10))
BLANK, MISSING, INTEGER, NUMBER, BOOLEAN, TEXT = range(6)
"""What a field holds: nothing, a word for nothing, or a value of that type."""

NEWLINE, RETURN = 10, 13
PADDING = bytes(16)
_LENGTH_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], np.uint64)
_LONGEST_UINT64 = 20

MISSING_WORDS = (
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null"),
)
"""What pandas 1.5 reads as missing, beside the empty field; none is longer than 8 bytes."""
_BOOLEAN_WORDS = ("True", "TRUE", "true", "False", "FALSE", "false")
_INFINITY_WORDS = ("inf", "infinity")
"""In any case, with or without a sign."""


@dataclass(slots=True)
class Tokens:
    """Fields of `records x width`. `starts` and `lengths` leave out enclosing quotes."""

    raw: bytes
    """The slice, followed by PADDING."""
    data: Bytes
    """The same, as numbers."""
    starts: Ints
    lengths: Ints
    classes: npt.NDArray[np.uint16]
    kinds: npt.NDArray[np.uint8]
    """In the order of columns, since that is how they are asked for."""
    counts: Ints
    """`6 x width`: how many fields of each column hold what."""
    newlines: int
    short_records: int
    long_records: int
    blank_lines: int
    quote: str | None
    """What encloses fields, and is doubled within them."""
    keys: dict[int, tuple[Ints, Words]] = field(default_factory=dict)
    """By column: which rows hold something, and a key for each; filled by who needs them."""

    @property
    def records(self) -> int:
        """Rows of the slice, blank lines left out."""
        return int(self.starts.shape[0])

    def cell(self, row: int, column: int) -> str:
        """The text of one field."""
        return self.text(int(self.starts[row, column]), int(self.lengths[row, column]))

    def text(self, start: int, length: int) -> str:
        """The text of a field that begins there."""
        text = self.raw[start : start + length].decode("utf-8", "replace")
        return text.replace(2 * self.quote, self.quote) if self.quote else text


def tokenise(raw: bytes, width: int, delimiter: str, quote: str | None, decimal: str) -> Tokens:
    """Split a slice that begins with a record and ends with a newline, in UTF-8."""
    padded = raw + PADDING
    data = np.frombuffer(padded, np.uint8)
    body = data[: len(raw)]
    newline = body == NEWLINE
    separator = body == ord(delimiter)
    separator |= newline
    classes = np.frombuffer(bytearray(raw).translate(_classes(delimiter, quote, decimal)), np.uint8)
    is_quote = body == ord(quote) if quote and quote.encode() in raw else None
    if is_quote is not None:
        inside = (np.cumsum(is_quote, dtype=np.uint8) & 1).view(np.bool_)
        enclosed = separator & inside
        classes[enclosed] |= POINT if delimiter == decimal else OTHER
        separator &= ~inside
    ends = np.flatnonzero(separator)
    starts = np.empty_like(ends)
    if len(ends):
        starts[0] = 0
        starts[1:] = ends[:-1] + 1
    is_last = newline[ends]
    lengths = ends - starts
    if b"\r" in raw:
        lengths[is_last & (lengths > 0) & (data[ends - 1] == RETURN)] -= 1
    content = starts
    if is_quote is not None:
        quoted = (lengths > 1) & (data[starts] == ord(quote or ""))
        content = starts + quoted
        lengths = lengths - 2 * quoted
    fields = _classify(data, classes, starts, content, lengths)
    if not raw.isascii():
        fields |= _width_classes(body, starts)
    shape = _shape(content, lengths, fields, is_last, width)
    kinds = np.asfortranarray(_kinds(data, shape.content, shape.lengths, shape.classes))
    return Tokens(
        raw=padded,
        data=data,
        starts=shape.content,
        lengths=shape.lengths,
        classes=shape.classes,
        kinds=kinds,
        counts=_counts(kinds),
        newlines=int(np.count_nonzero(newline)),
        short_records=shape.short,
        long_records=shape.long,
        blank_lines=shape.blank,
        quote=quote,
    )


def leading_words(data: Bytes, starts: Ints, lengths: Ints) -> Words:
    """The first 8 bytes of each field as one number, bytes past its end blanked."""
    return unaligned(data)[starts] & _LENGTH_MASKS[np.minimum(lengths, 8)]


def unaligned(data: Bytes) -> Words:
    """Every byte offset of the slice seen as a 64-bit number."""
    return np.ndarray((len(data) - 7,), np.dtype("<u8"), data, strides=(1,))


def as_word(text: str) -> int:
    """A word of at most 8 bytes as `leading_words` would give it."""
    return int.from_bytes(text.encode().ljust(8, b"\0"), "little")


@functools.cache
def _classes(delimiter: str, quote: str | None, decimal: str) -> bytes:
    """The class of each byte, as far as it tells numbers from text: eight of them fit a byte."""
    table = np.full(256, OTHER, np.uint8)
    table[ord("0") : ord("9") + 1] = DIGIT
    table[[ord("+"), ord("-")]] = SIGN
    table[[ord("e"), ord("E")]] = EXPONENT
    table[ord(decimal)] = POINT
    table[[ord(" "), ord("\t")]] = SPACE
    table[0x80:] |= HIGH
    table[[NEWLINE, RETURN, ord(delimiter)]] = 0
    if quote:
        table[ord(quote)] = QUOTE
    return table.tobytes()


_WIDTHS = np.zeros(256, np.uint16)
_WIDTHS[0xC4:] |= WIDE
_WIDTHS[0xF0:] |= ASTRAL


def _width_classes(body: Bytes, starts: Ints) -> npt.NDArray[np.uint16]:
    """Which fields hold characters that need two bytes each in memory, or four."""
    if not len(starts):
        return np.empty(0, np.uint16)
    return np.bitwise_or.reduceat(_WIDTHS[body], starts)


def _classify(
    data: Bytes, classes: Bytes, starts: Ints, content: Ints, lengths: Ints
) -> npt.NDArray[np.uint16]:
    """All classes of each field. A sign in front is no mark; an exponent in front is a letter."""
    if not len(starts):
        return np.empty(0, np.uint16)
    first = data[content]
    filled = lengths > 0
    classes[content[filled & ((first == ord("-")) | (first == ord("+")))]] = 0
    classes[content[filled & ((first | 32) == ord("e"))]] |= OTHER
    # reduceat runs to the next start, so it takes the separator in as well: its class is none.
    return np.bitwise_or.reduceat(classes, starts).astype(np.uint16)


@dataclass(slots=True)
class _Shape:
    content: Ints
    lengths: Ints
    classes: npt.NDArray[np.uint16]
    short: int
    long: int
    blank: int


def _shape(
    content: Ints,
    lengths: Ints,
    classes: npt.NDArray[np.uint16],
    is_last: Flags,
    width: int,
) -> _Shape:
    """Fields in a row, put into records of that width."""
    last = np.flatnonzero(is_last)
    first = np.empty_like(last)
    if len(last):
        first[0] = 0
        first[1:] = last[:-1] + 1
    counts = last - first + 1
    blank = (counts == 1) & (lengths[first] == 0)
    too_long = counts > width
    blanks, long = int(np.count_nonzero(blank)), int(np.count_nonzero(too_long))
    if blanks or long:
        kept = ~(blank | too_long)
        first, counts = first[kept], counts[kept]
    short = int(np.count_nonzero(counts < width))
    if not (short or long or blanks):
        used = slice(0, len(first) * width)
        grid = (len(first), width)
        return _Shape(
            content[used].reshape(grid),
            lengths[used].reshape(grid),
            classes[used].reshape(grid),
            0,
            0,
            0,
        )
    steps = np.arange(width)
    index = first[:, None] + steps
    there = steps < counts[:, None]
    index[~there] = 0
    return _Shape(
        np.where(there, content[index], 0) if len(content) else content.reshape(0, width),
        np.where(there, lengths[index], 0) if len(content) else lengths.reshape(0, width),
        np.where(there, classes[index], np.uint16(0))
        if len(content)
        else classes.reshape(0, width),
        short,
        long,
        blanks,
    )


_COUNTED_ONE_BY_ONE = 500
"""Columns up to which counting each by itself is the quicker way."""


def _counts(kinds: npt.NDArray[np.uint8]) -> Ints:
    counts = np.zeros((6, kinds.shape[1]), np.int64)
    for kind in range(6):
        is_kind = (kinds == kind).T
        if len(is_kind) > _COUNTED_ONE_BY_ONE:
            counts[kind] = np.count_nonzero(is_kind, axis=1)
        else:
            counts[kind] = [np.count_nonzero(column) for column in is_kind]
    return counts


_PADDED = 6
"""Digits with spaces: a number if these stand around it."""


def _kind_of(classes: int) -> int:
    """What a field of these classes holds, as pandas' parser would see it."""
    if classes & OTHER or not classes & DIGIT:
        return TEXT
    is_signed_within = classes & SIGN and not classes & EXPONENT
    if classes & SPACE:
        return _PADDED
    if is_signed_within:
        return TEXT
    return NUMBER if classes & (POINT | EXPONENT) else INTEGER


_KINDS = np.array([_kind_of(classes) for classes in range(256)], np.uint8)


def _kinds(
    data: Bytes, starts: Ints, lengths: Ints, classes: npt.NDArray[np.uint16]
) -> npt.NDArray[np.uint8]:
    """What each field holds: told by its classes, but for what only a closer look can tell."""
    kinds = _KINDS[classes.astype(np.uint8)]
    whole = kinds == INTEGER
    if np.any(lengths[whole] > _LONGEST_UINT64 - 1):
        _mark_huge(data, starts, lengths, whole, kinds)
    padded = kinds == _PADDED
    if padded.any():
        kinds[padded] = TEXT
        _mark_padded(data, starts, lengths, classes, padded, kinds)
    kinds[lengths == 0] = BLANK
    _mark_repeated_points(data, starts, lengths, kinds)
    _mark_words(data, starts, lengths, kinds)
    _mark_infinite(data, starts, lengths, kinds)
    return kinds


def _mark_huge(
    data: Bytes, starts: Ints, lengths: Ints, whole: Flags, kinds: npt.NDArray[np.uint8]
) -> None:
    """Digits beyond an unsigned 64-bit number stay text."""
    rows, columns = np.nonzero(whole & (lengths >= _LONGEST_UINT64))
    first = data[starts[rows, columns]]
    signed = (first == ord("-")) | (first == ord("+"))
    digits = lengths[rows, columns] - signed
    huge = (digits > _LONGEST_UINT64) | (
        (digits == _LONGEST_UINT64) & (signed | (first > ord("1")))
    )
    kinds[rows[huge], columns[huge]] = TEXT


def _mark_padded(
    data: Bytes,
    starts: Ints,
    lengths: Ints,
    classes: npt.NDArray[np.uint16],
    padded: Flags,
    kinds: npt.NDArray[np.uint8],
) -> None:
    """A number may have spaces around it, but not within: told by the outermost bytes."""
    rows, columns = np.nonzero(padded)
    start, length = starts[rows, columns], lengths[rows, columns]
    begins, ends = data[start], data[start + length - 1]
    outer = (begins == ord(" ")) | (begins == ord("\t"))
    outer |= (ends == ord(" ")) | (ends == ord("\t"))
    found = classes[rows, columns]
    # The sign of a padded number is not in front of the field, so it may stand here.
    real = (found & (POINT | EXPONENT)) != 0
    kinds[rows[outer], columns[outer]] = np.where(real, NUMBER, INTEGER)[outer]


def _mark_repeated_points(
    data: Bytes, starts: Ints, lengths: Ints, kinds: npt.NDArray[np.uint8]
) -> None:
    """`31.12.2024` has the bytes of a number and is none; a few values per column tell."""
    for column in range(kinds.shape[1]):
        rows = np.flatnonzero(kinds[:, column] == NUMBER)
        if not len(rows):
            continue
        for row in rows[:: max(1, len(rows) // 8)]:
            start = int(starts[row, column])
            value = data[start : start + int(lengths[row, column])].tobytes()
            if max(value.count(b"."), value.count(b",")) > 1:
                _mark_points_of(
                    data, starts[rows, column], lengths[rows, column], rows, column, kinds
                )
                break


def _mark_points_of(
    data: Bytes, starts: Ints, lengths: Ints, rows: Ints, column: int, kinds: npt.NDArray[np.uint8]
) -> None:
    ends = starts + lengths
    bounds = np.empty(2 * len(rows), np.int64)
    bounds[0::2], bounds[1::2] = starts, ends
    points = (data == ord(".")) | (data == ord(","))
    repeated = np.add.reduceat(points.astype(np.uint8), bounds)[0::2] > 1
    kinds[rows[repeated], column] = TEXT


_WORDS = {
    MISSING: MISSING_WORDS,
    BOOLEAN: _BOOLEAN_WORDS,
}
_KNOWN = {
    kind: np.array([as_word(word) for word in words], np.uint64) for kind, words in _WORDS.items()
}
_BEGINNINGS = np.zeros((9, 256), np.bool_)
for _word in (word for words in _WORDS.values() for word in words):
    _BEGINNINGS[len(_word), ord(_word[0])] = True


def _mark_words(data: Bytes, starts: Ints, lengths: Ints, kinds: npt.NDArray[np.uint8]) -> None:
    """Short words that pandas takes for a missing value or a truth value."""
    candidates = np.flatnonzero((kinds.ravel() == TEXT) & (lengths.ravel() <= 8))
    first, length = starts.ravel()[candidates], lengths.ravel()[candidates]
    likely = _BEGINNINGS[length, data[first]]
    candidates, first, length = candidates[likely], first[likely], length[likely]
    if not len(candidates):
        return
    words = leading_words(data, first, length)
    flat = kinds.reshape(-1)
    for kind, known in _KNOWN.items():
        flat[candidates[np.isin(words, known)]] = kind


_INFINITY = {len(word): as_word(word) for word in _INFINITY_WORDS}
_LOWER = np.uint64(0x2020202020202020)
_IS_BEGUN, _IS_SIGN = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
_IS_BEGUN[[ord(letter) for letter in "iI+-"]] = True
_IS_SIGN[[ord("+"), ord("-")]] = True


def _mark_infinite(data: Bytes, starts: Ints, lengths: Ints, kinds: npt.NDArray[np.uint8]) -> None:
    """Infinity is a number to pandas, and so is `+INF`."""
    flat = kinds.reshape(-1)
    candidates = np.flatnonzero((flat == TEXT) & (lengths.ravel() <= max(_INFINITY) + 1))
    first, length = starts.ravel()[candidates], lengths.ravel()[candidates]
    begun = _IS_BEGUN[data[first]]
    candidates, first, length = candidates[begun], first[begun], length[begun]
    signed = _IS_SIGN[data[first]]
    first, length = first + signed, length - signed
    for size, word in _INFINITY.items():
        fits = length == size
        words = leading_words(data, first[fits], length[fits])
        mask = _LOWER & _LENGTH_MASKS[size]
        flat[candidates[fits][(words | mask) == word]] = NUMBER
