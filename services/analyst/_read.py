"""From a question to a reading, a column that isn't there, or the reason why neither."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from services.analyst import _examples, _follow, _nearest
from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._compounds import without_compounds
from services.analyst._odd import oddity
from services.analyst._overview import asks_for_overview
from services.analyst._patterns import plan
from services.analyst._plan import settle
from services.analyst._reasons import Unclear, Unknown
from services.analyst._spelling import put_right
from services.analyst._tags import Token, tag
from services.analyst._wanted import Wanted
from services.analyst._words import Cut, cut
from services.analyst.types import Abstained, Reading, Understanding, UnknownColumn
from services.preflight.types import TableReport
from services.wording import oddities, readings
from services.wording import questions as say

_LONGEST_QUESTION: Final = 400
_SUGGESTED: Final = 4
_CLOSE: Final = 2
_COMPARISONS: Final = "<>=≤≥≠"
_ELSEWHERE: Final = (
    oddities.not_about_the_columns(),
    oddities.one_short_question(),
    oddities.no_formula(),
)
_Outcome = Reading | Refused | Unknown | Unclear


def read_question(
    tables: tuple[TableReport, ...], question: str, previous: Reading | None = None
) -> Understanding:
    """How a question is read, given the tables of one file and the reading before.

    Questions are about the first table; the sentence says so where there are several. A reading
    of another table is not gone on from.
    """
    if not tables or not tables[0].columns:
        return Abstained(reason=say.nothing_to_read(), examples=())
    columns = Columns(tables[0])
    asked = put_right(cut(question[:_LONGEST_QUESTION], columns.signs()), columns)
    ways = _ways(asked, columns)
    outcome = _outcome(asked, ways, columns, previous)
    if isinstance(outcome, Reading):
        if len(tables) == 1:
            return outcome
        first = readings.about_the_first(tables[0].name, len(tables))
        return msgspec.structs.replace(outcome, sentence=f"{outcome.sentence} {first}")
    odd = oddity(asked, len(question) > _LONGEST_QUESTION, columns)
    refused = Unclear(odd) if odd else outcome
    # What isn't about the columns mentions none of them on purpose.
    is_elsewhere = isinstance(refused, Unclear) and refused.reason in _ELSEWHERE
    return _refusal(refused, () if is_elsewhere or not ways else ways[0], columns)


def examples(tables: tuple[TableReport, ...]) -> tuple[str, ...]:
    """At most four questions that can be answered for this file."""
    if not tables or not tables[0].columns:
        return ()
    columns = Columns(tables[0])
    return _examples.offered(_examples.candidates(columns), _reader(columns), _SUGGESTED)


def _ways(asked: Cut, columns: Columns) -> list[tuple[Token, ...]]:
    """All ways to take the words of a question, without those that add nothing."""
    return [without_compounds(way, columns) for way in tag(asked, columns)]


def _is_about(previous: Reading, columns: Columns) -> bool:
    """Whether the reading before was about this table."""
    named = previous.table in (None, columns.table.name)
    return named and set(previous.columns) <= set(columns.names())


def _outcome(
    asked: Cut, ways: Sequence[Sequence[Token]], columns: Columns, previous: Reading | None
) -> _Outcome:
    if not asked.words and not asked.quoted:
        return Unclear(oddities.no_question())
    if asked.arithmetic:
        return _arithmetic(asked.arithmetic)
    if asks_for_overview(asked):
        return settle(Wanted(operation="overview"), columns)
    if previous is not None and _is_about(previous, columns):
        followed = [_follow.follow(asked, way, previous, columns) for way in ways]
        settled = [_settled(wanted, columns) for wanted in followed if wanted is not None]
        if settled:
            return _agreed(settled)
    elif previous is not None and any(_follow.is_fragment(asked, way, columns) for way in ways):
        return Refused(say.about_another_table())
    return _agreed([_settled(plan(way, columns), columns) for way in ways])


def _arithmetic(sign: str) -> Refused | Unclear:
    if sign in _COMPARISONS:
        return Refused(say.asks_for_some_rows(sign))
    if sign in "%+*^":
        return Refused(say.not_handled("share", sign))
    return Unclear(say.unclear_words(sign))


def _settled(wanted: Wanted | Refused | Unknown | Unclear, columns: Columns) -> _Outcome:
    if not isinstance(wanted, Wanted):
        return wanted
    settled = settle(wanted, columns)
    return (
        msgspec.structs.replace(settled, is_read=True) if isinstance(settled, Refused) else settled
    )


def _agreed(outcomes: Sequence[_Outcome]) -> _Outcome:
    """The one reading that all ways of tagging lead to, else the most telling refusal."""
    readings = _different(outcome for outcome in outcomes if isinstance(outcome, Reading))
    if len(readings) == 1:
        return readings[0]
    if readings:
        return Refused(say.ambiguous_reading([reading.sentence for reading in readings[:2]]))
    for outcome in outcomes:
        if isinstance(outcome, Refused) and outcome.is_read:
            return outcome
    if isinstance(outcomes[0], Unknown):
        return outcomes[0]  # the first way takes columns for columns
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


def _refusal(
    outcome: Refused | Unknown | Unclear, tokens: Sequence[Token], columns: Columns
) -> Understanding:
    if isinstance(outcome, Unknown):
        return UnknownColumn(
            name=outcome.text, closest=columns.closest(outcome.text), others=outcome.others
        )
    read = _reader(columns)
    rephrased = outcome.rephrased if isinstance(outcome, Refused) else ()
    better = [question[:1].upper() + question[1:] for question in rephrased if read(question)]
    close = _nearest.nearest(_nearest.mentioned(tokens, columns), columns)
    if len(better) < _CLOSE:
        better += _examples.offered(close, read, _CLOSE)
    return Abstained(
        reason=outcome.reason, examples=tuple(dict.fromkeys(better))[: max(_CLOSE, len(rephrased))]
    )


def _reader(columns: Columns) -> _examples.Read:
    """Reads a question of its own, without one before."""

    def read(question: str) -> Reading | None:
        asked = cut(question, columns.signs())
        outcome = _outcome(asked, _ways(asked, columns), columns, None)
        return outcome if isinstance(outcome, Reading) else None

    return read
