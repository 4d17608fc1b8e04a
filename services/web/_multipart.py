"""Reading a form with one file while it arrives, a buffer at a time."""

import hashlib
from collections.abc import Sequence
from typing import IO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

# Big enough that handing it to a thread costs little beside hashing and writing it.
_BUFFER_BYTES = 1 << 20


class BrokenForm(Exception):
    """The body is not a form with exactly one file, or ends early."""


class FileTooLarge(Exception):
    """The file has more bytes than it may."""


class IncomingFile:
    """The file of a form under way: written and hashed as its bytes come in.

    `feed` takes the body piece by piece; `finish` says whether it was whole. Holds one buffer in
    memory, whatever the size of the file; hashing and writing happen in a thread.
    """

    def __init__(self, boundary: bytes, target: IO[bytes], limit_bytes: int) -> None:
        self.size_bytes = 0
        self._limit_bytes = limit_bytes
        self._target = target
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._headers: list[tuple[bytes, bytes]] = []
        self._field = b""
        self._value = b""
        self._parts = 0
        self._is_whole = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_part_data": self._part_data,
                    "on_end": self._form_ends,
                },
            )
        except FormParserError as exc:
            raise BrokenForm from exc

    async def feed(self, data: bytes) -> None:
        """Take the next piece of the body. Raises BrokenForm or FileTooLarge."""
        try:
            self._parser.write(data)
        except FormParserError as exc:
            raise BrokenForm from exc
        if len(self._buffer) >= _BUFFER_BYTES:
            await self._flush()

    async def finish(self) -> None:
        """Write the rest. Raises BrokenForm if the form did not end or held no file."""
        await self._flush()
        await run_in_threadpool(self._target.flush)
        if not self._is_whole or self._file_name() is None:
            raise BrokenForm

    @property
    def sha256(self) -> str:
        """Of the file's bytes so far, as 64 hexadecimal digits."""
        return self._hash.hexdigest()

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """The headers of the file's part, as they came."""
        return self._headers

    @property
    def name(self) -> str:
        """The file's name as the browser sent it; empty if it sent none."""
        return self._file_name() or ""

    def _file_name(self) -> str | None:
        """None if the part is not a file."""
        for field, value in self._headers:
            if field.lower() == b"content-disposition":
                name = parse_options_header(value)[1].get(b"filename")
                return None if name is None else name.decode("utf-8", errors="replace")
        return None

    async def _flush(self) -> None:
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            await run_in_threadpool(self._write, data)

    def _write(self, data: bytes) -> None:
        self._hash.update(data)
        self._target.write(data)

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > 1:
            raise BrokenForm

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        self._headers.append((self._field, self._value))
        self._field = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self.size_bytes += end - start
        if self.size_bytes > self._limit_bytes:
            raise FileTooLarge
        self._buffer += data[start:end]

    def _form_ends(self) -> None:
        self._is_whole = True
