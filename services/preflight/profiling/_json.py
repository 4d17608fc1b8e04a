"""JSON, record by record: lines, or a list whose elements are cut out of the text as it goes by."""

import codecs
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from services.preflight.inspection import json_text, json_values
from services.preflight.profiling import _values
from services.preflight.profiling._team import Team
from services.preflight.profiling.types import Bounds, TableFigures
from services.preflight.types import ColumnReport, FileReport, TableReport

_BLOCK_BYTES, _MOST_COLUMNS = 4_000_000, 2_000
_decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder()
_COMMA, _QUOTE = ord(","), ord('"')
_OPENING, _CLOSING = b"{[", b"}]"
_SPACE = b" \t\r\n"


class TooLargeError(MemoryError):
    """A document that would have to be in memory as a whole, and is too large for it."""


def profile(path: Path, report: FileReport, bounds: Bounds, team: Team) -> TableFigures:
    """The figures of all records; members that the check did not see are columns as well."""
    table = report.tables[0]
    late: dict[str, None] = {}
    figures = _go_over(path, report, table, bounds, team, late)
    if not late:
        return figures
    names = list(late)[: max(0, _MOST_COLUMNS - len(table.columns))]
    columns = [ColumnReport(name=name, dtype="object", kind="empty") for name in names]
    wider = msgspec.structs.replace(table, columns=(*table.columns, *columns))
    return _go_over(path, report, wider, bounds, team, late)


def _go_over(
    path: Path,
    report: FileReport,
    table: TableReport,
    bounds: Bounds,
    team: Team,
    late: dict[str, None],
) -> TableFigures:
    """The figures of a table; `late` takes in names that are no columns of it."""
    names = [column.name for column in table.columns]
    known = frozenset(names)
    with path.open("rb") as raw:
        file = _in_utf8(raw, report, bounds)
        records: Iterable[object]
        if report.kind == "ndjson":
            records = _of_lines(file)
        else:
            is_nested = any(f.code == "nested_table" for f in report.findings)
            records = _of_document(file, report, bounds, table.name if is_nested else None)

        def row(record: object) -> list[object]:
            members = json_values.as_mapping(record)
            if not members.keys() <= known and len(known) + len(late) < _MOST_COLUMNS:
                late.update(dict.fromkeys(name for name in members if name not in known))
            return [members.get(name) for name in names]

        return _values.profile(table, map(row, records), bounds, team)


def _in_utf8(raw: BinaryIO, report: FileReport, bounds: Bounds) -> BinaryIO:
    codec = (report.encoding or "utf-8").lower()
    if codec in ("utf-8", "utf-8-sig"):
        if raw.read(3) != codecs.BOM_UTF8:
            raw.seek(0)
        return raw
    if report.size_bytes > bounds.document_bytes:
        raise TooLargeError
    return io.BytesIO(raw.read().decode(codec).lstrip("\ufeff").encode())


def _of_lines(file: BinaryIO) -> Iterator[object]:
    for block in json_text.blocks(file):
        try:
            yield from _decoder.decode_lines(block)
        except msgspec.MsgspecError:  # a number past every type of ours, most likely
            yield from map(json_values.decode, filter(bytes.strip, block.splitlines()))


def _of_document(
    file: BinaryIO, report: FileReport, bounds: Bounds, nested_in: str | None
) -> Iterable[object]:
    start = file.tell()
    if file.read(1 << 16).lstrip(_SPACE)[:1] == b"[":
        file.seek(start)
        return _of_list(file)
    file.seek(start)
    if report.size_bytes > bounds.document_bytes:
        raise TooLargeError
    members = msgspec.json.decode(file.read(), type=dict[str, msgspec.Raw])
    if nested_in is not None:
        return _of_list(io.BytesIO(bytes(members[nested_in])))
    decoded = {name: json_values.decode(raw) for name, raw in members.items()}
    return _of_columns(decoded) or [decoded]


def _of_columns(members: Mapping[str, object]) -> Iterable[object] | None:
    """`{"a": {"0": 1}, "b": …}` or `{"a": [1], "b": …}`; None for anything else."""
    columns: list[list[object]] = []
    indexes: set[object] = set()
    for value in members.values():
        if isinstance(value, dict):
            columns.append(list(value.values()))
            indexes.add(tuple(value))
        elif isinstance(value, list):
            columns.append(value)
            indexes.add(len(value))
    if len(columns) != len(members) or len(indexes) != 1:
        return None
    return (dict(zip(members, row, strict=True)) for row in zip(*columns, strict=True))


def _of_list(file: BinaryIO) -> Iterator[object]:
    """The elements of the list that the text begins with, a block at a time."""
    text = file.read(_BLOCK_BYTES)
    text = text[text.index(b"[") + 1 :]
    is_over = False
    while not is_over:
        end, is_over = _last_boundary(text)
        if end:
            yield from _decoded(text[:end])
            text = text[end + 1 :]
        if not is_over:
            more = file.read(max(_BLOCK_BYTES, len(text)))
            if not more:
                return
            text += more


def _decoded(elements: bytes) -> Iterable[object]:
    if not elements.strip(_SPACE):
        return ()
    listed = b"[" + elements + b"]"
    try:
        return list(msgspec.json.decode(listed))
    except msgspec.MsgspecError:
        raws = msgspec.json.decode(listed, type=list[msgspec.Raw])
        return map(json_values.decode, raws)


def _last_boundary(text: bytes) -> tuple[int, bool]:
    """Where the last whole element ends, and whether the list ends there; text begins with one."""
    masked = text
    if b"\\" in text:
        masked = text.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    data = np.frombuffer(masked, np.uint8)
    outside = (np.cumsum(data == _QUOTE, dtype=np.uint32) & 1) == 0
    opening = (data == _OPENING[0]) | (data == _OPENING[1])
    closing = (data == _CLOSING[0]) | (data == _CLOSING[1])
    steps = opening.astype(np.int8) - closing.astype(np.int8)
    depth = np.cumsum(np.where(outside, steps, np.int8(0)), dtype=np.int32)
    ended = np.flatnonzero(depth < 0)
    if len(ended):
        return int(ended[0]), True
    commas = np.flatnonzero((data == _COMMA) & outside & (depth == 0))
    return (int(commas[-1]), False) if len(commas) else (0, False)
