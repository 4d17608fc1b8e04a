"""A table as it is drawn: numbers right-aligned with separators, text as text, no Markdown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from components import safe_text
from services.preflight.types import TablePreview
from services.units import format_count

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | bool | None
_YEARS = range(1800, 2200)


def data_table(
    table: TablePreview, *, alt: str, height: int | Literal["auto"] = "auto", remark: bool = True
) -> None:
    """Draw a table; says so where it is only the head of a longer one."""
    st.dataframe(
        frame_of(table.columns, table.rows),
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
    if all(amount.is_integer() for amount in amounts):
        return "%,d"
    decimals = 2 if max(abs(amount) for amount in amounts) >= 1 else 4
    smallest = min(abs(amount) for amount in amounts if amount)
    return f"%,.{decimals}f" if smallest >= 10**-decimals else None


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
