"""The ledger: gapless rows chained by hash, an index of keys, sums by scope, open reservations.

`n` is the last number; `l:{n:012d}` a sealed row with the hash of the row before it;
`i:{key}` its number and digest; `spent:{scope}` and `held:{scope}` integers; `r:{key}` an open
reservation. Every operation changes all of them in one transaction.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from services.clock import Clock
from services.store._keys import (
    END,
    Keys,
    checked_key,
    checked_ledger_key,
    decoded,
    integer,
    seal,
)
from services.store.types import (
    BookedEntry,
    CorruptValue,
    IdempotencyConflict,
    LedgerEntry,
    Reservation,
    Totals,
)
from services.units import MicroUsd
from services.wording import store as wording

COUNT_KEY = "n"


class _Index(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    digest: str


_row_decoder = msgspec.json.Decoder(BookedEntry)
_index_decoder = msgspec.json.Decoder(_Index)
_reservation_decoder = msgspec.json.Decoder(Reservation)


class KeyLedger:
    """The ledger over ordered keys; see `services.store.types.Ledger`."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def append(self, entry: LedgerEntry) -> tuple[int, bool]:
        """Book a row; its number, and whether it is new. Raises IdempotencyConflict."""
        with self._keys.write():
            return self._append(entry)

    def reserve(
        self,
        key: str,
        amount_microusd: MicroUsd,
        scopes: Sequence[str],
        ttl_seconds: float,
        body: bytes,
    ) -> bool:
        """Hold an amount; False, and nothing changed, if the key is held or booked already."""
        if amount_microusd < 0:
            raise ValueError("an amount to be held is not negative")
        reservation = Reservation(
            key=checked_ledger_key(key),
            amount_microusd=amount_microusd,
            scopes=_checked_scopes(scopes),
            state="reserved",
            expires_at=self._clock.now() + timedelta(seconds=ttl_seconds),
            body=body,
        )
        with self._keys.write():
            if self._keys.get_many(("r:" + key, "i:" + key)):
                return False
            self._keys.set("r:" + key, seal(msgspec.json.encode(reservation)))
            for scope in reservation.scopes:
                self._keys.incr("held:" + scope, amount_microusd)
            return True

    def mark_sent(self, key: str) -> bool:
        """Note that the request is on its way; False if nothing is held under the key."""
        full = "r:" + checked_ledger_key(key)
        with self._keys.write():
            value = self._keys.get(full)
            if value is None:
                return False
            reservation = decoded(value, _reservation_decoder)
            if reservation.state != "sent":
                sent = msgspec.structs.replace(reservation, state="sent")
                self._keys.set(full, seal(msgspec.json.encode(sent)))
            return True

    def settle(self, entry: LedgerEntry) -> tuple[int, bool]:
        """Let go of what is held under the row's key, if anything, and book the row."""
        with self._keys.write():
            self.release(entry.key)
            return self._append(entry)

    def release(self, key: str) -> bool:
        """Let go of what is held without booking; whether there was something."""
        full = "r:" + checked_ledger_key(key)
        with self._keys.write():
            value = self._keys.get(full)
            if value is None:
                return False
            reservation = decoded(value, _reservation_decoder)
            for scope in reservation.scopes:
                # An open reservation touches several scopes; gone, it should leave no rows behind.
                if self._keys.incr("held:" + scope, -reservation.amount_microusd) == 0:
                    self._keys.delete("held:" + scope)
            return self._keys.delete(full)

    def reservations(self) -> tuple[Reservation, ...]:
        """All that is held, in key order."""
        found = self._keys.scan("r:", "r:" + END)
        return tuple(decoded(value, _reservation_decoder) for _, value in found)

    def read(
        self, after: int = 0, limit: int = 1000, newest_first: bool = False
    ) -> list[BookedEntry]:
        """Rows numbered above `after`; newest first: rows below it, or the newest if it is 0."""
        lo, hi = f"l:{after + 1:012d}", "l:" + END
        if newest_first:
            lo, hi = "l:", f"l:{after:012d}" if after else "l:" + END
        found = self._keys.scan(lo, hi, limit, newest_first)
        return [decoded(value, _row_decoder) for _, value in found]

    def get(self, key: str) -> BookedEntry | None:
        """The row booked under a key. Raises CorruptValue if index and row disagree."""
        value = self._keys.get("i:" + checked_ledger_key(key))
        if value is None:
            return None
        number = decoded(value, _index_decoder).number
        found = self._keys.get(f"l:{number:012d}")
        row = None if found is None else decoded(found, _row_decoder)
        if row is None or row.entry.key != key:
            raise CorruptValue(wording.corrupt())
        return row

    def totals(self, scope: str) -> Totals:
        """What is spent and held in a scope."""
        spent, held = "spent:" + checked_key(scope), "held:" + scope
        found = self._keys.get_many((spent, held))
        return Totals(
            spent_microusd=MicroUsd(integer(found.get(spent))),
            held_microusd=MicroUsd(integer(found.get(held))),
        )

    def _append(self, entry: LedgerEntry) -> tuple[int, bool]:
        scopes = _checked_scopes(entry.scopes)
        index_key = "i:" + checked_ledger_key(entry.key)
        digest = hashlib.sha256(msgspec.json.encode(entry)).hexdigest()
        known = self._keys.get(index_key)
        if known is not None:
            index = decoded(known, _index_decoder)
            if index.digest != digest:
                raise IdempotencyConflict(wording.conflict())
            return index.number, False
        number = self._keys.incr(COUNT_KEY)
        row = BookedEntry(number=number, entry=entry, previous_hash=self._hash_of(number - 1))
        self._keys.set(f"l:{number:012d}", seal(msgspec.json.encode(row)))
        self._keys.set(index_key, seal(msgspec.json.encode(_Index(number=number, digest=digest))))
        for scope in scopes:
            self._keys.incr("spent:" + scope, entry.amount_microusd)
        return number, True

    def _hash_of(self, number: int) -> str:
        if number == 0:
            return ""
        value = self._keys.get(f"l:{number:012d}")
        if not isinstance(value, bytes):
            raise CorruptValue(wording.corrupt())
        return hashlib.sha256(value).hexdigest()


def _checked_scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    """The scopes, each once: a sum counts a row once."""
    return tuple(checked_key(scope) for scope in dict.fromkeys(scopes))
