"""Columns of tables whose values have types of their own: sheets and JSON records."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from services.preflight.inspection._columns import (
    EXAMPLES,
    SHOWN_CHARACTERS,
    Column,
)
from services.preflight.inspection._dates import date_format
from services.preflight.inspection._written import number_style
from services.preflight.inspection.types import Dtype
from services.preflight.types import ColumnKind, ColumnReport

CellKind = Literal["integer", "number", "date", "boolean", "text", "nested"]

_DATED_VALUES = 300
_MIXED_RATIO = 0.5
_NUMERIC: tuple[CellKind, ...] = ("integer", "number")


@dataclass(slots=True)
class Cell:
    """A value as it is shown, and its type."""

    text: str
    kind: CellKind


def dtype_of(kinds: Counter[CellKind], *, has_blanks: bool) -> Dtype:
    """The type that pandas gives a column with such values."""
    found = {kind for kind, count in kinds.items() if count}
    if not found:
        return "float64"
    if found == {"date"}:
        return "datetime64[ns]"
    if found == {"boolean"}:
        return "object" if has_blanks else "bool"
    if found <= {"integer", "number"}:
        return "int64" if found == {"integer"} and not has_blanks else "float64"
    return "object"


def describe(
    name: str, cells: list[Cell | None], dtype: Dtype, *, rows: int, memory_bytes: int | None
) -> Column:
    """A column from some of its cells; counts are scaled to `rows` where these are more."""
    present = [cell for cell in cells if cell is not None]
    kinds = Counter(cell.kind for cell in present)
    values = Counter(cell.text for cell in present)
    is_exact = rows == len(cells)
    null_ratio = (len(cells) - len(present)) / len(cells) if cells else 1.0
    texts = list(values)[:_DATED_VALUES]
    dates = date_format(texts, day_first=False) if kinds and set(kinds) == {"text"} else None
    kind = _kind(kinds, is_date=dates is not None)
    numeric = sum(kinds[k] for k in _NUMERIC) / len(present) if present else 0.0
    low, high = _extremes(present, kind)
    odd = next((c.text[:SHOWN_CHARACTERS] for c in present if c.kind not in _NUMERIC), "")
    report = ColumnReport(
        name=name,
        dtype=dtype,
        kind=kind,
        nulls=len(cells) - len(present) if is_exact else round(null_ratio * rows),
        distinct=len(values) if is_exact else None,
        minimum=low,
        maximum=high,
        examples=tuple(v[:SHOWN_CHARACTERS] for v, _ in values.most_common(EXAMPLES)),
        date_format=dates.format if dates else None,
        number_style=number_style(list(values)[:EXAMPLES]) if kind in ("text", "mixed") else None,
        memory_bytes=memory_bytes,
        counts_exact=is_exact,
        content_bytes=_content_bytes(present, len(cells), rows),
    )
    return Column(report, dtype, dates, null_ratio, numeric, odd)


def _content_bytes(present: list[Cell], looked_at: int, rows: int) -> int | None:
    """What all fields would take as text, with a mark after each."""
    if not looked_at:
        return None
    taken = sum(len(cell.text.encode("utf-8", "replace")) for cell in present)
    return round(rows * (taken / looked_at + 1))


def shown(cell: Cell | None) -> str | None:
    """A cell for the preview."""
    return None if cell is None else cell.text[:SHOWN_CHARACTERS]


def _kind(kinds: Counter[CellKind], *, is_date: bool) -> ColumnKind:
    found = set(kinds)
    if not found:
        return "empty"
    if is_date or found == {"date"}:
        return "date"
    if found == {"boolean"}:
        return "boolean"
    if found <= {"integer", "number"}:
        return "number" if "number" in found else "integer"
    numeric = sum(kinds[k] for k in _NUMERIC) / sum(kinds.values())
    return "mixed" if numeric >= _MIXED_RATIO else "text"


def _extremes(present: list[Cell], kind: ColumnKind) -> tuple[str | None, str | None]:
    if kind in ("integer", "number"):
        texts = [cell.text for cell in present]
        return min(texts, key=float), max(texts, key=float)
    dated = [cell.text for cell in present if cell.kind == "date"]
    return (min(dated), max(dated)) if kind == "date" and dated else (None, None)
