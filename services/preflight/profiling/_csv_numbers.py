"""Fields as pandas takes them for numbers: by Arrow where the two agree, else looked at closely."""

import re
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.preflight.profiling._keys import Floats, Ints, Words

Numbers: TypeAlias = Floats | Ints | Words
_INTEGER = r"^[ \t]*[-+]?[0-9]+[ \t]*$"
_NUMBER = r"^[ \t]*[-+]?([0-9]+D?[0-9]*|D[0-9]+)([eE][-+]?[0-9]+)?[ \t]*$"
_INFINITY = r"(?i)^[-+]?inf(inity)?$"


class NoNumbersError(Exception):
    """Some field is no number; `odd` is the first of these."""

    def __init__(self, odd: str) -> None:
        super().__init__(odd)
        self.odd = odd


def integers(present: pa.StringArray) -> Ints | Words | None:
    """Whole numbers; None where some are none. Raises NoNumbersError where they fit no type."""
    found: Ints | Words | None = cast(present, pa.int64())
    if found is not None and not _has_hexadecimal(present):
        return found
    whole = pc.match_substring_regex(present, _INTEGER)
    if not pc.all(whole).as_py():
        return None
    plain = pc.utf8_ltrim(pc.utf8_trim_whitespace(present), "+")
    for wanted in (pa.int64(), pa.uint64()):
        found = cast(plain, wanted)
        if found is not None:
            return found
    if pc.any(pc.starts_with(plain, "-")).as_py() and _fits(plain):
        return None
    # Digits past every type of whole numbers: pandas leaves the column as text.
    lengths = pc.binary_length(plain).to_numpy(zero_copy_only=False)
    raise NoNumbersError(present[int(lengths.argmax())].as_py())


def reals(present: pa.StringArray, decimal: str) -> Floats:
    """Numbers. Raises NoNumbersError."""
    plain = present
    if decimal != ".":
        if pc.any(pc.match_substring(present, ".")).as_py():
            return _careful(present, decimal)
        plain = pc.replace_substring(present, decimal, ".")
    values: Floats | None = cast(plain, pa.float64())
    if values is None or not np.isfinite(values).all():
        return _careful(present, decimal)
    return values


def _careful(present: pa.StringArray, decimal: str) -> Floats:
    these = are_numbers(present, decimal)
    if not pc.all(these).as_py():
        raise NoNumbersError(first(present, pc.invert(these)))
    plain = pc.utf8_ltrim(pc.utf8_trim_whitespace(present), "+")
    if decimal != ".":
        plain = pc.replace_substring(plain, decimal, ".")
    values: Floats = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    # Beyond the largest float: infinite to Arrow, text to pandas.
    beyond = pa.array(np.isinf(values))
    if pc.any(beyond).as_py():
        beyond = pc.and_not(beyond, pc.match_substring_regex(present, _INFINITY))
        if pc.any(beyond).as_py():
            raise NoNumbersError(first(present, beyond))
    return values


def are_numbers(present: pa.StringArray, decimal: str) -> pa.BooleanArray:
    """Whether pandas takes each for a number."""
    pattern = _NUMBER.replace("D", re.escape(decimal))
    these = pc.match_substring_regex(present, pattern)
    if pc.all(these).as_py():
        return these
    return pc.or_(these, pc.match_substring_regex(present, _INFINITY))


def are_plain(present: pa.StringArray, decimal: str, *, is_whole: bool) -> bool:
    """Whether Arrow takes all of these for numbers, as it splits text."""
    if is_whole:
        return cast(present, pa.int64()) is not None
    plain = present if decimal == "." else pc.replace_substring(present, decimal, ".")
    values = cast(plain, pa.float64())
    return values is not None and bool(np.isfinite(values).all())


def cast(column: pa.StringArray, wanted: pa.DataType) -> Any:
    """An array of that type; None where some field is none."""
    try:
        return pc.cast(column, wanted).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None


def first(column: pa.StringArray, chosen: pa.BooleanArray) -> str:
    """The first of the chosen; empty if there is none."""
    at = pc.index(chosen, value=True).as_py()
    return "" if at < 0 else str(column[at].as_py())


def _fits(plain: pa.StringArray) -> bool:
    """Whether every whole number fits one of the types, if not the same."""
    lengths = pc.binary_length(plain).to_numpy(zero_copy_only=False)
    return all(-(2**63) <= int(plain[int(i)].as_py()) < 2**64 for i in np.flatnonzero(lengths > 18))


def _has_hexadecimal(column: pa.StringArray) -> bool:
    """Arrow takes `0x1F` for a number, pandas does not."""
    data = column.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()
    return b"x" in raw or b"X" in raw
