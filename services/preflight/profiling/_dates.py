"""Dates of a column: the earliest and latest, and how many values are none in its format."""

from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from services.preflight.inspection import dates
from services.preflight.profiling._keys import Ints

_BY_HAND = 200_000
"""Different values that are parsed one by one, where Arrow does not know the format."""
_FRACTION = ".%f"
_ISO_DATES = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")


@dataclass(slots=True)
class DateCount:
    """Dates written in one format. `swapped`: valid only with day and month swapped."""

    format: str
    unfit: int = 0
    swapped: int = 0
    telling: int = 0
    """Values that are dates in this format only, not with day and month swapped."""
    _span: list[datetime] = field(default_factory=list)
    _swapped_span: list[datetime] = field(default_factory=list)
    _by_hand: int = 0
    _is_cut_short: bool = False
    _seen: dict[str, datetime | None] = field(default_factory=dict)

    def take(self, values: pa.StringArray, times: Ints) -> None:
        """Count some more values, none of them missing, each so many times."""
        texts = pc.utf8_trim_whitespace(values)
        moments = self._parsed(texts, self.format)
        if moments is None:
            return
        self._span = _widened(self._span, moments)
        swapped = _swapped(self.format)
        unfit = pc.is_null(moments)
        if swapped is not None:
            other = self._parsed(texts, swapped)
            if other is not None:
                self._swapped_span = _widened(self._swapped_span, other)
                only_here = pc.and_(pc.is_valid(moments), pc.is_null(other))
                only_there = pc.and_(unfit, pc.is_valid(other))
                self.telling += _sum(times, only_here)
                self.swapped += _sum(times, only_there)
        self.unfit += _sum(times, unfit)

    @property
    def settled(self) -> str | None:
        """The other order of day and month, where all values fit that one and some not this one."""
        is_other = self.swapped and self.swapped == self.unfit and not self.telling
        return _swapped(self.format) if is_other else None

    def extremes(self) -> tuple[str | None, str | None]:
        """In ISO form, with the time of day where the format has one."""
        span = self._swapped_span if self.settled else self._span
        if not span or self._is_cut_short:
            return None, None
        pattern = "%Y-%m-%d %H:%M:%S" if "%M" in self.format else "%Y-%m-%d"
        return span[0].strftime(pattern), span[1].strftime(pattern)

    def _parsed(self, texts: pa.StringArray, style: str) -> pa.TimestampArray | None:
        """An instant per text, null where it is none; None where that would take too long."""
        if style in _ISO_DATES:
            try:
                return pc.cast(texts, pa.timestamp("us"))
            except pa.ArrowInvalid:
                return self._parsed_by_hand(texts, style)
        if _FRACTION in style or "%p" in style or "%z" in style:
            return self._parsed_by_hand(texts, style)
        return pc.strptime(texts, format=style, unit="s", error_is_null=True)

    def _parsed_by_hand(self, texts: pa.StringArray, style: str) -> pa.TimestampArray | None:
        if self._by_hand > _BY_HAND:
            self._is_cut_short = True
            return None
        found = []
        for text in texts.to_pylist():
            key = f"{style} {text}"
            if key not in self._seen:
                self._by_hand += 1
                moment = dates.parse(text, style)
                self._seen[key] = moment.replace(tzinfo=None) if moment else None
            found.append(self._seen[key])
        return pa.array(found, pa.timestamp("us"))


def _widened(span: list[datetime], moments: pa.TimestampArray) -> list[datetime]:
    """The earliest and the latest of what was known and of these."""
    found = pc.min_max(moments).as_py()
    if found["min"] is None:
        return span
    both = [*span, found["min"], found["max"]]
    return [min(both), max(both)]


def _swapped(style: str) -> str | None:
    """The format with day and month in the other order, where a number stands for both."""
    day, month = style.find("%d"), style.find("%m")
    if day < 0 or month < 0 or style.startswith("%Y") or "." in style[:6]:
        return None
    return style.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _sum(times: Ints, chosen: pa.BooleanArray) -> int:
    return int(times @ chosen.to_numpy(zero_copy_only=False))
