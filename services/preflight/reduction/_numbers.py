"""Numbers as they are written, and the shortest way to write the same."""

import re
from collections.abc import Callable

from services.preflight.types import ColumnReport

MISSING = frozenset(
    (
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND"),
        *("1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null"),
    )
)
"""What pandas 1.5.3 takes for a missing value."""
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)")
_DROPPED = re.compile(r"[€$£¥%\s\u00a0\u202f\u2009]")
_MARKS = ",.'’"
_EXACT_CHARACTERS = 15
"""Longer floats may have a shorter way to be written that means the same one."""


def compact(text: str) -> str:
    """The same number without needless marks: `+1.500` is `1.5`. Other text stays as it is.

    Zeros in front stay: with them it is a code, and a float is not re-written, so that whoever
    reads it makes the same bits of it.
    """
    if text.isdecimal():
        return text
    if text in MISSING:
        return ""
    bare = text.strip()
    if not _PLAIN.fullmatch(bare):
        return text
    bare = bare.removeprefix("+")
    if "." not in bare:
        return bare
    trimmed = bare.rstrip("0").rstrip(".")
    return "0" if trimmed in ("", "-") else trimmed


def compact_with_comma(text: str) -> str:
    """The same for numbers with a decimal comma."""
    return compact(text.replace(",", ".", 1)) if "." not in text else text


def shortest(text: str) -> str:
    """As `compact`; a float with more digits than it needs is written with as many as it does."""
    if len(text) <= _EXACT_CHARACTERS or text.lstrip("-").isdecimal():
        return compact(text)
    try:
        return repr(float(text)).removesuffix(".0")
    except ValueError:
        return text


def rounding(digits: int) -> Callable[[str], str]:
    """A way to write numbers with at most so many decimals."""

    def rounded(text: str) -> str:
        short = compact(text)
        _, point, decimals = short.partition(".")
        if not point or (len(decimals) <= digits and decimals.isdecimal()):
            return short
        try:
            return compact(f"{float(short):.{digits}f}")
        except ValueError:
            return text

    return rounded


def decimal_mark(column: ColumnReport) -> str | None:
    """Of a text column whose values are all numbers in one way of writing; else None."""
    if column.kind not in ("text", "mixed") or not column.examples:
        return None
    found = column.number_style
    return None if found is None else found.decimal


def unwritten(decimal: str) -> Callable[[str], str]:
    """What makes `(1.234,50 €)` with that decimal mark `-1234.5`; other text stays as it is."""
    others = "".join(mark for mark in _MARKS if mark != decimal)
    drop = str.maketrans("", "", others)

    def plain(text: str) -> str:
        if text in MISSING:
            return ""
        bare = _DROPPED.sub("", text)
        if bare.startswith("(") and bare.endswith(")"):
            bare = f"-{bare[1:-1]}"
        bare = bare.translate(drop).replace(decimal, ".")
        return compact(bare) if _PLAIN.fullmatch(bare) else text

    return plain
