"""Numbers that are written as text, such as `1.234,50 €`: how, and the lines that convert them.

A column counts as numbers only if all values that were seen fit one way of writing, and no other
way gives other numbers. `1.234` alone could be a thousand or a bit more than one: then it is text.
"""

import re
from functools import lru_cache
from typing import Final

import msgspec

from services.analyst._program import literal
from services.preflight.types import ColumnReport

_SIGNS: Final = "€$£¥%"
_SPACES: Final = " \u00a0\u202f\u2009"
_ENOUGH: Final = 2
"""So many different values in groups of three digits, and none otherwise, are thousands."""


class Writing(msgspec.Struct, frozen=True):
    """How the numbers of a column are written."""

    decimal: str
    thousands: str
    """The mark between groups of three digits, or nothing."""
    sign: str
    """The currency or percent sign that stands with all of them, or nothing."""
    in_brackets: bool
    """Whether some are negative in the way of accountants: `(30)`."""
    example: str


@lru_cache(maxsize=4096)
def writing_of(column: ColumnReport) -> Writing | None:
    """The one way in which a text column's numbers are written; None where it is no such column."""
    if column.kind not in ("text", "mixed") or column.dtype.startswith(("int", "uint", "float")):
        return None
    bare = [_bare(example) for example in column.examples]
    if not bare or any(one is None for one in bare):
        return None
    parts = [one for one in bare if one]
    signs = {sign for sign, _ in parts}
    figures = [figure for _, figure in parts]
    if len(signs) > 1 or (signs == {""} and all(figure.isdigit() for figure in figures)):
        return None
    sign = signs.pop()
    marks = _marks(figures, is_money=sign not in ("", "%"))
    if marks is None:
        return None
    return Writing(
        decimal=marks[1],
        thousands=marks[0],
        sign=sign,
        in_brackets=any(example.strip().startswith("(") for example in column.examples),
        example=_telling(column.examples),
    )


def _telling(examples: tuple[str, ...]) -> str:
    """The example that has most of what makes the writing special."""
    return max(examples, key=lambda one: sum(not char.isdigit() for char in one.strip())).strip()


def _bare(example: str) -> tuple[str, str] | None:
    """The sign, and digits with their marks; None for what is no number at all."""
    text = example.strip().strip(_SPACES)
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    signs = [char for char in text if char in _SIGNS]
    text = "".join(" " if char in _SPACES else char for char in text if char not in _SIGNS)
    text = text.strip().removeprefix("-").removeprefix("+").strip()
    if len(signs) > 1 or not re.fullmatch(r"\d[\d.,'’ ]*", text):
        return None
    return (signs[0] if signs else "", text)


def _marks(figures: list[str], *, is_money: bool) -> tuple[str, str] | None:
    """Thousands and decimal mark, where only one pair fits or all that fit mean the same."""
    pairs = [(",", "."), (".", ","), ("'", "."), ("’", "."), (" ", "."), (" ", ",")]
    fitting = [pair for pair in pairs if all(_fits(figure, *pair) for figure in figures)]
    if not fitting:
        return None
    values = {pair: tuple(_value(figure, *pair) for figure in figures) for pair in fitting}
    if len(set(values.values())) == 1:
        return fitting[0]
    # What is left to tell apart: `1,234` is a thousand where nothing has other groups of digits.
    grouped = {figure for figure in figures if re.search(r"[.,]", figure)}
    for mark in ",.":
        groups = all(re.fullmatch(rf"[1-9]\d{{0,2}}\{mark}\d{{3}}", figure) for figure in grouped)
        if groups and (is_money or (mark == "," and len(grouped) >= _ENOUGH)):
            return (mark, "." if mark == "," else ",")
    return None


def _fits(figure: str, thousands: str, decimal: str) -> bool:
    return re.fullmatch(_pattern(thousands, decimal), figure) is not None


def _value(figure: str, thousands: str, decimal: str) -> float:
    return float(figure.replace(thousands, "").replace(decimal, "."))


def _pattern(thousands: str, decimal: str) -> str:
    """A regular expression for a number without its sign."""
    whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)" if thousands else r"\d+"
    return rf"{whole}(?:{re.escape(decimal)}\d+)?"


def conversion(writing: Writing, column: str, *, as_text: str = "") -> list[str]:
    """Lines that turn `df[column]`, a constant or literal, into numbers; what is none is blank."""
    lines = [f"# Written like {writing.example}; what is written otherwise doesn't count"]
    dropped = rf"[{writing.sign}\s]"
    lines.append(f'text = df[{column}]{as_text}.str.replace(r"{dropped}", "", regex=True)')
    if writing.in_brackets:
        lines.append('text = text.str.replace(r"^\\((.*)\\)$", r"-\\1", regex=True)')
    # Spaces are gone by now, whether they stood between thousands or around the number.
    groups = "" if writing.thousands == " " else writing.thousands
    pattern = _pattern(groups, writing.decimal)
    lines.append(f'is_number = text.str.fullmatch(r"[-+]?{pattern}", na=False)')
    plain = "text.where(is_number)"
    if groups:
        plain += f'.str.replace({literal(groups)}, "", regex=False)'
    if writing.decimal != ".":
        plain += f'.str.replace({literal(writing.decimal)}, ".", regex=False)'
    return [*lines, f"text = {plain}", f"df[{column}] = pd.to_numeric(text)"]
