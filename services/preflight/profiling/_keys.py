"""A 64-bit key per value: equal for equal values in every block, different for different ones.

Numbers are keyed by their bits, text by its bytes, eight at a time for all values of a block. Keys
are spread evenly over 64 bits, which counting and estimating stand on.
"""

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Words: TypeAlias = npt.NDArray[np.uint64]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

NULL_KEY = np.uint64(0x5851F42D4C957F2D)
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_BIG = np.uint64(0xA0761D6478BD642F)
_32, _29 = np.uint64(32), np.uint64(29)
_EXACT = 2**53
_WORD_BYTES, _LONGEST_BYTES = 8, 512
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], np.uint64)
_EIGHT = np.uint64(8)


def mixed(words: Words) -> Words:
    """Spread over all bits; different words stay different."""
    spread = words * _FIRST
    spread ^= spread >> _32
    spread *= _SECOND
    spread ^= spread >> _29
    return spread


def of_floats(values: Floats) -> Words:
    """Minus zero is zero."""
    return mixed((values + 0.0).view(np.uint64))


def of_numbers(values: Floats | Ints | Words) -> Words:
    """As of floats, or of whole numbers."""
    if values.dtype == np.float64:
        return of_floats(values.view(np.float64))
    return of_integers(
        values.view(np.uint64) if values.dtype == np.uint64 else values.view(np.int64)
    )


def of_integers(values: npt.NDArray[np.int64] | Words) -> Words:
    """As the equal floats, where there are such; larger ones by themselves."""
    if not len(values):
        return np.empty(0, np.uint64)
    keys = of_floats(values.astype(np.float64))
    if int(values.min()) < -_EXACT or int(values.max()) > _EXACT:
        big = (values > _EXACT) | (values < -_EXACT)
        keys[big] = mixed(values[big].view(np.uint64) ^ _BIG)
    return keys


def of_text(column: pa.StringArray) -> Words:
    """Keys of all slots; those of null are of no meaning."""
    count = len(column)
    if not count:
        return np.empty(0, np.uint64)
    _, offsets_buffer, data_buffer = column.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32)[column.offset : column.offset + count + 1]
    starts = offsets[:-1].astype(np.int64)
    lengths = np.diff(offsets)
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else _NOTHING
    if len(data) < _WORD_BYTES:
        data = np.concatenate([data, _NOTHING])
    words: Words = np.ndarray((len(data) - 7,), np.dtype("<u8"), data, strides=(1,))
    keys = _word(words, starts, np.minimum(lengths, _WORD_BYTES))
    keys ^= lengths.astype(np.uint64) * _BIG
    keys = mixed(mixed(keys))
    longest = int(lengths.max())
    if longest > _WORD_BYTES:
        _take_in_rest(keys, words, starts, lengths)
    if longest > _LONGEST_BYTES:
        for row in np.flatnonzero(lengths > _LONGEST_BYTES).tolist():
            raw = data[starts[row] : starts[row] + lengths[row]].tobytes()
            digest = hashlib.blake2b(raw, digest_size=_WORD_BYTES).digest()
            keys[row] = int.from_bytes(digest, "little")
    return keys


_NOTHING = np.zeros(_WORD_BYTES, np.uint8)


def _take_in_rest(keys: Words, words: Words, starts: Ints, lengths: npt.NDArray[np.int32]) -> None:
    """What follows the first word, word by word, of fewer and fewer values."""
    rows = np.flatnonzero((lengths > _WORD_BYTES) & (lengths <= _LONGEST_BYTES))
    if not len(rows):
        return
    at, left = starts[rows] + _WORD_BYTES, lengths[rows] - _WORD_BYTES
    taken = keys[rows]
    while len(rows):
        taken = mixed(taken ^ _word(words, at, np.minimum(left, _WORD_BYTES)))
        goes_on = left > _WORD_BYTES
        if not goes_on.all():
            done = ~goes_on
            keys[rows[done]] = taken[done]
            rows, taken, at, left = rows[goes_on], taken[goes_on], at[goes_on], left[goes_on]
        at, left = at + _WORD_BYTES, left - _WORD_BYTES


def _word(words: Words, starts: Ints, lengths: npt.NDArray[np.int32]) -> Words:
    """That many bytes from there on as one number; the data's end needs no padding."""
    last = len(words) - 1
    if len(starts) and int(starts[-1]) <= last:
        return words[starts] & _MASKS[lengths]
    at = np.minimum(starts, last)
    shift = np.minimum(starts - at, 7).astype(np.uint64) * _EIGHT
    return (words[at] >> shift) & _MASKS[lengths]
