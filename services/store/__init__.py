"""All durable state: typed spaces, the journal of runs, the ledger, files by content.

`open_store(home, clock)` opens the store of an installation, once per process; `memory_store` makes
its twin for tests, which passes the same contract. A room opens its own spaces in its constructor,
named after itself, and nobody else does:

    self._turns = store.space("conversations.turns", Turn)

Writes to spaces, ledger and counters are durable when they return. `with store.unit():` makes
several of them one: they stand or fall together, and an error inside undoes them all even if it is
caught inside. Journal and blobs are outside of it, so put a blob before the record that names it.
Nothing is ever evicted or unpickled. A writer waits five seconds at most; what goes wrong is one of
the errors in `types`: StoreBusy, StoreFull, StoreReadOnly, CorruptValue, IdempotencyConflict,
Fenced, BlobMissing, or StoreError itself. No I/O and no waiting inside `unit` or `update`: other
writers wait meanwhile.
"""

from services.store._disk import open_store
from services.store._memory import memory_store
from services.store.types import Blobs, Journal, Ledger, Space, Store

__all__ = ["Blobs", "Journal", "Ledger", "Space", "Store", "memory_store", "open_store"]
