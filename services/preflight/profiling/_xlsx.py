"""A workbook, row by row: its sheets are streamed, its shared strings are held as text."""

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from services.preflight.inspection import MISSING_WORDS, column_number, date_text, workbooks
from services.preflight.profiling import _values
from services.preflight.profiling._team import Team
from services.preflight.profiling._value_column import Moment
from services.preflight.profiling.types import Bounds, TableFigures
from services.preflight.types import FileReport

_SHEETS_MOST_CELLS = 5_000_000
"""Sheets beside the first one are gone over as long as all together are no larger."""
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?row>)", re.DOTALL)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*?>([^<]*)</")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})\d+"')
_NUMBER = re.compile(rb'\br="(\d+)"')
_TYPE, _STYLE = re.compile(rb'\bt="(\w+)"'), re.compile(rb'\bs="(\d+)"')
_ROW_END = b"row"
_LONGEST_ROW_BYTES = 64_000_000
_MISSING = frozenset(MISSING_WORDS)


def profile(path: Path, report: FileReport, bounds: Bounds, team: Team) -> tuple[TableFigures, ...]:
    """The figures of the first table, and of the other sheets where that is affordable."""
    found = []
    with zipfile.ZipFile(path) as archive:
        workbook = workbooks.describe(archive)
        shared = _shared(archive, workbook.shared_strings)
        cells = 0
        for number, table in enumerate(report.tables):
            cells += table.rows * len(table.columns)
            if not table.columns or (number and cells > _SHEETS_MOST_CELLS):
                continue
            part = workbook.sheets[table.position].part
            reader = _Sheet(shared, workbook.date_styles, len(table.columns))
            rows = reader.rows(workbooks.pieces(archive, part), table.rows)
            found.append(_values.profile(table, rows, bounds, team))
    return tuple(found)


def _shared(archive: zipfile.ZipFile, part: str | None) -> list[str | None]:
    if part is None:
        return []
    found: list[str | None] = []
    for items in _whole(workbooks.pieces(archive, part), _ITEM, b"si"):
        found.extend(_text(item) for item in items)
    return found


def _text(raw: bytes) -> str | None:
    """The text of an item's runs; None where pandas reads nothing."""
    if b"rPh" in raw:
        raw = _PHONETIC.sub(b"", raw)
    text = b"".join(_TEXT.findall(raw)).decode("utf-8", "replace")
    if "&" in text:
        text = unescape(text)
    return None if text == "" or text in _MISSING else text


def _whole(pieces: Iterator[bytes], pattern: re.Pattern[bytes], end: bytes) -> Iterator[list[Any]]:
    """All matches, as `findall` gives them, those of some pieces at a time; none is cut in two.

    `end` is the name of the elements that are matched.
    """
    rest = b""
    for piece in pieces:
        rest += piece
        cut = _last_end(rest, end)
        if not cut:
            if len(rest) > _LONGEST_ROW_BYTES:
                raise ValueError(len(rest))
            continue
        yield pattern.findall(rest, 0, cut)
        rest = rest[cut:]
    yield pattern.findall(rest)


def _last_end(text: bytes, name: bytes) -> int:
    """Where the last whole element of that name ends; 0 if none does."""
    at = len(text)
    while (at := text.rfind(name + b">", 0, at)) >= 0:
        tag = text[text.rfind(b"<", 0, at) : at]
        if tag == b"</" or (tag[:2] == b"</" and tag[-1:] == b":"):
            return at + len(name) + 1
    return 0


class _Sheet:
    """Reads rows as pandas does: the first is the header, gaps are blank."""

    def __init__(self, shared: list[str | None], date_styles: frozenset[int], width: int) -> None:
        self._shared = shared
        self._date_styles = date_styles
        self._width = width

    def rows(self, pieces: Iterator[bytes], total: int) -> Iterator[list[object]]:
        """As many rows as the sheet has below its header, in their order."""
        at = 0
        for found in _whole(pieces, _ROW, _ROW_END):
            for attributes, content in found:
                placed = _NUMBER.search(attributes)
                number = int(placed[1]) if placed else at + 1
                while at + 1 < number and at <= total:
                    at += 1
                    if at > 1:
                        yield [None] * self._width
                at = max(at + 1, number)
                if 1 < at <= total + 1:
                    yield self._row(content)
        while at < total + 1:
            at += 1
            if at > 1:
                yield [None] * self._width

    def _row(self, content: bytes) -> list[object]:
        row: list[object] = [None] * self._width
        column = -1
        for attributes, inner in _CELL.findall(content):
            place = _PLACE.search(attributes)
            column = column_number(place[1]) if place else column + 1
            if inner and column < self._width:
                row[column] = self._value(attributes, inner)
        return row

    def _value(self, attributes: bytes, inner: bytes) -> object:
        typed = _TYPE.search(attributes)
        kind = typed[1] if typed else b"n"
        if kind == b"inlineStr":
            return _text(inner)
        found = _VALUE.search(inner)
        if found is None or kind == b"e":
            return None
        raw = found[1]
        if kind == b"s":
            return self._shared[int(raw)]
        if kind == b"str":
            text = unescape(raw.decode("utf-8", "replace"))
            return None if text == "" or text in _MISSING else text
        if kind == b"b":
            return raw == b"1"
        if kind == b"d":
            return Moment(raw.decode("ascii", "replace"))
        style = _STYLE.search(attributes)
        if style is not None and int(style[1]) in self._date_styles:
            return Moment(date_text(raw.decode("ascii", "replace")))
        return int(raw) if raw.lstrip(b"-").isdigit() else float(raw)
