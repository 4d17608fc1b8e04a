"""What each column of a CSV will occupy under pandas, from the sample."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.preflight.inspection import _agreement, _measures
from services.preflight.inspection._columns import Sample
from services.preflight.inspection._csv_sample import CsvFacts
from services.preflight.inspection._measures import Repeats, StringCount
from services.preflight.inspection._tokens import INTEGER, TEXT, Ints, Tokens, leading_words
from services.preflight.inspection.types import ColumnMeasure, CsvMeasures, Dtype

_NEAR_UNIQUE_RATIO = 0.3
_COMPARED_ROWS = 4_000
_BLOCKS_RATE, _BLOCKS_RATIO = 0.02, 3.0
_ALL_DIFFERENT_RATIO, _RETURNING_LEAST, _RETURNING_LOW_RATIO = 0.95, 20, 0.8
BOXED_BYTES = 32
"""A number that became an object of its own, because other chunks of its column hold text."""
_GROUP_ROWS, _GROUP_GLANCE_ROWS = 20_000, 200
_GROUPS_LEAST, _GROUPS_MOST, _GROUPS_PROJECTED = 2, 50, 60
_PARTS_OF_WHOLE = 4


def measure(facts: CsvFacts, width: int, dtypes: list[Dtype]) -> CsvMeasures:
    """All measures of a table whose columns have these types."""
    columns = tuple(_column(facts, i, dtype) for i, dtype in enumerate(dtypes))
    numeric = [i for i, dtype in enumerate(dtypes) if dtype not in ("object", "bool")]
    groups = _group_columns(facts.sample, width)
    key = columns[groups[0]] if groups else None
    return CsvMeasures(
        rows=facts.rows,
        width=width,
        chunk_rows=facts.chunk_rows,
        row_bytes=facts.row_bytes,
        columns=columns,
        group_columns=len(groups),
        pivots=len(groups) == 2 and bool(numeric) and numeric[-1] not in groups,
        first_column_distinct=0.0 if numeric else columns[0].file_distinct,
        joins_booleans=key is not None and key.dtype == "object" and not key.strings_bytes,
        is_sampled=not facts.sample.is_whole,
    )


def _column(facts: CsvFacts, column: int, dtype: Dtype) -> ColumnMeasure:
    if dtype != "object":
        return ColumnMeasure(dtype=dtype, text_bytes=_text_bytes(facts, column))
    return _text_column(facts, column)


def _text_column(facts: CsvFacts, column: int) -> ColumnMeasure:
    sample = facts.sample
    chunk = max(1, min(facts.rows, facts.chunk_rows))
    runs = [_repeats(tokens, rows, column) for tokens, rows in _runs(facts)]
    along = _agreement.of_sample(sample, column)
    rate = _further_rate(sample, column, runs)
    strings = _mean([run.count(chunk, rate) for run in runs])
    if _has_blocks(runs[0], rate):
        strings = _mean([run.count_blocks(chunk, rate) for run in runs])
    strings = _without_returning(strings, sample, column, runs[0])
    scale = facts.rows / chunk * _measures.beyond_keys(sample.parts, column)
    is_along = column in facts.uneven or strings.distinct > _NEAR_UNIQUE_RATIO * chunk
    plain = _plain_chunks(facts, column)
    boxed = 0.0
    if plain.high:
        share = float(np.mean([_measures.boxed_share(t, column) for t in sample.parts]))
        boxed = BOXED_BYTES * facts.rows * share

    def taken(strings_bytes: float, ratio: float, plain: float) -> float:
        return strings_bytes * scale * ratio * (1 - plain) + boxed * plain

    point = taken(strings.bytes_, along.ratio if is_along else 1.0, plain.share)
    lows = [taken(strings.low_bytes, along.low_ratio, p) for p in (plain.low, plain.high)]
    highs = [taken(strings.high_bytes, along.high_ratio, p) for p in (plain.low, plain.high)]
    return ColumnMeasure(
        dtype="object",
        strings_bytes=point,
        strings_low_bytes=min(point, *lows),
        strings_high_bytes=max(point, *highs),
        text_bytes=_text_bytes(facts, column),
        chunk_distinct=strings.distinct,
        file_distinct=runs[0].count(max(1, facts.rows)).distinct,
    )


def _further_rate(sample: Sample, column: int, runs: list[Repeats]) -> float:
    """New values per row along the file: those of the spread slices that no run holds."""
    if sample.spread is None or not sample.spread.records:
        return 0.0
    rows, keys = _measures.filled(sample.spread, column)
    step = max(1, len(rows) // _COMPARED_ROWS)
    some = keys[::step]
    return (
        min(run.unseen(some) for run in runs)
        * len(rows)
        / (len(some) or 1)
        / (sample.spread.records)
    )


def _has_blocks(run: Repeats, further_rate: float) -> bool:
    """Whether new values turn up elsewhere far more often than within the run.

    Then values stand together, as in a sorted file, or blocks repeat within themselves only.
    """
    within = run.singles / max(1, run.rows)
    return further_rate > max(_BLOCKS_RATE, _BLOCKS_RATIO * within)


def _without_returning(
    strings: StringCount, sample: Sample, column: int, run: Repeats
) -> StringCount:
    """The same for values that seem to be all different, but come again further on.

    They do in a file that was put together of copies: slices hold some of the run's values, and
    the share of those tells how many there are altogether. A chunk has no more than all of them.
    """
    if sample.spread is None or run.distinct < _ALL_DIFFERENT_RATIO * run.filled:
        return strings
    _, keys = _measures.filled(sample.spread, column)
    some = np.unique(keys[:: max(1, len(keys) // _COMPARED_ROWS)])
    returning = len(some) - run.unseen(some)
    if returning < _RETURNING_LEAST:
        return strings
    stock = run.distinct * len(some) / returning
    if stock >= strings.distinct:
        return strings
    share = stock / strings.distinct
    return StringCount(
        stock,
        strings.bytes_ * share,
        min(strings.low_bytes, strings.bytes_ * share * _RETURNING_LOW_RATIO),
        strings.high_bytes,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some of a part's rows, one after another."""

    first: int
    count: int


def _runs(facts: CsvFacts) -> Iterator[tuple[Tokens, _Rows]]:
    """Contiguous runs of at most a chunk; of a whole file, a few chunks along it."""
    chunk = facts.chunk_rows
    for tokens in facts.sample.long:
        chunks = math.ceil(tokens.records / chunk)
        if not facts.sample.is_whole or chunks <= 1:
            yield tokens, _Rows(0, max(1, min(chunk, tokens.records)))
            continue
        for part in np.unique(np.linspace(0, chunks - 1, _PARTS_OF_WHOLE).astype(int)).tolist():
            yield tokens, _Rows(part * chunk, min(chunk, tokens.records - part * chunk))


def _repeats(tokens: Tokens, rows: _Rows, column: int) -> Repeats:
    """How often the values of those rows repeat."""
    filled, keys = _measures.filled(tokens, column)
    first, last = np.searchsorted(filled, (rows.first, rows.first + rows.count))
    return Repeats(keys[first:last], rows.count)


def _mean(counts: list[StringCount]) -> StringCount:
    number = len(counts) or 1
    return StringCount(
        sum(c.distinct for c in counts) / number,
        sum(c.bytes_ for c in counts) / number,
        sum(c.low_bytes for c in counts) / number,
        sum(c.high_bytes for c in counts) / number,
    )


@dataclass(frozen=True, slots=True)
class _Plain:
    """Share of the chunks in which a text column holds numbers only, and its bounds."""

    share: float
    low: float
    high: float


def _plain_chunks(facts: CsvFacts, column: int) -> _Plain:
    """From the chunks of which the sample has some rows; those are a few of many."""
    if facts.rows <= facts.chunk_rows:
        return _Plain(0.0, 0.0, 0.0)
    sample = facts.sample
    has_text: dict[int, bool] = {}
    first = 0.0
    for tokens in sample.long:
        positions = np.arange(tokens.records) + (0 if sample.is_whole else int(first * facts.rows))
        _note_text(has_text, tokens, column, positions // facts.chunk_rows)
        first = 0.5
    if sample.spread is not None:
        _note_text(has_text, sample.spread, column, sample.spread_positions // facts.chunk_rows)
    if not has_text:
        return _Plain(0.0, 0.0, 0.0)
    share = sum(not text for text in has_text.values()) / len(has_text)
    error = 2 * math.sqrt(share * (1 - share) / len(has_text))
    chunks = math.ceil(facts.rows / facts.chunk_rows)
    if len(has_text) >= chunks:
        error = 0.0
    return _Plain(share, max(0.0, share - error), min(1.0, share + error))


def _note_text(
    has_text: dict[int, bool],
    tokens: Tokens,
    column: int,
    chunk_of: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> None:
    kinds = tokens.kinds[:, column]
    for chunk in np.unique(chunk_of).tolist():
        here = kinds[chunk_of == chunk]
        if np.any(here >= INTEGER):
            has_text[chunk] = has_text.get(chunk, False) or bool(np.any(here == TEXT))


def _text_bytes(facts: CsvFacts, column: int) -> float:
    lengths = sum(int(t.lengths[:, column].sum()) for t in facts.sample.parts)
    return lengths * facts.rows / max(1, facts.sample.records)


def _group_columns(sample: Sample, width: int) -> list[int]:
    """The first columns, up to two, with so few different values that one would group by them."""
    tokens = sample.long[0]
    found: list[int] = []
    for column in np.flatnonzero(_glance(tokens) <= _GROUPS_MOST).tolist():
        rows = np.flatnonzero(tokens.kinds[:_GROUP_ROWS, column] >= INTEGER)
        keys = np.sort(_measures.field_keys(tokens, column, rows))
        if column >= width or not len(keys):
            continue
        counts = np.diff(np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True]))
        once, twice = int((counts == 1).sum()), int((counts == 2).sum())
        likely = len(counts) + once**2 / (2 * max(twice, 1))
        if _GROUPS_LEAST <= len(counts) <= _GROUPS_MOST and likely <= _GROUPS_PROJECTED:
            found.append(column)
        if len(found) == 2:
            break
    return found


def _glance(tokens: Tokens) -> Ints:
    """At least how many different values each column has, by what its first rows begin with."""
    few = slice(0, _GROUP_GLANCE_ROWS)
    words = leading_words(tokens.data, tokens.starts[few], tokens.lengths[few])
    ordered = np.sort(words, axis=0)
    different: Ints = 1 + np.count_nonzero(ordered[1:] != ordered[:-1], axis=0)
    return different
