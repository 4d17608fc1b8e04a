"""What every store promises, asked of each backend."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest

from services.clock import ManualClock
from services.errors import StoreError
from services.ids import BlobKey, RunId
from services.store import Space, Store, memory_store, open_store
from services.store.types import (
    BlobMissing,
    BookedEntry,
    CorruptValue,
    Fenced,
    IdempotencyConflict,
    LedgerEntry,
    Reservation,
    Totals,
)
from services.units import MicroUsd

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RUN = RunId("run-1")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    count: int = 0


class Cat(msgspec.Struct, frozen=True, kw_only=True, tag="cat"):
    lives: int


class Dog(msgspec.Struct, frozen=True, kw_only=True, tag="dog"):
    tricks: tuple[str, ...]


Pet: TypeAlias = Cat | Dog


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(params=["disk", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    made = open_store(tmp_path / "home", clock) if request.param == "disk" else memory_store(clock)
    yield made
    made.close()


def entry(
    key: str = "a",
    amount: int = 5,
    scopes: tuple[str, ...] = ("local:total:2026-11",),
    body: bytes = b"{}",
) -> LedgerEntry:
    return LedgerEntry(key=key, amount_microusd=MicroUsd(amount), scopes=scopes, body=body)


def in_threads(count: int, work: Callable[[int], object]) -> None:
    """Run `work(i)` in that many threads at once; the first error is raised here."""
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work, index) for index in range(count)]:
            done.result(timeout=30)


# Spaces


def test_space_gives_back_what_was_put(store):
    notes = store.space("room.notes", Note)
    notes.put("n-1", Note(text="é ∑"))
    assert notes.get("n-1") == Note(text="é ∑")
    assert notes.get("n-2") is None
    notes.put("n-1", Note(text="new", count=2))
    assert notes.get("n-1") == Note(text="new", count=2)


def test_space_holds_a_union_of_tagged_structs(store):
    pets: Space[Pet] = store.space("room.pets", Pet)
    pets.put("a", Cat(lives=9))
    pets.put("b", Dog(tricks=("sit",)))
    assert pets.scan() == [("a", Cat(lives=9)), ("b", Dog(tricks=("sit",)))]


def test_space_create_writes_only_once(store):
    notes = store.space("room.notes", Note)
    assert notes.create("k", Note(text="first")) is True
    assert notes.create("k", Note(text="second")) is False
    assert notes.get("k") == Note(text="first")


def test_space_update_of_an_absent_key_is_refused(store):
    notes = store.space("room.notes", Note)
    with pytest.raises(StoreError):
        notes.update("k", lambda note: note)
    assert notes.scan() == []


def test_space_update_keeps_the_old_value_when_the_change_fails(store):
    notes = store.space("room.notes", Note)
    notes.put("k", Note(text="old"))
    with pytest.raises(ZeroDivisionError):
        notes.update("k", lambda note: Note(text="new", count=1 // 0))
    assert notes.get("k") == Note(text="old")


def test_space_update_loses_nothing_under_threads(store):
    notes = store.space("room.notes", Note)
    notes.put("k", Note(text="x"))

    def work(_):
        for _ in range(10):
            notes.update("k", lambda note: msgspec.structs.replace(note, count=note.count + 1))

    in_threads(4, work)
    assert notes.get("k") == Note(text="x", count=40)


def test_space_create_has_one_winner_under_threads(store):
    notes = store.space("room.notes", Note)
    won = []

    def work(index):
        if notes.create("k", Note(text=str(index))):
            won.append(str(index))

    in_threads(6, work)
    assert [notes.get("k")] == [Note(text=text) for text in won]


def test_space_delete_says_whether_there_was_something(store):
    notes = store.space("room.notes", Note)
    notes.put("k", Note(text="x"))
    assert (notes.delete("k"), notes.delete("k"), notes.get("k")) == (True, False, None)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["a:1", "a:10", "a:2", "ab:1", "b:1"]),
        ({"prefix": "a:"}, ["a:1", "a:10", "a:2"]),
        ({"prefix": "a:1"}, ["a:1", "a:10"]),
        ({"prefix": "a:", "reverse": True}, ["a:2", "a:10", "a:1"]),
        ({"prefix": "a:", "limit": 2}, ["a:1", "a:10"]),
        ({"prefix": "a:", "limit": 0}, []),
        ({"prefix": "a:", "after": "a:1"}, ["a:10", "a:2"]),
        ({"after": "a:2"}, ["ab:1", "b:1"]),
        ({"after": "a:2", "reverse": True}, ["a:10", "a:1"]),
        ({"prefix": "a:", "after": "b:1", "reverse": True, "limit": 1}, ["a:2"]),
        ({"prefix": "z"}, []),
    ],
)
def test_space_scan_goes_in_key_order(store, arguments, expected):
    notes = store.space("room.notes", Note)
    for key in ("b:1", "a:2", "ab:1", "a:10", "a:1"):
        notes.put(key, Note(text=key))
    # Neighbours that must never be seen.
    store.space("room.note", Note).put("a:1", Note(text="other"))
    store.space("room.notes_old", Note).put("a:1", Note(text="other"))
    assert notes.scan(**arguments) == [(key, Note(text=key)) for key in expected]


@pytest.mark.parametrize("key", ["", "a/b", "a b", "ä", "a\n", "a~"])
def test_space_refuses_keys_that_would_break_the_order(store, key):
    with pytest.raises(ValueError, match="not a key"):
        store.space("room.notes", Note).put(key, Note(text="x"))


def test_space_names_a_value_of_another_type(store):
    store.space("room.notes", Note).put("k", Note(text="x"))
    with pytest.raises(CorruptValue):
        store.space("room.notes", Cat).get("k")


# Units and counters


def test_unit_keeps_everything_or_nothing(store):
    notes = store.space("room.notes", Note)
    notes.put("old", Note(text="old"))

    def write_and_fail() -> None:
        with store.unit():
            notes.put("new", Note(text="new"))
            notes.put("old", Note(text="changed"))
            notes.delete("old")
            store.ledger.append(entry())
            store.ledger.reserve("r", MicroUsd(7), ("s",), 60, b"")
            assert notes.get("new") == Note(text="new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert notes.scan() == [("old", Note(text="old"))]
    assert store.ledger.read() == []
    assert store.ledger.reservations() == ()
    assert store.ledger.totals("s") == Totals(spent_microusd=MicroUsd(0), held_microusd=MicroUsd(0))
    with store.unit():
        notes.put("new", Note(text="new"))
        store.ledger.append(entry())
    assert notes.get("new") == Note(text="new")
    assert [row.number for row in store.ledger.read()] == [1]


def test_unit_is_undone_by_an_error_that_was_caught_inside(store):
    """There are no savepoints below, so half of a failed part would be kept otherwise."""
    notes = store.space("room.notes", Note)

    def fail_at(order: str):
        with store.unit():
            for step in order:
                if step == "f":
                    with contextlib.suppress(StoreError):
                        notes.update("absent", lambda note: note)
                else:
                    notes.put(step, Note(text="x"))

    for order in ("af", "fa", "afb"):
        with pytest.raises(StoreError):
            fail_at(order)
        assert notes.scan() == []
    notes.put("c", Note(text="x"))
    assert notes.scan() == [("c", Note(text="x"))]


def test_unit_inside_a_unit_is_part_of_it(store):
    notes = store.space("room.notes", Note)

    def write_and_fail() -> None:
        with store.unit():
            with store.unit():
                notes.put("a", Note(text="x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert notes.scan() == []


def test_unit_is_not_seen_by_others_before_it_ends(store):
    notes = store.space("room.notes", Note)
    seen = []
    begun = threading.Event()

    def reader():
        begun.set()
        seen.append(len(notes.scan()))

    with store.unit():
        notes.put("a", Note(text="x"))
        thread = threading.Thread(target=reader)
        thread.start()
        assert begun.wait(5)
        thread.join(timeout=0.05)
        notes.put("b", Note(text="x"))
    thread.join(timeout=5)
    assert seen in ([0], [2])


def test_next_number_rises_with_the_clock_and_without_it(store, clock):
    first = store.next_number("server")
    assert first == int(START.timestamp() * 1000)
    assert store.next_number("server") == first + 1
    clock.advance(10)
    assert store.next_number("server") == first + 10_000
    clock.advance(-100)
    assert store.next_number("server") == first + 10_001
    assert store.next_number("other") == first - 90_000


def test_next_number_is_unique_under_threads(store):
    numbers: list[int] = []
    in_threads(4, lambda _: numbers.extend(store.next_number("n") for _ in range(5)))
    assert len(set(numbers)) == 20


# Journal


def test_journal_is_read_beyond_any_cursor(store):
    journal = store.journal
    for size in (1, 3, 1, 4):
        start = journal.last(RUN)
        events = [b'{"n":%d}' % (start + i + 1) for i in range(size)]
        assert journal.append(RUN, events, fence=1) == start + size
    everything = [(n, b'{"n":%d}' % n) for n in range(1, 10)]
    for cursor in range(11):
        assert journal.read(RUN, after=cursor) == everything[cursor:]
        for limit in (1, 2, 5):
            assert journal.read(RUN, after=cursor, limit=limit) == everything[cursor:][:limit]
    assert journal.last(RUN) == 9


def test_journal_of_one_run_is_not_another_ones(store):
    store.journal.append(RunId("run-1"), [b"a"], fence=1)
    store.journal.append(RunId("run-10"), [b"b", b"c"], fence=1)
    assert store.journal.read(RunId("run-1")) == [(1, b"a")]
    assert store.journal.read(RunId("run-10")) == [(1, b"b"), (2, b"c")]
    assert store.journal.read(RunId("run")) == []
    assert store.journal.last(RunId("run")) == 0


def test_journal_has_no_gap_under_threads(store):
    def work(index):
        for n in range(8):
            store.journal.append(RUN, [b"%d.%d.%d" % (index, n, i) for i in range(3)], fence=1)

    in_threads(4, work)
    events = store.journal.read(RUN)
    assert [number for number, _ in events] == list(range(1, 97))
    assert len({event for _, event in events}) == 96
    # A chunk stays together, and the chunks of one writer stay in order.
    for index in range(4):
        own = [event for _, event in events if event.startswith(b"%d." % index)]
        assert own == [b"%d.%d.%d" % (index, n, i) for n in range(8) for i in range(3)]


def test_journal_refuses_an_older_fence(store):
    store.journal.append(RUN, [b"old"], fence=5)
    store.journal.append(RUN, [b"new"], fence=7)
    with pytest.raises(Fenced):
        store.journal.append(RUN, [b"zombie"], fence=6)
    assert store.journal.append(RUN, [b"still new"], fence=7) == 3
    assert store.journal.read(RUN) == [(1, b"old"), (2, b"new"), (3, b"still new")]


def test_journal_append_of_nothing_still_fences(store):
    assert store.journal.append(RUN, [], fence=7) == 0
    with pytest.raises(Fenced):
        store.journal.append(RUN, [b"zombie"], fence=6)
    assert store.journal.read(RUN) == []


def test_journal_refuses_events_of_several_lines(store):
    with pytest.raises(ValueError, match="one line"):
        store.journal.append(RUN, [b"a\nb"], fence=1)
    assert store.journal.last(RUN) == 0


def test_journal_wakes_who_waits(store):
    store.journal.append(RUN, [b"1"], fence=1)
    assert store.journal.wait(RUN, 0, 5) is True
    assert store.journal.wait(RUN, 1, 0.01) is False
    found = []
    waiting = threading.Thread(target=lambda: found.append(store.journal.wait(RUN, 1, 20)))
    waiting.start()
    store.journal.append(RUN, [b"2"], fence=1)
    waiting.join(timeout=10)
    assert found == [True]


# Ledger


def test_ledger_numbers_chains_and_sums_rows(store):
    rows = [entry("a", 5, ("x", "y")), entry("b", 7, ("y",), b"\x00\xff"), entry("c", 0, ())]
    assert [store.ledger.append(row) for row in rows] == [(1, True), (2, True), (3, True)]
    read = store.ledger.read()
    assert [(row.number, row.entry) for row in read] == [(1, rows[0]), (2, rows[1]), (3, rows[2])]
    assert read[0].previous_hash == ""
    assert len({row.previous_hash for row in read}) == 3
    assert store.ledger.totals("x") == Totals(spent_microusd=MicroUsd(5), held_microusd=MicroUsd(0))
    assert store.ledger.totals("y") == Totals(
        spent_microusd=MicroUsd(12), held_microusd=MicroUsd(0)
    )
    assert store.ledger.totals("z") == Totals(spent_microusd=MicroUsd(0), held_microusd=MicroUsd(0))
    assert store.ledger.get("b") == read[1]
    assert store.ledger.get("d") is None


def test_ledger_replay_changes_nothing_and_other_content_conflicts(store):
    store.ledger.append(entry("a", 5))
    assert store.ledger.append(entry("a", 5)) == (1, False)
    for other in (entry("a", 6), entry("a", 5, ("z",)), entry("a", 5, body=b"[]")):
        with pytest.raises(IdempotencyConflict):
            store.ledger.append(other)
        with pytest.raises(IdempotencyConflict):
            store.ledger.settle(other)
    assert [row.entry for row in store.ledger.read()] == [entry("a", 5)]
    assert store.ledger.totals("local:total:2026-11").spent_microusd == 5
    assert store.ledger.append(entry("b", 1)) == (2, True)


def test_ledger_counts_a_repeated_scope_once(store):
    store.ledger.append(entry("a", 5, ("x", "x")))
    assert store.ledger.totals("x").spent_microusd == 5


def test_ledger_is_read_in_pages_from_both_ends(store):
    for n in range(1, 8):
        store.ledger.append(entry(f"k{n}", n))

    def numbers(after: int = 0, limit: int = 1000, newest_first: bool = False) -> list[int]:
        return [row.number for row in store.ledger.read(after, limit, newest_first)]

    assert numbers() == [1, 2, 3, 4, 5, 6, 7]
    assert numbers(after=2, limit=3) == [3, 4, 5]
    assert numbers(after=7) == []
    assert numbers(newest_first=True) == [7, 6, 5, 4, 3, 2, 1]
    assert numbers(newest_first=True, limit=3) == [7, 6, 5]
    assert numbers(newest_first=True, after=5, limit=3) == [4, 3, 2]
    assert numbers(newest_first=True, after=1) == []


def test_ledger_is_gapless_and_pays_shared_keys_once_under_threads(store):
    new = []

    def work(index):
        for n in range(5):
            new.append(store.ledger.append(entry(f"shared-{n}", 3, ("x",))))
            new.append(store.ledger.append(entry(f"own-{index}-{n}", 2, ("x",))))

    in_threads(4, work)
    rows = store.ledger.read()
    assert [row.number for row in rows] == list(range(1, 26))
    assert len({row.entry.key for row in rows}) == 25
    assert sum(was_new for _, was_new in new) == 25
    assert store.ledger.totals("x").spent_microusd == 5 * 3 + 20 * 2


def test_reservation_goes_from_held_to_booked(store, clock):
    ledger = store.ledger
    assert ledger.reserve("q", MicroUsd(100), ("x", "y"), 60, b"intent") is True
    held = Reservation(
        key="q",
        amount_microusd=MicroUsd(100),
        scopes=("x", "y"),
        state="reserved",
        expires_at=START + timedelta(seconds=60),
        body=b"intent",
    )
    assert ledger.reservations() == (held,)
    assert ledger.totals("x") == Totals(spent_microusd=MicroUsd(0), held_microusd=MicroUsd(100))
    assert ledger.reserve("q", MicroUsd(1), ("z",), 60, b"") is False
    assert (ledger.mark_sent("q"), ledger.mark_sent("q")) == (True, True)
    assert ledger.reservations() == (msgspec.structs.replace(held, state="sent"),)
    # Paid more than was held: that is booked as it is.
    assert ledger.settle(entry("q", 130, ("x",))) == (1, True)
    assert ledger.reservations() == ()
    assert ledger.totals("x") == Totals(spent_microusd=MicroUsd(130), held_microusd=MicroUsd(0))
    assert ledger.totals("y") == Totals(spent_microusd=MicroUsd(0), held_microusd=MicroUsd(0))
    assert ledger.settle(entry("q", 130, ("x",))) == (1, False)
    assert ledger.reserve("q", MicroUsd(1), ("x",), 60, b"") is False, "it is paid already"
    assert ledger.mark_sent("q") is False
    assert ledger.totals("x") == Totals(spent_microusd=MicroUsd(130), held_microusd=MicroUsd(0))


def test_reservation_is_released_once_and_may_come_again(store):
    ledger = store.ledger
    ledger.reserve("q", MicroUsd(100), ("x",), 60, b"")
    ledger.reserve("p", MicroUsd(11), ("x",), 60, b"")
    assert (ledger.release("q"), ledger.release("q")) == (True, False)
    assert [each.key for each in ledger.reservations()] == ["p"]
    assert ledger.totals("x") == Totals(spent_microusd=MicroUsd(0), held_microusd=MicroUsd(11))
    assert ledger.reserve("q", MicroUsd(3), ("x",), 60, b"") is True
    assert ledger.totals("x").held_microusd == 14


def test_reservation_survives_a_settle_that_conflicts(store):
    ledger = store.ledger
    ledger.append(entry("q", 5))
    ledger.reserve("p", MicroUsd(9), ("x",), 60, b"")
    with pytest.raises(IdempotencyConflict):
        ledger.settle(entry("q", 6))
    assert [each.key for each in ledger.reservations()] == ["p"]


def test_settle_without_a_reservation_books(store):
    assert store.ledger.settle(entry("q", 5, ("x",))) == (1, True)
    assert store.ledger.totals("x") == Totals(spent_microusd=MicroUsd(5), held_microusd=MicroUsd(0))


def test_reserve_of_one_key_has_one_winner_under_threads(store):
    won = []
    in_threads(6, lambda _: won.append(store.ledger.reserve("q", MicroUsd(4), ("x",), 60, b"")))
    assert sorted(won) == [False] * 5 + [True]
    assert store.ledger.totals("x").held_microusd == 4


# Blobs


def sha256_key(data: bytes) -> BlobKey:
    return BlobKey("sha256:" + hashlib.sha256(data).hexdigest())


def written(folder: Path, data: bytes, name: str = "up.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"x" * 3_000_000], ids=["0", "8", "3M"])
def test_blob_comes_back_as_it_was(store, tmp_path, data):
    source = written(tmp_path, data)
    key = store.blobs.put(source)
    assert key == sha256_key(data)
    assert source.read_bytes() == data
    with store.blobs.open(key) as file:
        assert file.read() == data
    assert store.blobs.path(key).read_bytes() == data
    assert store.blobs.size(key) == len(data)
    assert store.blobs.exists(key)


def test_blob_that_moves_leaves_its_source(store, tmp_path):
    source = written(tmp_path, b"content")
    key = store.blobs.put(source, move=True, sha256=sha256_key(b"content").removeprefix("sha256:"))
    assert key == sha256_key(b"content")
    assert not source.exists()
    assert store.blobs.path(key).read_bytes() == b"content"


def test_blob_of_equal_content_is_kept_once(store, tmp_path):
    first = store.blobs.put(written(tmp_path, b"same", "a"))
    path = store.blobs.path(first)
    moved = written(tmp_path, b"same", "b")
    assert store.blobs.put(moved, move=True) == first
    assert store.blobs.put_bytes(b"same") == first
    assert store.blobs.path(first) == path
    assert not moved.exists()


def test_blob_put_by_several_at_once_is_kept_once(store, tmp_path):
    keys = []

    def work(index):
        keys.append(store.blobs.put(written(tmp_path, b"same" * 9999, str(index)), move=True))

    in_threads(4, work)
    assert set(keys) == {sha256_key(b"same" * 9999)}
    assert store.blobs.path(keys[0]).read_bytes() == b"same" * 9999


def test_blob_is_forgotten_once(store):
    key = store.blobs.put_bytes(b"x")
    path = store.blobs.path(key)
    assert (store.blobs.delete(key), store.blobs.delete(key)) == (True, False)
    assert not store.blobs.exists(key)
    assert not path.exists()
    for ask in (store.blobs.path, store.blobs.open, store.blobs.size):
        with pytest.raises(BlobMissing):
            ask(key)


def test_blob_source_that_is_not_there_is_named(store, tmp_path):
    with pytest.raises(FileNotFoundError):
        store.blobs.put(tmp_path / "nothing", move=True)


# The whole


def test_store_says_that_it_can_be_written(store: Store):
    health = store.health()
    assert (health.writable, health.detail) == (True, "")
    assert health.free_bytes > 0
    store.maintain()


def test_ledger_row_type_is_what_is_read(store: Store):
    store.ledger.append(entry())
    assert store.ledger.read() == [BookedEntry(number=1, entry=entry(), previous_hash="")]
