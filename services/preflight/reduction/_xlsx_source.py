"""One sheet of a workbook, streamed: the XML is never held, and shared strings lie on disk."""

import re
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from services.preflight.inspection import load_bounds, workbooks
from services.preflight.reduction import _numbers
from services.preflight.reduction._shared_strings import SharedStrings
from services.preflight.reduction._source import DamagedError, Row
from services.preflight.types import TableReport

# Days are counted from here, a leap day of 1900 included that there never was.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook has no time zones
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=\"(?:1|true)\"")
_MOST_DATES = 50_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    xml.parsers.expat.ExpatError,
    workbooks.DamagedError,
)


class XlsxRows:
    """The rows below a sheet's header, as text: dates in ISO form, numbers as they are stored."""

    def __init__(self, path: Path, table: TableReport, folder: Path) -> None:
        self.names = tuple(column.name for column in table.columns)
        self._strings = SharedStrings(folder)
        self._has_strings = False
        self._needed = frozenset(range(len(self.names)))
        self._read = 0
        try:
            self._archive = zipfile.ZipFile(path)
            workbooks.check_sizes(self._archive, load_bounds())
            self._book = workbooks.describe(self._archive)
            self._part = self._book.sheets[table.position].part
            shared = self._book.shared_strings
            self._shared_size = self._archive.getinfo(shared).file_size if shared else 0
            self._size = max(1, self._shared_size + self._archive.getinfo(self._part).file_size)
            starts_1904 = _FROM_1904.search(self._archive.read("xl/workbook.xml")) is not None
        except _BROKEN as exc:
            raise DamagedError from exc
        self._epoch = _EPOCH_1904 if starts_1904 else _EPOCH

    @property
    def done(self) -> float:
        """By the bytes that were inflated."""
        return min(1.0, self._read / self._size)

    def __iter__(self) -> Iterator[Row]:
        self._read = self._shared_size if self._has_strings else 0
        try:
            if self._book.shared_strings and not self._has_strings:
                self._strings.spill(self._archive, self._book.shared_strings, self._note)
                self._has_strings = True
            sheet = _Sheet(
                len(self.names),
                self._needed,
                self._strings,
                self._book.date_styles,
                self._epoch,
            )
            yield from sheet.rows(self._pieces())
        except _BROKEN as exc:
            raise DamagedError from exc

    def need(self, positions: frozenset[int]) -> None:
        """Only these columns will be looked at; cells of others may stay empty."""
        self._needed = positions

    def close(self) -> None:
        """Let go of the files."""
        self._strings.close()
        self._archive.close()

    def _pieces(self) -> Iterator[bytes]:
        for piece in workbooks.pieces(self._archive, self._part):
            self._note(len(piece))
            yield piece

    def _note(self, size_bytes: int) -> None:
        self._read += size_bytes


class _Sheet:
    """From the events of the parser to rows; at most a piece's worth of them waits."""

    def __init__(
        self,
        width: int,
        needed: frozenset[int],
        strings: SharedStrings,
        date_styles: frozenset[int],
        epoch: datetime,
    ) -> None:
        self._width = width
        self._needed = needed
        self._is_needed = False
        self._strings = strings
        self._date_styles = frozenset(str(style) for style in date_styles)
        self._epoch = epoch
        self._columns: dict[str, int] = {}
        self._dates: dict[str, str] = {}
        self._ready: list[tuple[int, Row]] = []
        self._row: Row = []
        self._number = 0
        self._next = 0
        self._column = -1
        self._type = self._style = ""
        self._text: list[str] = []
        self._reads = self._speaks = False
        self._parser = self._made()

    def rows(self, pieces: Iterator[bytes]) -> Iterator[Row]:
        """All rows from the second one on; those in between that hold nothing are blank."""
        expected = 2
        for piece in pieces:
            self._parser.Parse(piece, False)
            for number, row in self._ready:
                while expected < number:
                    yield [""] * self._width
                    expected += 1
                if number == expected:
                    yield row
                    expected += 1
            self._ready.clear()
        self._parser.Parse(b"", True)

    def _made(self) -> xml.parsers.expat.XMLParserType:
        parser = xml.parsers.expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        workbooks.reject_declarations(parser)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        return parser

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(tag) > 1 and ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            place = attributes.get("r")
            self._column = self._next if place is None else self._column_of(place)
            self._next = self._column + 1
            self._is_needed = self._column in self._needed
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._text.clear()
        elif tag in ("v", "t"):
            self._reads = self._is_needed and not self._speaks
        elif tag == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() else self._number + 1
            self._row = [""] * self._width
            self._next = 0
        elif tag == "rPh":
            self._speaks = True

    def _end(self, tag: str) -> None:
        if len(tag) > 1 and ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            if self._text:
                self._row[self._column] = self._value("".join(self._text))
        elif tag in ("v", "t"):
            self._reads = False
        elif tag == "row":
            self._ready.append((self._number, self._row))
        elif tag == "rPh":
            self._speaks = False

    def _characters(self, text: str) -> None:
        if self._reads:
            self._text.append(text)

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        found = self._columns.get(letters)
        if found is None:
            found = 0
            for letter in letters:
                found = found * 26 + ord(letter) - 64
            found = self._columns[letters] = found - 1
        return found

    def _value(self, text: str) -> str:
        match self._type:
            case "s":
                return self._strings[int(text)] if text.isdecimal() else ""
            case "n":
                if self._style in self._date_styles:
                    return self._date(text)
                return _numbers.shortest(text)
            case "b":
                return "True" if text == "1" else "False"
            case "e":
                return ""
        return text

    def _date(self, text: str) -> str:
        found = self._dates.get(text)
        if found is None:
            if len(self._dates) >= _MOST_DATES:
                self._dates.clear()
            found = self._dates[text] = _iso(text, self._epoch)
        return found


def _iso(text: str, epoch: datetime) -> str:
    try:
        days = float(text)
        moment = epoch + timedelta(milliseconds=round(days * 86_400_000))
    except (ValueError, OverflowError):
        return text
    clock = moment.time()
    if not clock.microsecond:
        shown = f"{moment:%H:%M:%S}"
    else:
        shown = f"{moment:%H:%M:%S}.{clock.microsecond // 1000:03}"
    if 0 <= days < 1:
        return shown  # A time of day, without a date.
    has_clock = clock.hour or clock.minute or clock.second or clock.microsecond
    return f"{moment:%Y-%m-%d} {shown}" if has_clock else f"{moment:%Y-%m-%d}"
