"""The plan that keeps most of the truth, of those that fit.

In this order: everything, written compactly; without what carries nothing; without the columns that
answer least per byte; with fewer digits; without further columns, as long as a useful table is
left; only then every n-th row. Of one kind of step no more is taken than is needed.
"""

import contextlib
import statistics
from collections.abc import Callable, Iterable, Sequence

from services.preflight.reduction import _facts, _numbers, _rows
from services.preflight.reduction._estimate import Estimator, chosen, high_size_bytes
from services.preflight.reduction._facts import ColumnFacts
from services.preflight.reduction._wanted import gather, table_of
from services.preflight.reduction._worth import by_worth, carries_nothing, is_dispensable, repeats
from services.preflight.types import (
    KeepColumns,
    NarrowTypes,
    ReductionPlan,
    ReductionStep,
    SampleRows,
)

_DIGITS_FROM, _DIGITS_KEPT = 7, 4
"""Decimals from which rounding is thought of, and how many are kept."""
_LEAST_RATIO, _LEAST_COLUMNS = 1 / 3, 3
"""Of the useful columns so many at least, before rows are left out instead."""
_MOST_EVERY = 100_000


def suggest(estimator: Estimator) -> ReductionPlan | None:
    """The plan; None where even one row in many of the most useful columns is too much.

    It is below what usually goes well, where that costs neither rows nor digits, else below what
    can be sent.
    """
    usual = estimator.profile.practical_file_limit_bytes
    if usual < estimator.profile.file_limit_bytes:
        found = _Search(estimator.within(usual)).best()
        if found is not None and found.is_exact:
            return found
    return _Search(estimator).best()


class _Search:
    def __init__(self, estimator: Estimator) -> None:
        self._estimator = estimator
        self._table = table_of(estimator.source.report, gather(()))
        self._rows = self._table.rows
        numbers = tuple(c.name for c in self._table.columns if _numbers.decimal_mark(c))
        self._numbers = NarrowTypes(columns=numbers) if numbers else None

    def best(self) -> ReductionPlan | None:
        steps: list[ReductionStep] = [self._numbers] if self._numbers else []
        columns = self._columns(steps)
        repeated = repeats(columns, self._table)
        telling = [c for c in columns if not carries_nothing(c.report, self._rows)]
        telling = [c for c in telling if c.report.name not in repeated] or columns[:1]
        for kept in (columns, telling):
            if self._fits(kept):
                return self._plan(steps, kept, columns)
        ranked = by_worth(telling, self._rows)
        useful = [c for c in ranked if not is_dispensable(c, self._rows)] or ranked[:1]
        found = self._as_many([*useful, *_others(ranked, useful)])
        if not _others(useful, found):
            return self._plan(steps, found, columns)
        rounded = self._rounded(useful)
        if rounded is not None:
            again = self._columns([*steps, rounded])
            again = _others(again, _others(again, useful))
            if self._fits(again):
                return self._plan([*steps, rounded], again, columns)
        least = max(_LEAST_COLUMNS, round(len(useful) * _LEAST_RATIO))
        for few in (found, self._as_many(by_worth(useful, self._rows, is_tight=True))):
            if len(few) >= min(least, len(useful) - 1) and not _others(useful[:1], few):
                return self._plan(steps, few, columns)
        return self._sampled(steps, useful, columns)

    def _columns(self, steps: Sequence[ReductionStep]) -> list[ColumnFacts]:
        wanted = gather(steps)
        return chosen(_facts.of_columns(self._estimator.source, wanted), wanted)

    def _fits(self, kept: Sequence[ColumnFacts], every: int = 1) -> bool:
        left = _rows.left(self._table, gather([SampleRows(every=every)]))
        return self._estimator.fits(kept, self._rows, left, None)

    def _as_many(self, ranked: Sequence[ColumnFacts]) -> list[ColumnFacts]:
        """The first ones that fit together; one that is too wide makes room for narrower ones."""
        limit = self._estimator.profile.file_limit_bytes
        taken: list[ColumnFacts] = []
        size = 0
        for column in ranked:
            own = high_size_bytes([column], self._rows)
            if size + own <= limit:
                taken.append(column)
                size += own
        if self._fits(_in_order(taken)):
            return _in_order(taken)
        fitting = _first(0, len(taken), lambda n: self._fits(_in_order(taken[: len(taken) - n])))
        return _in_order(taken[: len(taken) - fitting])

    def _rounded(self, kept: Sequence[ColumnFacts]) -> NarrowTypes | None:
        long = tuple(
            column.report.name
            for column in kept
            if column.dtype == "float64" and _decimals(column) >= _DIGITS_FROM and _is_large(column)
        )
        return NarrowTypes(columns=long, digits=_DIGITS_KEPT) if long else None

    def _sampled(
        self,
        steps: Sequence[ReductionStep],
        kept: Sequence[ColumnFacts],
        columns: Sequence[ColumnFacts],
    ) -> ReductionPlan | None:
        ordered = _in_order(kept)
        low, high = 2, min(_MOST_EVERY, max(2, self._rows))
        if not self._fits(ordered, high):
            return None
        every = _first(low, high, lambda n: self._fits(ordered, n))
        return self._plan([*steps, SampleRows(every=every)], ordered, columns)

    def _plan(
        self,
        steps: Sequence[ReductionStep],
        kept: Sequence[ColumnFacts],
        columns: Sequence[ColumnFacts],
    ) -> ReductionPlan | None:
        taken = list(steps)
        if len(kept) < len(columns):
            names = {column.report.name for column in kept}
            in_source = [c.name for c in self._table.columns if c.name in names]
            taken.append(KeepColumns(names=tuple(in_source)))
        plan = self._estimator.plan(tuple(_of_kept(taken)))
        return plan if plan.fits else None


def _of_kept(steps: Iterable[ReductionStep]) -> list[ReductionStep]:
    """Without wishes about columns that are left out."""
    taken = list(steps)
    kept = gather(taken)
    done: list[ReductionStep] = []
    for step in taken:
        if isinstance(step, NarrowTypes):
            names = tuple(name for name in step.columns if kept.keeps(name))
            if names:
                done.append(NarrowTypes(columns=names, digits=step.digits))
        else:
            done.append(step)
    return done


def _others(columns: Sequence[ColumnFacts], taken: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    """Those that are not among the taken ones; by their places, as there may be thousands."""
    places = {column.position for column in taken}
    return [column for column in columns if column.position not in places]


def _in_order(columns: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    return sorted(columns, key=lambda column: column.order)


def _decimals(column: ColumnFacts) -> float:
    examples = [e for e in column.report.examples if "." in e and "e" not in e.lower()]
    digits = [len(example.partition(".")[2]) for example in examples]
    return sum(digits) / len(digits) if digits else 0.0


def _is_large(column: ColumnFacts) -> bool:
    """Whether the decimals that are kept are but the last digits: of 0.00003 none would be left."""
    sizes = []
    for example in column.report.examples:
        with contextlib.suppress(ValueError):
            sizes.append(abs(float(example)))
    return bool(sizes) and statistics.median(sizes) >= 1


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number that holds, where all greater ones do; `high` is known to."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
