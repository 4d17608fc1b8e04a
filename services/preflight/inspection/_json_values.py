"""JSON values as cells, and what they cost as Python objects."""

import json
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from services.preflight.inspection._cells import Cell
from services.preflight.inspection._json_text import MARK_OF_NONE
from services.preflight.inspection._strings import dict_bytes, list_bytes
from services.preflight.inspection._xlsx_sheet import text_object_bytes

_NUMBER_BYTES = 32
_SMALL_INTEGERS = range(-5, 257)
_NESTED_CHARACTERS = 200
_KEYS_SAMPLED = 200


def cell(value: object) -> Cell | None:
    """How a value is shown; None for null."""
    match value:
        case None:
            return None
        case bool():
            return Cell(str(value), "boolean")
        case int():
            return Cell(str(value), "integer")
        case float():
            return Cell(repr(value), "number")
        case str():
            return Cell(value, "text")
    text = json.dumps(value, ensure_ascii=False, default=str)
    return Cell(text[:_NESTED_CHARACTERS], "nested")


def holds_something(record: object) -> bool:
    """Whether there is a value to ask about: `{}`, `[]` and null have none."""
    return bool(record) if isinstance(record, dict | list) else record is not None


def keys_of(records: Iterable[object]) -> tuple[str, ...]:
    """All keys of the records in the order in which they first turn up."""
    keys: dict[str, None] = {}
    for record in records:
        keys.update(dict.fromkeys(as_mapping(record)))
    return tuple(keys)


def as_mapping(record: object) -> Mapping[str, object]:
    """A record by its column names; lists get numbers for names, as pandas gives them."""
    match record:
        case dict():
            return record
        case list():
            return {str(i): value for i, value in enumerate(record)}
    return {"0": record}


def record_bytes(record: object) -> float:
    """A record as pandas' parser makes it: a dict with a new key string per cell, or a list."""
    if isinstance(record, list):
        return _list_value_bytes(record)
    mapping = as_mapping(record)
    own = dict_bytes(len(mapping))
    return own + sum(text_object_bytes(key) + _value_bytes(v) for key, v in mapping.items())


def column_bytes(values: Sequence[object], rows: int, *, has_keys: bool) -> tuple[float, float]:
    """A row's share of a column: of its objects, and of the list or dict that holds them.

    `values` are some of the column's. A dict has a new key string per cell, the row's number.
    """
    own = sum(map(_value_bytes, values)) / max(1, len(values))
    if not has_keys:
        return own, list_bytes(rows) / max(1, rows)
    numbers = range(0, max(1, rows), max(1, rows // _KEYS_SAMPLED))
    keys = sum(text_object_bytes(str(number)) for number in numbers) / len(numbers)
    return own + keys, dict_bytes(rows) / max(1, rows)


def decode(raw: bytes | memoryview | msgspec.Raw) -> object:
    """A value that is known to be valid. Numbers past every type of ours are as near as may be."""
    if MARK_OF_NONE in bytes(raw):
        return json.loads(bytes(raw), parse_int=_integer, parse_float=_real)
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = bytes(raw).decode("utf-8", "replace")
    try:
        return json.loads(text, parse_int=_integer)
    except ValueError:
        return None


def _real(text: str) -> float | None:
    """A number that is none is nothing to calculate with."""
    return None if text.encode() == MARK_OF_NONE else float(text)


def _integer(digits: str) -> int | float:
    """Thousands of digits are no integer to Python, and an infinite number to pandas."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _value_bytes(value: object) -> float:
    match value:
        case None | bool():
            return 0.0
        case int():
            return 0.0 if value in _SMALL_INTEGERS else _NUMBER_BYTES
        case float():
            return _NUMBER_BYTES
        case str():
            return text_object_bytes(value)
        case dict():
            return record_bytes(value) + 16
        case list():
            return _list_value_bytes(value)
    return _NUMBER_BYTES


def _list_value_bytes(values: Sequence[object]) -> float:
    return list_bytes(len(values)) + 16 + sum(map(_value_bytes, values))
