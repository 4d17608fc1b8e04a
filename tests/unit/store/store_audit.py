"""Whether a store is whole: every promise that can be checked from outside, checked."""

import hashlib
from collections import Counter

from services.ids import BlobKey, RunId
from services.store import Store
from services.store.types import Totals
from services.units import MicroUsd

SCOPES = ("x", "w-0", "w-1")


def audit(store: Store, journals: tuple[RunId, ...] = ()) -> None:
    """Fails on a gap, a broken chain, a lost index, a wrong sum, a torn chunk, a bad blob."""
    rows = store.ledger.read(limit=-1)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.entry.key for row in rows}) == len(rows)
    assert len({row.previous_hash for row in rows}) == len(rows)
    assert [store.ledger.get(row.entry.key) for row in rows] == rows
    spent: Counter[str] = Counter()
    for row in rows:
        for scope in row.entry.scopes:
            spent[scope] += row.entry.amount_microusd
    held: Counter[str] = Counter()
    for reservation in store.ledger.reservations():
        for scope in reservation.scopes:
            held[scope] += reservation.amount_microusd
    assert {scope: store.ledger.totals(scope) for scope in SCOPES} == {
        scope: Totals(spent_microusd=MicroUsd(spent[scope]), held_microusd=MicroUsd(held[scope]))
        for scope in SCOPES
    }
    for run in journals:
        events = store.journal.read(run, limit=100_000)
        assert [number for number, _ in events] == list(range(1, store.journal.last(run) + 1))


def assert_blob(store: Store, key: BlobKey) -> None:
    """Fails unless the content behind the key is what the key says."""
    with store.blobs.open(key) as file:
        assert "sha256:" + hashlib.sha256(file.read()).hexdigest() == key
