"""What the store deals in: entries of the ledger, totals, and the ways in which storing can fail."""

from datetime import datetime
from typing import Literal

import msgspec

from services.errors import StoreError
from services.units import MicroUsd


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
