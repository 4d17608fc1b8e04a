"""From a question to a reading, a column that isn't there, or the reason why neither."""

from collections.abc import Iterable, Sequence

import msgspec

from services.analyst import _examples, _follow
from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._overview import asks_for_overview
from services.analyst._patterns import Unclear, Unknown, plan
from services.analyst._plan import Wanted, settle
from services.analyst._tags import tag
from services.analyst._words import Cut, cut
from services.analyst.types import Abstained, Reading, Understanding, UnknownColumn
from services.preflight.types import TableReport
from services.wording import questions as say

_LONGEST_QUESTION = 400
_SIGNS = {"<": "filter", ">": "filter", "=": "filter", "≤": "filter", "≥": "filter", "≠": "filter"}
_Outcome = Reading | Refused | Unknown | Unclear


def read_question(
    tables: tuple[TableReport, ...], question: str, previous: Reading | None = None
) -> Understanding:
    """How a question is read, given the tables of one file and the reading before.

    Questions are about the first table; the sentence says so where there are several.
    """
    if not tables or not tables[0].columns:
        return Abstained(reason=say.nothing_to_read(), examples=())
    columns = Columns(tables[0])
    asked = cut(question[:_LONGEST_QUESTION])
    outcome = _outcome(asked, columns, _of(previous, columns))
    if isinstance(outcome, Reading) and len(tables) > 1:
        first = say.about_the_first(tables[0].name, len(tables))
        return msgspec.structs.replace(outcome, sentence=f"{outcome.sentence} {first}")
    return _refusal(outcome, columns)


def examples(tables: tuple[TableReport, ...]) -> tuple[str, ...]:
    """At most four questions that can be answered for this file."""
    return _offered(Columns(tables[0])) if tables and tables[0].columns else ()


def _of(previous: Reading | None, columns: Columns) -> Reading | None:
    """The reading before, if it was about this table."""
    return previous if previous and previous.table in (None, columns.table.name) else None


def _outcome(asked: Cut, columns: Columns, previous: Reading | None) -> _Outcome:
    if not asked.words and not asked.quoted:
        return Unclear(say.not_understood())
    if asked.arithmetic:
        return Refused(say.not_handled(_SIGNS.get(asked.arithmetic, "share")))
    if asks_for_overview(asked):
        return settle(Wanted(operation="overview"), columns)
    ways = tag(asked, columns)
    if previous is not None:
        followed = [_follow.follow(asked, way, previous, columns) for way in ways]
        settled = [_settled(wanted, columns) for wanted in followed if wanted is not None]
        if settled:
            return _agreed(settled)
    return _agreed([_settled(plan(way, columns), columns) for way in ways])


def _settled(wanted: Wanted | Refused | Unknown | Unclear, columns: Columns) -> _Outcome:
    return settle(wanted, columns) if isinstance(wanted, Wanted) else wanted


def _agreed(outcomes: Sequence[_Outcome]) -> _Outcome:
    """The one reading that all ways of tagging lead to, else the most telling refusal."""
    readings = _different(outcome for outcome in outcomes if isinstance(outcome, Reading))
    if len(readings) == 1:
        return readings[0]
    if readings:
        return Refused(say.ambiguous_reading([reading.sentence for reading in readings[:2]]))
    for kind in (Refused, Unknown):
        for outcome in outcomes:
            if isinstance(outcome, kind):
                return outcome
    return outcomes[0]


def _different(readings: Iterable[Reading]) -> list[Reading]:
    """Readings that would compute different things."""
    found: dict[tuple[object, ...], Reading] = {}
    for one in readings:
        same = (one.operation, one.measure, one.measure_2, one.aggregate, one.by, one.date)
        found.setdefault((*same, one.grain, one.limit, one.ascending), one)
    return list(found.values())


def _refusal(outcome: _Outcome, columns: Columns) -> Understanding:
    match outcome:
        case Reading():
            return outcome
        case Unknown(text=text):
            return UnknownColumn(name=text, closest=columns.closest(text))
        case Refused(reason=reason, rephrased=rephrased):
            better = [question for question in rephrased if _can_be_read(question, columns)]
            offered = dict.fromkeys([*better, *_offered(columns)])
            return Abstained(reason=reason, examples=tuple(offered)[:4])
        case Unclear(reason=reason):
            return Abstained(reason=reason, examples=_offered(columns))


def _offered(columns: Columns) -> tuple[str, ...]:
    return _examples.offered(columns, lambda question: _can_be_read(question, columns))


def _can_be_read(question: str, columns: Columns) -> bool:
    return isinstance(_outcome(cut(question), columns, None), Reading)
