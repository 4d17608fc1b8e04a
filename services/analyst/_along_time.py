"""What in a question says 'along time', taken out of it."""

from collections.abc import Sequence
from typing import cast

import msgspec

from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._roles import is_time
from services.analyst._tags import Token
from services.analyst.types import Grain
from services.wording import questions as say


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
