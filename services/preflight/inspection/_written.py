"""Numbers that are written as text, such as `1.234,50 €`: whether they can be read one way only.

What calculates with such a column converts it, if this is clear; a finding says which it is.
"""

import re
from collections.abc import Sequence
from typing import Literal

from services.preflight.types import NumberStyle

_SIGNS = "€$£¥%"
_SPACES = " \u00a0\u202f\u2009"
Decimal = Literal[".", ","]
_PAIRS: tuple[tuple[str, Decimal], ...] = (
    *((",", "."), (".", ","), ("'", "."), ("’", "."), (" ", "."), (" ", ",")),
)
"""Marks of thousands and of decimals, as people write them."""
_ENOUGH = 2
"""So many different values in groups of three digits, and none otherwise, are thousands."""


def number_style(examples: Sequence[str], told: Decimal | None = None) -> NumberStyle | None:
    """How these values are written; None if one is no number, or nothing keeps them from being.

    `told` is the decimal mark where that is known: then no other is thought of.
    """
    bare = [_bare(example) for example in examples]
    parts = [one for one in bare if one is not None]
    if not parts or len(parts) < len(bare):
        return None
    signs, figures = {sign for sign, _ in parts}, [figure for _, figure in parts]
    if signs == {""} and all(figure.isdigit() for figure in figures):
        return None
    example = max(examples, key=lambda one: sum(not char.isdigit() for char in one.strip())).strip()
    marks = None
    if len(signs) == 1:
        marks = _marks(figures, is_money=bool(signs - {"", "%"}), told=told)
    if marks is None:
        return NumberStyle(decimal=None, example=example)
    return NumberStyle(
        decimal=marks[1],
        thousands=marks[0],
        sign=signs.pop(),
        in_brackets=any(one.strip().startswith("(") for one in examples),
        example=example,
    )


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


def _marks(
    figures: list[str], *, is_money: bool, told: Decimal | None
) -> tuple[str, Decimal] | None:
    """Thousands and decimal mark, where only one pair fits or all that fit mean the same."""
    pairs = [pair for pair in _PAIRS if told in (None, pair[1])]
    fitting = [pair for pair in pairs if all(_fits(figure, *pair) for figure in figures)]
    if not fitting:
        return None
    values = {tuple(_value(figure, *pair) for figure in figures) for pair in fitting}
    if len(values) == 1:
        return fitting[0]
    # What is left to tell apart: `1,234` is a thousand where nothing has other groups of digits.
    grouped = {figure for figure in figures if re.search(r"[.,]", figure)}
    for mark in ",.":
        groups = all(re.fullmatch(rf"[1-9]\d{{0,2}}\{mark}\d{{3}}", figure) for figure in grouped)
        if groups and (is_money or (mark == "," and len(grouped) >= _ENOUGH)):
            return (mark, "." if mark == "," else ",")
    return None


def _fits(figure: str, thousands: str, decimal: str) -> bool:
    whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    return re.fullmatch(rf"{whole}(?:{re.escape(decimal)}\d+)?", figure) is not None


def _value(figure: str, thousands: str, decimal: str) -> float:
    return float(figure.replace(thousands, "").replace(decimal, "."))
