"""Numbers that are written as text, such as `1.234,50 €`: whether they can be read one way only.

What calculates with such a column converts it, if this is clear; a finding says which it is.
"""

import re
from typing import NamedTuple

_SIGNS = "€$£¥%"
_SPACES = " \u00a0\u202f\u2009"
_PAIRS = ((",", "."), (".", ","), ("'", "."), ("’", "."), (" ", "."), (" ", ","))
"""Marks of thousands and of decimals, as people write them."""
_ENOUGH = 2
"""So many different values in groups of three digits, and none otherwise, are thousands."""


class Written(NamedTuple):
    """How the values of a text column are written that are all numbers."""

    example: str
    decimal: str | None
    """None where the marks could mean one thing or another: such values stay text."""


def written(examples: tuple[str, ...]) -> Written | None:
    """How these values are written; None if one is no number, or nothing keeps them from being."""
    bare = [_bare(example) for example in examples]
    parts = [one for one in bare if one is not None]
    if not parts or len(parts) < len(bare):
        return None
    signs, figures = {sign for sign, _ in parts}, [figure for _, figure in parts]
    if signs == {""} and all(figure.isdigit() for figure in figures):
        return None
    example = max(examples, key=lambda one: sum(not char.isdigit() for char in one.strip()))
    decimal = None if len(signs) > 1 else _decimal(figures, is_money=bool(signs - {"", "%"}))
    return Written(example.strip(), decimal)


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


def _decimal(figures: list[str], *, is_money: bool) -> str | None:
    """The decimal mark, where only one pair fits or all that fit mean the same."""
    fitting = [pair for pair in _PAIRS if all(_fits(figure, *pair) for figure in figures)]
    values = {tuple(_value(figure, *pair) for figure in figures) for pair in fitting}
    if len(values) == 1:
        return fitting[0][1]
    # What is left to tell apart: `1,234` is a thousand where nothing has other groups of digits.
    grouped = {figure for figure in figures if re.search(r"[.,]", figure)}
    for mark in ",." if fitting else "":
        groups = all(re.fullmatch(rf"[1-9]\d{{0,2}}\{mark}\d{{3}}", figure) for figure in grouped)
        if groups and (is_money or (mark == "," and len(grouped) >= _ENOUGH)):
            return "." if mark == "," else ","
    return None


def _fits(figure: str, thousands: str, decimal: str) -> bool:
    whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    return re.fullmatch(rf"{whole}(?:{re.escape(decimal)}\d+)?", figure) is not None


def _value(figure: str, thousands: str, decimal: str) -> float:
    return float(figure.replace(thousands, "").replace(decimal, "."))
