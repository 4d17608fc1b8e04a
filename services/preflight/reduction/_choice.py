"""Which rows are kept: filters, the newest, one of n; in one pass, or two for the newest."""

import contextlib
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np

from services.preflight.reduction import _numbers
from services.preflight.reduction._cells import remembering
from services.preflight.reduction._source import Row, Rows
from services.preflight.reduction._wanted import Wanted
from services.preflight.types import ColumnReport, KeepRows, NewestRows

_Holds = Callable[[Row], bool]
_Amount = Callable[[str], float | None]
_SEED = 1


class Chosen:
    """The rows of a source that the steps keep; `source_rows` are those that were looked at."""

    def __init__(
        self, rows: Rows, columns: tuple[ColumnReport, ...], wanted: Wanted, newest_most: int
    ) -> None:
        self._rows = rows
        self._columns = {column.name: column for column in columns}
        self._wanted = wanted
        self._newest_most = newest_most
        self._filters = [self._filter(step) for step in wanted.filters]
        self._place = 0.0
        self._passes = 2 if wanted.newest is not None else 1
        self.source_rows = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The source's columns."""
        return self._rows.names

    @property
    def done(self) -> float:
        """How much has been read, over all passes."""
        return self._place + self._rows.done / self._passes

    def __iter__(self) -> Iterator[Row]:
        newest, every = self._wanted.newest, self._wanted.every
        last = self._last_of(newest) if newest is not None else None
        self._place = 1 - 1 / self._passes
        chance = random.Random(_SEED)
        met = drawn = 0  # The first row of all is kept, so that some row always is.
        for position, row in enumerate(self._filtered()):
            if last is not None and not last(position, row):
                continue
            place = met % every
            if not place and met:
                drawn = chance.randrange(every)
            if place == drawn:
                yield row
            met += 1

    def _filtered(self) -> Iterator[Row]:
        self.source_rows = 0
        filters = self._filters
        for row in self._rows:
            self.source_rows += 1
            if all(holds(row) for holds in filters):
                yield row

    def _filter(self, step: KeepRows) -> _Holds:
        at = self._position(step.column)
        if step.comparison == "contains":
            sought = step.value.casefold()
            return lambda row: sought in row[at].casefold()
        amount = amount_of(self._columns.get(step.column))
        value = amount(step.value)
        if value is None:
            return _comparing_text(at, step)
        match step.comparison:
            case "=":
                return lambda row: amount(row[at]) == value
            case "!=":
                return lambda row: amount(row[at]) != value
        return _comparing(at, step.comparison, value, amount)

    def _last_of(self, step: NewestRows) -> Callable[[int, Row], bool]:
        """A first pass, which finds where the newest rows begin."""
        most = min(step.rows, self._newest_most)
        if step.column is None:
            first = sum(1 for _ in self._filtered()) - most
            return lambda position, _: position >= first
        at, amount = self._position(step.column), amount_of(self._columns.get(step.column))
        newest = _Newest(most)
        for position, row in enumerate(self._filtered()):
            found = amount(row[at])
            newest.add(-np.inf if found is None else found, position)
        least = newest.least()

        def is_newest(position: int, row: Row) -> bool:
            found = amount(row[at])
            return (-np.inf if found is None else found, position) >= least

        return is_newest

    def _position(self, name: str) -> int:
        return self._rows.names.index(name)


class _Newest:
    """The greatest (time, position) pairs of a stream, in bounded memory."""

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._times = np.empty(2 * self._most)
        self._positions = np.empty(2 * self._most, np.int64)
        self._count = 0

    def add(self, time: float, position: int) -> None:
        if self._count == len(self._times):
            self._prune()
        self._times[self._count] = time
        self._positions[self._count] = position
        self._count += 1

    def least(self) -> tuple[float, int]:
        """The smallest pair that is still among them."""
        if not self._count:
            return (-np.inf, 0)
        self._prune()
        return float(self._times[0]), int(self._positions[0])

    def _prune(self) -> None:
        times, positions = self._times[: self._count], self._positions[: self._count]
        order = np.lexsort((positions, times))[-self._most :]
        kept_times, kept_positions = times[order], positions[order]
        self._count = len(order)
        self._times[: self._count] = kept_times
        self._positions[: self._count] = kept_positions


def amount_of(column: ColumnReport | None) -> _Amount:
    """What makes a column's values comparable: dates by their time, all else as numbers."""
    if column is None or column.kind != "date":
        mark = _numbers.decimal_mark(column) if column is not None else None
        plain = _numbers.unwritten(mark) if mark is not None else None
        return lambda text: _number(text if plain is None else plain(text))
    form = column.date_format
    is_iso = form is not None and form.startswith("%Y-%m-%d")

    def time(text: str) -> float | None:
        if form is not None and not is_iso:
            with contextlib.suppress(ValueError):
                return _seconds(datetime.strptime(text.strip(), form))  # noqa: DTZ007 - as written
        with contextlib.suppress(ValueError):
            return _seconds(datetime.fromisoformat(text.strip()))
        return None

    return remembering(time)


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    with contextlib.suppress(ValueError):
        return float(text.replace(",", ".", 1))
    return None


def _comparing_text(at: int, step: KeepRows) -> _Holds:
    value, comparison = step.value, step.comparison
    if comparison == "=":
        return lambda row: row[at] == value
    if comparison == "!=":
        return lambda row: row[at] != value
    if comparison == "<":
        return lambda row: row[at] < value
    if comparison == "<=":
        return lambda row: row[at] <= value
    if comparison == ">":
        return lambda row: row[at] > value
    return lambda row: row[at] >= value


def _comparing(at: int, comparison: str, value: float, amount: _Amount) -> _Holds:
    """What has no amount is kept by no comparison, as pandas has it."""
    low = comparison in ("<", "<=")
    with_equal = comparison in ("<=", ">=")

    def holds(row: Row) -> bool:
        found = amount(row[at])
        if found is None:
            return False
        if found == value:
            return with_equal
        return found < value if low else found > value

    return holds
