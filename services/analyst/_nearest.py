"""Questions that can be answered and lie close to one that can't."""

from collections.abc import Iterator, Sequence
from typing import Final, cast

import msgspec

from services.analyst import _examples
from services.analyst._checks import is_number_as_text
from services.analyst._columns import Columns
from services.analyst._examples import Candidate
from services.analyst._reasons import holder_of, with_unknown_merged
from services.analyst._roles import has_several_rows_each, is_nested
from services.analyst._tags import Token
from services.analyst.types import Aggregate

_KINDS: Final[dict[str, str]] = {
    "R": "correlation",
    "D": "distribution",
    "V": "distribution",
    "S": "top",
    "Q": "top",
    "Y": "top",
    "K": "top",
    "T": "trend",
    "M": "trend",
    "G": "trend",
}
"""What a tag asks for; the first in this order that a question has decides."""
_KINDS_OF_REASONS: Final[dict[str, str]] = {
    "predict": "trend",
    "change": "trend",
    "calculation": "trend",
    "grain": "trend",
    "statistics": "distribution",
    "advice": "top",
    "who": "top",
    "measure": "top",
    "why": "trend",
}


class Mentioned(msgspec.Struct, frozen=True):
    """What a question speaks of, as far as it was understood."""

    measures: tuple[str, ...]
    groups: tuple[str, ...]
    kind: str
    how: Aggregate | None
    counts: bool
    """Whether rows are to be counted."""


def mentioned(tokens: Sequence[Token], columns: Columns) -> Mentioned:
    """The columns that are named, or whose values are, and the kind that comes closest."""
    names: list[str] = []
    for token in with_unknown_merged(tokens):
        if token.tag == "C":
            names += token.names
        elif token.tag == "U":
            holder = holder_of(token.text, columns)
            names += [holder] if holder else columns.closest(token.text)[:1]
    numbers = columns.numbers()
    tags = {token.tag for token in tokens}
    reasons = [_KINDS_OF_REASONS.get(token.value, "") for token in tokens if token.tag == "X"]
    kinds = [kind for tag, kind in _KINDS.items() if tag in tags]
    hows = [token.value for token in tokens if token.tag == "A" and token.value != "much"]
    measures = tuple(name for name in dict.fromkeys(names) if name in numbers)
    groups = tuple(name for name in dict.fromkeys(names) if _is_group(name, columns))
    usual = "correlation" if len(measures) > 1 and not groups else "totals"
    return Mentioned(
        measures=measures,
        groups=groups,
        kind=next((kind for kind in (*reasons, *kinds) if kind), usual),
        how=cast(Aggregate, hows[0]) if hows else None,
        counts=not measures and bool(tags & {"H", "W"}),
    )


def _is_group(name: str, columns: Columns) -> bool:
    column = columns.report(name)
    is_text = column.kind in ("text", "boolean") and not is_number_as_text(column)
    return is_text and not is_nested(column) and has_several_rows_each(column, columns.table)


def nearest(found: Mentioned, columns: Columns) -> Iterator[Candidate]:
    """Questions about the columns that were mentioned, those of the same kind first."""
    usual = list(_examples.candidates(columns))
    if not (found.measures or found.groups or found.counts):
        yield from sorted(usual, key=lambda one: one.operation != found.kind)
        return
    measures: Sequence[str | None] = found.measures[:2] or _examples.measures_of(columns)[:1]
    groups: Sequence[str | None] = found.groups[:2] or _examples.groups_of(columns)[:1]
    if found.counts:
        measures = ()
    close = [
        one
        for measure in measures or (None,)
        for group in groups or (None,)
        for one in _about(measure, group, found, columns)
    ]
    yield from sorted(
        close, key=lambda one: (one.counts and not found.counts, one.operation != found.kind)
    )
    yield from usual


def _about(
    measure: str | None, group: str | None, found: Mentioned, columns: Columns
) -> Iterator[Candidate]:
    """One question of each kind about these columns."""
    others = [name for name in (*found.measures, *columns.numbers()) if name != measure]
    pairs = [_examples.correlation(measure, other) for other in others[:1] if measure]
    if len(found.measures) > 1 and not found.groups:
        yield from pairs
    if group is not None:
        yield _examples.totals(measure, group, columns, found.how)
        yield _examples.top(measure, group, columns, found.how)
    yield from _examples.trends(measure, columns, found.how)
    if measure is not None:
        yield _examples.distribution(measure)
        yield from pairs
    if group is not None:
        yield _examples.counts(group)
    if group is not None and measure is None:
        yield _examples.distribution(group)
