"""A table as it is drawn: numbers right-aligned with separators, text as text, no Markdown."""

import math
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from components import readable, safe_text
from services.preflight.types import TablePreview
from services.units import format_count

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

Cell = str | int | float | bool | None
_YEARS = range(1800, 2200)
_FIGURES = frozenset({"statistic", "statistics", "metric"})
"""How the first column is called where each row is another figure: a count, then an average."""
_MOST_DECIMALS = 6


def data_table(
    table: TablePreview, *, alt: str, height: int | Literal["auto"] = "auto", remark: bool = True
) -> None:
    """Draw a table; says so where it is only the head of a longer one."""
    st.dataframe(
        _drawn(table),
        hide_index=True,
        height=height,
        column_config=_column_config(table),
        placeholder="",
        alt=safe_text.plain(alt),
    )
    if remark and table.total_rows > len(table.rows):
        st.caption(
            f"First {format_count(len(table.rows))} of {format_count(table.total_rows)} rows."
        )


def with_headings(table: TablePreview, exact: Collection[str] = ()) -> TablePreview:
    """The table with its columns called as a person would; names in `exact` stay as they are."""
    headings = tuple(readable.heading_of(column, exact) for column in table.columns)
    return TablePreview(columns=headings, rows=table.rows, total_rows=table.total_rows)


def frame_of(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> "pd.DataFrame":
    """The rows as a frame whose column names are distinct and whose columns have one type each."""
    import pandas as pd

    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    names = distinct_names(columns)
    return pd.DataFrame(
        {name: pd.Series(_one_type(cells)) for name, cells in zip(names, values, strict=True)}
    )


def distinct_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Printable names; a name that occurs again is numbered: `total`, `total (2)`."""
    names: list[str] = []
    for column in columns:
        name = base = safe_text.plain(column)
        number = 2
        while name in names:
            name, number = f"{base} ({number})", number + 1
        names.append(name)
    return tuple(names)


def _one_type(cells: Sequence[Cell]) -> list[Any]:
    """Numbers stay numbers; a column of several types becomes text, which Arrow insists on."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float} or kinds in ({bool}, {str}):
        return list(cells)
    return [None if cell is None else str(cell) for cell in cells]


def _column_config(table: TablePreview) -> dict[str, Any]:
    """Thousands separators for amounts, none for years and numbers that are names."""
    config: dict[str, Any] = {}
    if _is_of_figures(table):
        return config
    for index, name in enumerate(distinct_names(table.columns)):
        numbers = [row[index] for row in table.rows if row[index] is not None]
        if not numbers or not all(_is_number(cell) for cell in numbers):
            continue
        amounts = [float(cell) for cell in numbers if cell is not None]
        pattern = "%d" if _are_names(name, amounts) else _pattern(amounts)
        if pattern is not None:
            config[name] = st.column_config.NumberColumn(format=pattern)
    return config


def _pattern(amounts: Sequence[float]) -> str | None:
    """The same number of decimals down a column; None where that would hide small values."""
    decimals = _decimals(amounts)
    return None if decimals is None else f"%,.{decimals}f" if decimals else "%,d"


def _decimals(amounts: Sequence[float]) -> int | None:
    """As few as tell the smallest from nothing; None where that takes too many."""
    if all(float(amount).is_integer() for amount in amounts):
        return 0
    sizes = [abs(amount) for amount in amounts if amount and math.isfinite(amount)]
    if not sizes:
        return None
    usual = 2 if max(sizes) >= 1 else 4
    needed = max(usual, -math.floor(math.log10(min(sizes))))
    return needed if needed <= _MOST_DECIMALS else None


def _drawn(table: TablePreview) -> "pd.DataFrame | Styler":
    """A frame, or where each row is another figure, one with each number in its own precision."""
    frame = frame_of(table.columns, table.rows)
    if not _is_of_figures(table):
        return frame
    names = frame.select_dtypes("number").columns
    decimals = {name: _decimals(frame[name].dropna().tolist()) for name in names}
    return frame.style.format(
        {
            name: _in_its_own_precision(2 if places is None else places)
            for name, places in decimals.items()
        },
        na_rep="",
    )


def _in_its_own_precision(decimals: int) -> Callable[[Any], str]:
    def shown(amount: Any) -> str:
        return f"{amount:,.{0 if float(amount).is_integer() else decimals}f}"

    return shown


def _is_of_figures(table: TablePreview) -> bool:
    return bool(table.columns) and table.columns[0].casefold() in _FIGURES


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _are_names(name: str, amounts: Sequence[float]) -> bool:
    """Whether the numbers only name something: a year, an id, a code."""
    words = name.lower().replace("_", " ").split()
    if not all(amount.is_integer() for amount in amounts):
        return False
    if "year" in words:
        return all(int(amount) in _YEARS for amount in amounts)
    return bool(words) and words[-1] in {"id", "code", "zip", "postcode"}
