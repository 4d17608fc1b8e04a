"""One column of a CSV, piece by piece: what pandas makes of its fields, and what they amount to.

The check has said what a column holds, from a sample. Numbers are taken as such until a piece holds
something else; then the whole column is text, and the scan has to begin again for it. Several
threads may bring pieces at the same time.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from services.preflight.inspection import shown_number
from services.preflight.inspection.types import Dtype
from services.preflight.profiling import _csv_numbers, _keys
from services.preflight.profiling._csv_numbers import NoNumbersError, Numbers
from services.preflight.profiling._csv_pieces import UnfitError
from services.preflight.profiling._dates import DateCount
from services.preflight.profiling._distinct import Distinct
from services.preflight.profiling._keys import NULL_KEY, Words
from services.preflight.profiling._marks import Marks
from services.preflight.profiling.types import ColumnFigures
from services.preflight.types import ColumnKind, ColumnReport

_BOOLEANS = pa.array(["True", "TRUE", "true", "False", "FALSE", "false"])
_SHOWN_CHARACTERS = 80
_LARGEST_INT64 = 2**63 - 1
_MIXED_RATIO = 0.5
_REPEATS_RATIO = 0.3
"""Up to so many different values per row, each of them is looked at once a piece."""
_CODED = pa.dictionary(pa.int32(), pa.string())
_NUMERIC = ("integer", "number", "empty")
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class CsvColumn:
    """What is known of a column so far. `is_text`: whether it is known to hold text."""

    report: ColumnReport
    decimal: str
    counted: Distinct
    weight: np.uint64 = np.uint64(1)
    is_text: bool = False
    rows: int = 0
    nulls: int = 0
    odd: str = ""
    numbers: int = 0
    needs_another_scan: bool = False
    dates: DateCount | None = None
    text_bytes: int = 0
    marks_most: int = 1 << 22
    marks: Marks | None = None
    """Counts different numbers in the place of `counted`, as long as they allow it."""
    _is_real: bool = False
    _is_plain: bool = True
    """Whether Arrow reads its numbers as pandas does, as far as is known."""
    _repeats: bool = True
    _low: int | float | None = None
    _high: int | float | None = None
    _booleans: int = 0
    _has_beyond_int64: bool = False
    _null_key: np.uint64 = NULL_KEY

    def __post_init__(self) -> None:
        kind = self.report.kind
        self._null_key = np.uint64(int(NULL_KEY) * int(self.weight) % 2**64)
        self._is_real = kind == "number"
        self._is_plain = kind != "empty"
        if self.is_numeric:
            self.marks = Marks(self.marks_most, is_scaled=self._is_real)
        if kind == "date" and self.report.date_format is not None:
            self.dates = DateCount(self.report.date_format)

    @property
    def is_numeric(self) -> bool:
        """Whether its fields are taken as numbers."""
        return not self.is_text and self.report.kind in _NUMERIC

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
            return pa.float64() if self._is_real else pa.int64()
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
        if low != low:  # a word that Arrow takes for "not a number", and pandas for text
            raise UnfitError
        keys = self._keys_of(present) if counts else None
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
                self._count_numbers(present, keys, low, high)

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
                is_boolean = pc.is_in(present, value_set=_BOOLEANS)
                if not pc.all(is_boolean).as_py():
                    odd = _csv_numbers.first(present, pc.invert(is_boolean))
                    self._becomes_text(odd, had=had)
        if not counts or self.needs_another_scan:
            return None
        keys = _keys.of_text(pc.utf8_lower(present) if self.is_boolean else present) * self.weight
        with self.counted.lock:
            self.counted.add(keys)
            if self._looks_at_texts:
                self._look_at(present, np.ones(len(present), np.int64))
        return self._spread(keys, valid)

    def _of_codes(self, column: Any, valid: Mask | None, *, counts: bool) -> Words | None:
        texts = column.dictionary
        with self.counted.lock:
            had = self.rows > self.nulls
            self._count_rows(len(column), len(column) - column.null_count)
            self._repeats = len(texts) <= max(_REPEATS_RATIO * len(column), 1000)
            if self.is_boolean:
                is_boolean = pc.is_in(texts, value_set=_BOOLEANS)
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
            if self._looks_at_texts:
                used = codes if valid is None else codes[valid]
                self._look_at(texts, np.bincount(used, minlength=len(texts)))
        found: Words = np.take(keys, codes, mode="clip")
        if valid is not None:
            found[~valid] = self._null_key
        return found

    def _count_rows(self, rows: int, present: int) -> None:
        self.rows += rows
        self.nulls += rows - present

    def _keys_of(self, values: Numbers) -> Words:
        keys = _keys.of_numbers(values)
        keys *= self.weight
        return keys

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
        found = None if self._is_real else _csv_numbers.integers(present)
        if found is None:
            found = _csv_numbers.reals(present, self.decimal)
        if self._is_plain:  # had as text since Arrow refused them, or others in this piece
            is_whole = found.dtype.kind != "f"
            self._is_plain = _csv_numbers.are_plain(present, self.decimal, is_whole=is_whole)
        if not counts:
            return None
        keys = self._keys_of(found)
        self._count_numbers(found, keys, found.min().item(), found.max().item())
        return self._spread(keys, valid)

    def _count_numbers(self, found: Numbers, keys: Words, low: float, high: float) -> None:
        """Extremes, and different values by marks or keys."""
        if found.dtype.kind == "f" and not self._is_real:
            self._is_real = True
            self._unmark(Marks(self.marks_most, is_scaled=True))
        if not (np.isfinite(low) and np.isfinite(high)):
            self._unmark(None)
            self.counted.add(keys)
            found = found[np.isfinite(found)]
            if len(found):
                self._widen(found.min().item(), found.max().item())
            return
        self._widen(low, high)
        if self._high is not None and self._high > _LARGEST_INT64 and not self._is_real:
            self._has_beyond_int64 = True
        if self.marks is not None and not self.marks.add(found, low, high):
            self._unmark(None)
        if self.marks is None:
            self.counted.add(keys)

    def _unmark(self, instead: Marks | None) -> None:
        """Go on with other marks, or with keys: what was marked is put there."""
        marks, self.marks = self.marks, instead
        if marks is None or not marks.count():
            self.marks = instead if marks is not None else None
            return
        values = marks.values()
        if instead is None or not instead.add(
            values.astype(np.float64), float(values[0]), float(values[-1])
        ):
            self.marks = None
            self.counted.add(self._keys_of(values))

    def _widen(self, low: float, high: float) -> None:
        self._low = low if self._low is None else min(self._low, low)
        self._high = high if self._high is None else max(self._high, high)

    def _becomes_text(self, odd: str, *, had: bool) -> None:
        self.odd = odd[:_SHOWN_CHARACTERS]
        self.marks = None
        self.is_text = True
        self.needs_another_scan = had

    @property
    def _was_none(self) -> bool:
        """Whether the check took it for something else than text."""
        return self.report.kind in (*_NUMERIC, "boolean")

    @property
    def _looks_at_texts(self) -> bool:
        return self.dates is not None or (self.is_text and self._was_none)

    def _look_at(self, texts: pa.StringArray, times: _keys.Ints) -> None:
        """What texts tell beside how many differ; each stands for so many rows."""
        if self.dates is not None:
            self.dates.take(texts, times)
        if not (self.is_text and self._was_none):
            return
        self.text_bytes += int(times @ pc.binary_length(texts).to_numpy(zero_copy_only=False))
        is_boolean = pc.is_in(texts, value_set=_BOOLEANS)
        self._booleans += int(times @ is_boolean.to_numpy(zero_copy_only=False))
        is_number = _csv_numbers.are_numbers(texts, self.decimal)
        self.numbers += int(times @ is_number.to_numpy(zero_copy_only=False))
        if not self.odd:
            self.odd = _csv_numbers.first(texts, pc.invert(is_number))[:_SHOWN_CHARACTERS]

    def figures(self) -> ColumnFigures:
        """What it amounts to."""
        distinct, error = self.counted.count()
        if self.marks is not None:
            distinct, error = self.marks.count(), None
        kind, dtype = self._typed()
        low, high = self._shown(kind)
        dates = self.dates
        return ColumnFigures(
            name=self.report.name,
            dtype=dtype,
            kind=kind,
            nulls=self.nulls,
            distinct=distinct,
            distinct_error=error,
            minimum=low,
            maximum=high,
            numbers=self.numbers,
            odd=self.odd,
            unfit_dates=dates.unfit if dates else 0,
            swapped_dates=dates.swapped if dates else 0,
            telling_dates=dates.telling if dates else 0,
            settled_format=dates.settled if dates else None,
            text_bytes=self.text_bytes,
        )

    def _typed(self) -> tuple[ColumnKind, Dtype]:
        present = self.rows - self.nulls
        if self.is_boolean:
            return "boolean", "object" if self.nulls or not present else "bool"
        if self.is_numeric:
            if not present:
                return "empty", "float64"
            if self._is_real or self.nulls:
                return ("number" if self._is_real else "integer"), "float64"
            if not self._has_beyond_int64:
                return "integer", "int64"
            return "integer", "float64" if (self._low or 0) < 0 else "uint64"
        if not self.is_text or self.report.kind in ("text", "mixed", "date"):
            return self.report.kind, "object"
        if present and self._booleans == present:
            return "boolean", "object" if self.nulls else "bool"
        is_mixed = self.numbers >= _MIXED_RATIO * max(1, present)
        return "mixed" if is_mixed else "text", "object"

    def _shown(self, kind: ColumnKind) -> tuple[str | None, str | None]:
        if self.dates is not None:
            return self.dates.extremes()
        if kind not in ("integer", "number") or self._low is None or self._high is None:
            return None, None
        if kind == "integer":
            return str(self._low), str(self._high)
        return shown_number(self._low, kind), shown_number(self._high, kind)
