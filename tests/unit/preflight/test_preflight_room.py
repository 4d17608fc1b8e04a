"""A file arrives: kept, checked once per content, known to its owner alone."""

from pathlib import Path

import pytest

from services import limits
from services.clock import SystemClock
from services.errors import LimitError, Message, NotYoursError
from services.events import CheckAdvanced, FileChecked, Finished
from services.files import Files
from services.files.types import Upload
from services.ids import FileId, UserId
from services.money import Money
from services.preflight import PreflightRoom
from services.preflight.types import Corrections, Identified, Preflight
from services.runs import Runs
from services.runs.types import CheckFile, ProfileFile, Run
from services.store import Store, memory_store
from services.store.types import StoreBusy

ANN, BOB = UserId("ann"), UserId("bob")
NBSP = "\N{NO-BREAK SPACE}"


class House:
    """The rooms that preflight stands on, over a store in memory."""

    def __init__(self, store: Store, folder: Path, **overrides: int) -> None:
        clock = SystemClock()
        profile = limits.load(overrides=overrides)
        self.files = Files(store, clock)
        self.runs = Runs(store, clock, workers=2, fence=store.next_number("server"))
        self.room = PreflightRoom(
            files=self.files,
            store=store,
            runs=self.runs,
            profile=profile,
            money=Money(store, limits.load_prices(), profile, clock),
            clock=clock,
            model="claude-sonnet-5",
            environment="pandas 1.5.3",
        )
        self.runs.perform(CheckFile, self.room.perform_check)
        self.runs.perform(ProfileFile, lambda run, task: None)  # told of in test_profiling_room.py
        self._folder = folder
        self._number = 0

    def upload(self, name: str, content: str) -> Upload:
        self._number += 1
        path = self._folder / f"spool-{self._number}"
        path.write_text(content)
        return Upload(path=path, name=name, size_bytes=path.stat().st_size)

    def checked(self, user: UserId, name: str, content: str) -> tuple[FileId, Preflight]:
        """Check a file and wait for what comes out."""
        started = self.room.check(user, self.upload(name, content))
        if started.run_id is not None:
            assert self.runs.wait(user, started.run_id, 20)
        found = self.room.result(user, started.file_id)
        assert found is not None
        return started.file_id, found

    def close(self) -> None:
        self.runs.shutdown(5)
        self.room.close()


@pytest.fixture
def store():
    made = memory_store(SystemClock())
    yield made
    made.close()


@pytest.fixture
def house(store, tmp_path):
    made = House(store, tmp_path)
    yield made
    made.close()


def test_check_tells_what_it_finds_as_a_run(house):
    started = house.room.check(ANN, house.upload("a.csv", "region,n\nNorth,1\nSouth,2\n"))
    assert started.run_id is not None
    assert house.runs.wait(ANN, started.run_id, 20)
    events = [numbered.event for numbered in house.runs.events(ANN, started.run_id)]
    assert [(e.step, e.fact) for e in events if isinstance(e, CheckAdvanced)] == [
        ("content", f"CSV, UTF-8, 25{NBSP}bytes"),
        ("shape", "2 rows × 2 columns"),
        ("memory", f"about 100{NBSP}MB"),
    ]
    assert [e.file_id for e in events if isinstance(e, FileChecked)] == [started.file_id]
    assert isinstance(events[-1], Finished)
    found = house.room.result(ANN, started.file_id)
    assert found is not None
    assert (found.verdict.state, found.report.tables[0].rows) == ("fits", 2)
    assert found.blob == house.files.get(ANN, started.file_id).blob
    row = house.room.check_run(ANN, started.file_id)
    assert row is not None
    assert (row.id, row.state) == (started.run_id, "finished")


def test_known_content_has_its_verdict_at_once_whoever_brings_it(house):
    _, first = house.checked(ANN, "a.csv", "a,b\n1,2\n")
    again = house.room.check(BOB, house.upload("other.csv", "a,b\n1,2\n"))
    assert again.run_id is None
    assert house.room.result(BOB, again.file_id) == first
    assert house.room.check_run(BOB, again.file_id) is None


def test_name_that_promises_another_type_is_looked_at_again(house):
    house.checked(ANN, "a.csv", "a,b\n1,2\n3,4\n")
    _, found = house.checked(ANN, "a.xlsx", "a,b\n1,2\n3,4\n")
    assert [finding.code for finding in found.report.findings] == ["renamed"]


def test_verdict_is_judged_again_under_other_limits(house, store, tmp_path):
    content = "a,b\n" + "1,2\n" * 500
    _, before = house.checked(ANN, "a.csv", content)
    tight = House(store, tmp_path, file_limit_bytes=1_000)
    try:
        _, after = tight.checked(ANN, "a.csv", content)
    finally:
        tight.close()
    assert (before.verdict.code, after.verdict.code) == ("fits", "over_file_limit")


def test_refused_file_stays_so_that_its_card_survives_a_refresh(house):
    file_id, found = house.checked(ANN, "a.csv", "")
    assert (found.verdict.state, found.verdict.code) == ("refused", "empty_file")
    assert house.files.get(ANN, file_id).name == "a.csv"


def test_too_large_file_is_not_kept(house, store, tmp_path):
    tight = House(store, tmp_path, check_limit_bytes=1_000)
    upload = tight.upload("big.csv", "a\n" + "1\n" * 1_000)
    try:
        with pytest.raises(LimitError) as caught:
            tight.room.check(ANN, upload)
    finally:
        tight.close()
    assert caught.value.message == Message(
        what_happened=f"big.csv is 2{NBSP}kB; up to 1{NBSP}kB can be checked here.",
        what_to_do="It was not kept.",
    )
    assert not upload.path.exists()


def test_other_users_see_nothing_of_a_file(house):
    file_id, _ = house.checked(ANN, "a.csv", "a,b\n1,2\n")
    for look in (house.room.result, house.room.check_run, house.room.check_failure):
        with pytest.raises(NotYoursError):
            look(BOB, file_id)


def waits(run: Run, task: CheckFile) -> None:
    run.wait(20)


def breaks(run: Run, task: CheckFile) -> None:
    raise StoreBusy(Message(what_happened="Busy."))


@pytest.mark.parametrize(
    ("performer", "sentence"),
    [
        (waits, "The check was stopped."),
        (breaks, "This file can't be read."),
    ],
)
def test_check_without_a_verdict_says_why(house, performer, sentence):
    house.runs.perform(CheckFile, performer)
    started = house.room.check(ANN, house.upload("a.csv", "a,b\n1,2\n"))
    assert started.run_id is not None
    house.runs.stop(ANN, started.run_id)
    assert house.runs.wait(ANN, started.run_id, 20)
    assert house.room.result(ANN, started.file_id) is None
    assert house.room.check_failure(ANN, started.file_id).what_happened == sentence


def test_check_that_a_restart_cut_off_says_so(house, store, tmp_path):
    house.runs.perform(CheckFile, waits)
    started = house.room.check(ANN, house.upload("a.csv", "a,b\n1,2\n"))
    house.runs.shutdown(5)
    assert house.room.check_failure(ANN, started.file_id) == Message(
        what_happened="The check was interrupted when the server restarted.",
        what_to_do="Add the file again to check it.",
    )


def test_produced_files_are_identified_and_drawn(house, tmp_path):
    path = tmp_path / "totals.csv"
    path.write_text("region,total\nNorth,3.5\n")
    assert house.room.identify(path) == Identified(kind="csv", mime="text/csv")
    table = house.room.table(path, "totals.csv")
    assert (table.columns, table.rows, table.total_rows) == (
        ("region", "total"), (("North", 3.5),), 1,
    )  # fmt: skip


def test_a_file_is_judged_again_where_limits_have_changed(store, tmp_path):
    """Its owner sees a check, not a story of a restart, and a verdict after it."""
    before = House(store, tmp_path)
    file_id, old = before.checked(ANN, "a.csv", "a,b\n1,2\n")
    before.close()
    after = House(store, tmp_path, file_limit_bytes=3)
    try:
        assert after.room.result(ANN, file_id) is None
        row = after.room.renew(ANN, file_id)
        assert row is not None
        assert after.runs.wait(ANN, row.id, 20)
        new = after.room.result(ANN, file_id)
        assert new is not None
        assert (old.verdict.state, new.verdict.state) == ("fits", "refused")
        known = after.room.renew(ANN, file_id)
        assert known is not None
        assert known.id == row.id
    finally:
        after.close()


def test_what_an_owner_says_of_a_file_is_how_it_is_read_until_it_is_taken_back(house):
    file_id, found = house.checked(ANN, "a.csv", "1;2\n3;4\n5;6\n")
    assert [column.name for column in found.report.tables[0].columns] == ["column_1", "column_2"]
    told = Corrections(has_header=True)
    started = house.room.correct(ANN, file_id, told)
    assert started.run_id is not None
    house.runs.wait(ANN, started.run_id, 20)
    named = house.room.result(ANN, file_id)
    assert named is not None
    assert [column.name for column in named.report.tables[0].columns] == ["1", "2"]
    assert house.room.corrections(ANN, file_id) == told
    again = house.room.correct(ANN, file_id, Corrections())
    assert again.run_id is None
    before = house.room.result(ANN, file_id)
    assert before is not None
    assert before.report.dialect == found.report.dialect
    with pytest.raises(NotYoursError):
        house.room.correct(BOB, file_id, told)
