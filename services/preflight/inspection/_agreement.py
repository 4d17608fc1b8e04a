"""Whether the parts of a sample agree, so that it can stand for the whole file.

A sample is long runs and short slices spread along the file. What a column holds, how often it
holds nothing, how long its values are and how often they repeat is told from both, and compared
within the bounds of bounds.toml. How often text repeats depends on how much of it one looks at, so
windows are compared that are as long as a slice.
"""

import math
from dataclasses import dataclass

import numpy as np

from services.preflight.inspection._columns import Sample
from services.preflight.inspection._measures import SIZE_MASK, filled
from services.preflight.inspection._strings import ALLOCATION_UNIT
from services.preflight.inspection._tokens import (
    BOOLEAN,
    INTEGER,
    MISSING,
    TEXT,
    Flags,
    Floats,
    Ints,
    Tokens,
)
from services.preflight.inspection.types import Bounds

_WINDOW_BITS = np.uint64(6)
_MOST_WINDOWS = 64
_WINDOWS = 16
"""Windows of a long run that are compared with the spread slices."""
_ENOUGH_ROWS = 50
_SIGMAS = 4.0
"""Differences of shares below so many standard errors may be chance."""
_SURE_ERRORS = 2.0


@dataclass(frozen=True, slots=True)
class Along:
    """How the text of a column changes along the file, as ratios to what a long run says."""

    ratio: float
    """String bytes per row in the spread slices, to those in windows of the long run."""
    low_ratio: float
    high_ratio: float


def uneven(
    long: list[Tokens], spread: Tokens | None, slice_of: Ints, bounds: Bounds
) -> tuple[int, ...]:
    """Columns of which the long runs and the spread slices say different things."""
    if spread is None or not spread.records or not long:
        return ()
    first, other = _Shares.of(long), _Shares.of([spread])
    least = min(first.records, other.records)
    if least < _ENOUGH_ROWS:
        return ()
    error = np.sqrt(first.blank * (1 - first.blank) / least) + np.sqrt(
        other.blank * (1 - other.blank) / least
    )
    differs = first.is_text != other.is_text
    allowed = np.maximum(bounds.sample_blank_difference, _SIGMAS * error)
    differs |= np.abs(first.blank - other.blank) > allowed
    # Numbers take the same however long they are written: a rising one is longer at the end.
    for column in np.flatnonzero(first.is_text & other.is_text & ~differs).tolist():
        here, there = _mean_length(long, column), _mean_length([spread], column)
        found = along(long, spread, slice_of, column)
        differs[column] = (
            abs(here - there) > bounds.sample_length_ratio * max(here, there)
            or abs(found.ratio - 1) > bounds.sample_distinct_ratio
        )
    return tuple(np.flatnonzero(differs).tolist())


def holds_numbers_only(parts: list[Tokens]) -> bool:
    """Whether no field of the sample is text or a truth value."""
    return all(not part.counts[BOOLEAN:].any() for part in parts)


def of_sample(sample: Sample, column: int) -> Along:
    """How a text column changes along the file."""
    if sample.spread is None or not sample.spread.records:
        return Along(1.0, 1.0, 1.0)
    return along(sample.long, sample.spread, sample.spread_slices, column)


def along(long: list[Tokens], spread: Tokens, slice_of: Ints, column: int) -> Along:
    """The same from the parts; ratios are 1 where a part holds nothing."""
    rows = max(1, round(spread.records / (int(slice_of[-1]) + 1)))
    there = _window_bytes(spread, column, slice_of)
    within = np.concatenate(
        [
            _window_bytes(tokens, column, np.arange(min(tokens.records, _WINDOWS * rows)) // rows)
            for tokens in long
        ]
    )
    if not len(there) or not len(within) or within.mean() <= 0 or there.mean() <= 0:
        return Along(1.0, 1.0, 1.0)
    ratio = float(there.mean() / within.mean())
    error = ratio * math.hypot(_relative_error(there), _relative_error(within))
    low = max(0.0, min(1.0, ratio) - _SURE_ERRORS * error)
    return Along(ratio, low, max(1.0, ratio) + _SURE_ERRORS * error)


@dataclass(slots=True)
class _Shares:
    """What a part says of each column."""

    records: int
    blank: Floats
    is_text: Flags

    @classmethod
    def of(cls, parts: list[Tokens]) -> "_Shares":
        counts = sum((part.counts for part in parts[1:]), parts[0].counts)
        records = sum(part.records for part in parts)
        blank = counts[: MISSING + 1].sum(axis=0) / max(1, records)
        return cls(records, blank, counts[TEXT] > 0)


def _mean_length(parts: list[Tokens], column: int) -> float:
    """Mean bytes of the fields of a column that hold something."""
    present = sum(int(part.counts[INTEGER:, column].sum()) for part in parts)
    return sum(int(part.lengths[:, column].sum()) for part in parts) / max(1, present)


def _window_bytes(tokens: Tokens, column: int, window_of: Ints) -> Floats:
    """String bytes per row of each window, each different string counted once in its window.

    `window_of` tells the window of each row, from the first row on.
    """
    rows, keys = filled(tokens, column)
    count = int(np.searchsorted(rows, len(window_of)))
    if not count:
        return np.empty(0)
    windows = np.minimum(window_of, _MOST_WINDOWS - 1)
    of_key = windows[rows[:count]].astype(np.uint64)
    ordered = np.sort((keys[:count] << _WINDOW_BITS) | of_key)
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    first = ordered[begins]
    sizes = ((first >> _WINDOW_BITS) & SIZE_MASK).astype(np.int64) * ALLOCATION_UNIT
    of_window = (first & np.uint64(_MOST_WINDOWS - 1)).astype(np.int64)
    totals = np.bincount(of_window, sizes, _MOST_WINDOWS)
    records = np.bincount(windows, minlength=_MOST_WINDOWS)
    # One that is cut short says too much per row, one that is longer says too little.
    typical = float(np.median(records[records > 0]))
    whole = (records > 0.7 * typical) & (records < 1.5 * typical)
    result: Floats = totals[whole] / records[whole]
    return result


def _relative_error(values: Floats) -> float:
    """Standard error of a mean, as a ratio to it."""
    if len(values) < 2:
        return 0.0
    return float(values.std(ddof=1) / math.sqrt(len(values)) / values.mean())
