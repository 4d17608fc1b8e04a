"""The text of JSON: proven byte by byte without making values of it, and where it goes wrong."""

import codecs
import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection.types import RefusalCode

BLOCK_BYTES = 4_000_000
_JOINT = re.compile(rb"\}\s*,\s*\{")
_BYTE = re.compile(r"\(byte (\d+)\)")
MARK_OF_NONE = b"0E0"
_STANDS_FOR = {b"NaN": MARK_OF_NONE, b"Infinity": b"9.99E999"}
_NO_NUMBER = re.compile(rb"((?<![^\s:,\[])NaN|(?<![^\s:,\[-])Infinity)(?![^\s,\]}])")
_BRACKETS = bytes.maketrans(b'[{]}"', bytes((1, 1, 255, 255, 0)))
"""An opening bracket goes one deeper, a closing one comes back, a quote does neither."""
Ints: TypeAlias = npt.NDArray[np.int64]
_IS_MARK = np.isin(np.arange(256), list(b'[{]}",'))
_STEPS = np.zeros(256, np.int64)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_ELSE = bytes(set(range(256)) - set(b'[{]}"'))
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{},]')


class InvalidError(Exception):
    """Not JSON; why, and where."""

    def __init__(
        self,
        code: RefusalCode,
        position: int | None = None,
        rows: int | None = None,
        *,
        line: int | None = None,
        limit: int | None = None,
        what: str = "JSON file",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.position = position
        self.rows = rows
        self.line = line
        self.limit = limit
        self.what = what


def plain(raw: bytes) -> bytes:
    """The text with numbers in the place of `NaN` and `Infinity`, each as long as it was.

    Python and pandas write and read these, the standard does not know them. Infinity becomes a
    number beyond all, not a number one that nobody writes (`MARK_OF_NONE`).
    """
    if b"NaN" not in raw and b"Infinity" not in raw:
        return raw
    return _NO_NUMBER.sub(lambda found: _STANDS_FOR[found[1]], raw)


def is_valid(raw: bytes) -> bool:
    """Whether this is one whole JSON value."""
    try:
        msgspec.json.decode(plain(raw), type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def check_encoding(file: BinaryIO, encoding: Encoding) -> None:
    """JSON is UTF-8, -16 or -32 (RFC 8259, 8.1): anything else is an error that tells the byte.

    To guess a page of one byte a letter, as of a CSV, would read damaged text as other letters.
    """
    start = file.tell()
    is_unicode = encoding.is_utf8 or encoding.unit_bytes > 1
    decoder = codecs.getincrementaldecoder(encoding.plain_name if is_unicode else "utf-8")()
    offset, lines = start, 0
    while True:
        block = file.read(BLOCK_BYTES)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as exc:
            if not block:
                raise InvalidError("truncated") from None  # within a letter
            line = 1 + lines + block[: max(0, exc.start - pending)].count(b"\n")
            raise InvalidError(
                "not_utf8",
                offset - pending + exc.start,
                line=line if encoding.unit_bytes == 1 else None,
                what=f"UTF-{8 * encoding.unit_bytes}",
            ) from None
        if not block:
            break
        offset += len(block)
        lines += block.count(b"\n")
    file.seek(start)


class Elements:
    """Finds where the elements of the outermost list or object end, block by block."""

    def __init__(self) -> None:
        self._depth = self._quotes = 0
        self.deepest = 0

    def commas(self, block: bytes) -> Ints:
        """Offsets of the commas between outermost elements; no block may end in a backslash."""
        if b"\\" in block:
            block = block.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        data = np.frombuffer(block, np.uint8)
        at = np.flatnonzero(_IS_MARK[data])
        marks = data[at]
        inside = (np.cumsum(marks == ord('"'), dtype=np.int64) + self._quotes) & 1
        steps = _STEPS[marks] * (1 - inside)
        depths = self._depth + np.cumsum(steps)
        if len(at):
            self._quotes, self._depth = int(inside[-1]), int(depths[-1])
            self.deepest = max(self.deepest, int(depths.max()))
        found: Ints = at[(marks == ord(",")) & (inside == 0) & (depths == 1)]
        return found


def check_depth(raw: bytes, most: int) -> None:
    """Raise InvalidError where valid JSON nests deeper than that.

    Only brackets and the quotes around other text are kept, so that what is counted is short.
    """
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    kept = raw.translate(_BRACKETS, _ELSE)
    depth = quotes = 0
    for at in range(0, len(kept), BLOCK_BYTES):
        marks = np.frombuffer(kept[at : at + BLOCK_BYTES], np.int8)
        inside = (np.cumsum(marks == 0, dtype=np.int32) + quotes) & 1
        depths = depth + np.cumsum(marks * (1 - inside), dtype=np.int32)
        if len(depths) and depths.max() > most:
            raise InvalidError("too_deep")
        depth, quotes = int(depths[-1]), int(inside[-1])


def slices_of(raw: bytes) -> list[bytes]:
    """Whole records out of the middle of a list of records."""
    joints = list(_JOINT.finditer(raw))
    spans = itertools.pairwise(joints)
    records = [raw[a.end() - 1 : b.start() + 1] for a, b in spans]
    return [record for record in records if is_valid(record)]


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file in blocks that end with a line."""
    rest = b""
    while piece := file.read(BLOCK_BYTES):
        block, mark, rest = (rest + piece).rpartition(b"\n")
        if mark:
            yield block + mark
    if rest.strip():
        yield rest


def first_bad_line(block: bytes, offset: int, rows: int) -> InvalidError:
    """What is wrong in a block of lines that has a wrong one; `offset` is where it begins."""
    lines = block.split(b"\n")
    for number, line in enumerate(lines):
        if line.strip():
            try:
                msgspec.json.decode(plain(line), type=msgspec.Raw)
            except (msgspec.DecodeError, RecursionError) as exc:
                is_last = not any(later.strip() for later in lines[number + 1 :])
                return explained(exc, line, offset, rows, may_be_cut=is_last)
            rows += 1
        offset += len(line) + 1
    return InvalidError("invalid_json", offset, rows)


def place_of(exc: Exception) -> int | None:
    """The byte that a decoder tells in its message only; it is shown, and decides nothing."""
    place = _BYTE.search(str(exc))
    return int(place[1]) if place else None


def explained(
    exc: Exception, raw: bytes, offset: int, rows: int | None, *, may_be_cut: bool
) -> InvalidError:
    """Whether the text was cut off, is too deep, or is wrong at some byte."""
    if isinstance(exc, RecursionError):
        return InvalidError("too_deep", None, rows)
    # The decoder tells the place in its message only; it is shown, and decides nothing.
    place = _BYTE.search(str(exc))
    if place is None and may_be_cut and _open_brackets(raw) > 0:
        return InvalidError("truncated", None, rows)
    return InvalidError("invalid_json", offset + (int(place[1]) if place else len(raw)), rows)


def _open_brackets(raw: bytes) -> int:
    depth = 0
    for token in _TOKEN.finditer(raw):
        mark = token[0]
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
        elif mark[:1] == b'"' and (len(mark) < 2 or mark[-1:] != b'"'):
            return depth + 1
    return depth


def whole_records(raw: bytes) -> int:
    """Elements of the outermost list that are complete in a text that was cut off."""
    depth = count = 0
    for token in _TOKEN.finditer(raw):
        mark = token[0]
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            count += depth == 1
    return count
