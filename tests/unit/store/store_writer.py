"""A process that writes to a store and says what was acknowledged, until it is done or killed.

`python -m tests.unit.store.store_writer HOME NAME ROUNDS`; a line per acknowledged operation.
"""

import os
import random
import sys
from pathlib import Path

import msgspec

from services.clock import SystemClock
from services.ids import RunId
from services.store import open_store
from services.store.types import LedgerEntry
from services.units import MicroUsd


class Doc(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    twin: int


def acknowledge(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def entry(key: str, amount: int, name: str) -> LedgerEntry:
    return LedgerEntry(key=key, amount_microusd=MicroUsd(amount), scopes=("x", name), body=b"{}")


def main(home: Path, name: str, rounds: int) -> None:
    store = open_store(home, SystemClock())
    docs = store.space("room.docs", Doc)
    docs.create(name, Doc(n=0, twin=0))
    chance = random.Random()
    nonce = chance.randrange(10**12)
    acknowledge("ready")
    for n in range(rounds):
        key = f"{name}/{nonce}/{n}"
        shared = f"shared/{chance.randrange(50)}"
        acknowledge("ledger", shared, store.ledger.append(entry(shared, 3, "w-0"))[0])
        store.ledger.reserve(key, MicroUsd(100), ("x", name), 60, b"")
        store.ledger.mark_sent(key)
        if n % 3:
            acknowledge("ledger", key, store.ledger.settle(entry(key, n % 7, name))[0])
        else:
            store.ledger.release(key)
        events = [b'{"n":%d}' % n] * chance.randrange(1, 4)
        acknowledge("journal", store.journal.append(RunId("run-shared"), events, fence=1))
        with store.unit():
            doc = docs.update(name, lambda old: Doc(n=old.n + 1, twin=old.twin))
            docs.put(name, Doc(n=doc.n, twin=doc.twin + 1))
        if n % 4 == 0:
            data = chance.randbytes(60_000)
            source = home / f"{name}-{os.getpid()}-{n}.up"
            source.write_bytes(data)
            acknowledge("blob", store.blobs.put(source, move=True))
        if n % 10 == 0:
            store.maintain()
    store.close()
    acknowledge("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
