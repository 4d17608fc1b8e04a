"""Typed spaces: `s:{name}:{key}` holds the sealed JSON of one value."""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from services.clock import Clock
from services.errors import StoreError
from services.store._keys import END, NEXT, Keys, checked_key, decoded, integer, seal
from services.wording import store as wording

_T = TypeVar("_T")
_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")


class KeySpace(Generic[_T]):
    """One space; see `services.store.types.Space`."""

    def __init__(self, keys: Keys, name: str, kind: Any) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not the name of a space: {name!r}")
        self._keys = keys
        self._base = f"s:{name}:"
        self._decoder: msgspec.json.Decoder[_T] = msgspec.json.Decoder(kind)

    def get(self, key: str) -> _T | None:
        """The value, or None if there is none."""
        value = self._keys.get(self._base + checked_key(key))
        return None if value is None else decoded(value, self._decoder)

    def put(self, key: str, value: _T) -> None:
        """Write the value, whatever stood there."""
        self._keys.set(self._base + checked_key(key), _encoded(value))

    def create(self, key: str, value: _T) -> bool:
        """Write the value only if the key is absent; whether it was written."""
        full, body = self._base + checked_key(key), _encoded(value)
        with self._keys.write():
            if self._keys.get(full) is not None:
                return False
            self._keys.set(full, body)
            return True

    def update(self, key: str, change: Callable[[_T], _T]) -> _T:
        """Read, change and write in one piece. Raises StoreError if the key is absent."""
        full = self._base + checked_key(key)
        with self._keys.write():
            old = self._keys.get(full)
            if old is None:
                raise StoreError(wording.absent())
            value = change(decoded(old, self._decoder))
            body = _encoded(value)
            if body != old:
                self._keys.set(full, body)
            return value

    def delete(self, key: str) -> bool:
        """Remove the value; whether there was one."""
        return self._keys.delete(self._base + checked_key(key))

    def scan(
        self,
        prefix: str = "",
        limit: int | None = None,
        reverse: bool = False,
        after: str | None = None,
    ) -> list[tuple[str, _T]]:
        """Keys with that prefix, in order, beyond `after` in that direction."""
        lo = self._base + (checked_key(prefix) if prefix else "")
        hi = lo + END
        if after is not None and reverse:
            hi = min(hi, self._base + checked_key(after))
        elif after is not None:
            lo = max(lo, self._base + checked_key(after) + NEXT)
        found = self._keys.scan(lo, hi, -1 if limit is None else limit, reverse)
        cut = len(self._base)
        return [(key[cut:], decoded(value, self._decoder)) for key, value in found]


class Counters:
    """`c:{name}`: numbers that only ever rise, also if the counter itself was lost."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def next(self, name: str) -> int:
        """One more than the last, and at least the milliseconds since 1970.

        The clock's part keeps the number rising where a copy from a backup has an older counter.
        """
        key = "c:" + checked_key(name)
        with self._keys.write():
            number = max(
                integer(self._keys.get(key)) + 1, int(self._clock.now().timestamp() * 1000)
            )
            self._keys.set(key, number)
            return number


def _encoded(value: object) -> bytes:
    return seal(msgspec.json.encode(value))
