"""How much text a CSV column will hold in memory: strings per chunk of the parser, extrapolated.

pandas reads a CSV in chunks of rows, and within one chunk and column equal strings are one object.
So what counts is how many different strings a chunk holds and what they take. A run shorter than
a chunk tells by how fast new strings still turn up at its end, and by how that rate decays as the
run grows; the source is a measured study of 189 files (docs/decisions/0007).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.preflight.inspection._strings import (
    ALLOCATION_UNIT,
    count_characters,
    string_bytes,
)
from services.preflight.inspection._tokens import (
    HIGH,
    INTEGER,
    NUMBER,
    TEXT,
    Flags,
    Ints,
    Tokens,
    Words,
    leading_words,
    unaligned,
)

SIZE_MASK = np.uint64(0xFFFF)
_LARGEST_BYTES = 0xFFFF * ALLOCATION_UNIT
"""The largest string whose size a key can hold."""
_MIXERS = tuple(np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_WORD, _READ_WHOLLY_BYTES, _FURTHER_WORDS = 8, 256, 16
_ALL_BITS = np.uint64(2**64 - 1)
_SETTLED_SINGLES, _UNIQUE_SINGLES = 0.002, 0.98
SHARED_DIGITS = 2
"""Whole numbers of so few digits are no objects of their own: Python keeps those up to 256."""
_UNSEEN_PAIRS = 3
"""Where none was seen, up to so many were to be expected: 95% of a Poisson distribution."""
_GOES_ON_RATIO = 0.5
_PARTS, _PART_BITS = 4, np.uint64(2)
_SETTLED_RATIO = 0.02
"""A run with fewer different values than this, per row, has seen them all."""


@dataclass(slots=True)
class StringCount:
    """Strings that one chunk of a column makes: the estimate, and what bounds it."""

    distinct: float
    bytes_: float
    low_bytes: float
    high_bytes: float


def chunk_rows(width: int) -> int:
    """Rows that pandas' C parser takes at once: a power of two below 2^20 / width."""
    target, rows = 2**20 // max(1, width), 1
    while rows * 2 < target:
        rows *= 2
    return rows


def field_keys(tokens: Tokens, column: int, rows: Ints | Flags) -> Words:
    """A 64-bit key per field, equal for equal text; its low 16 bits hold the size in memory.

    Made from the length and from words of 8 bytes: all of them up to a quarter of a kilobyte, and
    some of what comes after, so that very long texts which differ little may be taken for one.
    """
    starts = tokens.starts[rows, column]
    lengths = tokens.lengths[rows, column]
    classes = tokens.classes[rows, column].astype(np.int64)
    first = leading_words(tokens.data, starts, lengths)
    key = (first ^ lengths.astype(np.uint64)) * _MIXERS[0]
    key ^= key >> np.uint64(29)
    _mix_in_further_words(key, unaligned(tokens.data), starts, lengths)
    key = key * _MIXERS[2]
    key ^= key >> np.uint64(31)
    characters = lengths
    if np.any(classes & HIGH):
        characters = count_characters(tokens.data, starts, lengths)
    sizes = string_bytes(lengths, characters, classes) // ALLOCATION_UNIT
    keys: Words = (key & ~SIZE_MASK) | np.minimum(sizes, 0xFFFF).astype(np.uint64)
    return keys


def _mix_in_further_words(key: Words, words: Words, starts: Ints, lengths: Ints) -> None:
    """Every word after the first one, the last one up to the field's end."""
    longest = int(lengths.max(initial=0))
    for place in range(_WORD, min(longest, _READ_WHOLLY_BYTES), _WORD):
        _mix_in(key, words, starts, lengths, np.flatnonzero(lengths > place), place)
    beyond = np.flatnonzero(lengths > _READ_WHOLLY_BYTES)
    for part in range(1, _FURTHER_WORDS + 1 if len(beyond) else 0):
        rest = lengths[beyond] - _READ_WHOLLY_BYTES
        _mix_in(key, words, starts, lengths, beyond, _place_of(rest, part))


def _place_of(rest: Ints, part: int) -> Ints:
    """Where the words lie that stand for the rest of a long field, the last one at its end."""
    return _READ_WHOLLY_BYTES + rest * part // _FURTHER_WORDS


def _mix_in(
    key: Words, words: Words, starts: Ints, lengths: Ints, some: Ints, place: Ints | int
) -> None:
    last = starts[some] + lengths[some] - _WORD
    mixed = (key[some] + words[np.minimum(starts[some] + place, last)]) * _MIXERS[1]
    key[some] = mixed ^ (mixed >> np.uint64(32))


def filled(tokens: Tokens, column: int) -> tuple[Ints, Words]:
    """The rows of a column that hold something, in order, and their keys; worked out once."""
    found = tokens.keys.get(column)
    if found is None:
        rows = np.flatnonzero(tokens.kinds[:, column] >= INTEGER)
        found = tokens.keys[column] = (rows, field_keys(tokens, column, rows))
    return found


def needs_longer_run(tokens: Tokens) -> bool:
    """Whether more rows would tell more of how often text repeats.

    They would not where hardly any value has occurred only once, nor where nearly all have.
    """
    for column in np.flatnonzero(tokens.counts[TEXT]).tolist():
        _, keys = filled(tokens, column)
        if len(keys):
            singles = Repeats(keys, tokens.records).singles
            if _SETTLED_SINGLES * tokens.records < singles < _UNIQUE_SINGLES * len(keys):
                return True
    return False


class Repeats:
    """How often the values of a contiguous run of rows repeat.

    `keys` are those of the fields that hold something, in order; the other rows are blank. One sort
    serves all: the quarter of the run in which a value stands is part of what is sorted.
    """

    def __init__(self, keys: Words, rows: int) -> None:
        self.rows = rows
        self.filled = len(keys)
        quarter = np.arange(len(keys), dtype=np.uint64) * np.uint64(_PARTS)
        quarter //= np.uint64(max(1, len(keys)))
        self._ordered = np.sort((keys << _PART_BITS) | quarter)
        ordered = self._ordered >> _PART_BITS
        begins = _begins(ordered)
        self._sizes = (ordered & SIZE_MASK).astype(np.int64) * ALLOCATION_UNIT
        self._alone = _alone(begins)
        times = np.diff(np.append(np.flatnonzero(begins), len(ordered)))
        self.pairs = float((times * (times - 1.0)).sum()) / 2
        self.distinct = len(times)
        self.singles = int(np.count_nonzero(self._alone))
        self.bytes_ = float(self._sizes[begins].sum())

    @property
    def single_bytes(self) -> float:
        """Mean size of the values that occur once; of all where none does."""
        if self.singles:
            return float(self._sizes[self._alone].mean())
        return self.bytes_ / max(1, self.distinct)

    def count_blocks(self, chunk: int, further_rate: float) -> StringCount:
        """As `count`, where values stand together: new ones come at the same pace all along."""
        usual = self.count(chunk, further_rate)
        if self.rows >= chunk or not self.filled:
            return usual
        limit = chunk * self.filled / self.rows
        wanted = min(limit, max(usual.distinct, self.distinct * chunk / self.rows))
        more = (wanted - self.distinct) * self.bytes_ / self.distinct
        return StringCount(
            wanted,
            min(usual.high_bytes, self.bytes_ + more),
            min(usual.low_bytes, self.bytes_ + more),
            usual.high_bytes,
        )

    def unseen(self, keys: Words) -> int:
        """How many different ones of these values the run does not hold."""
        ordered = self._ordered >> _PART_BITS
        wanted = np.unique(keys & (_ALL_BITS >> _PART_BITS))
        if not self.filled:
            return len(wanted)
        at = np.minimum(np.searchsorted(ordered, wanted), self.filled - 1)
        return int(np.count_nonzero(ordered[at] != wanted))

    def count(self, chunk: int, further_rate: float = 0.0) -> StringCount:
        """Strings that a chunk of so many rows makes of such values.

        `further_rate`: new values per row that turn up further along the file, for the upper bound.
        """
        if not self.filled:
            return StringCount(0.0, 0.0, 0.0, 0.0)
        rows, distinct, total = self.rows, self.distinct, self.bytes_
        if rows >= chunk:
            scale = chunk / rows
            count = distinct if rows < 1.5 * chunk else distinct * scale
            return StringCount(count, total * scale, total * scale, total * scale)
        limit = chunk * self.filled / rows
        own_rate = self.singles / rows
        high = min(limit, distinct + (chunk - rows) * max(own_rate, further_rate))
        goes_on = further_rate >= _GOES_ON_RATIO * own_rate
        low = min(limit, self._at_least(limit)) if goes_on else float(distinct)
        if distinct < _SETTLED_RATIO * rows:
            wanted = float(distinct)
        else:
            wanted = max(low, min(limit, self._discovered(chunk)))
        return StringCount(
            wanted,
            total + (wanted - distinct) * self.single_bytes,
            total + max(0.0, min(low, wanted) - distinct) * self.single_bytes,
            total + max(0.0, high - distinct) * self.single_bytes,
        )

    def _at_least(self, filled: float) -> float:
        """Different values among so many, if repeats are as frequent as they may well be.

        Of values drawn evenly from a stock of V, n hold about n^2 / 2V pairs that are alike, so the
        pairs that were seen tell the smallest likely stock; drawn unevenly, more are different.
        """
        most = self.pairs + 2 * math.sqrt(self.pairs) + _UNSEEN_PAIRS
        stock = self.filled**2 / (2 * most)
        return max(float(self.distinct), stock * -math.expm1(-filled / stock))

    def _discovered(self, chunk: int) -> float:
        """Different values after `chunk` rows, if the rate of new ones goes on decaying as it does.

        The rate of new values after n rows is the share of values seen once. Its decay from a
        quarter to a half and from a half to the whole run gives the decay of each further doubling.
        """
        rate = self.singles / self.rows
        if rate <= 0:
            return float(self.distinct)
        half, quarter = self._rate_in_parts(1), self._rate_in_parts(0)
        late = max(0.0, math.log2(max(half, rate) / rate))
        early = max(0.0, math.log2(max(quarter, half) / half)) if half > 0 else 0.0
        change = min(2.0, max(0.4, late / early)) if early > 0 else 1.0
        count, seen, decay = float(self.distinct), float(self.rows), late
        while seen < chunk:
            step = min(2.0, chunk / seen)
            decay *= change
            after = rate * 2 ** (-decay * math.log2(step))
            count += _log_mean(rate, after) * seen * (step - 1)
            rate, seen = after, seen * step
        return count

    def _rate_in_parts(self, bits: int) -> float:
        """Share of values seen once within their own quarter of the run (0), or half of it (1)."""
        parts = self._ordered >> np.uint64(bits)
        return int(np.count_nonzero(_alone(_begins(parts)))) / self.rows


def _begins(ordered: Words) -> Flags:
    """Where a value differs from the one before it."""
    begins = np.empty(len(ordered), np.bool_)
    begins[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins


def _alone(begins: Flags) -> Flags:
    """Where a value differs from both of its neighbours."""
    alone = begins.copy()
    alone[:-1] &= begins[1:]
    return alone


def _log_mean(one: float, other: float) -> float:
    if one <= 0 or other <= 0 or math.isclose(one, other, rel_tol=1e-9):
        return (one + other) / 2
    return (one - other) / math.log(one / other)


def boxed_share(tokens: Tokens, column: int) -> float:
    """Share of rows whose number would become an object of its own; small integers are shared."""
    kinds = tokens.kinds[:, column]
    whole, real = kinds == INTEGER, kinds == NUMBER
    small = whole & (tokens.lengths[:, column] <= SHARED_DIGITS)
    if not len(kinds):
        return 0.0
    return float(np.count_nonzero(whole | real) - np.count_nonzero(small)) / len(kinds)


def beyond_keys(parts: Sequence[Tokens], column: int) -> float:
    """How much larger a column's text is than its keys tell: 1 unless some is a megabyte long."""
    whole = told = 0
    for tokens in parts:
        lengths = tokens.lengths[:, column]
        whole += int(lengths.sum())
        told += int(np.minimum(lengths, _LARGEST_BYTES).sum())
    return whole / told if told else 1.0
