"""Numbers of a column: their extremes, how many differ, and of which type pandas makes them."""

import math
from dataclasses import dataclass, field

import numpy as np

from services.preflight.inspection import shown_number
from services.preflight.inspection.types import Dtype
from services.preflight.profiling import _keys
from services.preflight.profiling._csv_numbers import Numbers
from services.preflight.profiling._distinct import Distinct
from services.preflight.profiling._keys import Words
from services.preflight.profiling._marks import Marks
from services.preflight.types import ColumnKind

_LARGEST_INT64 = 2**63 - 1


@dataclass(slots=True)
class NumberCount:
    """What is known of them so far. Whole numbers become real ones with the first that is."""

    counted: Distinct
    weight: np.uint64
    marks_most: int
    is_real: bool
    marks: Marks | None = field(init=False)
    """Counts different numbers in the place of `counted`, as long as they allow it."""
    _low: int | float | None = None
    _high: int | float | None = None
    _has_beyond_int64: bool = False

    def __post_init__(self) -> None:
        self.marks = Marks(self.marks_most, is_scaled=self.is_real)

    def keys(self, values: Numbers) -> Words:
        """A key for each, with the column's weight."""
        keys = _keys.of_numbers(values)
        keys *= self.weight
        return keys

    def take(self, found: Numbers, keys: Words, low: float, high: float) -> None:
        """Some more numbers, with their keys and extremes."""
        if found.dtype.kind == "f" and not self.is_real:
            self.is_real = True
            self._unmark(Marks(self.marks_most, is_scaled=True))
        if not (math.isfinite(low) and math.isfinite(high)):
            self._unmark(None)
            self.counted.add(keys)
            found = found[np.isfinite(found)]
            if len(found):
                self._widen(found.min().item(), found.max().item())
            return
        self._widen(low, high)
        if not self.is_real and high > _LARGEST_INT64:
            self._has_beyond_int64 = True
        if self.marks is not None and not self.marks.add(found, low, high):
            self._unmark(None)
        if self.marks is None:
            self.counted.add(keys)

    def different(self) -> tuple[int, float | None]:
        """How many differ, and the error of that where it is an estimate."""
        found = self.counted.count()
        return found if self.marks is None or not self.marks.count() else (self.marks.count(), None)

    def typed(self, present: int, nulls: int) -> tuple[ColumnKind, Dtype]:
        """What pandas makes of a column of them."""
        if not present:
            return "empty", "float64"
        if self.is_real or nulls:
            return ("number" if self.is_real else "integer"), "float64"
        if not self._has_beyond_int64:
            return "integer", "int64"
        return "integer", "float64" if (self._low or 0) < 0 else "uint64"

    def extremes(self, kind: ColumnKind) -> tuple[str | None, str | None]:
        """As they are shown."""
        if self._low is None or self._high is None:
            return None, None
        if kind == "integer":
            return str(self._low), str(self._high)
        return shown_number(self._low, kind), shown_number(self._high, kind)

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
            self.counted.add(self.keys(values))

    def _widen(self, low: float, high: float) -> None:
        self._low = low if self._low is None else min(self._low, low)
        self._high = high if self._high is None else max(self._high, high)
