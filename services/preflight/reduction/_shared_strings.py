"""A workbook's shared strings on disk, looked up by number: they may be larger than memory."""

import os
import struct
import xml.parsers.expat
import zipfile
from collections.abc import Callable
from pathlib import Path

from services.preflight.inspection import workbooks

_PLACE = struct.Struct("<QI")
_REMEMBERED_CHARACTERS = 20_000_000
_SHORT_CHARACTERS = 500
_BUFFER_BYTES = 1 << 20


class SharedStrings:
    """Strings in one file, where each begins in another; those asked for last are kept at hand."""

    def __init__(self, folder: Path) -> None:
        self._texts = (folder / "strings").open("w+b", buffering=_BUFFER_BYTES)
        self._places = (folder / "places").open("w+b", buffering=_BUFFER_BYTES)
        self._count = self._end = self._held = 0
        self._known: dict[int, str] = {}

    def spill(self, archive: zipfile.ZipFile, part: str, on_piece: Callable[[int], None]) -> None:
        """Write them all down; `on_piece` is told of the bytes that were inflated."""
        _Reader(self._add).feed(archive, part, on_piece)
        self._texts.flush()
        self._places.flush()

    def __getitem__(self, number: int) -> str:
        found = self._known.get(number)
        if found is not None:
            return found
        if not 0 <= number < self._count:
            return ""
        place = os.pread(self._places.fileno(), _PLACE.size, number * _PLACE.size)
        start, length = _PLACE.unpack(place)
        text = os.pread(self._texts.fileno(), length, start).decode("utf-8", "replace")
        if len(text) <= _SHORT_CHARACTERS:
            self._held += len(text) + 100
            if self._held > _REMEMBERED_CHARACTERS:
                self._known.clear()
                self._held = 0
            self._known[number] = text
        return text

    def close(self) -> None:
        """The files go with their folder."""
        self._texts.close()
        self._places.close()

    def _add(self, text: str) -> None:
        raw = text.encode("utf-8", "replace")
        self._texts.write(raw)
        self._places.write(_PLACE.pack(self._end, len(raw)))
        self._end += len(raw)
        self._count += 1


class _Reader:
    """Joins the runs of each string; what is there for reading aloud is left out."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        self._runs: list[str] = []
        self._reads = False
        self._spoken = 0
        parser = xml.parsers.expat.ParserCreate()
        parser.buffer_text = True
        workbooks.reject_declarations(parser)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def feed(self, archive: zipfile.ZipFile, part: str, on_piece: Callable[[int], None]) -> None:
        for piece in workbooks.pieces(archive, part):
            self._parser.Parse(piece, False)
            on_piece(len(piece))
        self._parser.Parse(b"", True)

    def _start(self, tag: str, _: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "si":
                self._runs.clear()
            case "rPh":
                self._spoken += 1
            case "t":
                self._reads = not self._spoken

    def _end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "si":
                self._add("".join(self._runs))
            case "rPh":
                self._spoken -= 1
            case "t":
                self._reads = False

    def _text(self, text: str) -> None:
        if self._reads:
            self._runs.append(text)
