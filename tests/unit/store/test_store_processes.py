"""Several processes write to one store, and some of them are killed."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from services.clock import SystemClock
from services.ids import BlobKey, RunId
from services.store import open_store
from services.store._disk import DiskStore
from services.units import MicroUsd
from tests.unit.store.store_audit import assert_blob, audit
from tests.unit.store.store_writer import Doc

ROOT = Path(__file__).parents[3]
KILLS = 20
WRITERS = ("w-0", "w-1")
RUN = RunId("run-shared")


def opened(home: Path) -> DiskStore:
    store = open_store(home, SystemClock())
    assert isinstance(store, DiskStore)
    return store


@pytest.fixture
def start() -> Iterator[Callable[[Path, str, int], subprocess.Popen[str]]]:
    """Starts writers; whatever happens, none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start_writer(home: Path, name: str, rounds: int) -> subprocess.Popen[str]:
        module = "tests.unit.store.store_writer"
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", module, str(home), name, str(rounds)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start_writer
    for writer in started:
        writer.kill()
        writer.communicate()


def assert_all_there(store: DiskStore, lines: list[str]) -> None:
    """Whatever was acknowledged is still there."""
    audit(store, (RUN,))
    numbers = {row.entry.key: row.number for row in store.ledger.read(limit=-1)}
    for line in lines:
        match line.split():
            case ["ledger", key, number]:
                assert numbers[key] == int(number)
            case ["journal", sequence]:
                assert store.journal.last(RUN) >= int(sequence)
            case ["blob", key]:
                assert_blob(store, BlobKey(key))
            case ["ready"] | ["done"]:
                pass
            case _:
                raise AssertionError(line)


def test_two_processes_write_at_once(tmp_path, start):
    """Both open a store that is not there yet, and nothing that either wrote is lost or doubled."""
    writers = [start(tmp_path, name, 30) for name in WRITERS]
    outputs = [writer.communicate(timeout=60)[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [output[-1] for output in outputs] == ["done", "done"]
    store = opened(tmp_path)
    assert_all_there(store, [line for output in outputs for line in output])
    docs = store.space("room.docs", Doc)
    assert docs.scan() == [(name, Doc(n=30, twin=30)) for name in WRITERS]
    assert store.ledger.reservations() == ()
    store.close()


def test_a_killed_writer_takes_nothing_with_it(tmp_path, start):
    """SIGKILL at any instant: acknowledged is kept, half-done is undone, and the rest is usable."""
    chance = random.Random(20261124)
    acknowledged: list[str] = []
    for _ in range(KILLS // len(WRITERS)):
        writers = [start(tmp_path, name, 100_000) for name in WRITERS]
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 60)):
                acknowledged.append(writer.stdout.readline().strip())
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            assert writer.stdout is not None
            rest = writer.stdout.read()
            # The last line may be cut; those before it were written whole.
            acknowledged.extend(rest[: rest.rfind("\n") + 1].splitlines())
            assert writer.wait(timeout=60) == -signal.SIGKILL
        store = opened(tmp_path)
        audit(store, (RUN,))
        store.close()
    store = opened(tmp_path)
    assert len(acknowledged) > KILLS
    assert_all_there(store, acknowledged)
    for _, doc in store.space("room.docs", Doc).scan():
        assert doc.n == doc.twin, "half of a unit"
    # Every file has its row, but for those of writers that were killed in between.
    leftovers = store.blobs.sweep_orphans(older_than_seconds=-1)
    files = list((tmp_path / "store" / "blobs").rglob("*.val"))
    known = {line.split()[1] for line in acknowledged if line.startswith("blob")}
    assert len(known) <= len(files) <= len(known) + KILLS
    assert leftovers <= KILLS
    for reservation in store.ledger.reservations():
        assert store.ledger.settle(
            msgspec.structs.replace(
                store.ledger.read(limit=1)[0].entry,
                key=reservation.key,
                amount_microusd=MicroUsd(1),
            )
        )[1]
    audit(store)
    assert store.ledger.reservations() == ()
    store.close()
