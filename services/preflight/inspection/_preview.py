"""The head of a table that a run produced, with numbers as numbers."""

import csv
import itertools
import json
from pathlib import Path
from typing import Any, Literal, TypeAlias

from services.preflight.types import TablePreview

_WHOLE_BYTES = 20_000_000
_CELL_CHARACTERS = 500
_COLUMNS = 200
_LARGEST_EXACT = 2**53
Cell: TypeAlias = str | int | float | bool | None


def read(path: Path, kind: Literal["csv", "json", "ndjson"], rows: int) -> TablePreview | None:
    """At most `rows` rows; None where the file is not such a table."""
    try:
        if kind == "csv":
            return _csv(path, rows)
        if path.stat().st_size > _WHOLE_BYTES:
            return None
        text = path.read_text(encoding="utf-8-sig")
        if kind == "ndjson":
            return _records([json.loads(line) for line in text.splitlines() if line.strip()], rows)
        return _records(_as_records(json.loads(text)), rows)
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError):
        return None


def _csv(path: Path, rows: int) -> TablePreview | None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        names = next(reader, None)
        if not names:
            return None
        head = [record for record in itertools.islice(reader, rows) if record]
        total = len(head) + sum(1 for record in reader if record)
    width = min(len(names), _COLUMNS)
    columns = [_typed([_at(record, i) for record in head]) for i in range(width)]
    return TablePreview(
        columns=tuple(names[:width]),
        rows=tuple(zip(*columns, strict=True)) if head else (),
        total_rows=total,
    )


def _at(record: list[str], index: int) -> str:
    return record[index] if index < len(record) else ""


def _typed(cells: list[str]) -> list[Cell]:
    """A column of numbers if every cell that is not blank is one; else text."""
    for number in (_integer, _real):
        try:
            return [None if cell.strip() == "" else number(cell) for cell in cells]
        except ValueError:
            continue
    return [cell[:_CELL_CHARACTERS] if cell else None for cell in cells]


def _integer(cell: str) -> int:
    """Raises ValueError for what a number type would change: `007`, ids beyond 2^53."""
    value = int(cell)
    if str(value) != cell.strip() or abs(value) > _LARGEST_EXACT:
        raise ValueError(cell)
    return value


def _as_records(document: Any) -> list[Any]:
    """A list as it is; columns, as pandas writes them by default, turned into records."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict) or not document:
        return []
    columns = list(document.values())
    if all(isinstance(column, dict) for column in columns):
        indexes = dict.fromkeys(index for column in columns for index in column)
        return [{name: c.get(index) for name, c in document.items()} for index in indexes]
    if all(isinstance(column, list) for column in columns) and len({*map(len, columns)}) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*columns, strict=True)]
    return [document]


def _records(document: list[Any], rows: int) -> TablePreview | None:
    if not document or not all(isinstance(record, dict) for record in document):
        return None
    names = tuple(dict.fromkeys(name for record in document[:rows] for name in record))[:_COLUMNS]
    return TablePreview(
        columns=names,
        rows=tuple(tuple(_value(record.get(name)) for name in names) for record in document[:rows]),
        total_rows=len(document),
    )


def _value(value: object) -> Cell:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_EXACT else str(value)
    return (value if isinstance(value, str) else json.dumps(value))[:_CELL_CHARACTERS]


def _real(cell: str) -> float:
    """Raises ValueError for text, for words such as `nan`, and for ids with leading zeros."""
    digits = cell.strip().lstrip("+-")
    if not digits[:1].isdigit() and not digits.startswith("."):
        raise ValueError(cell)
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        raise ValueError(cell)
    if digits.isdigit() and abs(int(digits)) > _LARGEST_EXACT:
        raise ValueError(cell)
    return float(cell)
