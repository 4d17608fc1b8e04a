"""Texts of a column: what they tell beside how many differ."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from services.preflight.profiling import _csv_numbers
from services.preflight.profiling._dates import DateCount

BOOLEANS = pa.array(["True", "TRUE", "true", "False", "FALSE", "false"])
_SHOWN_CHARACTERS = 80
_MIXED_RATIO = 0.5


@dataclass(slots=True)
class TextCount:
    """What is known of them so far."""

    decimal: str
    may_hold_numbers: bool
    """Whether what the check took for text could be numbers only, as far as is known."""
    date_format: str | None
    tells_kinds: bool
    """Whether numbers and truth values among them count: the check saw nothing else."""
    dates: DateCount | None = field(init=False)
    odd: str = ""
    """The first that is no number."""
    numbers: int = 0
    booleans: int = 0
    text_bytes: int = 0

    def __post_init__(self) -> None:
        self.dates = None if self.date_format is None else DateCount(self.date_format)

    def take(self, texts: pa.StringArray, codes: npt.NDArray[np.int32] | None) -> None:
        """Some more: each once, or as often as its number is among the codes."""
        if self.may_hold_numbers:  # the first of them tells that of nearly every column
            self.may_hold_numbers = all(
                pc.all(_csv_numbers.are_numbers(some, self.decimal)).as_py()
                for some in (texts[:1], texts)
            )
        if self.dates is None and not self.tells_kinds:
            return
        if codes is None:
            times = np.ones(len(texts), np.int64)
        else:
            times = np.bincount(codes, minlength=len(texts))
        if self.dates is not None:
            self.dates.take(texts, times)
            return
        self.text_bytes += int(times @ pc.binary_length(texts).to_numpy(zero_copy_only=False))
        is_boolean = pc.is_in(texts, value_set=BOOLEANS)
        self.booleans += int(times @ is_boolean.to_numpy(zero_copy_only=False))
        is_number = _csv_numbers.are_numbers(texts, self.decimal)
        self.numbers += int(times @ is_number.to_numpy(zero_copy_only=False))
        if not self.odd:
            self.show(_csv_numbers.first(texts, pc.invert(is_number)))

    def show(self, odd: str) -> None:
        """Remember a text that is no number."""
        self.odd = odd[:_SHOWN_CHARACTERS]

    def are_mixed(self, present: int) -> bool:
        """Whether most are numbers."""
        return self.numbers >= _MIXED_RATIO * max(1, present)
