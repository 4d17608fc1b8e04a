"""One column of values that have types of their own: cells of a sheet, members of JSON records."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from services.preflight.inspection import cells
from services.preflight.profiling import _keys
from services.preflight.profiling._dates import DateCount
from services.preflight.profiling._distinct import Distinct
from services.preflight.profiling._keys import NULL_KEY, Words
from services.preflight.profiling.types import ColumnFigures
from services.preflight.types import ColumnKind, ColumnReport

_MIXED_RATIO = 0.5
_OTHER = np.uint64(0x2545F4914F6CDD1D)
"""Keeps the keys of truth values and of nested ones apart from those of numbers and text."""


class Moment(str):
    """A date or time of a sheet, in ISO form."""

    __slots__ = ()


@dataclass(slots=True)
class ValueColumn:
    """What is known of a column so far."""

    report: ColumnReport
    counted: Distinct
    rows: int = 0
    nulls: int = 0
    text_bytes: int = 0
    dates: DateCount | None = None
    _kinds: Counter[cells.CellKind] = field(default_factory=Counter)
    _numbers: list[int | float] = field(default_factory=list)
    """The smallest and the largest."""
    _moments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.report.kind == "date" and self.report.date_format is not None:
            self.dates = DateCount(self.report.date_format)

    def take(self, values: Sequence[object]) -> Words:
        """A key per row."""
        self.rows += len(values)
        keys = np.full(len(values), NULL_KEY)
        places: dict[type, list[int]] = {}
        for place, value in enumerate(values):
            if value is not None:
                places.setdefault(type(value), []).append(place)
        found = [
            self._of_type(kind, [values[i] for i in rows], keys, np.array(rows))
            for kind, rows in places.items()
        ]
        present = sum(found)
        self.nulls += len(values) - present
        if present:
            is_there = np.zeros(len(values), np.bool_)
            for rows in places.values():
                is_there[rows] = True
            self.counted.add(keys[is_there])
        return keys

    def _of_type(self, kind: type, values: Sequence[object], keys: Words, rows: _keys.Ints) -> int:
        if kind is bool:
            self._kinds["boolean"] += len(values)
            keys[rows] = _keys.of_integers(np.array(values, np.int64)) ^ _OTHER
        elif kind is int or kind is float:
            keys[rows] = self._of_numbers(values, is_whole=kind is int)
        elif kind is Moment:
            self._kinds["date"] += len(values)
            keys[rows] = _keys.of_text(pa.array(map(str, values), pa.string())) ^ _OTHER
            known = [*self._moments, *map(str, values)]
            self._moments = [min(known), max(known)]
        elif kind is str:
            texts = pa.array(values, pa.string())
            self._kinds["text"] += len(values)
            self.text_bytes += sum(map(len, map(str, values)))
            if self.dates is not None:
                self.dates.take(texts, np.ones(len(texts), np.int64))
            keys[rows] = _keys.of_text(texts)
        else:
            self._kinds["nested"] += len(values)
            written = [json.dumps(value, ensure_ascii=False, default=str) for value in values]
            keys[rows] = _keys.of_text(pa.array(written, pa.string())) ^ _OTHER
        return len(values)

    def _of_numbers(self, values: Sequence[object], *, is_whole: bool) -> Words:
        numbers = [value for value in values if isinstance(value, int | float)]
        self._kinds["integer" if is_whole else "number"] += len(numbers)
        known = [*self._numbers, *numbers]
        self._numbers = [min(known), max(known)]
        if is_whole:
            try:
                return _keys.of_integers(np.array(numbers, np.int64))
            except OverflowError:
                return _keys.of_text(pa.array(map(str, numbers), pa.string()))
        return _keys.of_floats(np.array(numbers, np.float64))

    def figures(self) -> ColumnFigures:
        """What it amounts to."""
        distinct, error = self.counted.count()
        kind = self._kind()
        low, high = self._extremes(kind)
        dates = self.dates if kind == "date" else None
        numbers = self._kinds["integer"] + self._kinds["number"]
        return ColumnFigures(
            name=self.report.name,
            dtype=cells.dtype_of(self._kinds, has_blanks=self.nulls > 0),
            kind=kind,
            nulls=self.nulls,
            distinct=distinct,
            distinct_error=error,
            minimum=low,
            maximum=high,
            numbers=numbers,
            unfit_dates=dates.unfit if dates else 0,
            swapped_dates=dates.swapped if dates else 0,
            telling_dates=dates.telling if dates else 0,
            settled_format=dates.settled if dates else None,
            text_bytes=self.text_bytes,
        )

    def _kind(self) -> ColumnKind:
        found = {kind for kind, count in self._kinds.items() if count}
        if not found:
            return "empty"
        if found == {"date"} or (found == {"text"} and self.dates is not None):
            return "date"
        if found == {"boolean"}:
            return "boolean"
        if found <= {"integer", "number"}:
            return "number" if "number" in found else "integer"
        numbers = self._kinds["integer"] + self._kinds["number"]
        return "mixed" if numbers >= _MIXED_RATIO * self._kinds.total() else "text"

    def _extremes(self, kind: ColumnKind) -> tuple[str | None, str | None]:
        if kind in ("integer", "number") and self._numbers:
            return str(self._numbers[0]), str(self._numbers[1])
        if kind == "date" and self._moments:
            return self._moments[0], self._moments[1]
        if kind == "date" and self.dates is not None:
            return self.dates.extremes()
        return None, None
