"""The changes that a follow-up makes to the question before it."""

from typing import Literal, cast

import msgspec

from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._roles import is_identifier, is_numeric, usual_aggregate
from services.analyst._tags import Token
from services.analyst._wanted import Wanted, with_changes
from services.analyst._words import is_plural
from services.analyst.types import Aggregate, Grain, Reading
from services.wording import questions as say

_FIGURES = ("totals", "trend", "top")
_DEFAULT_LIMIT = 5


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a follow-up says, by what it changes."""

    aggregate: Token | None = None
    rows: Token | None = None
    end: Token | None = None
    other_end: Token | None = None
    order: Token | None = None
    limit: Token | None = None
    by: Token | None = None
    about: Token | None = None
    period: Token | None = None
    spread: Token | None = None
    relation: Token | None = None
    places: Literal["one", "many", "as before"] = "as before"
    """'Which is the lowest' asks for one place, 'the lowest ones' for several."""

    @property
    def ranks(self) -> bool:
        """Whether first or last places are asked for."""
        return any((self.end, self.other_end, self.limit, self.period))


def as_wanted(previous: Reading, drawn: str) -> Wanted:
    """The question before, as something that can be changed."""
    counted = previous.operation in _FIGURES and previous.measure is None
    plain = previous.operation == "distribution" and previous.aggregate == "count"
    return Wanted(
        operation=previous.operation,
        measure=previous.measure,
        measure_2=previous.measure_2,
        aggregate=None if counted or plain else previous.aggregate,
        counts_rows=counted,
        by=previous.by,
        date=previous.date,
        grain=previous.grain,
        limit=previous.limit,
        ascending=previous.ascending,
        drawn=drawn,
    )


def changed(before: Wanted, parts: Parts, columns: Columns) -> Wanted | Refused:
    """The question before with all that the follow-up says."""
    wanted: Wanted | Refused = before
    if parts.relation and parts.about:
        return _related(before, parts.about.names[0])
    if parts.spread:
        return _spread(before)
    if parts.rows:
        wanted = _counted(before)
    if parts.about:
        name = parts.about.names[0]
        wanted = _about(before, name, columns, is_ranked=parts.ranks, said=bool(parts.aggregate))
    if parts.by and isinstance(wanted, Wanted):
        wanted = _by(wanted, parts.by.names[0], columns)
    if parts.aggregate and isinstance(wanted, Wanted):
        wanted = aggregated(wanted, parts.aggregate.value)
    if parts.order and isinstance(wanted, Wanted):
        wanted = _ordered(wanted, parts.order)
    if parts.ranks and isinstance(wanted, Wanted):
        wanted = _ranked(wanted, before, parts, columns)
    return wanted


def over_time(
    before: Wanted, date: str | None, grain: Grain | None, columns: Columns
) -> Wanted | Refused:
    """The same figure along time."""
    if before.operation == "correlation":
        return Refused(say.nothing_to_change())
    kept = before.date if before.operation == "trend" else None
    changes: dict[str, object] = {"by": None, "limit": None, "ascending": False}
    return _figure(before, columns, operation="trend", date=date or kept, grain=grain, **changes)


def aggregated(before: Wanted, aggregate: str) -> Wanted | Refused:
    """The same with another aggregate: 'now the average'."""
    how = cast(Aggregate, "sum" if aggregate == "much" else aggregate)
    if before.operation in ("overview", "correlation"):
        return Refused(say.nothing_to_change())
    if before.measure is None:
        return Refused(say.nothing_to_aggregate(how))
    return with_changes(before, aggregate=how, how_much=aggregate == "much", counts_rows=False)


def with_all(before: Wanted) -> Wanted:
    """All groups, where only the first or the last were listed."""
    operation = "totals" if before.by is not None else "trend"
    return with_changes(before, operation=operation, limit=None, ascending=False)


def _by(before: Wanted, group: str, columns: Columns) -> Wanted | Refused:
    if before.operation == "correlation":
        return Refused(say.nothing_to_change())
    if before.operation == "top":
        column = columns.report(group)
        if is_numeric(column) and not is_identifier(column):
            return _measured(before, group, columns, said=False)
        return with_changes(before, by=group, date=None, grain=None)
    return _figure(before, columns, operation="totals", by=group, date=None, grain=None)


def _figure(before: Wanted, columns: Columns, **changes: object) -> Wanted:
    """The same figure along something else; what was no figure is counted."""
    if before.measure is None or not is_numeric(columns.report(before.measure)):
        changes |= {"measure": None, "counts_rows": True, "aggregate": None}
    return with_changes(before, **changes)


def _counted(before: Wanted) -> Wanted | Refused:
    if before.operation in _FIGURES:
        return with_changes(before, measure=None, counts_rows=True, aggregate=None)
    return Refused(say.nothing_to_change())


def _about(
    before: Wanted, name: str, columns: Columns, *, is_ranked: bool, said: bool
) -> Wanted | Refused:
    """'and profit?', 'the same for channel': another measure, or another group."""
    column = columns.report(name)
    match before.operation:
        case "correlation":
            return with_changes(before, measure_2=name)
        case "distribution" if not is_ranked:
            return with_changes(before, measure=name)
        case "totals" | "top" | "trend":
            if is_numeric(column) and not is_identifier(column):
                return _measured(before, name, columns, said=said)
            return _by(before, name, columns)
        case _:
            return Refused(say.nothing_to_change())


def _measured(before: Wanted, name: str, columns: Columns, *, said: bool) -> Wanted:
    """The same for another measure; a sum only of what can be added up, unless it is said."""
    is_sum = before.aggregate == "sum" and not said
    usual = usual_aggregate(columns.report(name)) if is_sum else "sum"
    aggregate = before.aggregate if usual == "sum" else None
    return with_changes(before, measure=name, counts_rows=False, aggregate=aggregate)


def _ordered(wanted: Wanted, order: Token) -> Wanted | Refused:
    if wanted.operation != "totals":
        return Refused(say.only_groups_are_sorted())
    return with_changes(wanted, ascending=order.value == "least")


def _ranked(wanted: Wanted, before: Wanted, parts: Parts, columns: Columns) -> Wanted | Refused:
    """First or last places: of the groups, or of the periods, that were asked for."""
    counted = wanted.counts_rows or (wanted.operation == "distribution" and not wanted.aggregate)
    if parts.end and parts.end.tag == "Q" and not counted:
        return Refused(say.nothing_to_change())
    if wanted.operation == "distribution" and wanted.measure is not None:
        if not is_numeric(columns.report(wanted.measure)):
            changes: dict[str, object] = {"measure": None, "aggregate": None, "counts_rows": True}
            wanted = with_changes(wanted, operation="totals", by=wanted.measure, **changes)
        elif parts.end and not parts.limit:
            return with_changes(wanted, aggregate="min" if _is_low(parts.end) else "max")
    if parts.period:
        grain = cast(Grain, parts.period.value)
        wanted = with_changes(wanted, operation="trend", by=None, grain=grain)
    if wanted.operation not in _FIGURES:
        return Refused(say.nothing_to_rank())
    if parts.other_end and not parts.limit and wanted.operation == "totals":
        return with_changes(wanted, ascending=not wanted.ascending)
    ascending = wanted.ascending
    if parts.other_end:
        ascending = not before.ascending
    elif parts.end:
        ascending = _is_low(parts.end)
    return with_changes(wanted, operation="top", limit=_limit(wanted, parts), ascending=ascending)


def _is_low(end: Token) -> bool:
    return end.value in ("least", "worst")


def _limit(wanted: Wanted, parts: Parts) -> int:
    if parts.limit:
        return int(parts.limit.value)
    listed = wanted.limit if wanted.operation == "top" else None
    if listed is not None and (parts.places != "one" or parts.other_end):
        return listed
    named = parts.period or parts.about
    many = named is not None and is_plural(named.text.split()[-1].lower())
    return _DEFAULT_LIMIT if many or parts.places == "many" else 1


def _related(before: Wanted, name: str) -> Wanted | Refused:
    if before.measure is None or before.operation == "overview":
        return Refused(say.nothing_to_change())
    return Wanted(operation="correlation", measure=before.measure, measure_2=name)


def _spread(before: Wanted) -> Wanted | Refused:
    measure = before.measure or before.by
    if measure is None or before.operation in ("overview", "correlation"):
        return Refused(say.nothing_to_change())
    return Wanted(operation="distribution", measure=measure, drawn=before.drawn)
