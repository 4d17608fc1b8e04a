"""A checked table is gone over in the background, once, and what that says takes its place."""

from collections.abc import Iterator

import pytest

from services import wording
from services.clock import SystemClock
from services.events import FileProfiled
from services.ids import UserId
from services.runs.types import ProfileFile, Run
from services.store import memory_store
from tests.unit.preflight.test_preflight_room import House

ANN, BOB = UserId("ann"), UserId("bob")
CONTENT = "region,n\n" + "North,1\nSouth,2\nNorth,1\n" * 4


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    store = memory_store(SystemClock())
    made = House(store, tmp_path)
    made.runs.perform(ProfileFile, made.room.profiles.perform)
    yield made
    made.close()
    store.close()


def profiled(house: House, user: UserId, file_id):
    row = house.room.profiles.begin(user, file_id)
    assert row is not None
    assert house.runs.wait(user, row.id, 30)
    found = house.room.result(user, file_id)
    assert found is not None
    return row, found


def test_checked_table_is_gone_over_by_itself(house):
    file_id, _ = house.checked(ANN, "a.csv", CONTENT)
    row, found = profiled(house, ANN, file_id)
    assert found.is_profiled
    assert found.report.tables[0].duplicate_rows == 10
    assert "duplicate_rows" in [finding.code for finding in found.report.findings]
    events = [numbered.event for numbered in house.runs.events(ANN, row.id)]
    assert [e.file_id for e in events if isinstance(e, FileProfiled)] == [file_id]
    again = house.room.profiles.begin(ANN, file_id)
    assert again is not None
    assert again.id == row.id  # once is enough


def test_text_that_the_sample_missed_changes_the_stored_verdict_and_is_told(house):
    """One word among half a million numbers makes a column of objects."""
    rows = [f"{i % 90_000},known {i % 97}" for i in range(500_000)]
    rows[251_817] = "unknown,known 5"
    file_id, before = house.checked(ANN, "a.csv", "n,name\n" + "\n".join(rows) + "\n")
    assert before.report.tables[0].columns[0].dtype == "int64"
    _, found = profiled(house, ANN, file_id)
    assert found.report.tables[0].columns[0].dtype == "object"
    assert before.memory is not None
    assert found.memory is not None
    assert found.memory.peak_bytes > 1.05 * before.memory.peak_bytes
    by_code = {finding.code: finding for finding in found.report.findings}
    told = wording.files.projection_changed(before.memory.peak_bytes, found.memory.peak_bytes)
    assert by_code["projection_changed"].message == told
    assert by_code["text_found_late"].column == "n"
    assert house.room.result(ANN, file_id) == found


def test_known_content_is_not_gone_over_again(house):
    file_id, _ = house.checked(ANN, "a.csv", CONTENT)
    _, found = profiled(house, ANN, file_id)
    again = house.room.check(BOB, house.upload("b.csv", CONTENT))
    assert house.room.profiles.begin(BOB, again.file_id) is None
    assert house.room.result(BOB, again.file_id) == found


@pytest.mark.parametrize(("name", "content"), [("a.txt", "Some prose.\n"), ("a.csv", "")])
def test_what_is_no_usable_table_is_not_gone_over(house, name, content):
    file_id, _ = house.checked(ANN, name, content)
    assert house.room.profiles.begin(ANN, file_id) is None


def waits(run: Run, task: ProfileFile) -> None:
    run.wait(30)


def test_profile_that_a_restart_cut_off_begins_again(tmp_path):
    store = memory_store(SystemClock())
    before = House(store, tmp_path)
    before.runs.perform(ProfileFile, waits)
    file_id, _ = before.checked(ANN, "a.csv", CONTENT)
    before.close()
    after = House(store, tmp_path)
    try:
        after.runs.perform(ProfileFile, after.room.profiles.perform)
        after.runs.resume()
        old = after.room.profiles.run(ANN, file_id)
        assert old is not None
        assert old.state == "interrupted"
        after.room.renew(ANN, file_id)
        row, found = profiled(after, ANN, file_id)
        assert (row.id != old.id, found.is_profiled) == (True, True)
    finally:
        after.close()
        store.close()
