"""One column of a CSV, piece by piece: what pandas makes of its fields, and what they amount to.

The check has said what a column holds, from a sample. Numbers are taken as such until a piece holds
something else; then the whole column is text, and the scan has to begin again for it. Several
threads may bring pieces at the same time.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from services.preflight.inspection.types import Dtype
from services.preflight.profiling import _csv_numbers, _keys
from services.preflight.profiling._csv_number_count import NumberCount
from services.preflight.profiling._csv_numbers import NoNumbersError, Numbers
from services.preflight.profiling._csv_pieces import UnfitError
from services.preflight.profiling._csv_text_count import BOOLEANS, TextCount
from services.preflight.profiling._distinct import Distinct
from services.preflight.profiling._keys import NULL_KEY, Words
from services.preflight.profiling.types import ColumnFigures
from services.preflight.types import ColumnKind, ColumnReport

_REPEATS_RATIO = 0.3
"""Up to so many different values per row, each of them is looked at once a piece."""
_CODED = pa.dictionary(pa.int32(), pa.string())
_NUMERIC, _TEXT = ("integer", "number", "empty"), ("text", "mixed", "date")
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class CsvColumn:
    """What is known of a column so far. `is_text`: whether it is known to hold text."""

    report: ColumnReport
    decimal: str
    counted: Distinct
    weight: np.uint64
    marks_most: int
    is_text: bool = False
    rows: int = 0
    nulls: int = 0
    needs_another_scan: bool = False
    numbers: NumberCount = field(init=False)
    texts: TextCount = field(init=False)
    _is_plain: bool = True
    """Whether Arrow reads its numbers as pandas does, as far as is known."""
    _repeats: bool = True
    _null_key: np.uint64 = NULL_KEY

    def __post_init__(self) -> None:
        kind = self.report.kind
        self._null_key = np.uint64(int(NULL_KEY) * int(self.weight) % 2**64)
        self._is_plain = kind != "empty"
        self.numbers = NumberCount(self.counted, self.weight, self.marks_most, kind == "number")
        self.texts = TextCount(
            self.decimal,
            may_hold_numbers=kind in ("text", "mixed"),
            date_format=self.report.date_format if kind == "date" else None,
            tells_kinds=kind not in _TEXT,
        )

    @property
    def is_numeric(self) -> bool:
        """Whether its fields are taken as numbers."""
        return not self.is_text and self.report.kind in _NUMERIC

    @property
    def holds_numbers(self) -> bool:
        """Whether all is numbers in what the check took for text; asked when all has gone by."""
        return self.texts.may_hold_numbers and self.rows > self.nulls

    @property
    def is_boolean(self) -> bool:
        """Whether its fields are taken as truth values."""
        return not self.is_text and self.report.kind == "boolean"

    @property
    def wanted(self) -> pa.DataType:
        """As what its fields are best had."""
        if self.is_numeric:
            if not self._is_plain:
                return pa.string()
            return pa.float64() if self.numbers.is_real else pa.int64()
        return _CODED if self._repeats else pa.string()

    def take(self, column: pa.Array, *, counts: bool) -> Words | None:
        """A weighted key per row, or None where only types are looked at or all are seen again.

        Raises UnfitError where the fields have to be had as text.
        """
        missing = column.null_count
        if missing == len(column):
            with self.counted.lock:
                self.rows += missing
                self.nulls += missing
            return np.full(missing, self._null_key) if counts else None
        valid = column.is_valid().to_numpy(zero_copy_only=False) if missing else None
        if pa.types.is_dictionary(column.type):
            return self._of_codes(column, valid, counts=counts)
        if not pa.types.is_string(column.type):
            return self._of_typed(column, valid, counts=counts)
        present = column.drop_null() if missing else column
        return self._of_strings(present, valid, len(column), counts=counts)

    def _of_typed(self, column: pa.Array, valid: Mask | None, *, counts: bool) -> Words | None:
        values = np.frombuffer(column.buffers()[1], column.type.to_pandas_dtype())
        values = values[column.offset : column.offset + len(column)]
        present: Numbers = values if valid is None else values[valid]
        low, high = present.min().item(), present.max().item()
        if not (math.isfinite(low) and math.isfinite(high)):
            raise UnfitError  # `NAN` and 1e400 are text to pandas, and `inf` is not
        keys = self.numbers.keys(present) if counts else None
        self.take_numbers(present, keys, low, high, missing=column.null_count)
        return None if keys is None else self._spread(keys, valid)

    def take_numbers(
        self, present: Numbers, keys: Words | None, low: float, high: float, *, missing: int = 0
    ) -> None:
        """Numbers with their keys, where they are counted, and their extremes."""
        with self.counted.lock:
            self._count_rows(len(present) + missing, len(present))
            if not self.is_numeric:  # another thread has found text meanwhile
                self.needs_another_scan = True
            elif keys is not None:
                self.numbers.take(present, keys, low, high)

    def _of_strings(
        self, present: pa.StringArray, valid: Mask | None, rows: int, *, counts: bool
    ) -> Words | None:
        with self.counted.lock:
            had = self.rows > self.nulls
            self._count_rows(rows, len(present))
            if self.is_numeric:
                try:
                    return self._as_numbers(present, valid, counts=counts)
                except NoNumbersError as exc:
                    self._becomes_text(exc.odd, had=had)
            elif self.is_boolean:
                is_boolean = pc.is_in(present, value_set=BOOLEANS)
                if not pc.all(is_boolean).as_py():
                    odd = _csv_numbers.first(present, pc.invert(is_boolean))
                    self._becomes_text(odd, had=had)
        if not counts or self.needs_another_scan:
            return None
        keys = _keys.of_text(pc.utf8_lower(present) if self.is_boolean else present) * self.weight
        with self.counted.lock:
            self.counted.add(keys)
            self.texts.take(present, None)
        return self._spread(keys, valid)

    def _of_codes(self, column: Any, valid: Mask | None, *, counts: bool) -> Words | None:
        texts = column.dictionary
        with self.counted.lock:
            had = self.rows > self.nulls
            self._count_rows(len(column), len(column) - column.null_count)
            self._repeats = len(texts) <= max(_REPEATS_RATIO * len(column), 1000)
            if self.is_boolean:
                is_boolean = pc.is_in(texts, value_set=BOOLEANS)
                if not pc.all(is_boolean).as_py():
                    odd = _csv_numbers.first(texts, pc.invert(is_boolean))
                    self._becomes_text(odd, had=had)
        if not counts or self.needs_another_scan:
            return None
        keys = _keys.of_text(pc.utf8_lower(texts) if self.is_boolean else texts) * self.weight
        codes = np.frombuffer(column.indices.buffers()[1], np.int32)
        codes = codes[column.offset : column.offset + len(column)]
        with self.counted.lock:
            self.counted.add(keys)
            self.texts.take(texts, codes if valid is None else codes[valid])
        found: Words = np.take(keys, codes, mode="clip")
        if valid is not None:
            found[~valid] = self._null_key
        return found

    def _count_rows(self, rows: int, present: int) -> None:
        self.rows += rows
        self.nulls += rows - present

    def _spread(self, keys: Words, valid: Mask | None) -> Words:
        if valid is None:
            return keys
        found = np.full(len(valid), self._null_key)
        found[valid] = keys
        return found

    def _as_numbers(
        self, present: pa.StringArray, valid: Mask | None, *, counts: bool
    ) -> Words | None:
        """Raises NoNumbersError."""
        whole = None if self.numbers.is_real else _csv_numbers.integers(present)
        found: Numbers = _csv_numbers.reals(present, self.decimal) if whole is None else whole
        if self._is_plain:  # had as text since Arrow refused them, or others in this piece
            is_whole = found.dtype.kind != "f"
            self._is_plain = _csv_numbers.are_plain(present, self.decimal, is_whole=is_whole)
        if not counts:
            return None
        keys = self.numbers.keys(found)
        self.numbers.take(found, keys, found.min().item(), found.max().item())
        return self._spread(keys, valid)

    def _becomes_text(self, odd: str, *, had: bool) -> None:
        self.texts.show(odd)
        self.numbers.marks = None
        self.is_text = True
        self.needs_another_scan = had

    def figures(self) -> ColumnFigures:
        """What it amounts to."""
        distinct, error = self.numbers.different()
        kind, dtype = self._typed()
        low, high = self._shown(kind)
        texts, dates = self.texts, self.texts.dates
        return ColumnFigures(
            name=self.report.name,
            dtype=dtype,
            kind=kind,
            nulls=self.nulls,
            distinct=distinct,
            distinct_error=error,
            minimum=low,
            maximum=high,
            numbers=texts.numbers,
            odd=texts.odd,
            unfit_dates=dates.unfit if dates else 0,
            swapped_dates=dates.swapped if dates else 0,
            telling_dates=dates.telling if dates else 0,
            settled_format=dates.settled if dates else None,
            text_bytes=texts.text_bytes,
        )

    def _typed(self) -> tuple[ColumnKind, Dtype]:
        present = self.rows - self.nulls
        if self.is_boolean:
            return "boolean", "object" if self.nulls or not present else "bool"
        if self.is_numeric:
            return self.numbers.typed(present, self.nulls)
        if self.report.kind in _TEXT:
            return self.report.kind, "object"
        if present and self.texts.booleans == present:
            return "boolean", "object" if self.nulls else "bool"
        return "mixed" if self.texts.are_mixed(present) else "text", "object"

    def _shown(self, kind: ColumnKind) -> tuple[str | None, str | None]:
        if self.texts.dates is not None:
            return self.texts.dates.extremes()
        return self.numbers.extremes(kind) if kind in ("integer", "number") else (None, None)
