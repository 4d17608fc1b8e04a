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

_SIZE_MASK = np.uint64(0xFFFF)
_LARGEST_BYTES = 0xFFFF * ALLOCATION_UNIT
"""The largest string whose size a key can hold."""
_MIXERS = tuple(np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
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

    Made from the first, middle and last 8 bytes and the length, so it is quick and may confuse
    long texts that differ elsewhere: good for estimates, not for equality that matters.
    """
    starts = tokens.starts[rows, column]
    lengths = tokens.lengths[rows, column]
    classes = tokens.classes[rows, column].astype(np.int64)
    words = unaligned(tokens.data)
    first = leading_words(tokens.data, starts, lengths)
    long = lengths > 8
    middle = np.where(long, words[starts + np.maximum(lengths // 2 - 4, 0)], first)
    last = np.where(long, words[starts + np.maximum(lengths - 8, 0)], first)
    key = (first ^ lengths.astype(np.uint64)) * _MIXERS[0]
    key ^= key >> np.uint64(29)
    key = (key + middle) * _MIXERS[1]
    key ^= key >> np.uint64(32)
    key = (key + last) * _MIXERS[2]
    key ^= key >> np.uint64(31)
    characters = lengths
    if np.any(classes & HIGH):
        characters = count_characters(tokens.data, starts, lengths)
    sizes = string_bytes(lengths, characters, classes) // ALLOCATION_UNIT
    keys: Words = (key & ~_SIZE_MASK) | np.minimum(sizes, 0xFFFF).astype(np.uint64)
    return keys


def count_strings(keys: Words, rows: int, chunk: int) -> StringCount:
    """Strings per chunk of `chunk` rows, from a contiguous run of `rows` rows.

    `keys` are those of the fields that hold text; the other rows are blank.
    """
    if not len(keys):
        return StringCount(0.0, 0.0, 0.0, 0.0)
    distinct, total, singles, single_bytes = _distinct(keys)
    if rows >= chunk:
        scale = chunk / rows
        count = distinct if rows < 1.5 * chunk else distinct * scale
        return StringCount(count, total * scale, total * scale, total * scale)
    filled = len(keys) / rows
    limit = chunk * filled
    high = min(limit, distinct + (chunk - rows) * singles / rows)
    if distinct < _SETTLED_RATIO * rows:
        wanted = float(distinct)
    else:
        wanted = min(limit, _discovered(keys, rows, distinct, singles, chunk))
    return StringCount(
        wanted,
        total + (wanted - distinct) * single_bytes,
        total,
        total + max(0.0, high - distinct) * single_bytes,
    )


def _distinct(keys: Words) -> tuple[int, float, int, float]:
    """Different keys, their bytes, how many occur once, and the mean bytes of those."""
    ordered = np.sort(keys)
    begins = np.empty(len(ordered), np.bool_)
    begins[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    alone = begins.copy()
    alone[:-1] &= begins[1:]
    sizes = (ordered & _SIZE_MASK).astype(np.int64) * ALLOCATION_UNIT
    singles = int(np.count_nonzero(alone))
    total = float(sizes[begins].sum())
    distinct = int(np.count_nonzero(begins))
    single_bytes = float(sizes[alone].mean()) if singles else total / distinct
    return distinct, total, singles, single_bytes


def _discovered(keys: Words, rows: int, distinct: int, singles: int, chunk: int) -> float:
    """Different strings after `chunk` rows, if the rate of new ones goes on decaying as it does.

    The rate of new strings after n rows is the share of strings seen once. Its decay from a
    quarter to a half and from a half to the whole run gives the decay of each further doubling.
    """
    rate = singles / rows
    if rate <= 0:
        return float(distinct)
    half, quarter = _rate_in_parts(keys, rows, 2), _rate_in_parts(keys, rows, 4)
    late = max(0.0, math.log2(max(half, rate) / rate))
    early = max(0.0, math.log2(max(quarter, half) / half)) if half > 0 else 0.0
    change = min(2.0, max(0.4, late / early)) if early > 0 else 1.0
    count, seen, decay = float(distinct), float(rows), late
    while seen < chunk:
        step = min(2.0, chunk / seen)
        decay *= change
        after = rate * 2 ** (-decay * math.log2(step))
        count += _log_mean(rate, after) * seen * (step - 1)
        rate, seen = after, seen * step
    return count


def _rate_in_parts(keys: Words, rows: int, parts: int) -> float:
    """Mean rate of new strings in equal parts of the run, looked at one by one."""
    rates = []
    for part in np.array_split(keys, parts):
        if len(part):
            rates.append(_distinct(part)[2] / (rows / parts))
    return sum(rates) / len(rates) if rates else 0.0


def _log_mean(one: float, other: float) -> float:
    if one <= 0 or other <= 0 or math.isclose(one, other, rel_tol=1e-9):
        return (one + other) / 2
    return (one - other) / math.log(one / other)


def text_rows(tokens: Tokens, column: int) -> Flags:
    """Which rows of a text column become string objects: all that hold something."""
    kinds = tokens.kinds[:, column]
    return (kinds >= INTEGER) & (kinds <= TEXT)


def boxed_share(tokens: Tokens, column: int) -> float:
    """Share of rows whose number would become an object of its own; small integers are shared."""
    kinds = tokens.kinds[:, column]
    whole, real = kinds == INTEGER, kinds == NUMBER
    small = whole & (tokens.lengths[:, column] <= 2)
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


def key_bytes(keys: Words) -> float:
    """Allocated bytes of the strings behind these keys, each counted as often as it occurs."""
    return float((keys & _SIZE_MASK).sum()) * ALLOCATION_UNIT
