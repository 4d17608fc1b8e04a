"""The shapes of question that are understood: one line each, over the tags of `_lexicon`.

A shape must cover all tags of a question from first to last. Where a shape wants a column, words
that name none fit as well: so 'total revenue by region' is known to want a column 'revenue', and
the answer is that there is none.
"""

import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec

from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._lexicon import ROW_NOUNS
from services.analyst._plan import Wanted
from services.analyst._roles import is_time, one_row_each, usual_aggregate
from services.analyst._tags import Token
from services.analyst._words import header_words, is_plural, key_of
from services.analyst.types import Aggregate, Grain, Operation
from services.wording import questions as say

_DEFAULT_LIMIT = 5
_MANY = 50
_ENDS_OF_ONE = ("highest", "largest", "biggest", "greatest", "lowest", "smallest")

# Small letters stand for the parts that a reading is made of, capitals for tags as they are.
_PARTS: Final = {
    "m": "(?P<measure>[CU])",
    "o": "(?P<other>[CU])",
    "g": "(?P<group>[CU])",
    "v": "(?P<noun>[CU])",
    "a": "(?P<aggregate>A)",
    "n": "(?P<limit>N)",
    "s": "(?P<end>S)",
    "q": "(?P<end>Q)",
    "x": "(?P<extreme>S)",
    "p": "(?P<period>G)",
    "r": "(?P<rows>W?HW?|W)",
}

_SHAPES: Final[tuple[tuple[Operation, str], ...]] = (
    ("totals", "a?mBg | maBg | mBga | Bga?m | Bgma | aBg"),
    ("totals", "D?rBg | Bgr | Bg | KgBa?m | KgBr | gKBa?m | gKBr | HvBg | HpBg"),
    ("distribution", "Dm | mD | Vm | mV | am | ma | xm"),
    ("overview", "r | V | VW | Hv"),
    ("top", "sn?gBa?m | nsgBa?m | n?g&?sa?m | n?g&?sma | sn?gBr | nsgBr | n?g&?sr"),
    ("top", "sng | qn?g | S?n?qg | n?gq | sn?gBHv | n?g&?sHv"),
    ("top", "sn?pBa?m | nspBa?m | n?p&?sa?m | n?p&?sma | sn?pBr | n?p&?sr"),
    ("correlation", "R&?m&o | mR&?o | m&oR"),
)

_TREND_SHAPES: Final[tuple[tuple[Operation, str], ...]] = (("trend", "a?m | ma | r | a | Hv | "),)


class Unknown(msgspec.Struct, frozen=True):
    """Words in a column's place that name none."""

    text: str


class Unclear(msgspec.Struct, frozen=True):
    """The tags fit no shape."""

    reason: str


Plan = Wanted | Refused | Unknown | Unclear
_Compiled = tuple[tuple[Operation, re.Pattern[str]], ...]


def _compile(shapes: Sequence[tuple[Operation, str]]) -> _Compiled:
    return tuple(
        (operation, re.compile("".join(_PARTS.get(char, char) for char in shape.strip())))
        for operation, line in shapes
        for shape in line.split("|")
    )


_GENERAL: Final = _compile(_SHAPES)
_TREND: Final = _compile(_TREND_SHAPES)


def plan(tokens: Sequence[Token], columns: Columns) -> Plan:
    """What these tags ask for."""
    spoken = _names_whole([token for token in tokens if token.tag != "F"])
    while spoken and spoken[0].tag == "&":
        spoken.pop(0)
    for token in spoken:
        if token.tag == "X":
            return Refused(say.not_handled(token.value))
    note = say.bars_instead_of_pie() if any(t.value == "pie" for t in tokens) else ""
    found = _match(spoken, columns, note)
    if found is None:
        merged = _with_runs_merged(spoken)
        found = _match(merged, columns, note) if len(merged) < len(spoken) else None
        if isinstance(found, Unknown):
            found = _value_among(spoken, columns) or found
    return found or _unclear(spoken, columns)


def _names_whole(spoken: list[Token]) -> list[Token]:
    """Behind an unknown word, a term of statistics is a part of its name: 'ship mode'."""
    return [
        Token("U", token.text)
        if at and token.tag == "X" and token.value == "statistics" and spoken[at - 1].tag == "U"
        else token
        for at, token in enumerate(spoken)
    ]


def _value_among(spoken: Sequence[Token], columns: Columns) -> Refused | None:
    """Whether one of the unknown words is a value rather than a column: 'west sales'."""
    together = _with_runs_merged([t if t.tag == "U" else Token("F", "") for t in spoken])
    for token in (*together, *spoken):
        if token.tag == "U":
            unknown = _unknown(token.text, columns)
            if isinstance(unknown, Refused):
                return unknown
    return None


def _match(spoken: Sequence[Token], columns: Columns, note: str) -> Plan | None:
    timed = along_time(spoken, columns)
    if isinstance(timed, Refused):
        return timed
    if timed is not None:
        fitting = _fit(_TREND, timed.rest)
        if fitting:
            wanted = Wanted(operation="trend", date=timed.date, grain=timed.grain, note=note)
            filled = _fill(fitting, timed.rest, columns, wanted)
            return (_average_of_sums(filled, columns) if timed.is_rate else None) or filled
    fitting = _fit(_GENERAL, spoken)
    if fitting is None:
        return None
    return _fill(fitting, spoken, columns, Wanted(operation=fitting[0], note=note))


def _average_of_sums(plan: Plan, columns: Columns) -> Refused | None:
    """'average monthly sales' may be the average of the months' sums."""
    if not isinstance(plan, Wanted) or plan.measure is None or plan.aggregate != "mean":
        return None
    column = columns.report(plan.measure)
    if usual_aggregate(column) != "sum" or plan.grain is None:
        return None
    asked = tuple(f"{word} {column.name} by {plan.grain}" for word in ("average", "total"))
    return Refused(say.ambiguous_average(column.name, plan.grain), asked)


def _fit(shapes: _Compiled, tokens: Sequence[Token]) -> tuple[Operation, re.Match[str]] | None:
    code = "".join(token.tag for token in tokens)
    for operation, shape in shapes:
        match = shape.fullmatch(code)
        if match:
            return operation, match
    return None


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
        counts_rows="rows" in parts or (period is not None and fitting[0] == "totals"),
        grain=cast(Grain, period.value) if period and fitting[0] == "top" else wanted.grain,
        limit=_limit(parts, fitting[0]),
        ascending=bool(parts.get("end")) and parts["end"].value == "least",
    )


def _two_meanings(parts: dict[str, Token], columns: Columns) -> Refused | None:
    """Where an aggregate's word may belong to the header, or to what is done with it."""
    extreme = parts.get("extreme")
    if extreme and extreme.text.split()[-1] not in _ENDS_OF_ONE:
        return Refused(say.not_understood())
    measure, said = parts.get("measure"), "aggregate" in parts or "group" not in parts
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
    for token in parts.values():
        if token.tag == "U":
            return _unknown(token.text, columns)
        if len(token.names) > 1:
            return Refused(say.ambiguous_column(token.text, token.names))
    if "noun" in parts:
        return Refused(say.counts_of_values(parts["noun"].names[0]))
    period = parts.get("period")
    if period and "end" not in parts and not _rows_are(period.value, columns):
        return Refused(say.not_understood())
    for token in tokens:
        if token.tag == "W" and token.value not in ROW_NOUNS:
            numbered = columns.identifies(token.value)
            if numbered and not one_row_each(numbered, columns.table):
                return Refused(say.rows_may_repeat(token.value, numbered.name))
    return None


def _rows_are(grain: str, columns: Columns) -> bool:
    """Whether each row is one day: 'how many days per weather'."""
    dates = [columns.report(name) for name in columns.dates()]
    return grain == "day" and len(dates) == 1 and one_row_each(dates[0], columns.table)


def _unknown(text: str, columns: Columns) -> Refused | Unknown:
    holder = columns.holding(tuple(key_of(word) for word in header_words(text)))
    return Refused(say.asks_for_one_value(text, holder)) if holder else Unknown(text)


class Timed(msgspec.Struct, frozen=True):
    """What is left of a question once all that says 'along time' is taken out."""

    rest: tuple[Token, ...]
    date: str | None
    grain: Grain | None
    is_rate: bool
    """'monthly', 'per month': with an average this may mean the average of the months."""


def along_time(tokens: Sequence[Token], columns: Columns) -> Timed | Refused | None:
    """Take 'over time', 'monthly', 'by month of order date', 'by order date' out of a question."""
    rest: list[Token] = []
    dates: list[str] = []
    grains: list[str] = []
    found, is_rate, at = False, False, 0
    while at < len(tokens):
        token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
        at += 1
        if token.tag == "T":
            found = True
        elif token.tag == "M":
            grains.append(token.value)
            is_rate = True
        elif token.tag == "B" and after and after.tag == "G":
            grains.append(after.value)
            is_rate = is_rate or token.text == "per"
            at += 1
            if at < len(tokens) and _is_time(tokens[at], columns):
                dates.append(tokens[at].names[0])
                at += 1
        elif token.tag == "B" and after and _is_time(after, columns):
            dates.append(after.names[0])
            at += 1
        else:
            rest.append(token)
    if not (found or dates or grains):
        return None
    if len(set(dates)) > 1 or len(set(grains)) > 1:
        return Refused(say.several_groupings())
    return Timed(
        rest=tuple(rest),
        date=dates[0] if dates else None,
        grain=cast(Grain, grains[0]) if grains else None,
        is_rate=is_rate and not found,
    )


def _is_time(token: Token, columns: Columns) -> bool:
    if token.tag != "C" or len(token.names) != 1:
        return False
    column = columns.report(token.names[0])
    return column.kind == "date" or is_time(column)


def _with_runs_merged(tokens: Sequence[Token]) -> list[Token]:
    """Unknown words taken together with the columns beside them: 'gross sales', 'wind speed'."""
    merged: list[Token] = []
    for token in tokens:
        before = merged[-1] if merged else None
        if before and {before.tag, token.tag} in ({"U"}, {"U", "C"}, {"U", "W"}):
            merged[-1] = Token("U", f"{before.text} {token.text}")
        else:
            merged.append(token)
    return merged


def _unclear(tokens: Sequence[Token], columns: Columns) -> Unclear | Refused:
    value = _value_among(tokens, columns)
    if value:
        return value
    for token in _with_runs_merged([token for token in tokens if token.tag == "U"]):
        return Unclear(say.unclear_words(token.text))
    if any(token.tag == "N" for token in tokens):
        return Refused(say.not_handled("filter"))
    for token in tokens:
        if len(token.names) > 1:
            return Refused(say.ambiguous_column(token.text, token.names))
    code = "".join(token.tag for token in tokens)
    if len(re.findall(r"B[CG]|M", code)) > 1 or re.search(r"B[CG]&[CG]", code):
        return Unclear(say.several_groupings())
    if code.count("C") > 1 and "R" not in code:
        return Unclear(say.one_column_at_a_time())
    return Unclear(say.not_understood())
