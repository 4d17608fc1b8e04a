"""What only the store on disk can get wrong: eviction, foreign values, full disks, lost files."""

import contextlib
import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import diskcache
import msgspec
import pytest

from services.clock import ManualClock
from services.errors import StoreError
from services.ids import RunId
from services.store import _self_test, open_store
from services.store._disk import DiskStore
from services.store._range_cache import FULL, NORMAL, RangeCache
from services.store.types import (
    BlobMissing,
    CorruptValue,
    LedgerEntry,
    StoreBusy,
    StoreFull,
    StoreReadOnly,
)
from services.units import MicroUsd
from tests.unit.store.store_audit import audit

CLOCK = ManualClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
RUN = RunId("run-1")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    text: str


def opened(home: Path, **more: Any) -> DiskStore:
    store = open_store(home, CLOCK, **more)
    assert isinstance(store, DiskStore)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DiskStore]:
    made = opened(tmp_path)
    yield made
    made.close()


def entry(key: str, amount: int = 5, body: bytes = b"{}") -> LedgerEntry:
    return LedgerEntry(key=key, amount_microusd=MicroUsd(amount), scopes=("x",), body=body)


def database(home: Path, name: str = "records") -> Path:
    return home / "store" / name / "cache.db"


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The database as any other program would open it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


# Nothing is evicted


def test_nothing_is_evicted_past_a_size_limit(tmp_path):
    """A stock cache drops its oldest rows without a word; the same load loses nothing here."""
    limit_bytes = 200_000
    stock = diskcache.Cache(str(tmp_path / "stock"), size_limit=limit_bytes)
    ours = RangeCache(tmp_path / "ours", NORMAL, size_limit=limit_bytes, disk_min_file_size=0)
    for cache in (stock, ours):
        cache.set("first", b"row 1")
        for n in range(60):
            cache.set(f"blob-{n:02d}", os.urandom(10_000))
    assert stock.get("first") is None
    assert ours.volume() > limit_bytes
    assert ours.get("first") == b"row 1"
    assert len(ours.scan("blob-", "blob-~")) == 60
    stock.close()
    ours.close()


def test_store_is_opened_with_settings_that_keep(store):
    for cache in store._caches:
        assert (cache.eviction_policy, cache.cull_limit, cache.size_limit) == ("none", 0, 2**62)


def test_ledger_outlives_many_times_its_size_in_other_values(store):
    for n in range(3):
        store.ledger.append(entry(f"k{n}"))
    notes = store.space("room.notes", Note)
    for n in range(30):
        notes.put(f"n-{n}", Note(text="x" * 100_000))
    audit(store)
    assert [row.entry.key for row in store.ledger.read()] == ["k0", "k1", "k2"]


# Nothing foreign is believed


def test_pickled_values_are_refused(store, tmp_path):
    """Whoever can write the folder could otherwise run code in every reader."""
    notes = store.space("room.notes", Note)
    notes.put("a", Note(text="x"))
    with diskcache.Cache(str(tmp_path / "store" / "records")) as stock:
        stock["s:room.notes:b"] = {"text": "pickled"}
        stock["s:room.notes:c"] = os.urandom
        stock[("a", "tuple")] = b"under a pickled key"
        stock["s:room.notes:d"] = "plain text"
    for key in "bcd":
        with pytest.raises(CorruptValue):
            notes.get(key)
    with pytest.raises(CorruptValue):
        notes.scan()
    assert notes.get("a") == Note(text="x")


def test_flipped_bits_are_noticed(store, tmp_path):
    """SQLite's pages have no checksum."""
    store.space("room.notes", Note).put("a", Note(text="x" * 50))
    store.ledger.append(entry("k", body=b"x" * 50))
    store.journal.append(RUN, [b"x" * 50], fence=1)
    for name in ("records", "journal"):
        with raw(database(tmp_path, name)) as connection:
            for rowid, value in connection.execute(
                "SELECT rowid, value FROM Cache WHERE typeof(value) = 'blob'"
            ).fetchall():
                changed = value[:-4] + bytes([value[-4] ^ 1]) + value[-3:]
                connection.execute("UPDATE Cache SET value = ? WHERE rowid = ?", (changed, rowid))
    with pytest.raises(CorruptValue):
        store.space("room.notes", Note).get("a")
    with pytest.raises(CorruptValue):
        store.ledger.read()
    with pytest.raises(CorruptValue):
        store.ledger.get("k")
    with pytest.raises(CorruptValue):
        store.journal.read(RUN)


# Full, read-only, busy


def test_full_disk_is_named_and_leaves_no_half(store):
    notes = store.space("room.notes", Note)
    notes.put("a", Note(text="x"))
    store.ledger.append(entry("k"))
    connection = store._records._con
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")

    def write_much() -> None:
        with store.unit():
            notes.put("a", Note(text="changed"))
            notes.put("b", Note(text="x" * 100_000))

    with pytest.raises(StoreFull):
        write_much()
    with pytest.raises(StoreFull):
        notes.put("b", Note(text="x" * 100_000))
    assert notes.scan() == [("a", Note(text="x"))]
    connection.execute("PRAGMA max_page_count=1000000")
    write_much()
    assert notes.get("a") == Note(text="changed")
    audit(store)


def test_full_disk_leaves_the_upload_where_it_was(store, tmp_path):
    connection = store._caches[2]._con
    source = tmp_path / "upload"
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")
    kept = []

    def fill() -> None:
        for n in range(1000):
            source.write_bytes(b"content %d" % n)
            kept.append(store.blobs.put(source, move=True))

    with pytest.raises(StoreFull):
        fill()
    assert source.read_bytes() == b"content %d" % len(kept)
    files = list((tmp_path / "store" / "blobs").rglob("*.val"))
    assert len(files) == len(kept)


def test_read_only_store_is_named_and_still_read(store):
    notes = store.space("room.notes", Note)
    notes.put("a", Note(text="x"))
    store._records._con.execute("PRAGMA query_only=1")
    with pytest.raises(StoreReadOnly):
        notes.put("a", Note(text="changed"))
    health = store.health()
    assert (health.writable, health.detail.split(".")[0]) == (
        False,
        "The data folder can't be written",
    )
    assert notes.get("a") == Note(text="x")


def test_stuck_writer_is_waited_for_a_bounded_time(tmp_path):
    cache = RangeCache(tmp_path, NORMAL, budget_seconds=0.05)
    cache.set("a", 1)
    with raw(tmp_path / "cache.db") as stuck:
        stuck.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            cache.set("a", 2)
        assert cache.get("a") == 1
        with pytest.raises(StoreBusy):
            RangeCache(tmp_path, NORMAL, budget_seconds=0.05)
        stuck.execute("ROLLBACK")
    cache.set("a", 3)
    assert cache.get("a") == 3
    cache.close()


def test_thread_that_holds_a_unit_too_long_is_named(tmp_path):
    cache = RangeCache(tmp_path, NORMAL, budget_seconds=0.05)
    with ThreadPoolExecutor(1) as pool, cache.write(), pytest.raises(StoreBusy):
        pool.submit(cache.set, "a", 1).result(timeout=10)
    assert cache.get("a") is None
    cache.close()


# The store itself is lost, old, mixed or foreign


def damaged(home: Path, how: str) -> None:
    match how:
        case "deleted":
            database(home).unlink()
        case "empty":
            database(home, "journal").write_bytes(b"")
        case "all gone":
            shutil.rmtree(home / "store")
        case "another one":
            other = home / "other"
            opened(other).close()
            shutil.copy(database(other, "journal"), database(home, "journal"))
        case "not a database":
            database(home, "blobs").write_bytes(b"x" * 5000)
        case "marker unreadable":
            (home / "store.json").write_bytes(b"{")


@pytest.mark.parametrize(
    "how", ["deleted", "empty", "all gone", "another one", "not a database", "marker unreadable"]
)
def test_damaged_store_is_not_opened_as_a_new_one(tmp_path, how):
    store = opened(tmp_path)
    store.ledger.append(entry("k"))
    store.close()
    damaged(tmp_path, how)
    with pytest.raises(StoreError):
        opened(tmp_path)


def test_older_copy_is_refused_until_the_marker_is_removed(tmp_path):
    store = opened(tmp_path)
    store.ledger.append(entry("a"))
    store.close()
    shutil.copytree(tmp_path / "store", tmp_path / "copy")
    store = opened(tmp_path)
    store.ledger.append(entry("b"))
    store.maintain()
    store.close()
    shutil.rmtree(tmp_path / "store")
    shutil.move(tmp_path / "copy", tmp_path / "store")
    with pytest.raises(StoreError):
        opened(tmp_path)
    (tmp_path / "store.json").unlink()
    store = opened(tmp_path)
    assert [row.entry.key for row in store.ledger.read()] == ["a"]
    store.close()
    opened(tmp_path).close()


def test_creation_that_was_interrupted_goes_on(tmp_path):
    store = opened(tmp_path)
    store.close()
    (tmp_path / "store.json").unlink()
    shutil.rmtree(tmp_path / "store" / "blobs")
    store = opened(tmp_path)
    assert store.blobs.exists(store.blobs.put_bytes(b"x"))
    store.close()


def test_everything_is_there_after_a_restart(tmp_path):
    store = opened(tmp_path)
    store.space("room.notes", Note).put("a", Note(text="x"))
    store.ledger.append(entry("k", 31))
    store.ledger.reserve("r", MicroUsd(7), ("x",), 60, b"")
    store.journal.append(RUN, [b"1", b"2"], fence=3)
    key = store.blobs.put_bytes(b"content")
    number = store.next_number("server")
    expected = (store.ledger.read(), store.ledger.reservations(), store.ledger.totals("x"))
    store.close()
    again = opened(tmp_path)
    assert again.space("room.notes", Note).scan() == [("a", Note(text="x"))]
    assert expected == (again.ledger.read(), again.ledger.reservations(), again.ledger.totals("x"))
    assert again.journal.read(RUN) == [(1, b"1"), (2, b"2")]
    assert again.blobs.path(key).read_bytes() == b"content"
    assert again.next_number("server") == number + 1
    again.close()


# Format


def rename_notes(records: RangeCache) -> None:
    for key, value in records.scan("s:room.old:", "s:room.old:~"):
        records.set(key.replace("old", "notes"), value)
        records.delete(key)


def test_store_of_an_older_format_is_led_to_the_newest_once(tmp_path):
    store = opened(tmp_path)
    store.space("room.old", Note).put("a", Note(text="x"))
    store.close()
    store = opened(tmp_path, migrations=(rename_notes,))
    assert store.space("room.notes", Note).scan() == [("a", Note(text="x"))]
    assert store.space("room.old", Note).scan() == []
    store.space("room.old", Note).put("b", Note(text="y"))
    store.close()
    store = opened(tmp_path, migrations=(rename_notes,))
    assert store.space("room.old", Note).scan() == [("b", Note(text="y"))]
    store.close()
    with pytest.raises(StoreError) as refused:
        opened(tmp_path)
    assert "format 2" in refused.value.message.what_happened


def test_migration_that_fails_changes_nothing(tmp_path):
    store = opened(tmp_path)
    store.space("room.old", Note).put("a", Note(text="x"))
    store.close()

    def half(records: RangeCache) -> None:
        rename_notes(records)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened(tmp_path, migrations=(half,))
    store = opened(tmp_path)
    assert store.space("room.old", Note).scan() == [("a", Note(text="x"))]
    store.close()


# The library


def test_library_of_another_make_is_refused(tmp_path):
    class Unjoined(RangeCache):
        @contextlib.contextmanager
        def write(self):
            yield

    unjoined = Unjoined(tmp_path / "a", NORMAL)
    pickling = RangeCache(tmp_path / "b", NORMAL)
    pickling._disk = diskcache.Disk(str(tmp_path / "b"))
    for cache in (unjoined, pickling):
        with pytest.raises(StoreError):
            _self_test.check(cache)
        cache.close()


def test_every_thread_gets_the_pragmas(store):
    def pragmas(cache: RangeCache) -> tuple[object, ...]:
        return tuple(
            cache._con.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "wal_autocheckpoint", "mmap_size", "journal_mode")
        )

    with ThreadPoolExecutor(1) as pool:
        found = [pool.submit(pragmas, cache).result() for cache in store._caches]
    assert found == [(FULL, 0, 0, "wal"), (NORMAL, 0, 0, "wal"), (FULL, 0, 0, "wal")]


def test_short_threads_leave_no_descriptors(store):
    notes = store.space("room.notes", Note)

    def in_a_thread() -> None:
        thread = threading.Thread(target=notes.get, args=("a",))
        thread.start()
        thread.join(timeout=10)

    in_a_thread()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(100):
        in_a_thread()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 40


def test_upkeep_cuts_the_log(store, tmp_path):
    log = database(tmp_path).with_name("cache.db-wal")
    store.space("room.notes", Note).put("a", Note(text="x"))
    assert log.stat().st_size > 0
    store.maintain()
    assert log.stat().st_size == 0


# Files


def test_folder_is_private_and_blobs_are_read_only(store, tmp_path):
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700
    (tmp_path / "up").write_bytes(b"x")
    for key in (store.blobs.put(tmp_path / "up", move=True), store.blobs.put_bytes(b"y")):
        assert stat.S_IMODE(store.blobs.path(key).stat().st_mode) == 0o400


def test_moved_file_is_taken_over_not_copied(store, tmp_path):
    source = tmp_path / "up"
    source.write_bytes(b"x" * 100_000)
    inode = source.stat().st_ino
    assert store.blobs.path(store.blobs.put(source, move=True)).stat().st_ino == inode


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_lost_blob_is_named_and_repaired_by_the_next_upload(store, tmp_path, damage):
    key = store.blobs.put_bytes(b"content")
    path = store.blobs.path(key)
    if damage == "missing":
        path.unlink()
    else:
        path.chmod(0o600)
        path.write_bytes(b"con")
    assert not store.blobs.exists(key)
    with pytest.raises(BlobMissing):
        store.blobs.path(key)
    (tmp_path / "up").write_bytes(b"content")
    assert store.blobs.put(tmp_path / "up", move=True) == key
    assert store.blobs.path(key).read_bytes() == b"content"


def test_undone_removal_keeps_the_file(store):
    """Stock code removes it when the inner block ends, and the row comes back without its file."""
    key = store.blobs.put_bytes(b"content")
    cache = store._caches[2]

    def remove_and_fail() -> None:
        with cache.write():
            cache.delete(key)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        remove_and_fail()
    assert store.blobs.path(key).read_bytes() == b"content"


def test_files_without_a_row_are_swept_when_they_are_old(store, tmp_path):
    kept = store.blobs.put_bytes(b"kept")
    orphan = tmp_path / "store" / "blobs" / "ab" / "cd" / "ef.val"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"orphan")
    assert store.blobs.sweep_orphans() == 0
    assert orphan.exists()
    assert store.blobs.sweep_orphans(older_than_seconds=-1) == 1
    assert not orphan.exists()
    assert store.blobs.path(kept).read_bytes() == b"kept"
