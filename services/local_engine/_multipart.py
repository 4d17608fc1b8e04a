"""An upload's multipart body, written to disk as it arrives: one file part, a few small fields."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.local_engine._errors import ApiError, invalid, too_large

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_FIELD_BYTES = 1_000
_HEADER_BYTES = 4_000
# What HTML form encoding escapes in a file name; everything else arrives as raw UTF-8.
_ESCAPES = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload contained; the bytes lie at the path that was given."""

    filename: str | None
    content_type: str | None
    sha256: str
    fields: dict[str, str]


async def receive(
    chunks: AsyncIterator[bytes], content_type: str, path: Path, *, max_bytes: int
) -> Received:
    """Write the part called `file` to `path`.

    Raises ApiError for a body that is not one such part (400) or a file above `max_bytes` (413);
    the caller removes what was written.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise invalid("Content-Type: must be multipart/form-data with a boundary.")
    with path.open("wb") as target:
        parts = _Parts(target, max_bytes)
        try:
            parser = MultipartParser(boundary, parts.callbacks())
            async for chunk in chunks:
                parser.write(chunk)
            parser.finalize()
        except FormParserError as exc:
            raise invalid("The multipart body can't be read.") from exc
    return parts.received()


class _Parts:
    """Collects what the parser calls out."""

    def __init__(self, target: BinaryIO, max_bytes: int) -> None:
        self._target = target
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self._size_bytes = 0
        self._fields: dict[str, str] = {}
        self._filename: str | None = None
        self._content_type: str | None = None
        self._files = 0
        self._ended = False
        self._name = ""
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._value = b""

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value_data,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def received(self) -> Received:
        if not self._ended:
            raise invalid("The multipart body ends in the middle.")
        if self._files == 0:
            raise invalid("file: Field required")
        return Received(
            filename=self._filename,
            content_type=self._content_type,
            sha256=self._digest.hexdigest(),
            fields=self._fields,
        )

    def _part_begin(self) -> None:
        self._headers = {}
        self._value = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._check_header()

    def _header_value_data(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > _HEADER_BYTES:
            raise invalid("A header of the multipart body is too long.")

    def _header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"").decode(errors="replace")
        if self._name != "file":
            return
        self._files += 1
        if self._files > 1:
            raise invalid("file: exactly one file is expected.")
        if b"filename" in options:
            self._filename = _decoded(options[b"filename"])
        kind = self._headers.get(b"content-type")
        self._content_type = None if kind is None else kind.decode("latin-1")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._name == "file":
            self._size_bytes += len(piece)
            if self._size_bytes > self._max_bytes:
                raise file_too_large(self._max_bytes)
            self._digest.update(piece)
            self._target.write(piece)
            return
        self._value += piece
        if len(self._value) > _FIELD_BYTES:
            raise invalid(f"{self._name}: the value is too long.")

    def _part_end(self) -> None:
        if self._name != "file":
            self._fields[self._name] = self._value.decode(errors="replace")

    def _end(self) -> None:
        self._ended = True


def file_too_large(max_bytes: int) -> ApiError:
    """413 with the limit in force."""
    return too_large(f"File exceeds the maximum allowed size of {max_bytes} bytes.")


def _decoded(name: bytes) -> str:
    text = name.decode("utf-8", errors="replace")
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return text
