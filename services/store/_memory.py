"""The store's twin in memory, for tests: the same rules over a dictionary, blobs in a folder."""

import bisect
import contextlib
import shutil
import sqlite3
import tempfile
import threading
import uuid
import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from services.clock import Clock
from services.errors import StoreError
from services.ids import BlobKey
from services.store._blobs import key_of, key_of_bytes
from services.store._journal import KeyJournal
from services.store._keys import Value
from services.store._ledger import KeyLedger
from services.store._spaces import Counters, KeySpace
from services.store.types import BlobMissing, Store, StoreHealth
from services.wording import store as wording


def memory_store(clock: Clock) -> Store:
    """A store that is gone with the process."""
    return MemoryStore(clock)


class MemoryKeys:
    """Ordered keys in a dictionary, with transactions that can be undone."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self._order: list[str] = []
        self._lock = threading.RLock()
        self._depth = 0
        self._undo: list[tuple[str, Value | None]] = []
        self._doomed = False

    def get(self, key: str) -> Value | None:
        """The value of a key, or None."""
        with self._lock:
            return self._values.get(key)

    def get_many(self, keys: Sequence[str]) -> dict[str, Value]:
        """The values of those keys that are there, all as of one instant."""
        with self._lock:
            return {key: self._values[key] for key in keys if key in self._values}

    def set(self, key: str, value: Value) -> None:
        """Write a value."""
        with self.write():
            self._undo.append((key, self._values.get(key)))
            self._put(key, value)

    def delete(self, key: str) -> bool:
        """Remove a key; whether it was there."""
        with self.write():
            self._undo.append((key, self._values.get(key)))
            return self._put(key, None)

    def incr(self, key: str, delta: int = 1) -> int:
        """Add to an integer, which begins at 0; returns the sum."""
        with self.write():
            old = self._values.get(key, 0)
            if not isinstance(old, int):
                raise StoreError(wording.corrupt())
            self.set(key, old + delta)
            return old + delta

    def scan(
        self, lo: str, hi: str, limit: int = -1, reverse: bool = False
    ) -> list[tuple[str, Value]]:
        """Entries with lo <= key < hi, in key order; a limit of -1 is none."""
        with self._lock:
            start, end = bisect.bisect_left(self._order, lo), bisect.bisect_left(self._order, hi)
            found = self._order[start:end]
            if reverse:
                found.reverse()
            return [(key, self._values[key]) for key in (found if limit < 0 else found[:limit])]

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        """All or nothing; inside another such block, part of that one, and its ruin if it fails."""
        with self._lock:
            if self._doomed:
                raise StoreError(wording.unit_failed())
            self._depth += 1
            try:
                yield
                if self._doomed and self._depth == 1:
                    raise StoreError(wording.unit_failed())
            except BaseException:
                self._doomed = True
                if self._depth == 1:
                    for key, old in reversed(self._undo):
                        self._put(key, old)
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._undo.clear()
                    self._doomed = False

    def _put(self, key: str, value: Value | None) -> bool:
        known = key in self._values
        if value is None:
            if known:
                del self._values[key]
                del self._order[bisect.bisect_left(self._order, key)]
        else:
            self._values[key] = value
            if not known:
                bisect.insort(self._order, key)
        return known


class MemoryBlobs:
    """Blobs in a scratch folder, since child processes need a path; gone with the store."""

    def __init__(self) -> None:
        self._files: dict[BlobKey, Path] = {}
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="datadock-blobs-"))
        self.forget_all = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def put(self, path: Path, *, move: bool = False, sha256: str | None = None) -> BlobKey:
        """Keep a complete file; the source of a move is gone afterwards."""
        key = key_of(path, sha256)
        with self._lock:
            if key not in self._files:
                target = self._folder / uuid.uuid4().hex
                shutil.copyfile(path, target)
                self._files[key] = target
        if move:
            path.unlink()
        return key

    def put_bytes(self, data: bytes) -> BlobKey:
        """Keep bytes."""
        key = key_of_bytes(data)
        with self._lock:
            if key not in self._files:
                target = self._folder / uuid.uuid4().hex
                target.write_bytes(data)
                self._files[key] = target
        return key

    def path(self, key: BlobKey) -> Path:
        """The file itself, for child processes. Raises BlobMissing."""
        with self._lock:
            found = self._files.get(key)
        if found is None:
            raise BlobMissing(wording.blob_missing())
        return found

    def open(self, key: BlobKey) -> BinaryIO:
        """The content, to read. Raises BlobMissing."""
        return self.path(key).open("rb")

    def size(self, key: BlobKey) -> int:
        """Size in bytes. Raises BlobMissing."""
        return self.path(key).stat().st_size

    def delete(self, key: BlobKey) -> bool:
        """Forget the content; whether it was there."""
        with self._lock:
            found = self._files.pop(key, None)
        if found is not None:
            found.unlink()
        return found is not None

    def exists(self, key: BlobKey) -> bool:
        """Whether the content is there."""
        with self._lock:
            return key in self._files


class MemoryStore:
    """See `services.store.types.Store`."""

    def __init__(self, clock: Clock) -> None:
        self._keys = MemoryKeys()
        self._counters = Counters(self._keys, clock)
        self.journal = KeyJournal(MemoryKeys())
        self.ledger = KeyLedger(self._keys, clock)
        self.blobs = MemoryBlobs()

    def space(self, name: str, kind: Any) -> KeySpace[Any]:
        """The typed space of that name."""
        return KeySpace(self._keys, name, kind)

    def unit(self) -> AbstractContextManager[None]:
        """Group writes in one piece: all of them or none."""
        return self._keys.write()

    def next_number(self, name: str) -> int:
        """A number above every earlier one of that name."""
        return self._counters.next(name)

    def health(self) -> StoreHealth:
        """Memory can always be written."""
        free = shutil.disk_usage(tempfile.gettempdir()).free
        return StoreHealth(
            writable=True, detail="", sqlite_version=sqlite3.sqlite_version, free_bytes=free
        )

    def maintain(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Remove the scratch folder."""
        self.blobs.forget_all()
