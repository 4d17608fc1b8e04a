"""Which store this is, whether it is whole, and in which format it is written.

The marker `store.json` lies beside the store's folder: SQLite opens a vanished or empty database
as a new one without a word, and only something outside can notice. Migrations are a table of
functions, one for each step from one format to the next.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import msgspec
from diskcache.core import DBNAME

from services.clock import Clock
from services.errors import StoreError
from services.store._failures import files_named
from services.store._keys import integer
from services.store._ledger import COUNT_KEY
from services.store._range_cache import RangeCache
from services.store.types import CorruptValue
from services.wording import store as wording

Migration: TypeAlias = Callable[[RangeCache], None]

MIGRATIONS: tuple[Migration, ...] = ()
"""The function at place n leads `records` from format n + 1 to n + 2; one transaction each."""

_ID_KEY = "store:id"
_ID_BITS = 62
_SCHEMA_KEY = "store:schema"


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the store outside of it."""

    id: int
    created_at: datetime
    last_number: int
    """Of the ledger, as last seen: rows are never fewer."""


def read_marker(path: Path) -> Marker | None:
    """The marker, or None if there is none. Raises CorruptValue if it can't be read."""
    try:
        with files_named():
            return msgspec.json.decode(path.read_bytes(), type=Marker) if path.exists() else None
    except msgspec.MsgspecError as exc:
        raise CorruptValue(wording.corrupt()) from exc


def write_marker(path: Path, marker: Marker) -> None:
    """Replace the marker in one step, so that no crash leaves half of one.

    Another process may be doing the same: each has a file of its own until then.
    """
    fresh = path.with_suffix(f".new-{os.getpid()}")
    with files_named():
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(marker))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def require_databases(folders: Sequence[Path]) -> None:
    """Raises StoreError if a database that the marker knows of is gone or empty."""
    for folder in folders:
        database = folder / DBNAME
        if not database.is_file() or database.stat().st_size == 0:
            raise StoreError(wording.vanished())


def agreed_marker(caches: Sequence[RangeCache], known: Marker | None, clock: Clock) -> Marker:
    """The marker as it must stand now; a new store gets its id here, in every database.

    The first cache is `records`. Raises StoreError if databases of different stores lie together,
    or if the ledger has fewer rows than it had.
    """
    records = caches[0]
    if known is None:
        records.add(_ID_KEY, secrets.randbits(_ID_BITS))
    store_id = _id_of(records)
    for cache in caches[1:]:
        if known is None:
            cache.add(_ID_KEY, store_id)
        if _id_of(cache) != store_id:
            raise StoreError(wording.vanished())
    last_number = integer(records.get(COUNT_KEY))
    if known is None:
        return Marker(id=store_id, created_at=clock.now(), last_number=last_number)
    if store_id != known.id or last_number < known.last_number:
        raise StoreError(wording.vanished())
    return msgspec.structs.replace(known, last_number=last_number)


def migrate(records: RangeCache, migrations: Sequence[Migration]) -> None:
    """Lead the store to the newest format, step by step.

    Raises StoreError if a newer version has written it.
    """
    newest = len(migrations) + 1
    records.add(_SCHEMA_KEY, newest)
    while True:
        with records.write():
            schema = integer(records.get(_SCHEMA_KEY))
            if schema == newest:
                return
            if schema > newest:
                raise StoreError(wording.from_the_future(schema, newest))
            migrations[schema - 1](records)
            records.set(_SCHEMA_KEY, schema + 1)


def _id_of(cache: RangeCache) -> int:
    value = cache.get(_ID_KEY)
    if value is None:
        raise StoreError(wording.vanished())
    return integer(value)
