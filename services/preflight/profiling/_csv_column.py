"""One column of a CSV, block by block: what pandas makes of its fields, and what they amount to.

The check has said what a column holds, from a sample. Numbers are taken as such until a block holds
something else; then the whole column is text, and the scan has to begin again for it.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.preflight.inspection import shown_number
from services.preflight.inspection.types import Dtype
from services.preflight.profiling import _keys
from services.preflight.profiling._dates import DateCount
from services.preflight.profiling._distinct import Distinct
from services.preflight.profiling._keys import NULL_KEY, Words
from services.preflight.profiling._marks import Marks
from services.preflight.profiling.types import ColumnFigures
from services.preflight.types import ColumnKind, ColumnReport

_BOOLEANS = pa.array(["True", "TRUE", "true", "False", "FALSE", "false"])
_INTEGER = r"^[ \t]*[-+]?[0-9]+[ \t]*$"
_NUMBER = r"^[ \t]*[-+]?([0-9]+D?[0-9]*|D[0-9]+)([eE][-+]?[0-9]+)?[ \t]*$"
_INFINITY = r"(?i)^[-+]?inf(inity)?$"
_SHOWN_CHARACTERS = 80
_LARGEST_INT64 = 2**63 - 1
_MIXED_RATIO = 0.5


class NoNumbersError(Exception):
    """A block holds something that is no number; `odd` is the first of it."""

    def __init__(self, odd: str) -> None:
        super().__init__(odd)
        self.odd = odd


@dataclass(slots=True)
class CsvColumn:
    """What is known of a column so far. `is_text`: whether it is known to hold text."""

    report: ColumnReport
    decimal: str
    counted: Distinct
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
    _low: int | float | None = None
    _high: int | float | None = None
    _booleans: int = 0
    _has_beyond_int64: bool = False

    def __post_init__(self) -> None:
        kind = self.report.kind
        self._is_real = kind == "number"
        if self.is_numeric:
            self.marks = Marks(self.marks_most, is_scaled=self._is_real)
        if kind == "date" and self.report.date_format is not None:
            self.dates = DateCount(self.report.date_format)

    @property
    def is_numeric(self) -> bool:
        """Whether its fields are taken as numbers."""
        return not self.is_text and self.report.kind in ("integer", "number", "empty")

    @property
    def is_boolean(self) -> bool:
        """Whether its fields are taken as truth values."""
        return not self.is_text and self.report.kind == "boolean"

    def take(self, column: pa.StringArray, *, counts: bool) -> Words | None:
        """A key per row, or None where only types are looked at or all have to be seen again."""
        self.rows += len(column)
        missing = column.null_count
        had = self.rows - len(column) > self.nulls
        self.nulls += missing
        if missing == len(column):
            return np.full(len(column), NULL_KEY) if counts else None
        present = column.drop_null() if missing else column
        keys = self._keys_of(present, had=had, counts=counts)
        if keys is None or not counts:
            return None
        if self.marks is None:
            self.counted.add(keys)
        if not missing:
            return keys
        spread = np.full(len(column), NULL_KEY)
        spread[column.is_valid().to_numpy(zero_copy_only=False)] = keys
        return spread

    def _keys_of(
        self,
        present: pa.StringArray,
        *,
        had: bool,
        counts: bool,
    ) -> Words | None:
        if self.is_numeric:
            try:
                return self._numbers(present)
            except NoNumbersError as exc:
                self._becomes_text(exc.odd, had=had)
        elif self.is_boolean:
            is_boolean = pc.is_in(present, value_set=_BOOLEANS)
            if pc.all(is_boolean).as_py():
                return _keys.of_text(pc.utf8_lower(present))
            self._becomes_text(_first(present, pc.invert(is_boolean)), had=had)
        if not counts or self.needs_another_scan:
            return None
        if self.is_text and self.report.kind in ("integer", "number", "empty", "boolean"):
            self._tell_kinds(present)
        if self.dates is not None:
            self.dates.take(present)
        self.text_bytes += _content_bytes(present)
        return _keys.of_text(present)

    def _becomes_text(self, odd: str, *, had: bool) -> None:
        self.odd = odd[:_SHOWN_CHARACTERS]
        self.marks = None
        self.is_text = True
        self.needs_another_scan = had

    def _tell_kinds(self, present: pa.StringArray) -> None:
        self._booleans += pc.sum(pc.is_in(present, value_set=_BOOLEANS)).as_py() or 0
        is_number = self._is_number(present)
        self.numbers += pc.sum(is_number).as_py() or 0
        if not self.odd:
            self.odd = _first(present, pc.invert(is_number))[:_SHOWN_CHARACTERS]

    def _numbers(self, present: pa.StringArray) -> Words:
        """Keys of fields that are all numbers. Raises NoNumbersError."""
        if not self._is_real:
            found = self._integers(present)
            if found is not None:
                least, most = int(found.min()), int(found.max())
                self._widen(least, most)
                self._mark(found, least, most)
                if self._high is not None and self._high > _LARGEST_INT64:
                    self._has_beyond_int64 = True
                return _keys.of_integers(found)
            self._is_real = True
            self._unmark(Marks(self.marks_most, is_scaled=True))
        values = self._reals(present)
        finite = values if np.isfinite(values).all() else values[np.isfinite(values)]
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            self._widen(low, high)
            if finite is values:
                self._mark(values, low, high)
        if finite is not values:
            self._unmark(None)
        return _keys.of_floats(values)

    def _mark(self, values: Any, low: float, high: float) -> None:
        if self.marks is not None and not self.marks.add(values, low, high):
            self._unmark(None)

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
            as_keys = _keys.of_floats if marks.is_scaled else _keys.of_integers
            self.counted.add(as_keys(values))

    def _widen(self, low: float, high: float) -> None:
        self._low = low if self._low is None else min(self._low, low)
        self._high = high if self._high is None else max(self._high, high)

    def _integers(self, present: pa.StringArray) -> Words | None:
        """Whole numbers, or None where some are none."""
        found: Words | None = _cast(present, pa.int64())
        if found is not None and not _has_hexadecimal(present):
            return found
        whole = pc.match_substring_regex(present, _INTEGER)
        if not pc.all(whole).as_py():
            return None
        plain = pc.utf8_ltrim(pc.utf8_trim_whitespace(present), "+")
        for wanted in (pa.int64(), pa.uint64()):
            found = _cast(plain, wanted)
            if found is not None:
                return found
        if pc.any(pc.starts_with(plain, "-")).as_py() and _fits(plain):
            return None
        # Digits past every type of whole numbers: pandas leaves the column as text.
        lengths = pc.binary_length(plain).to_numpy(zero_copy_only=False)
        raise NoNumbersError(present[int(lengths.argmax())].as_py())

    def _reals(self, present: pa.StringArray) -> _keys.Floats:
        plain = present
        if self.decimal != ".":
            if pc.any(pc.match_substring(present, ".")).as_py():
                return self._careful(present)
            plain = pc.replace_substring(present, self.decimal, ".")
        values: _keys.Floats | None = _cast(plain, pa.float64())
        if values is None or np.isnan(values).any():
            return self._careful(present)
        return values

    def _careful(self, present: pa.StringArray) -> _keys.Floats:
        is_number = self._is_number(present)
        if not pc.all(is_number).as_py():
            raise NoNumbersError(_first(present, pc.invert(is_number)))
        plain = pc.utf8_ltrim(pc.utf8_trim_whitespace(present), "+")
        if self.decimal != ".":
            plain = pc.replace_substring(plain, self.decimal, ".")
        values: _keys.Floats | None = _cast(plain, pa.float64())
        if values is None:  # Beyond the largest float, which Python calls infinite.
            values = np.array([float(text) for text in plain.to_pylist()])
        return values

    def _is_number(self, present: pa.StringArray) -> pa.BooleanArray:
        pattern = _NUMBER.replace("D", re.escape(self.decimal))
        is_number = pc.match_substring_regex(present, pattern)
        if pc.all(is_number).as_py():
            return is_number
        return pc.or_(is_number, pc.match_substring_regex(present, _INFINITY))

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


def _cast(column: pa.StringArray, wanted: pa.DataType) -> Any:
    """An array of that type; None where some field is none."""
    try:
        found = pc.cast(column, wanted).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return found


def _fits(plain: pa.StringArray) -> bool:
    """Whether every whole number fits one of the types, if not the same."""
    lengths = pc.binary_length(plain).to_numpy(zero_copy_only=False)
    return all(-(2**63) <= int(plain[int(i)].as_py()) < 2**64 for i in np.flatnonzero(lengths > 18))


def _has_hexadecimal(column: pa.StringArray) -> bool:
    """Arrow takes `0x1F` for a number, pandas does not."""
    data = column.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()
    return b"x" in raw or b"X" in raw


def _first(column: pa.StringArray, chosen: pa.BooleanArray) -> str:
    at = pc.index(chosen, value=True).as_py()
    return "" if at < 0 else str(column[at].as_py())


def _content_bytes(column: pa.StringArray) -> int:
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)
