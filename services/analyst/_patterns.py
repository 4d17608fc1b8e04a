"""From the tags of a question to what is wanted: the shape that they have, its parts in place."""

import re
from collections.abc import Sequence
from typing import cast

import msgspec

from services.analyst._along_time import along_time
from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._ranking import measure_of, problem_of
from services.analyst._reasons import (
    Unclear,
    Unknown,
    rows_that_may_repeat,
    unclear,
    unhandled,
    unknown,
    value_among,
    with_runs_merged,
)
from services.analyst._roles import one_row_each, usual_aggregate
from services.analyst._shapes import GENERAL, TREND, fit
from services.analyst._tags import Token
from services.analyst._wanted import Wanted
from services.analyst._words import is_plural
from services.analyst.types import Aggregate, Grain, Operation
from services.wording import questions as say
from services.wording import readings

_DEFAULT_LIMIT = 5
_MANY = 50
_ENDS_OF_ONE = ("highest", "largest", "biggest", "greatest", "lowest", "smallest")

Plan = Wanted | Refused | Unknown | Unclear


def plan(tokens: Sequence[Token], columns: Columns) -> Plan:
    """What these tags ask for."""
    spoken = _names_whole([token for token in tokens if token.tag != "F"])
    while spoken and spoken[0].tag == "&":
        spoken.pop(0)
    problem = unhandled(spoken, tokens, columns)
    if problem:
        return problem
    ordered = _without_order(spoken)
    if isinstance(ordered, Unclear):
        return ordered
    rest, ascending = ordered
    found = _found(rest, columns, Wanted(operation="totals", drawn=drawn(tokens)))
    if ascending is None or not isinstance(found, Wanted):
        return found
    if found.operation != "totals":
        return Unclear(say.only_groups_are_sorted())
    return msgspec.structs.replace(found, ascending=ascending)


def _found(spoken: list[Token], columns: Columns, wanted: Wanted) -> Plan:
    found = _match(spoken, columns, wanted)
    if found is None:
        merged = with_runs_merged(spoken)
        found = _match(merged, columns, wanted) if len(merged) < len(spoken) else None
        if isinstance(found, Unknown):
            found = value_among(spoken, columns) or found
    return found or unclear(spoken, columns)


def drawn(tokens: Sequence[Token]) -> str:
    """The kind of chart that is asked for, if any: `pie`, `line`, `bar`."""
    asked = [token.value for token in tokens if token.tag == "F" and token.value]
    return next((kind for kind in asked if kind in ("pie", "line", "bar")), "")


def _without_order(spoken: list[Token]) -> tuple[list[Token], bool | None] | Unclear:
    """Take 'sorted ascending', 'lowest first' out; True where the smallest come first."""
    orders = {token.value for token in spoken if token.tag == "O"}
    if len(orders) > 1:
        return Unclear(say.not_understood())
    rest: list[Token] = []
    for token in spoken:
        if token.tag == "O" and rest and rest[-1].tag == "K" and len(rest) > 1:
            rest.pop()
        if token.tag != "O":
            rest.append(token)
    return rest, (orders == {"least"} if orders else None)


def _names_whole(spoken: list[Token]) -> list[Token]:
    """Behind an unknown word, a term of statistics is a part of its name: 'ship mode'."""
    return [
        Token("U", token.text)
        if at and token.tag == "X" and token.value == "statistics" and spoken[at - 1].tag == "U"
        else token
        for at, token in enumerate(spoken)
    ]


def _match(spoken: Sequence[Token], columns: Columns, wanted: Wanted) -> Plan | None:
    timed = along_time(spoken, columns)
    if isinstance(timed, Refused):
        return timed
    if timed is not None:
        fitting = fit(TREND, timed.rest)
        if fitting:
            changes = {"operation": "trend", "date": timed.date, "grain": timed.grain}
            wanted = msgspec.structs.replace(wanted, **changes)
            filled = _fill(fitting, timed.rest, columns, wanted)
            return (_average_of_sums(filled, columns) if timed.is_rate else None) or filled
    fitting = fit(GENERAL, spoken)
    if fitting is None:
        return None
    wanted = msgspec.structs.replace(wanted, operation=fitting[0])
    return _fill(fitting, spoken, columns, wanted)


def _average_of_sums(plan: Plan, columns: Columns) -> Refused | None:
    """'average monthly sales' may be the average of the months' sums."""
    if not isinstance(plan, Wanted) or plan.measure is None or plan.aggregate != "mean":
        return None
    column = columns.report(plan.measure)
    if usual_aggregate(column) != "sum" or plan.grain is None:
        return None
    asked = tuple(f"{word} {column.name} by {plan.grain}" for word in ("average", "total"))
    return Refused(say.ambiguous_average(column.name, plan.grain), asked)


def _fill(
    fitting: tuple[Operation, re.Match[str]],
    tokens: Sequence[Token],
    columns: Columns,
    wanted: Wanted,
) -> Plan:
    """Put the parts of a shape into their places, or say which of them isn't a column."""
    parts = {
        part: tokens[fitting[1].start(part)]
        for part, text in fitting[1].groupdict().items()
        if text
    }
    problem = _problem_with(parts, tokens, columns)
    if problem:
        return problem
    problem = _two_meanings(parts, columns) if fitting[0] != "correlation" else None
    if problem:
        return problem
    if "end" in parts and parts["end"].tag == "Y" and "measure" not in parts:
        inferred = measure_of(parts["end"], parts.get("group") or parts["period"], columns)
        if isinstance(inferred, Refused):
            return inferred
        parts["measure"] = Token("C", inferred, names=(inferred,))
        wanted = msgspec.structs.replace(
            wanted, note=readings.amount_was_meant(inferred, parts["end"].text)
        )
    measure, group, other = (_name(parts.get(part)) for part in ("measure", "group", "other"))
    aggregate = parts["aggregate"].value if "aggregate" in parts else None
    extreme = parts.get("extreme")
    if extreme:
        aggregate = "max" if extreme.value == "most" else "min"
    period = parts.get("period")
    return msgspec.structs.replace(
        wanted,
        measure=measure,
        measure_2=other,
        by=group,
        aggregate=cast(Aggregate | None, "sum" if aggregate == "much" else aggregate),
        how_much=aggregate == "much",
        counts_rows="rows" in parts
        or (period is not None and fitting[0] == "totals")
        or ("end" in parts and parts["end"].tag == "Q"),
        grain=cast(Grain, period.value) if period and fitting[0] == "top" else wanted.grain,
        limit=_limit(parts, fitting[0]),
        ascending=bool(parts.get("end")) and parts["end"].value in ("least", "worst"),
    )


def _two_meanings(parts: dict[str, Token], columns: Columns) -> Refused | None:
    """Where an aggregate's word may belong to the header, or to what is done with it."""
    extreme = parts.get("extreme")
    if extreme and extreme.text.split()[-1] not in _ENDS_OF_ONE:
        return Refused(say.not_handled("measure", extreme.text))
    measure, said = parts.get("measure"), "aggregate" in parts or "group" not in parts
    end = parts.get("end")
    problem = problem_of(end, measure, parts, columns) if end else None
    if problem:
        return problem
    if measure and measure.turned and not said:
        return Refused(say.ambiguous_aggregate(measure.names[0]))
    group, aggregate = parts.get("group"), parts.get("aggregate")
    if not (measure and group and aggregate and aggregate.value == "mean"):
        return None
    column = columns.report(measure.names[0])
    entities = columns.report(group.names[0]).distinct or 0
    if usual_aggregate(column) == "sum" and entities > _MANY and "end" not in parts:
        asked = tuple(f"total {column.name} by {name}" for name in group.names)
        return Refused(say.ambiguous_average(column.name, group.names[0]), asked)
    return None


def _limit(parts: dict[str, Token], operation: Operation) -> int | None:
    if operation != "top":
        return None
    if "limit" in parts:
        return int(parts["limit"].value)
    noun = (parts.get("group") or parts["period"]).text.split()[-1]
    return _DEFAULT_LIMIT if is_plural(noun.lower()) else 1


def _name(token: Token | None) -> str | None:
    return token.names[0] if token else None


def _problem_with(
    parts: dict[str, Token], tokens: Sequence[Token], columns: Columns
) -> Refused | Unknown | None:
    if _adds_up_beside_others(tokens):
        return Refused(say.one_column_at_a_time())
    missing = [unknown(token.text, columns) for token in parts.values() if token.tag == "U"]
    for one in missing:
        if isinstance(one, Refused):
            return one
    if missing:
        names = dict.fromkeys(one.text for one in missing if isinstance(one, Unknown))
        first, *others = names
        return Unknown(first, tuple(others))
    for token in parts.values():
        if len(token.names) > 1:
            return Refused(say.ambiguous_column(token.text, token.names))
    if "noun" in parts:
        return Refused(say.counts_of_values(parts["noun"].names[0]))
    period = parts.get("period")
    if period and "end" not in parts and not _rows_are(period.value, columns):
        return Refused(say.not_understood())
    rows = [rows_that_may_repeat(token, columns) for token in tokens if token.tag == "W"]
    return next((problem for problem in rows if problem), None)


def _adds_up_beside_others(tokens: Sequence[Token]) -> bool:
    """'total and average sales': a distribution tells lowest, highest and average, but no total."""
    aggregates = [token.value for token in tokens if token.tag == "A"]
    return len(aggregates) > 1 and bool({"sum", "much"}.intersection(aggregates))


def _rows_are(grain: str, columns: Columns) -> bool:
    """Whether each row is one day: 'how many days per weather'."""
    dates = [columns.report(name) for name in columns.dates()]
    return grain == "day" and len(dates) == 1 and one_row_each(dates[0], columns.table)
