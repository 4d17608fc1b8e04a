"""What a reduced file can't tell: columns that it lacks, and what groups no longer know."""

from collections.abc import Iterable, Sequence

import msgspec

from services import analyst, wording
from services.analyst.types import Abstained, Reading, UnknownColumn
from services.errors import NotYoursError
from services.ids import FileId, UserId
from services.preflight import PreflightRoom
from services.preflight.types import OneRowPerGroup, TableReport

_OFFERED = 4
_ADDED_UP = ("totals", "trend", "top", "distribution")


class Smaller(msgspec.Struct, frozen=True, kw_only=True):
    """A reduced file beside what it was made of."""

    tables: tuple[TableReport, ...]
    original: tuple[TableReport, ...]
    """The tables of its source; none where that is gone."""
    by: tuple[str, ...] | None
    """What its rows are groups by; None where they are rows still."""

    def declines(
        self, understanding: Reading | UnknownColumn | Abstained, question: str
    ) -> UnknownColumn | Abstained | None:
        """Why a question is not for this file; None where there is nothing to say of that."""
        asked = analyst.read_question(self.original, question)
        if isinstance(understanding, Reading):
            if self._is_told(understanding) or self._is_one_sum_each(understanding, asked):
                return None
            return self._totals_only(understanding)
        if not isinstance(asked, Reading):
            return self._named(understanding)
        missing = [name for name in asked.columns if name not in _names(self.tables)]
        if missing:
            return UnknownColumn(name=missing[0], closest=(), is_left_out=True)
        return None if self._is_told(asked) else self._totals_only(asked)

    def examples(self) -> tuple[str, ...]:
        """Questions that this file can answer; of groups, only what adds their sums up."""
        offered = analyst.examples(self.tables)
        if self.by is None:
            return offered
        return tuple(_of_sums((*offered, *self._candidates()), self))[:_OFFERED]

    def is_sum(self, reading: Reading) -> bool:
        """Whether it adds up what was added up, and nothing else."""
        is_added = reading.operation in _ADDED_UP and reading.aggregate == "sum"
        return is_added and reading.measure is not None and reading.measure not in (self.by or ())

    def _is_told(self, reading: Reading) -> bool:
        return self.by is None or self.is_sum(reading)

    def _is_one_sum_each(
        self, reading: Reading, asked: Reading | UnknownColumn | Abstained
    ) -> bool:
        """Whether the highest of each is its sum, as there is one row of it, and was meant so."""
        is_one = reading.operation == "top" and (reading.by,) == self.by
        is_meant = isinstance(asked, Reading) and asked.operation == "top" and self.is_sum(asked)
        return is_one and reading.aggregate == "max" and is_meant

    def _totals_only(self, reading: Reading) -> Abstained:
        count = self._count()
        if reading.aggregate != "count" or reading.operation not in ("totals", "top") or not count:
            return Abstained(reason=wording.reductions.totals_only(), examples=self.examples())
        asked = tuple(_of_sums([f"Total {count} by {reading.by}"], self))
        others = [example for example in self.examples() if example not in asked]
        return Abstained(
            reason=wording.reductions.counts_are_in(count),
            examples=(*asked, *others)[:_OFFERED],
        )

    def _count(self) -> str | None:
        """The column that tells how many rows each group had: the one that the source lacks."""
        known = _names(self.original)
        return next((name for name in _names(self.tables) if known and name not in known), None)

    def _named(self, understanding: UnknownColumn | Abstained) -> UnknownColumn | None:
        """The column that a question names, where only the source has it."""
        if not isinstance(understanding, UnknownColumn):
            return None
        lost = [name for name in _names(self.original) if name not in _names(self.tables)]
        sought = understanding.name.casefold()
        found = next((name for name in lost if name.casefold() == sought), None)
        return None if found is None else UnknownColumn(name=found, closest=(), is_left_out=True)

    def _candidates(self) -> Iterable[str]:
        by = self.by or ()
        sums = [name for name in _names(self.tables) if name not in by]
        for measure in sums[:_OFFERED]:
            for group in by[:2]:
                yield f"Total {measure} by {group}"
        for measure in sums[:_OFFERED]:
            yield f"Total {measure}"


def smaller(preflight: PreflightRoom, user: UserId, file_id: FileId) -> Smaller | None:
    """What there is to know of a reduced file; None for any other. Raises NotYoursError."""
    reduction, result = preflight.reduction(user, file_id), preflight.result(user, file_id)
    if reduction is None or result is None:
        return None
    groups = [step.by for step in reduction.steps if isinstance(step, OneRowPerGroup)]
    return Smaller(
        tables=result.report.tables,
        original=_original(preflight, user, reduction.source),
        by=tuple(dict.fromkeys(name for names in groups for name in names)) if groups else None,
    )


def _original(preflight: PreflightRoom, user: UserId, file_id: FileId) -> tuple[TableReport, ...]:
    """Of the file that all began with, since one that is reduced may be reduced again."""
    found: tuple[TableReport, ...] = ()
    sought: FileId | None = file_id
    try:
        while sought is not None:
            result, earlier = preflight.result(user, sought), preflight.reduction(user, sought)
            found = result.report.tables if result is not None else found
            sought = earlier.source if earlier is not None else None
    except NotYoursError:
        return found  # It has been removed since.
    return found


def _of_sums(questions: Iterable[str], one: Smaller) -> Iterable[str]:
    """Those that are read as a sum, each figure once."""
    seen: set[tuple[object, ...]] = set()
    for question in questions:
        reading = analyst.read_question(one.tables, question)
        if not isinstance(reading, Reading) or not one.is_sum(reading):
            continue
        figure = (reading.operation, reading.measure, reading.by, reading.date)
        if figure not in seen:
            seen.add(figure)
            yield question


def _names(tables: Sequence[TableReport]) -> tuple[str, ...]:
    return tuple(column.name for column in tables[0].columns) if tables else ()
