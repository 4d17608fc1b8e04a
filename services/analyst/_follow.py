"""Short questions that change the one before: 'and by segment?', 'now the average'."""

import re
from collections.abc import Sequence
from typing import cast

import msgspec

from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._patterns import along_time
from services.analyst._plan import Wanted
from services.analyst._roles import is_identifier, is_numeric
from services.analyst._tags import Token
from services.analyst._words import Cut, vocabulary
from services.analyst.types import Aggregate, Grain, Reading
from services.wording import questions as say

_CUE = re.compile(
    r"^\s*(and|now|same|the same|what about|how about|instead|then|also|again|ok|okay|only)\b"
    r"|\b(instead|same|this time)\b",
    re.IGNORECASE,
)
_CUE_WORDS = vocabulary("same instead about again ok okay time")
_FIGURES = ("totals", "trend", "top")


def has_cue(question: Cut) -> bool:
    """Whether the question says that it goes on from the one before."""
    return bool(_CUE.search(question.text))


def follow(
    question: Cut, tokens: Sequence[Token], previous: Reading, columns: Columns
) -> Wanted | Refused | None:
    """The question before, changed as asked; None if this is a question of its own."""
    if not set(previous.columns) <= set(columns.names()):
        return None
    cued = has_cue(question)
    spoken = _spoken(tokens, cued=cued, keeps_and=previous.operation == "correlation")
    if any(token.tag in "XU" or len(token.names) > 1 for token in spoken):
        return None
    before = _as_wanted(previous)
    code = "".join(token.tag for token in spoken)
    timed = along_time(spoken, columns)
    if isinstance(timed, Refused):
        return None
    if timed is not None:
        return None if timed.rest else _over_time(before, timed.date, timed.grain, columns)
    match code:
        case "":
            return before
        case "BC":
            return _by(before, spoken[1].names[0], columns)
        case "A" | "H":
            return _aggregated(before, spoken[0])
        case "SN" | "N" | "NS":
            return _limited(before, spoken)
        case "C" | "&C" if cued:
            return _about(before, spoken[-1].names[0], columns)
        case "AC" if cued and before.operation in _FIGURES:
            aggregated = _aggregated(before, spoken[0])
            if isinstance(aggregated, Refused):
                aggregated = before
            name = spoken[1].names[0]
            aggregate = cast(Aggregate, spoken[0].value.replace("much", "sum"))
            return _with(aggregated, measure=name, counts_rows=False, aggregate=aggregate)
        case _:
            return None


def _spoken(tokens: Sequence[Token], *, cued: bool, keeps_and: bool) -> list[Token]:
    """What is said besides that it goes on from before."""
    spoken = [
        token
        for token in tokens
        if token.tag != "F" and not (cued and token.tag == "U" and token.text in _CUE_WORDS)
    ]
    while cued and spoken and spoken[0].tag == "&" and (not keeps_and or _tag(spoken, 1) == "&"):
        spoken.pop(0)
    # 'the same for profit': only here does a bare 'for' not single out rows.
    if cued and spoken and spoken[0].text == "for" and _tag(spoken, 1) == "C":
        spoken.pop(0)
    return spoken


def _tag(spoken: Sequence[Token], at: int) -> str:
    return spoken[at].tag if at < len(spoken) else ""


def _as_wanted(previous: Reading) -> Wanted:
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
    )


def _by(before: Wanted, group: str, columns: Columns) -> Wanted | Refused:
    if before.operation == "correlation":
        return Refused(say.nothing_to_change())
    if before.operation == "top":
        column = columns.report(group)
        if is_numeric(column) and not is_identifier(column):
            return _with(before, measure=group, counts_rows=False)
        return _with(before, by=group, date=None, grain=None)
    return _figure(before, columns, operation="totals", by=group, date=None, grain=None)


def _over_time(
    before: Wanted, date: str | None, grain: Grain | None, columns: Columns
) -> Wanted | Refused:
    if before.operation == "correlation":
        return Refused(say.nothing_to_change())
    kept = before.date if before.operation == "trend" else None
    return _figure(
        before, columns, operation="trend", by=None, date=date or kept, grain=grain, limit=None
    )


def _figure(before: Wanted, columns: Columns, **changes: object) -> Wanted:
    """The same figure along something else; what was no figure is counted."""
    if before.measure is None or not is_numeric(columns.report(before.measure)):
        changes |= {"measure": None, "counts_rows": True, "aggregate": None}
    return _with(before, **changes)


def _aggregated(before: Wanted, token: Token) -> Wanted | Refused:
    if token.tag == "H" and before.operation in _FIGURES:
        return _with(before, measure=None, counts_rows=True, aggregate=None)
    if token.tag == "H" or before.measure is None or before.operation == "correlation":
        return Refused(say.nothing_to_change())
    aggregate = "sum" if token.value == "much" else token.value
    return _with(before, aggregate=aggregate, how_much=token.value == "much")


def _limited(before: Wanted, spoken: Sequence[Token]) -> Wanted | Refused:
    ends = [token.value for token in spoken if token.tag == "S"]
    if before.operation not in ("top", "totals") or (before.operation == "totals" and not ends):
        return Refused(say.nothing_to_change())
    limit = next(int(token.value) for token in spoken if token.tag == "N")
    ascending = ends[0] == "least" if ends else before.ascending
    return _with(before, operation="top", limit=limit, ascending=ascending)


def _about(before: Wanted, name: str, columns: Columns) -> Wanted | Refused:
    numeric = is_numeric(columns.report(name))
    match before.operation:
        case "correlation":
            return _with(before, measure_2=name)
        case "distribution":
            return _with(before, measure=name)
        case "totals" | "top" if not numeric:
            return _by(before, name, columns)
        case "totals" | "trend" | "top" if before.measure is not None and numeric:
            return _with(before, measure=name)
        case _:
            return Refused(say.nothing_to_change())


def _with(wanted: Wanted, **changes: object) -> Wanted:
    return msgspec.structs.replace(wanted, **changes)
