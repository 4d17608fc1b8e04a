"""What the store deals in, how it can fail, and the ports that every backend offers alike."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import Any, BinaryIO, Literal, Protocol, TypeVar, overload

import msgspec

from services.errors import StoreError
from services.ids import BlobKey, RunId
from services.units import MicroUsd

T = TypeVar("T")


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One row to be booked. `body` is the owner's own encoding; the store never looks into it."""

    key: str
    """Idempotency key: the same key with the same content changes nothing."""
    amount_microusd: MicroUsd
    scopes: tuple[str, ...]
    """Sums that this row is part of, period included (`local:2026-11-24`)."""
    body: bytes


class BookedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it stands in the ledger: numbers have no gap and begin at 1."""

    number: int
    entry: LedgerEntry
    previous_hash: str


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Money held for a request that may be on its way."""

    key: str
    amount_microusd: MicroUsd
    scopes: tuple[str, ...]
    state: Literal["reserved", "sent"]
    expires_at: datetime
    body: bytes


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sum of the booked rows of a scope, and of the open reservations."""

    spent_microusd: MicroUsd
    held_microusd: MicroUsd


class StoreHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the store can be written, and what an operator may want to know."""

    writable: bool
    detail: str
    sqlite_version: str
    free_bytes: int


class StoreBusy(StoreError):
    """Another writer held the store for longer than the budget of a write."""

    code = "store_busy"


class StoreFull(StoreError):
    """No space is left."""

    code = "store_full"


class StoreReadOnly(StoreError):
    """The store can't be written."""

    code = "store_read_only"


class CorruptValue(StoreError):
    """A stored value is not what was written, or was written by something else."""

    code = "store_corrupt"


class IdempotencyConflict(StoreError):
    """The same key came with different content."""

    code = "idempotency_conflict"


class Fenced(StoreError):
    """A newer holder has taken over; the write of the older one is refused."""

    code = "fenced"


class BlobMissing(StoreError):
    """The bytes behind a key are gone."""

    code = "blob_missing"


class Space(Protocol[T]):
    """Typed values by key, in key order. Keys use `[0-9A-Za-z_:.-]`; every write is durable."""

    def get(self, key: str) -> T | None:
        """The value, or None if there is none."""

    def put(self, key: str, value: T) -> None:
        """Write the value, whatever stood there."""

    def create(self, key: str, value: T) -> bool:
        """Write the value only if the key is absent; whether it was written."""

    def update(self, key: str, change: Callable[[T], T]) -> T:
        """Read, change and write in one piece; returns what stands there now.

        `change` runs while other writers wait: no I/O in it. Raises StoreError if there is no such
        key.
        """

    def delete(self, key: str) -> bool:
        """Remove the value; whether there was one."""

    def scan(
        self,
        prefix: str = "",
        limit: int | None = None,
        reverse: bool = False,
        after: str | None = None,
    ) -> list[tuple[str, T]]:
        """Keys with that prefix, in order (or reverse order), beyond `after` in that direction."""


class Journal(Protocol):
    """An append-only log for each run. Sequence numbers begin at 1 and have no gap."""

    def append(self, run: RunId, events: Sequence[bytes], fence: int) -> int:
        """Add events (each without a newline) in one piece; returns the last sequence number.

        Raises Fenced if a greater fence has written to this run before.
        """

    def read(self, run: RunId, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes]]:
        """Events beyond `after` with their sequence numbers, oldest first."""

    def wait(self, run: RunId, after: int, timeout_seconds: float) -> bool:
        """Whether there are events beyond `after`, at the latest after so many real seconds."""

    def last(self, run: RunId) -> int:
        """The last sequence number; 0 if nothing was written."""


class Ledger(Protocol):
    """Append-only rows of money, their sums by scope, and what is held for requests under way."""

    def append(self, entry: LedgerEntry) -> tuple[int, bool]:
        """Book a row and add it to the sums of its scopes; its number, and whether it is new.

        Raises IdempotencyConflict if the key is taken by a row with other content.
        """

    def reserve(
        self,
        key: str,
        amount_microusd: MicroUsd,
        scopes: Sequence[str],
        ttl_seconds: float,
        body: bytes,
    ) -> bool:
        """Hold an amount; False, and nothing changed, if the key is held or booked already."""

    def mark_sent(self, key: str) -> bool:
        """Note that the request is on its way; False if nothing is held under the key."""

    def settle(self, entry: LedgerEntry) -> tuple[int, bool]:
        """Let go of what is held under the row's key, if anything, and book the row: one piece."""

    def release(self, key: str) -> bool:
        """Let go of what is held without booking; whether there was something."""

    def reservations(self) -> tuple[Reservation, ...]:
        """All that is held, in key order; nothing lapses by itself."""

    def read(
        self, after: int = 0, limit: int = 1000, newest_first: bool = False
    ) -> list[BookedEntry]:
        """Rows numbered above `after`; newest first: rows below it, or the newest if it is 0."""

    def get(self, key: str) -> BookedEntry | None:
        """The row booked under a key."""

    def totals(self, scope: str) -> Totals:
        """What is spent and held in a scope."""


class Blobs(Protocol):
    """Bytes by their SHA-256; equal content is kept once."""

    def put(self, path: Path, *, move: bool = False, sha256: str | None = None) -> BlobKey:
        """Keep a complete file. With `move` it is taken over, without copying where possible.

        `sha256` is trusted, so that an upload that was hashed on arrival is not read again. The
        source of a move is gone afterwards, and untouched if this raises.
        """

    def put_bytes(self, data: bytes) -> BlobKey:
        """Keep bytes."""

    def path(self, key: BlobKey) -> Path:
        """The file itself, for child processes: read it, never write it. Raises BlobMissing."""

    def open(self, key: BlobKey) -> BinaryIO:
        """The content, to read. Raises BlobMissing."""

    def size(self, key: BlobKey) -> int:
        """Size in bytes. Raises BlobMissing."""

    def delete(self, key: BlobKey) -> bool:
        """Forget the content; whether it was there."""

    def exists(self, key: BlobKey) -> bool:
        """Whether the content is there, in its full length."""


class Store(Protocol):
    """All durable state of one installation."""

    @property
    def journal(self) -> Journal:
        """Events of runs."""

    @property
    def ledger(self) -> Ledger:
        """Rows of money."""

    @property
    def blobs(self) -> Blobs:
        """Files by content."""

    @overload
    def space(self, name: str, kind: type[T]) -> Space[T]: ...

    @overload
    def space(self, name: str, kind: UnionType) -> Space[Any]: ...

    def space(self, name: str, kind: Any) -> Space[Any]:
        """The typed space of that name (`room.things`), of a struct or a union of tagged ones."""

    def unit(self) -> AbstractContextManager[None]:
        """Group writes to spaces, ledger and counters in one commit: all of them or none.

        An error inside undoes the whole unit, even if it was caught inside. Journal and blobs are
        not part of it. Other writers wait meanwhile, so no I/O belongs inside.
        """

    def next_number(self, name: str) -> int:
        """A number above every earlier one of that name, also after restarts."""

    def health(self) -> StoreHealth:
        """Try to write, and say what came of it."""

    def maintain(self) -> None:
        """Keep the files short; to be called every 15 to 30 seconds from one place."""

    def close(self) -> None:
        """Let go of all files."""
