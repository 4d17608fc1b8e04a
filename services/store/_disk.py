"""The store on one disk: three databases of diskcache, by durability and by what changes together.

`records` holds spaces, ledger and counters, every commit fsynced; `journal` the events of runs, of
which a power cut may take the last moments; `blobs` files by content, fsynced before their row.
"""

import shutil
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from services import telemetry
from services.clock import Clock
from services.errors import StoreError
from services.store import _schema, _self_test
from services.store._blobs import DiskBlobs
from services.store._failures import files_named
from services.store._journal import KeyJournal
from services.store._keys import integer
from services.store._ledger import COUNT_KEY, KeyLedger
from services.store._range_cache import FULL, IN_ROW, NORMAL, RangeCache
from services.store._spaces import Counters, KeySpace
from services.store.types import Store, StoreHealth

_CACHES = ("records", "journal", "blobs")
_PROBE_KEY = "store:probe"
_log = telemetry.log("store")


def open_store(
    home: Path, clock: Clock, *, migrations: Sequence[_schema.Migration] = _schema.MIGRATIONS
) -> Store:
    """Open the store in `home/store`, or make one; once per process.

    Raises StoreError, with a sentence, if a part of it is missing, older than it was, from a newer
    version, read-only, or held by a stuck writer.
    """
    folder, marker_path = home / "store", home / "store.json"
    folders = [folder / name for name in _CACHES]
    known = _schema.read_marker(marker_path)
    if known is not None:
        _schema.require_databases(folders)
    with files_named():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        # What lies inside is as private as the folder; the marker tells no secret.
    records = RangeCache(folders[0], FULL, disk_min_file_size=IN_ROW)
    journal = RangeCache(folders[1], NORMAL, disk_min_file_size=IN_ROW)
    blobs = RangeCache(folders[2], FULL, disk_min_file_size=0)
    _self_test.check(journal)
    marker = _schema.agreed_marker((records, journal, blobs), known, clock)
    _schema.migrate(records, migrations)
    if marker != known:
        _schema.write_marker(marker_path, marker)
    return DiskStore(records, journal, blobs, clock, marker_path, marker)


class DiskStore:
    """See `services.store.types.Store`."""

    def __init__(
        self,
        records: RangeCache,
        journal: RangeCache,
        blobs: RangeCache,
        clock: Clock,
        marker_path: Path,
        marker: _schema.Marker,
    ) -> None:
        self._records = records
        self._caches = (records, journal, blobs)
        self._marker_path = marker_path
        self._marker = marker
        self._counters = Counters(records, clock)
        self._upkeep = threading.Lock()
        self._swept = False
        self.journal = KeyJournal(journal)
        self.ledger = KeyLedger(records, clock)
        self.blobs = DiskBlobs(blobs)

    def space(self, name: str, kind: Any) -> KeySpace[Any]:
        """The typed space of that name."""
        return KeySpace(self._records, name, kind)

    def unit(self) -> AbstractContextManager[None]:
        """Group writes to `records` in one commit: all of them or none."""
        return self._records.write()

    def next_number(self, name: str) -> int:
        """A number above every earlier one of that name, also after restarts."""
        return self._counters.next(name)

    def health(self) -> StoreHealth:
        """Try to write, and say what came of it."""
        detail = ""
        try:
            self._records.incr(_PROBE_KEY)
        except StoreError as exc:
            detail = f"{exc.message.what_happened} {exc.message.what_to_do}".strip()
        return StoreHealth(
            writable=not detail,
            detail=detail,
            sqlite_version=sqlite3.sqlite_version,
            free_bytes=shutil.disk_usage(self._marker_path.parent).free,
        )

    def maintain(self) -> None:
        """Cut the logs, renew the marker; the first time also remove files that no row names."""
        with self._upkeep:
            for cache in self._caches:
                cache.checkpoint()
            self._renew_marker()
            if not self._swept:
                self._swept = True
                removed = self.blobs.sweep_orphans()
                if removed:
                    _log.info("orphan_files_removed", files=removed)

    def close(self) -> None:
        """Let go of the files, as far as this thread holds them; others do so when they end."""
        with self._upkeep:
            self._renew_marker()
            for cache in self._caches:
                cache.close()

    def _renew_marker(self) -> None:
        last_number = integer(self._records.get(COUNT_KEY))
        if last_number != self._marker.last_number:
            self._marker = msgspec.structs.replace(self._marker, last_number=last_number)
            _schema.write_marker(self._marker_path, self._marker)
