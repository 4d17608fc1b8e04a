"""diskcache without its traps: nothing pickled, nothing evicted, no endless wait, ordered reads.

Stock diskcache evicts by default, unpickles what it finds, spins for ever on any failed BEGIN with
`retry`, removes files of a nested block before the outer one commits, and may leave its pragmas
unset on a locked database. docs/decisions/0003-store.md tells what each of these would cost.
"""

import contextlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import diskcache
import msgspec
from diskcache.core import DBNAME, MODE_BINARY, MODE_RAW, UNKNOWN

from services.errors import StoreError
from services.store._failures import files_named, is_locked, named
from services.store.types import CorruptValue, StoreBusy
from services.wording import store as wording

Value: TypeAlias = bytes | int

FULL = 2
"""`synchronous`: every commit reaches the disk."""
NORMAL = 1
"""`synchronous`: a power cut may take the last commits, a killed process none."""
IN_ROW = 2**30
"""`disk_min_file_size` of caches whose values all stand in the database."""

KEEP = {
    "eviction_policy": "none",
    "cull_limit": 0,
    "size_limit": 2**62,
    "statistics": 0,
    "tag_index": 0,
    "sqlite_auto_vacuum": 0,
    "sqlite_mmap_size": 0,
    "sqlite_journal_mode": "wal",
    "sqlite_wal_autocheckpoint": 0,
    "sqlite_cell_size_check": 1,
}
_OUR_FILE_MODE = 0o400
_PAUSE_SECONDS = (0.0002, 0.002)
_FORWARD = (
    "SELECT key, mode, filename, value FROM Cache"
    " WHERE key >= ? AND key < ? AND raw = 1 ORDER BY key ASC LIMIT ?"
)
_BACKWARD = (
    "SELECT key, mode, filename, value FROM Cache"
    " WHERE key >= ? AND key < ? AND raw = 1 ORDER BY key DESC LIMIT ?"
)
# Waiting for another process is real time, whatever clock the rooms were given.
_never = threading.Event()


class PlacedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that lies, complete and fsynced, where the cache keeps its files."""

    filename: str
    size_bytes: int


class SafeDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Keys are text, values integers, bytes or files; nothing is pickled or unpickled."""

    def put(self, key: object) -> tuple[str, bool]:
        """A key as it is stored."""
        if type(key) is not str:
            raise TypeError("keys are text")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """A stored key as it was given. Raises CorruptValue for one that we did not write."""
        if raw != 1 or type(key) is not str:
            raise CorruptValue(wording.corrupt())
        return key

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> tuple[Any, ...]:
        """A value as it is stored: size, mode, file name, value."""
        if isinstance(value, PlacedFile):
            return value.size_bytes, MODE_BINARY, value.filename, None
        if read or type(value) not in (int, bytes):
            raise TypeError("values are integers, bytes or placed files")
        with files_named():
            stored: tuple[Any, ...] = super().store(value, read, key=key)
        return stored

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        """A stored value as it was given. Raises CorruptValue for modes that we never write."""
        if mode not in (MODE_RAW, MODE_BINARY):
            raise CorruptValue(wording.corrupt())
        return super().fetch(mode, filename, value, read)

    def _write(
        self, full_path: str, iterator: Iterable[bytes], mode: str, encoding: str | None = None
    ) -> int:
        try:
            size: int = super()._write(full_path, iterator, mode, encoding)
        except OSError:
            # Stock code would leave the cut file behind for ever.
            self.remove(os.path.relpath(full_path, self._directory))
            raise
        self.seal_file(Path(full_path))
        return size

    def seal_file(self, path: Path) -> None:
        """Make a file read-only, and sure to be there after a power cut: its folders as well."""
        path.chmod(_OUR_FILE_MODE)
        root = Path(self._directory)
        for each in (path, *(folder for folder in path.parents if folder.is_relative_to(root))):
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


class RangeCache(diskcache.Cache):  # type: ignore[misc]  # diskcache has no types
    """One database with ordered reads, and writes that wait a bounded time and fail by name."""

    def __init__(
        self, directory: Path, sync: int, *, budget_seconds: float = 5.0, **settings: Any
    ) -> None:
        self._mutex = threading.RLock()
        self._budget_seconds = budget_seconds
        self._gone: list[str | None] = []
        self._made: list[str | None] = []
        self._doomed = False
        self._txn_id: int | None = None
        self._pragmas = (
            "wal_autocheckpoint=0",
            f"synchronous={sync}",
            "mmap_size=0",
            "cell_size_check=1",
        )
        _await_writer(directory, budget_seconds)
        try:
            super().__init__(
                str(directory),
                timeout=0.0,
                disk=SafeDisk,
                **{**KEEP, **settings, "sqlite_synchronous": sync},
            )
        except sqlite3.Error as exc:
            raise named(exc) from exc

    @property
    def _con(self) -> sqlite3.Connection:
        # Stock code leaves its pragmas unset, silently, if the database is locked at connect.
        con: sqlite3.Connection = diskcache.Cache._con.fget(self)
        if getattr(self._local, "ours", None) is not con:
            with contextlib.suppress(sqlite3.OperationalError):  # locked: again at the next use
                for pragma in self._pragmas:
                    con.execute(f"PRAGMA {pragma}")
                self._local.ours = con
        return con

    @contextlib.contextmanager
    def _transact(
        self, retry: bool = False, filename: str | None = None
    ) -> Iterator[tuple[Callable[..., Any], Callable[[str | None], None]]]:
        """Every write of diskcache passes here. `retry` is ignored: waiting is always bounded."""
        del retry
        me = threading.get_ident()
        if self._txn_id == me:
            with self._joined(filename):
                yield self._sql, self._gone.append
            return
        if not self._mutex.acquire(timeout=self._budget_seconds):
            self._drop([filename])
            raise StoreBusy(wording.busy())
        try:
            con = self._con
            self._gone, self._made, self._doomed = [], [filename], False
            try:
                self._begin(con)
                self._txn_id = me
                yield con.execute, self._gone.append
                if self._doomed:
                    raise StoreError(wording.unit_failed())
                con.execute("COMMIT")
            except BaseException as exc:
                if con.in_transaction:
                    con.execute("ROLLBACK")
                self._drop(self._made)
                if isinstance(exc, sqlite3.Error):
                    raise named(exc) from exc
                raise
            finally:
                self._txn_id = None
            self._drop(self._gone)
        finally:
            self._mutex.release()

    @contextlib.contextmanager
    def _joined(self, filename: str | None) -> Iterator[None]:
        """A block inside a transaction: part of it, and its ruin if it fails.

        There are no savepoints. A caught error would commit half of what the block did, and after
        a full disk SQLite may have rolled back already, so that what follows would stand alone.
        """
        self._made.append(filename)
        if self._doomed:
            raise StoreError(wording.unit_failed())
        try:
            yield
        except BaseException:
            self._doomed = True
            raise

    def _begin(self, con: sqlite3.Connection) -> None:
        # Jittered and short, since SQLite's own busy handler backs off to 100 ms and is unfair.
        end = time.monotonic() + self._budget_seconds
        while True:
            try:
                con.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as exc:
                if not is_locked(exc) or time.monotonic() > end:
                    raise
            else:
                return
            _never.wait(random.uniform(*_PAUSE_SECONDS))

    def _drop(self, names: Iterable[str | None]) -> None:
        for name in filter(None, names):
            self._disk.remove(name)

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        """Several operations, all or nothing; inside another such block, part of that one."""
        with self._transact():
            yield

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """What a SELECT finds. Reading waits only while a crashed writer's log is recovered."""
        end = time.monotonic() + self._budget_seconds
        while True:
            try:
                found: list[Any] = self._con.execute(statement, values).fetchall()
            except sqlite3.Error as exc:
                if not is_locked(exc) or time.monotonic() > end:
                    raise named(exc) from exc
            else:
                return found
            _never.wait(random.uniform(*_PAUSE_SECONDS))

    def get(self, key: str) -> Value | None:  # narrower than stock: no default, no expiry
        """The value of a key, or None."""
        return self.get_many((key,)).get(key)

    def get_many(self, keys: Sequence[str]) -> dict[str, Value]:
        """The values of those keys that are there, all as of one instant."""
        marks = ",".join("?" * len(keys))
        statement = (
            f"SELECT key, mode, filename, value FROM Cache WHERE raw = 1 AND key IN ({marks})"  # noqa: S608 - only question marks are put in
        )
        return self._fetched(self.rows(statement, tuple(keys)))

    def scan(
        self, lo: str, hi: str, limit: int = -1, reverse: bool = False
    ) -> list[tuple[str, Value]]:
        """Entries with lo <= key < hi, in key order; a limit of -1 is none."""
        found = self.rows(_BACKWARD if reverse else _FORWARD, (lo, hi, limit))
        return list(self._fetched(found).items())

    def _fetched(self, found: list[Any]) -> dict[str, Value]:
        return {
            self._disk.get(key, 1): self._disk.fetch(mode, filename, value, False)
            for key, mode, filename, value in found
        }

    def delete(self, key: str) -> bool:
        """Remove a key; whether it was there."""
        with self.write():
            # Stock code raises and catches KeyError, which would spoil a transaction around it.
            return key in self and bool(super().delete(key))

    def file_of(self, key: str) -> tuple[Path, int] | None:
        """Where the value of a key lies as a file, and how long it must be."""
        found = self.rows(
            "SELECT filename, size FROM Cache WHERE key = ? AND raw = 1 AND mode = 2", (key,)
        )
        return (Path(self.directory) / found[0][0], found[0][1]) if found else None

    def file_names(self) -> set[str]:
        """Every file that some key names, relative to the folder."""
        statement = "SELECT filename FROM Cache WHERE filename IS NOT NULL"
        return {name for (name,) in self.rows(statement)}

    def checkpoint(self, wait_ms: int = 1000) -> bool:
        """Move the log into the database and cut it to nothing; whether that was possible now.

        Only here: TRUNCATE holds the write lock, and so stays clear of the defect of SQLite before
        3.51.3 in which two checkpoints and a commit may corrupt the database.
        """
        with self._mutex:
            con = self._con
            con.execute(f"PRAGMA busy_timeout={wait_ms}")
            try:
                busy, _, _ = con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False
            finally:
                con.execute("PRAGMA busy_timeout=0")
        return not busy


def _await_writer(directory: Path, budget_seconds: float) -> None:
    """Whether an existing database can be written, asked with a bounded wait.

    Stock set-up writes all settings with a patience of 60 s for each, and can't say why it failed.
    """
    if not (directory / DBNAME).is_file():
        return
    end = time.monotonic() + budget_seconds
    try:
        with contextlib.closing(
            sqlite3.connect(directory / DBNAME, timeout=0.0, isolation_level=None)
        ) as con:
            while True:
                try:
                    con.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as exc:
                    if not is_locked(exc) or time.monotonic() > end:
                        raise
                else:
                    con.execute("ROLLBACK")
                    return
                _never.wait(random.uniform(*_PAUSE_SECONDS))
    except sqlite3.Error as exc:
        raise named(exc) from exc
