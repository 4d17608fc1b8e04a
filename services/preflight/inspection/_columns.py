"""What each column of a CSV holds, told from the sample."""

from dataclasses import dataclass

import numpy as np

from services.preflight.inspection._dates import DateFormat, date_format, parse
from services.preflight.inspection._measures import Repeats, field_keys
from services.preflight.inspection._tokens import (
    BLANK,
    BOOLEAN,
    INTEGER,
    MISSING,
    NUMBER,
    TEXT,
    Floats,
    Ints,
    Tokens,
    Words,
)
from services.preflight.inspection._written import number_style
from services.preflight.inspection.types import Dtype
from services.preflight.types import ColumnKind, ColumnReport, NumberStyle

EXAMPLES = 50
SHOWN_CHARACTERS = 80
_COUNTED_ROWS, _COUNTED_LEAST, _COUNTED_FIELDS = 4_000, 200, 24_000
_PARSED_ROWS, _PARSED_LEAST, _PARSED_FIELDS = 1_000, 50, 8_000
"""Of a sample, so many rows are looked at for frequent values and for extremes; of very many
columns fewer, so that it is about so many fields altogether."""
_EXAMPLES_OF_NUMBERS = 20
_MANY_COLUMNS = 50
_EXAMPLES_OF_ALL, _EXAMPLES_LEAST = 5_000, 5
"""Examples that a table has altogether: each of very many columns gets fewer."""
_DATED_VALUES = 120
_MIXED_RATIO = 0.5
_LARGEST_INT64 = 2**63 - 1
_KEYED_EXACTLY_BYTES = 24
_EXACT_DIGITS = 15
"""Whole numbers with more of them may share a float with their neighbours."""


@dataclass(slots=True)
class Sample:
    """The tokens of the sample: long runs first, then the short ones together."""

    long: list[Tokens]
    spread: Tokens | None
    spread_slices: Ints
    """Of each record of `spread`: in which of the short ones it is."""
    spread_positions: Ints
    """Of each record of `spread`: about which row of the file it is."""
    is_whole: bool
    """Whether it is all rows of the file."""
    is_counted: bool
    """Whether these are so few that every value is looked at, for exact figures at once."""
    counts: Ints
    """`6 x width`: how many fields of each column hold what."""
    records: int

    @property
    def parts(self) -> list[Tokens]:
        """All tokens."""
        return [*self.long, *([self.spread] if self.spread is not None else [])]


@dataclass(slots=True)
class Column:
    """A column's report, and what findings need beside it."""

    report: ColumnReport
    dtype: Dtype
    dates: DateFormat | None
    null_ratio: float
    numeric_ratio: float
    """Share of numbers among the values that are there."""
    odd: str = ""
    """A value that is no number, of a column that holds both."""
    distinct: float = 0.0
    """Different values in the file, as far as some thousand rows tell."""


def count_kinds(parts: list[Tokens], width: int) -> Ints:
    """How many fields of each column hold nothing, a number, text and so on."""
    return sum((tokens.counts for tokens in parts), np.zeros((6, width), np.int64))


def dtype_of(sample: Sample, column: int) -> Dtype:
    """The type that pandas gives the column by default."""
    counts = sample.counts[:, column]
    missing = counts[BLANK] + counts[MISSING]
    if counts[TEXT] or (counts[BOOLEAN] and (counts[INTEGER] + counts[NUMBER] or missing)):
        return "object"
    if counts[BOOLEAN]:
        return "bool"
    if counts[NUMBER] or missing or not counts[INTEGER]:
        return "float64"
    return "uint64" if _has_beyond_int64(sample, column) else "int64"


def describe(
    sample: Sample,
    column: int,
    name: str,
    dtype: Dtype,
    *,
    rows: int,
    decimal: str,
    day_first: bool,
    is_told: bool | None = None,
) -> Column:
    """The column's report, without what it takes in memory; `rows` are those of the file.

    `is_told` is the order of day and month as a user has given it.
    """
    counts = sample.counts[:, column]
    total = int(counts.sum()) or 1
    missing = int(counts[BLANK] + counts[MISSING])
    has_text = bool(counts[TEXT])
    values, distinct = _frequent_values(sample, column, has_text=has_text, rows=rows)
    dates = None
    if counts[TEXT] and counts[TEXT] == total - missing:
        dates = date_format(values[:_DATED_VALUES], day_first=day_first, told=is_told)
    numeric = int(counts[INTEGER] + counts[NUMBER])
    present = (total - missing) or 1
    kind = _kind(counts, dates, numeric / present)
    low, high = _extremes(sample, column, kind, dates, values, decimal)
    report = ColumnReport(
        name=name,
        dtype=dtype,
        kind=kind,
        nulls=missing,
        distinct=None,
        minimum=low,
        maximum=high,
        examples=tuple(value[:SHOWN_CHARACTERS] for value in values[: _examples(sample)]),
        date_format=dates.format if dates else None,
        number_style=_style(kind, values[: _examples(sample)], decimal),
    )
    return Column(
        report, dtype, dates, missing / total, numeric / present, _odd(sample, column), distinct
    )


def _style(kind: ColumnKind, values: list[str], decimal: str) -> NumberStyle | None:
    """How numbers are written in a column of text, if that is what it holds."""
    if kind not in ("text", "mixed"):
        return None
    return number_style(values, "," if decimal == "," else None)


def _odd(sample: Sample, column: int) -> str:
    """The first value that is text."""
    for tokens in sample.parts:
        rows = np.flatnonzero(tokens.kinds[:, column] == TEXT)
        if len(rows):
            return tokens.cell(int(rows[0]), column)[:SHOWN_CHARACTERS]
    return ""


def exact_distinct(sample: Sample, column: int, dtype: Dtype, decimal: str) -> int:
    """Different values of a file that is counted as a whole; of numbers, as numbers."""
    seen: set[object] = set()
    for tokens in sample.long:
        rows = np.flatnonzero(tokens.kinds[:, column] > MISSING)
        values = numbers(tokens, column, decimal, most=len(rows) or 1)
        longest = int(tokens.lengths[rows, column].max()) if len(rows) else 0
        is_number = dtype == "float64" or (dtype == "int64" and longest <= _EXACT_DIGITS)
        if is_number and len(values) == len(rows):
            seen.update(np.unique(number_keys(values)).tolist())
        elif longest > _KEYED_EXACTLY_BYTES:
            seen.update(tokens.cell(row, column) for row in rows.tolist())
        else:
            seen.update(np.unique(field_keys(tokens, column, rows)).tolist())
    return len(seen)


def number_keys(values: Floats) -> Words:
    """A key per number; minus zero is zero."""
    return (values + 0.0).view(np.uint64)


def numbers(tokens: Tokens, column: int, decimal: str, most: int) -> Floats:
    """The numbers among the fields of a column, evenly picked where there are many."""
    kinds = tokens.kinds[:, column]
    rows = np.flatnonzero((kinds == INTEGER) | (kinds == NUMBER))
    rows = rows[:: max(1, len(rows) // most)]
    if not len(rows):
        return np.empty(0)
    lengths = tokens.lengths[rows, column]
    width = int(lengths.max())
    index = tokens.starts[rows, column][:, None] + np.arange(width)
    index = np.minimum(index, len(tokens.data) - 1)
    raw = np.where(np.arange(width) < lengths[:, None], tokens.data[index], 0).astype(np.uint8)
    if decimal == ",":
        raw[raw == ord(",")] = ord(".")
    fields = np.ascontiguousarray(raw).view(f"S{width}").ravel()
    try:
        return fields.astype(np.float64)
    except ValueError:
        return np.empty(0)  # Something odd among them, `12e`: no extremes rather than wrong ones.


def _kind(counts: Ints, dates: DateFormat | None, numeric_ratio: float) -> ColumnKind:
    if not counts[INTEGER:].any():
        return "empty"
    if not counts[TEXT]:
        if not counts[BOOLEAN]:
            return "number" if counts[NUMBER] else "integer"
        return "mixed" if counts[INTEGER] + counts[NUMBER] else "boolean"
    if dates is not None:
        return "date"
    return "mixed" if numeric_ratio >= _MIXED_RATIO else "text"


def _examples(sample: Sample) -> int:
    columns = int(sample.counts.shape[1])
    return min(EXAMPLES, max(_EXAMPLES_LEAST, _EXAMPLES_OF_ALL // columns))


def _frequent_values(
    sample: Sample, column: int, *, has_text: bool, rows: int
) -> tuple[list[str], float]:
    """Values of the sample's first part and of its spread part, most frequent first.

    And how many different ones the file holds, if it goes on like its first part. Numbers with
    decimals hardly repeat, so the first ones have to do.
    """
    first = sample.long[0]
    few = min(_COUNTED_ROWS, max(_COUNTED_LEAST, _COUNTED_FIELDS // sample.counts.shape[1]))
    limit = None if sample.is_counted else few
    seen = first.records if limit is None else min(limit, first.records)
    is_number = bool(sample.counts[NUMBER, column]) and not has_text
    if is_number and _has_many_columns(sample):
        present = np.flatnonzero(first.kinds[:limit, column] > MISSING)
        keys = np.empty(0, np.uint64)
    else:
        present, keys = _present(first, column, limit)
    distinct = Repeats(keys, seen).count(max(1, rows)).distinct if len(keys) else 0.0
    wanted = max(_examples(sample), _DATED_VALUES if has_text else 0)
    if is_number:
        few = _EXAMPLES_LEAST if _has_many_columns(sample) else _EXAMPLES_OF_NUMBERS
        shown = (first.cell(row, column) for row in present[:few].tolist())
        return list(dict.fromkeys(shown)), distinct
    found: dict[str, int] = {}
    _count(first, column, present, keys, wanted, found)
    if sample.spread is not None:
        step = max(1, sample.spread.records // few)
        present = np.flatnonzero(sample.spread.kinds[::step, column] > MISSING) * step
        keys = field_keys(sample.spread, column, present)
        _count(sample.spread, column, present, keys, wanted, found)
    return sorted(found, key=lambda value: -found[value]), distinct


def _has_many_columns(sample: Sample) -> bool:
    """Whether a glance at each has to do until all rows are counted: these come to many glances."""
    return not sample.is_counted and sample.counts.shape[1] > _MANY_COLUMNS


def _present(tokens: Tokens, column: int, limit: int | None) -> tuple[Ints, Words]:
    """Which of the first rows hold something, and their keys."""
    if column in tokens.keys:
        rows, keys = tokens.keys[column]
        last = len(rows) if limit is None else int(np.searchsorted(rows, limit))
        return rows[:last], keys[:last]
    rows = np.flatnonzero(tokens.kinds[:limit, column] > MISSING)
    return rows, field_keys(tokens, column, rows)


def _count(
    tokens: Tokens, column: int, rows: Ints, keys: Words, wanted: int, found: dict[str, int]
) -> None:
    """Add the most frequent values of these rows to those found."""
    if not len(keys):
        return
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    # Among equally frequent ones the earliest comes first, so that the order is the file's.
    order = np.lexsort((first, -counts))[:wanted]
    for row, count in zip(rows[first[order]].tolist(), counts[order].tolist(), strict=True):
        value = tokens.cell(row, column)
        found[value] = found.get(value, 0) + count


def _extremes(
    sample: Sample,
    column: int,
    kind: ColumnKind,
    dates: DateFormat | None,
    values: list[str],
    decimal: str,
) -> tuple[str | None, str | None]:
    """Smallest and largest value of the sample: of numbers, and of dates in ISO form."""
    if kind in ("integer", "number"):
        few = min(_PARSED_ROWS, max(_PARSED_LEAST, _PARSED_FIELDS // sample.counts.shape[1]))
        most = sample.records if sample.is_counted else few
        parts = sample.parts[-1:] if _has_many_columns(sample) else sample.parts
        found = np.concatenate([numbers(tokens, column, decimal, most) for tokens in parts])
        found = found[np.isfinite(found)]
        if not len(found):
            return None, None
        return shown_number(found.min(), kind), shown_number(found.max(), kind)
    if kind == "date" and dates is not None:
        if dates.format.startswith("%Y-%m-%d") and "%z" not in dates.format:
            values = [min(values), max(values)]  # written so, they sort as they follow
        moments = [m for m in (parse(value, dates.format) for value in values) if m]
        pattern = "%Y-%m-%d %H:%M:%S" if "%M" in dates.format else "%Y-%m-%d"
        return min(moments).strftime(pattern), max(moments).strftime(pattern)
    return None, None


def shown_number(value: float, kind: ColumnKind) -> str:
    """An extreme as it is told: whole for whole numbers."""
    if kind == "integer" and abs(value) < 2**53:
        return str(int(value))
    return repr(float(value))


def _has_beyond_int64(sample: Sample, column: int) -> bool:
    for tokens in sample.parts:
        rows = np.flatnonzero(tokens.lengths[:, column] >= 19)
        for row in rows[:: max(1, len(rows) // 100)].tolist():
            text = tokens.cell(row, column).strip()
            if text.lstrip("+").isdigit() and int(text) > _LARGEST_INT64:
                return True
    return False
