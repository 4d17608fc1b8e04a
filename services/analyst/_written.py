"""Numbers that are written as text, such as `1.234,50 €`: the lines that convert them.

The check says how a column is written, and whether that is clear; what could be read in two ways
stays text.
"""

import re

from services.analyst._program import literal
from services.preflight.types import ColumnReport, NumberStyle


def writing_of(column: ColumnReport) -> NumberStyle | None:
    """The one way in which a text column's numbers are written; None where it is no such column."""
    style = column.number_style
    is_text = not column.dtype.startswith(("int", "uint", "float"))
    return style if style is not None and style.decimal is not None and is_text else None


def _pattern(thousands: str, decimal: str) -> str:
    """A regular expression for a number without its sign."""
    whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)" if thousands else r"\d+"
    return rf"{whole}(?:{re.escape(decimal)}\d+)?"


def conversion(writing: NumberStyle, column: str, *, as_text: str = "") -> list[str]:
    """Lines that turn `df[column]`, a constant or literal, into numbers; what is none is blank."""
    lines = [f"# Written like {writing.example}; what is written otherwise doesn't count"]
    dropped = rf"[{writing.sign}\s]"
    lines.append(f'text = df[{column}]{as_text}.str.replace(r"{dropped}", "", regex=True)')
    if writing.in_brackets:
        lines.append('text = text.str.replace(r"^\\((.*)\\)$", r"-\\1", regex=True)')
    # Spaces are gone by now, whether they stood between thousands or around the number.
    groups = "" if writing.thousands == " " else writing.thousands
    pattern = _pattern(groups, writing.decimal or ".")
    lines.append(f'is_number = text.str.fullmatch(r"[-+]?{pattern}", na=False)')
    plain = "text.where(is_number)"
    if groups:
        plain += f'.str.replace({literal(groups)}, "", regex=False)'
    if writing.decimal != ".":
        plain += f'.str.replace({literal(writing.decimal or ".")}, ".", regex=False)'
    return [*lines, f"text = {plain}", f"df[{column}] = pd.to_numeric(text)"]
