"""The first rows of a sheet, and the shared strings that they need, by a streaming parser."""

import xml.parsers.expat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.preflight.inspection._cells import Cell
from services.preflight.inspection._xlsx_parts import pieces, reject_declarations
from services.preflight.inspection._xlsx_sheet import column_number

_CELLS = 20_000
_ROWS = 1_000
_COLUMNS = 2_000
_STRING_CHARACTERS = 2_000
# Excel counts days from here, its leap day of 1900 included.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook has no time zones


@dataclass(slots=True)
class _Raw:
    row: int
    column: int
    type: str
    style: int
    value: str


class _EnoughError(Exception):
    """All that was wanted has been read."""


def first_rows(
    archive: zipfile.ZipFile, part: str, shared: str | None, date_styles: frozenset[int]
) -> list[list[Cell | None]]:
    """The first rows from row 1 on, at most a thousand, with gaps as None."""
    raw = _raw_cells(archive, part)
    wanted = {int(cell.value) for cell in raw if cell.type == "s" and cell.value.isdigit()}
    strings = _shared_strings(archive, shared, wanted) if shared and wanted else {}
    rows: list[list[Cell | None]] = []
    for cell in raw:
        while len(rows) <= cell.row:
            rows.append([])
        row = rows[cell.row]
        row.extend([None] * (cell.column + 1 - len(row)))
        row[cell.column] = _shown(cell, strings, date_styles)
    return rows


def shared_string_sample(archive: zipfile.ZipFile, shared: str) -> tuple[int, list[str]]:
    """How many strings the workbook shares, and those of every eighth piece of the part."""
    total = 0
    sample: list[str] = []
    carried = b""
    for number, piece in enumerate(pieces(archive, shared)):
        text = carried + piece
        total += text.count(b"</si>") + text.count(b":si>") // 2
        if number % 8 == 0:
            sample.extend(_strings_in(text[:90_000]))
        cut = text.rfind(b"<", max(0, len(text) - 8))
        carried = text[cut:] if cut >= 0 and b"</si>" not in text[cut:] else b""
    return total, sample


def _strings_in(text: bytes) -> Iterator[str]:
    for item in text.split(b"</si>")[:-1]:
        runs = [part.split(b">", 1)[-1] for part in item.split(b"</t>")[:-1]]
        joined = b"".join(run.rsplit(b">", 1)[-1] for run in runs)
        yield joined.decode("utf-8", "replace")


def _raw_cells(archive: zipfile.ZipFile, part: str) -> list[_Raw]:
    cells: list[_Raw] = []
    collector = _Collector(cells)
    _feed(pieces(archive, part), collector.parser)
    return cells


def _feed(stream: Iterable[bytes], parser: xml.parsers.expat.XMLParserType) -> None:
    try:
        for piece in stream:
            parser.Parse(piece, False)
    except _EnoughError:
        pass


class _Collector:
    """Gathers cells from the events of the parser until there are enough."""

    def __init__(self, cells: list[_Raw]) -> None:
        self._cells = cells
        self._row = -1
        self._current: _Raw | None = None
        self._reads_text = False
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.buffer_text = True
        reject_declarations(self.parser)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                number = attributes.get("r", "")
                self._row = int(number) - 1 if number.isdigit() else self._row + 1
                if self._row >= _ROWS or len(self._cells) >= _CELLS:
                    raise _EnoughError
            case "c":
                letters = attributes.get("r", "").rstrip("0123456789").encode()
                last = self._cells[-1] if self._cells else None
                follows = last.column + 1 if last and last.row == self._row else 0
                column = column_number(letters) if letters else follows
                style = attributes.get("s", "0")
                self._current = _Raw(
                    self._row,
                    column,
                    attributes.get("t", "n"),
                    int(style) if style.isdigit() else 0,
                    "",
                )
            case "v" | "t":
                self._reads_text = self._current is not None

    def _end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "c":
                cell = self._current
                self._current = None
                if cell is not None and cell.value and 0 <= cell.column < _COLUMNS:
                    self._cells.append(cell)
            case "v" | "t":
                self._reads_text = False

    def _text(self, text: str) -> None:
        cell = self._current
        if self._reads_text and cell is not None and len(cell.value) < _STRING_CHARACTERS:
            cell.value += text


def _shared_strings(archive: zipfile.ZipFile, part: str, wanted: set[int]) -> dict[int, str]:
    """The strings with these numbers; the part is read no further than needed."""
    found: dict[int, str] = {}
    last = max(wanted)
    index, reads, text = -1, False, ""
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    reject_declarations(parser)

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal index, reads, text
        local = tag.rpartition(":")[2]
        if local == "si":
            index, text = index + 1, ""
        reads = local == "t"

    def end(tag: str) -> None:
        nonlocal reads
        local = tag.rpartition(":")[2]
        if local == "si":
            if index in wanted:
                found[index] = text
            if index >= last:
                raise _EnoughError
        reads = False

    def characters(piece: str) -> None:
        nonlocal text
        if reads and len(text) < _STRING_CHARACTERS:
            text += piece

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    _feed(pieces(archive, part), parser)
    return found


def _shown(cell: _Raw, strings: dict[int, str], date_styles: frozenset[int]) -> Cell | None:
    match cell.type:
        case "s":
            text = strings.get(int(cell.value), "") if cell.value.isdigit() else ""
            return Cell(text, "text") if text else None
        case "inlineStr" | "str":
            return Cell(cell.value, "text")
        case "b":
            return Cell("True" if cell.value == "1" else "False", "boolean")
        case "e":
            return None
        case "d":
            return Cell(cell.value, "date")
    if cell.style in date_styles:
        return Cell(date_text(cell.value), "date")
    whole = cell.value.lstrip("-").isdigit()
    return Cell(cell.value, "integer" if whole else "number")


def date_text(value: str) -> str:
    """A number of days as ISO text, with the time of day where there is one."""
    try:
        moment = _EPOCH + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    if moment.microsecond >= 500_000:
        moment += timedelta(seconds=1)
    moment = moment.replace(microsecond=0)
    has_clock = moment.hour or moment.minute or moment.second
    return moment.strftime("%Y-%m-%d %H:%M:%S" if has_clock else "%Y-%m-%d")
