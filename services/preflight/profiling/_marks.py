"""Different numbers, counted by a mark per possible one: for whole numbers and few decimals.

Most columns of numbers lie within some thousand or million steps of a unit, of 0.01, of 0.001. A
mark for each step costs a tenth of what keeping keys does. Where a value lies elsewhere, the marks
are turned back into numbers, and keys have to do.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from services.preflight.profiling._keys import Ints

_SCALE = 1000.0
"""Three decimals; a fourth is left to keys."""
_LEAST = 1 << 12
_EXACT, _LARGE = 2.0**52, 2**62


@dataclass(slots=True)
class Marks:
    """A mark per step from `_first` on; at most so many of them."""

    most: int
    is_scaled: bool
    _first: int = 0
    _low: int = 0
    _high: int = 0
    _marks: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    @property
    def held(self) -> int:
        """As many keys would take the same memory."""
        return len(self._marks) // 8

    def add(self, values: Any, low: float, high: float) -> bool:
        """Mark these values, which lie between the two; false, and nothing done, if that can't be.

        Values are all integers, or all floats where the marks are scaled.
        """
        if not self.is_scaled:
            if max(abs(low), abs(high)) >= _LARGE:
                return False
            return self._mark(values.astype(np.int64, copy=False), int(low), int(high))
        if max(abs(low), abs(high)) * _SCALE >= _EXACT:
            return False
        first, last = round(low * _SCALE), round(high * _SCALE)
        if last - first >= self.most:
            return False
        steps = np.rint(values * _SCALE)
        if not np.array_equal(steps / _SCALE, values):
            return False
        return self._mark(steps.astype(np.int64), first, last)

    def _mark(self, steps: Ints, low: int, high: int) -> bool:
        first, last = low, high
        if len(self._marks):
            first, last = min(low, self._low), max(high, self._high)
        if last - first >= self.most:
            return False
        if first < self._first or last >= self._first + len(self._marks):
            self._cover(first, last - first + 1)
        self._low, self._high = first, last
        self._marks[steps - self._first] = True
        return True

    def _cover(self, first: int, needed: int) -> None:
        """Make room for these steps, and for as many again around them."""
        size = min(self.most, max(_LEAST, 2 * needed))
        first -= (size - needed) // 2
        grown = np.zeros(size, np.bool_)
        if len(self._marks):
            marked = self._marks[self._low - self._first : self._high + 1 - self._first]
            grown[self._low - first : self._high + 1 - first] = marked
        self._first, self._marks = first, grown

    def count(self) -> int:
        """How many different values were marked."""
        return int(np.count_nonzero(self._marks))

    def values(self) -> Any:
        """What was marked, as it was given."""
        steps: Ints = np.flatnonzero(self._marks) + self._first
        return steps / _SCALE if self.is_scaled else steps
