"""JSON, record by record: a list, one record a line, columns, or a list inside a document."""

import codecs
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Literal

import ijson
import msgspec

from services.preflight.reduction._json_words import Words
from services.preflight.reduction._source import DamagedError, Row
from services.preflight.types import FileReport, TableReport

Shape = Literal["records", "lines", "columns", "lists", "other"]
_PIECE_BYTES = 1 << 16
_COLUMNS_AT_ONCE = 500
_FURTHER = 2_000


class JsonRows:
    """The records as rows of the columns that are known; `further` are names met besides."""

    def __init__(
        self, path: Path, report: FileReport, table: TableReport, shape: Shape, folder: Path
    ) -> None:
        self._path = path
        self._codec = report.encoding or "utf-8"
        self._is_lines = report.kind == "ndjson"
        self._table = table
        self._shape = shape
        self._folder = folder
        self.names = tuple(column.name for column in table.columns)
        self.further: dict[str, None] = {}
        self._size = max(1, path.stat().st_size)
        self._read = 0

    @property
    def done(self) -> float:
        """By the bytes that were read."""
        return min(1.0, self._read / self._size)

    def widen(self) -> bool:
        """Take the names that were met besides for columns too; whether there were any."""
        self.names = (*self.names, *self.further)
        has_more = bool(self.further)
        self.further = {}
        return has_more

    def __iter__(self) -> Iterator[Row]:
        self._read = 0
        names, known = self.names, frozenset(self.names)
        with self._path.open("rb") as raw:
            stream = _Utf8(raw, self._codec, self)
            try:
                for record in self._records(stream):
                    mapping = _as_mapping(record)
                    if not mapping.keys() <= known and len(self.further) < _FURTHER:
                        self.further.update(dict.fromkeys(k for k in mapping if k not in known))
                    yield [_text(mapping.get(name)) for name in names]
            except (ijson.JSONError, ValueError, msgspec.MsgspecError) as exc:
                raise DamagedError from exc

    def note_read(self, size_bytes: int) -> None:
        """So many bytes more."""
        self._read += size_bytes

    def _records(self, stream: "_Utf8") -> Iterator[object]:
        if self._is_lines:
            return _lines(stream)
        if self._shape in ("columns", "lists"):
            return self._of_columns(stream)
        if stream.peek() == b"[":
            return iter(ijson.items(stream, "item", use_float=True))
        if self._shape == "other" and self._table.rows == 1:
            return iter(ijson.items(stream, "", use_float=True))
        return iter(ijson.items(stream, f"{self._table.name}.item", use_float=True))

    def _of_columns(self, stream: "_Utf8") -> Iterator[object]:
        """Columns, one in memory at a time, written down and read side by side."""
        names: list[str] = []
        for name, values in ijson.kvitems(stream, "", use_float=True):
            with (self._folder / f"column{len(names)}").open("wb") as out:
                for value in values.values() if isinstance(values, dict) else values:
                    out.write(msgspec.json.encode(value) + b"\n")
            names.append(name)
        if len(names) > _COLUMNS_AT_ONCE:
            raise DamagedError
        files = [(self._folder / f"column{n}").open("rb") for n in range(len(names))]
        try:
            for cells in zip(*files, strict=False):
                yield dict(zip(names, map(msgspec.json.decode, cells), strict=True))
        finally:
            for file in files:
                file.close()


class _Utf8:
    """A stream of UTF-8, whatever of the three Unicode encodings the file is in."""

    def __init__(self, raw: IO[bytes], codec: str, owner: JsonRows) -> None:
        self._raw = raw
        self._owner = owner
        plain = codec.lower() in ("utf-8", "utf-8-sig", "ascii", "utf8")
        decoder = codecs.getincrementaldecoder("utf-8-sig" if plain else codec)
        self._decoder = decoder("replace")
        self._words = Words()
        self._waiting = b""

    def read(self, size: int = -1) -> bytes:
        """At least something until the end is reached; `size` is not held to exactly."""
        if size == 0:
            return b""
        piece, self._waiting = self._waiting, b""
        while not piece:
            raw = self._raw.read(_PIECE_BYTES)
            self._owner.note_read(len(raw))
            piece = self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
            piece = self._words.plain(piece, final=not raw)
            if not raw:
                break
        return piece

    def peek(self) -> bytes:
        """The first byte that is no white space."""
        gathered = b""
        while not gathered.strip():
            piece = self.read()
            if not piece:
                break
            gathered += piece
        self._waiting = gathered
        return gathered.strip()[:1]


def _lines(stream: _Utf8) -> Iterator[object]:
    rest = b""
    while piece := stream.read():
        *lines, rest = (rest + piece).split(b"\n")
        yield from map(_decoded, filter(bytes.strip, lines))
    if rest.strip():
        yield _decoded(rest)


def _decoded(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return json.loads(line)


def _as_mapping(record: object) -> Mapping[str, object]:
    """A record by its column names; lists get numbers for names, as pandas gives them."""
    if isinstance(record, dict):
        return record
    if isinstance(record, list):
        return {str(n): value for n, value in enumerate(record)}
    return {"0": record}


def _text(value: object) -> str:
    """A value as it stands in a CSV; what is nested as JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() | int():
            return str(value)
        case float():
            return "" if math.isnan(value) else repr(value).removesuffix(".0")
    return json.dumps(value, ensure_ascii=False, default=str)
