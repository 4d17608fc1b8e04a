"""What a column can't be used for, and why; and which period suits its dates."""

from datetime import datetime

import msgspec

from services.analyst._roles import (
    date_format,
    is_loaded_as_date,
    is_nested,
    is_numeric,
    is_year,
    values_seen,
)
from services.analyst.types import Grain
from services.preflight.types import ColumnReport
from services.wording import questions as say

_FEW_VALUES = 30


class Refused(msgspec.Struct, frozen=True):
    """Why this can't be read so; `rephrased` are ways to ask that may work."""

    reason: str
    rephrased: tuple[str, ...] = ()
    is_read: bool = False
    """Whether the question was understood to its end, and only the columns don't allow it."""


def not_a_group(column: ColumnReport) -> Refused | None:
    """Why rows can't be grouped by a column, if they can't."""
    if column.kind == "empty":
        return Refused(say.nothing_in(column.name))
    if column.kind == "date":
        return Refused(say.unreadable_dates(column.name))
    if is_nested(column):
        return Refused(say.holds_lists(column.name))
    few = 0 < values_seen(column) <= _FEW_VALUES
    if column.kind == "mixed" or (column.kind == "number" and not few):
        return Refused(say.not_a_group(column.name))
    return None


def not_a_measure(column: ColumnReport) -> Refused | None:
    """Why a column can't be calculated with, if it can't."""
    if column.kind == "empty":
        return Refused(say.nothing_in(column.name))
    return None if is_numeric(column) else Refused(why_no_number(column))


def why_no_number(column: ColumnReport) -> str:
    """The sentence for a column that holds no numbers, with an example of what it holds."""
    if column.kind == "boolean":
        return say.holds_flags(column.name)
    if column.kind == "date":
        return say.holds_dates(column.name)
    if is_nested(column):
        return say.holds_lists(column.name)
    example = column.examples[0] if column.examples else None
    if example is not None and is_number_as_text(column):
        return say.text_that_looks_like_numbers(column.name, example)
    return say.not_a_number(column.name, example)


def is_number_as_text(column: ColumnReport) -> bool:
    """`"23,288  "`: text, most of whose frequent values are digits and separators."""
    if column.kind not in ("text", "mixed", "integer", "number") or is_numeric(column):
        return False
    bare = [example.strip(" \t$€£%()-+") for example in column.examples]
    digits = [value for value in bare if value and not value.strip("0123456789.,' \u00a0")]
    return bool(bare) and 2 * len(digits) > len(bare)


def is_too_fine(grain: str, date: ColumnReport) -> bool:
    """Whether a date column does not tell one such period from another."""
    if is_year(date):
        return grain != "year"
    form = date_format(date)
    if is_loaded_as_date(date) or form is None or "%d" in form or "%j" in form:
        return False
    return grain in ("day", "week")


def fitting_grain(date: ColumnReport) -> Grain:
    """Some 10 to 60 points: days up to two months, months up to six years, then years."""
    first, last = _moment(date, date.minimum), _moment(date, date.maximum)
    if first is None or last is None:
        return "month"
    days = (last - first).days
    if days <= 62:
        return "day"
    return "month" if days <= 6 * 366 else "year"


def _moment(date: ColumnReport, text: str | None) -> datetime | None:
    for form in (date_format(date), "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            if text and form:
                moment = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - only a span
                return moment.replace(tzinfo=None)
        except ValueError:
            continue
    return None
