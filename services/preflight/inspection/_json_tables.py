"""The table in a JSON document: a list of records, one record a line, columns, or a list inside.

Every byte is checked (of a document up to the size in bounds.toml) without making objects of it;
only the records of the sample become values.
"""

import mmap
import re
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import msgspec
import numpy as np

from services.preflight.inspection import _json_text, _json_values
from services.preflight.inspection._csv import SAMPLE_ROWS
from services.preflight.inspection._xlsx_sheet import text_object_bytes
from services.preflight.inspection.types import Bounds, RefusalCode, SourceFile

_SAMPLE_RECORDS = 1_000
_SAMPLE_PER_BLOCK = 40
_MOST_ELEMENTS = 3_000_000

Shape = Literal["records", "lines", "columns", "lists", "other"]


@dataclass(slots=True)
class Found:
    """A table in a document: its rows, a sample of them, and how the text is made."""

    shape: Shape
    name: str
    rows: int
    rows_exact: bool
    sample: list[object]
    characters: int = 0
    widest_byte: int = 0
    line_bytes: float = 0.0
    is_nested: bool = False
    keys: tuple[str, ...] = field(default=())


def lines(file: BinaryIO, source: SourceFile, bounds: Bounds) -> Found:
    """Every line is checked, block by block; some of each block become values."""
    found = Found("lines", source.name, 0, True, [])
    decoder = msgspec.json.Decoder(msgspec.Raw)
    offset = file.tell()
    lengths: list[float] = []
    for block in _json_text.blocks(file):
        try:
            records = decoder.decode_lines(_json_text.plain(block))
        except (msgspec.DecodeError, RecursionError):
            raise _json_text.first_bad_line(block, offset, found.rows) from None
        _json_text.check_depth(block, bounds.json_depth)
        step = max(1, len(records) // _SAMPLE_PER_BLOCK)
        chosen = records[:SAMPLE_ROWS] if not found.rows else records[::step]
        found.sample.extend(map(_json_values.decode, chosen))
        found.rows += len(records)
        lengths.extend(map(_line_bytes, chosen[:_SAMPLE_PER_BLOCK]))
        _measure_text(block, found)
        offset += len(block)
    del found.sample[_SAMPLE_RECORDS * 4 :]
    found.line_bytes = sum(lengths) / max(1, len(lengths))
    return found


def _line_bytes(record: msgspec.Raw) -> float:
    return text_object_bytes(bytes(record).decode("utf-8", "replace"))


def document(raw: bytes, source: SourceFile, bounds: Bounds, offset: int = 0) -> Found:
    """A whole document, checked from end to end; `offset` is where it begins in its file."""
    original, raw = raw, _json_text.plain(raw)
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError) as exc:
        error = _json_text.explained(exc, original, offset, None, may_be_cut=True)
        if error.code == "truncated":
            error.rows = _json_text.whole_records(raw)
        raise error from None
    _json_text.check_depth(raw, bounds.json_depth)
    if raw.lstrip()[:1] not in (b"[", b"{"):
        raise _json_text.InvalidError("no_rows", what="value")
    is_list = raw.lstrip()[:1] == b"["
    if not is_list and len(_json_text.Elements().commas(raw)) >= bounds.columns:
        raise _json_text.InvalidError("too_many_columns", limit=bounds.columns)
    found = _in_list(raw, source.name) if is_list else _in_object(raw, source.name)
    _measure_text(raw, found)
    return found


def _in_list(raw: bytes, name: str) -> Found:
    is_records = raw.lstrip()[1:].lstrip()[:1] == b"{"
    if raw.count(b"{" if is_records else b",") > _MOST_ELEMENTS:
        records = _json_text.slices_of(raw)
        mean = sum(map(len, records)) / max(1, len(records))
        rows = round(len(raw) / (mean + 1)) if records else 0
        return Found("records", name, rows, False, [*map(_json_values.decode, records)])
    elements = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return Found("records", name, len(elements), True, _decoded_sample(elements))


def _decoded_sample(elements: list[msgspec.Raw]) -> list[object]:
    first = elements[:SAMPLE_ROWS]
    rest = elements[SAMPLE_ROWS:]
    step = max(1, len(rest) // _SAMPLE_RECORDS)
    return [_json_values.decode(raw) for raw in (*first, *rest[::step])]


def _in_object(raw: bytes, name: str) -> Found:
    members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    kinds = {bytes(value)[:1] for value in members.values()}
    if len(members) > 0 and kinds in ({b"{"}, {b"["}):
        columns = _as_columns(members, name, is_list=kinds == {b"["})
        if columns is not None:
            return columns
    lists = {key: v for key, v in members.items() if re.match(rb"\[\s*\{", bytes(v)[:200])}
    if lists:
        key = max(lists, key=lambda k: len(bytes(lists[k])))
        found = _in_list(bytes(lists[key]), key)
        found.shape, found.is_nested = "other", True
        return found
    return Found("other", name, 1, True, [_json_values.decode(raw)] if members else [])


def _as_columns(members: dict[str, msgspec.Raw], name: str, *, is_list: bool) -> Found | None:
    """`{"a": {"0": 1}, "b": …}` or `{"a": [1], "b": …}` with columns of the same length."""
    decoded = {key: _json_values.decode(raw) for key, raw in members.items()}
    columns: dict[str, list[object]] = {}
    indexes: set[object] = set()
    for key, value in decoded.items():
        if isinstance(value, list) and is_list:
            columns[key] = value
            indexes.add(len(value))
        elif isinstance(value, dict):
            columns[key] = list(value.values())
            indexes.add(tuple(value))
    if len(indexes) != 1 or len(columns) != len(members):
        return None
    rows = list(zip(*columns.values(), strict=True))
    if is_list and any(isinstance(value, dict | list) for row in rows[:5] for value in row):
        return None
    step = max(1, len(rows) // _SAMPLE_RECORDS)
    chosen = (*rows[:SAMPLE_ROWS], *rows[SAMPLE_ROWS::step])
    sample: list[object] = [dict(zip(columns, row, strict=True)) for row in chosen]
    return Found("lists" if is_list else "columns", name, len(rows), True, sample)


def streamed(file: BinaryIO, source: SourceFile, bounds: Bounds) -> Found:
    """A list that is too large to be read at once: checked element by element."""
    found = Found("records", source.name, 0, True, [])
    elements = _json_text.Elements()
    offset, rest = file.tell(), b""
    is_first, brackets = True, b""
    while piece := file.read(_json_text.BLOCK_BYTES):
        while piece.endswith(b"\\") and (one := file.read(1)):
            piece += one
        _measure_text(piece, found)
        commas = elements.commas(piece)
        if elements.deepest > bounds.json_depth:
            raise _json_text.InvalidError("too_deep")
        if not len(commas):
            rest += piece
            if len(rest) > bounds.record_bytes:
                raise _json_text.InvalidError("record_too_long", limit=bounds.record_bytes)
            continue
        end = int(commas[-1])
        _take(brackets + rest + piece[:end] + b"]", offset - len(brackets), found)
        offset += len(rest) + end + 1
        rest, brackets, is_first = piece[end + 1 :], b"[", False
    last = brackets + rest
    if not is_first and not rest.strip(b" \t\r\n]"):
        raise _json_text.InvalidError("invalid_json", offset, found.rows)
    _take(last, offset - len(brackets), found)
    del found.sample[_SAMPLE_RECORDS * 4 :]
    return found


def _take(raw: bytes, offset: int, found: Found) -> None:
    """Check a list of elements and take some of them; raises InvalidError."""
    try:
        records = msgspec.json.decode(_json_text.plain(raw), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _json_text.explained(exc, raw, offset, found.rows, may_be_cut=True) from None
    step = max(1, len(records) // _SAMPLE_PER_BLOCK)
    chosen = records[:SAMPLE_ROWS] if not found.rows else records[::step]
    found.sample.extend(map(_json_values.decode, chosen))
    found.rows += len(records)


def mapped(file: BinaryIO, source: SourceFile, bounds: Bounds) -> Found:
    """An object that is too large to be read at once: checked in place, records from along it."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        view = memoryview(whole)[file.tell() :]
        try:
            msgspec.json.decode(view, type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError) as exc:
            place = _json_text.place_of(exc)
            if place is None or _json_text.plain(bytes(view[place : place + 8])) == bytes(
                view[place : place + 8]
            ):
                code: RefusalCode = "truncated" if place is None else "invalid_json"
                raise _json_text.InvalidError(code, place) from None
        finally:
            view.release()
    return sampled(file, source, bounds)


def sampled(file: BinaryIO, source: SourceFile, bounds: Bounds) -> Found:
    """A document that is too large to be checked as a whole: records from along the file."""
    found = Found("records", source.name, 0, False, [])
    start = file.tell()
    records: list[bytes] = []
    for number in range(16):
        file.seek(start + number * (source.size_bytes - start) // 16)
        records.extend(_json_text.slices_of(file.read(400_000))[:200])
    file.seek(-min(source.size_bytes, 64), 2)
    if file.read().rstrip()[-1:] not in (b"]", b"}"):
        raise _json_text.InvalidError("truncated", None)
    _json_text.check_depth(b"".join(records), bounds.json_depth - 1)
    mean = sum(map(len, records)) / max(1, len(records))
    found.rows = round(source.size_bytes / (mean + 1)) if records else 0
    found.sample = [*map(_json_values.decode, records)]
    file.seek(start)
    while block := file.read(_json_text.BLOCK_BYTES):
        _measure_text(block, found)
    return found


def _measure_text(block: bytes, found: Found) -> None:
    data = np.frombuffer(block, np.uint8)
    if len(data):
        found.widest_byte = max(found.widest_byte, int(data.max()))
        found.characters += int(np.count_nonzero((data & 0xC0) != 0x80))
