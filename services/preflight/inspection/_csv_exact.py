"""Every row of a CSV, for figures that a sample can't give: blanks, different values, extremes.

The file goes by in blocks of whole records; what is kept of a column is one number per different
value, up to a million of them.
"""

from dataclasses import dataclass, field

import numpy as np

from services.preflight.inspection import _columns
from services.preflight.inspection._csv_blocks import blocks
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._measures import field_keys
from services.preflight.inspection._tokens import (
    MISSING,
    Floats,
    Ints,
    Tokens,
    Words,
    tokenise,
)
from services.preflight.inspection.types import Dtype, SourceFile

_MOST_DISTINCT = 1_000_000
_KEYED_EXACTLY_BYTES = 24
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
_SIZE_MASK = np.uint64(0xFFFF)


@dataclass(slots=True)
class Tally:
    """One column, counted over all rows. `distinct` is None past a million."""

    holds_numbers: bool
    """Whether values are compared as numbers, as the sample has it."""
    distinct: int | None = 0
    low: float = np.inf
    high: float = -np.inf
    _keys: Words = field(default_factory=lambda: np.empty(0, np.uint64))

    def add(self, keys: Words) -> None:
        """Take in the keys of some more values."""
        if self.distinct is None or not len(keys):
            return
        self._keys = np.union1d(self._keys, np.unique(keys))
        self.distinct = len(self._keys)
        if self.distinct > _MOST_DISTINCT:
            self.distinct = None
            self._keys = np.empty(0, np.uint64)

    def widen(self, numbers: Floats) -> None:
        """Take some more numbers into the extremes."""
        found = numbers[np.isfinite(numbers)]
        if len(found):
            self.low = min(self.low, float(found.min()))
            self.high = max(self.high, float(found.max()))


@dataclass(slots=True)
class Exact:
    """A whole CSV, counted."""

    rows: int
    counts: Ints
    """`6 x width`: how many fields of each column hold what."""
    tallies: list[Tally]


def count(
    source: SourceFile,
    encoding: Encoding,
    sniffed: Sniffed,
    dtypes: list[Dtype],
    start: int,
    quote: str | None,
) -> Exact:
    """Go over every record from that byte on. `dtypes` are those of the sample."""
    width, dialect = sniffed.width, sniffed.dialect
    result = Exact(
        0, np.zeros((6, width), np.int64), [Tally(dtype == "float64") for dtype in dtypes]
    )
    for raw in blocks(source, encoding, start, quote):
        tokens = tokenise(raw, width, dialect.delimiter, quote, dialect.decimal)
        result.rows += tokens.records
        result.counts += _columns.count_kinds([tokens], width)
        hashes = _Hashes.of(tokens)
        for column, tally in enumerate(result.tallies):
            numbers = _columns.numbers(tokens, column, dialect.decimal, most=tokens.records)
            tally.widen(numbers)
            if tally.holds_numbers:
                tally.add(_columns.number_keys(numbers))
                continue
            present = np.flatnonzero(tokens.kinds[:, column] > MISSING)
            tally.add(_keys(tokens, column, present, hashes))
    return result


@dataclass(frozen=True, slots=True)
class _Hashes:
    """Running sums of a block's bytes, weighted by powers of an odd number, and their inverses."""

    sums: Words
    inverses: Words

    @classmethod
    def of(cls, tokens: Tokens) -> "_Hashes | None":
        """None where every field is short enough to be its own key."""
        if not tokens.records or int(tokens.lengths.max()) <= _KEYED_EXACTLY_BYTES:
            return None
        size = len(tokens.data)
        powers = np.cumprod(np.full(size, _BASE, np.uint64), dtype=np.uint64)
        sums = np.zeros(size + 1, np.uint64)
        np.cumsum(tokens.data * powers, dtype=np.uint64, out=sums[1:])
        inverses = np.cumprod(np.full(size, _INVERSE, np.uint64), dtype=np.uint64)
        return cls(sums, inverses)


def _keys(tokens: Tokens, column: int, rows: Ints, hashes: _Hashes | None) -> Words:
    """A key per value that differs for values that differ anywhere, the same in every block."""
    keys: Words = field_keys(tokens, column, rows) & ~_SIZE_MASK
    starts, lengths = tokens.starts[rows, column], tokens.lengths[rows, column]
    long = np.flatnonzero(lengths > _KEYED_EXACTLY_BYTES)
    if hashes is not None and len(long):
        first = starts[long]
        content = hashes.sums[first + lengths[long]] - hashes.sums[first]
        keys[long] ^= content * hashes.inverses[first]
    return keys
