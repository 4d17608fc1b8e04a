"""What spaces, journal and ledger are built on, and how their values are sealed.

`Keys` is the small part that a backend must bring: ordered keys, and transactions. Everything
above it is written once, so that the backends can't drift apart.
"""

import re
import zlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import msgspec

from services.store.types import CorruptValue
from services.wording import store as wording

Value = bytes | int
_T = TypeVar("_T")

END = "~"
"""Above every character of a key: `prefix + END` ends the range of a prefix."""
NEXT = "!"
"""Below every character of a key: `key + NEXT` begins what follows a key."""
_KEY = re.compile(r"[0-9A-Za-z_:.-]{1,200}")
_LEDGER_KEY = re.compile(r"[0-9A-Za-z_:./-]{1,200}")
_CRC_DIGITS = 8


class Keys(Protocol):
    """Ordered keys with transactions; values are bytes or integers."""

    def get(self, key: str) -> Value | None:
        """The value of a key, or None."""

    def get_many(self, keys: Sequence[str]) -> dict[str, Value]:
        """The values of those keys that are there, all as of one instant."""

    def set(self, key: str, value: Value) -> object:
        """Write a value."""

    def delete(self, key: str) -> bool:
        """Remove a key; whether it was there."""

    def incr(self, key: str, delta: int = 1) -> int:
        """Add to an integer, which begins at 0; returns the sum."""

    def scan(
        self, lo: str, hi: str, limit: int = -1, reverse: bool = False
    ) -> list[tuple[str, Value]]:
        """Entries with lo <= key < hi, in key order; a limit of -1 is none."""

    def write(self) -> AbstractContextManager[None]:
        """All or nothing; inside another such block, part of that one."""


def checked_key(key: str) -> str:
    """The key itself. Raises ValueError if it is not one: a defect of the caller."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def checked_ledger_key(key: str) -> str:
    """The same for keys of the ledger, which may hold slashes."""
    if not _LEDGER_KEY.fullmatch(key):
        raise ValueError(f"not a ledger key: {key!r}")
    return key


def seal(body: bytes) -> bytes:
    """The body behind its checksum: pages of SQLite have none, and flipped bits go unnoticed."""
    return b"%08x" % zlib.crc32(body) + body


def unseal(value: Value) -> bytes:
    """The body again. Raises CorruptValue if a byte of it changed."""
    if isinstance(value, bytes) and len(value) >= _CRC_DIGITS:
        body = value[_CRC_DIGITS:]
        if value[:_CRC_DIGITS] == b"%08x" % zlib.crc32(body):
            return body
    raise CorruptValue(wording.corrupt())


def decoded(value: Value, decoder: msgspec.json.Decoder[_T]) -> _T:
    """A sealed value as the type that it must have. Raises CorruptValue if it is not."""
    try:
        return decoder.decode(unseal(value))
    except msgspec.MsgspecError as exc:
        raise CorruptValue(wording.corrupt()) from exc


def integer(value: Value | None) -> int:
    """A counter; 0 if it was never counted. Raises CorruptValue if it is something else."""
    if value is None:
        return 0
    if not isinstance(value, int):
        raise CorruptValue(wording.corrupt())
    return value
