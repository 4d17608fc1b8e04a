"""Questions that suit a table and ask for judgement: what counting alone can't answer."""

from services.preflight.types import ColumnReport, TableReport
from services.wording import approaches as say

_MOST_CATEGORIES = 60
_FREE_TEXT_CHARACTERS = 40
_IDENTIFIERS = ("id", "key", "code", "number", "no", "nr", "index", "zip", "year")


def for_judgement(tables: tuple[TableReport, ...], count: int = 2) -> tuple[str, ...]:
    """So many questions about the first table; none without one."""
    if not tables:
        return ()
    columns = tables[0].columns
    number = next((column.name for column in columns if _is_amount(column)), None)
    category = next((column.name for column in columns if _is_category(column)), None)
    text = next((column.name for column in columns if _is_free_text(column)), None)
    has_dates = any(column.kind == "date" for column in columns)
    found = [
        say.explains_change(number) if number and has_dates else None,
        say.stands_out(category, number) if category and number else None,
        say.themes(text) if text else None,
        say.worth_knowing(),
        say.doubtful(),
    ]
    return tuple(question for question in found if question)[:count]


def _is_amount(column: ColumnReport) -> bool:
    words = column.name.lower().replace("_", " ").split()
    is_name = bool(words) and words[-1] in _IDENTIFIERS
    return column.kind in ("integer", "number") and not is_name


def _is_category(column: ColumnReport) -> bool:
    few = column.distinct is not None and 2 <= column.distinct <= _MOST_CATEGORIES
    return column.kind == "text" and few


def _is_free_text(column: ColumnReport) -> bool:
    if column.kind != "text" or not column.examples:
        return False
    return sum(map(len, column.examples)) / len(column.examples) >= _FREE_TEXT_CHARACTERS
