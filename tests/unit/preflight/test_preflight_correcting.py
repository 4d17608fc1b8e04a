"""A corrected file has a verdict and a profile of its own, whatever else goes on meanwhile."""

import threading
from collections.abc import Iterator

import pytest

from services.clock import SystemClock
from services.ids import UserId
from services.preflight.types import Corrections
from services.runs.types import ProfileFile
from services.store import memory_store
from tests.unit.preflight.test_preflight_room import House

ANN, BOB = UserId("ann"), UserId("bob")
CONTENT = "region,n\n" + "North,1\nSouth,2\nNorth,1\n" * 40
NO_HEADER = Corrections(has_header=False)


class Gate:
    """Holds a profile back after it has read what was known, until it is opened."""

    def __init__(self, house: House) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._profilers = house.room.profiles._profilers
        self._ask = self._profilers.ask
        self._profilers.ask = self.ask  # type: ignore[method-assign] # a wait, and the real thing

    def ask(self, *arguments):
        self.reached.set()
        assert self.opened.wait(30)
        return self._ask(*arguments)


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    store = memory_store(SystemClock())
    made = House(store, tmp_path)
    made.runs.perform(ProfileFile, made.room.profiles.perform)
    yield made
    made.close()
    store.close()


def names(house: House, user: UserId, file_id):
    found = house.room.result(user, file_id)
    assert found is not None
    return [column.name for column in found.report.tables[0].columns]


def corrected(house: House, user: UserId, file_id, told: Corrections) -> None:
    started = house.room.correct(user, file_id, told)
    if started.run_id is not None:
        assert house.runs.wait(user, started.run_id, 30)


def gone_over(house: House, user: UserId, file_id) -> None:
    row = house.room.profiles.begin(user, file_id)
    assert row is not None
    assert house.runs.wait(user, row.id, 30)


def test_corrected_file_is_gone_over_again(house):
    file_id, _ = house.checked(ANN, "a.csv", CONTENT)
    gone_over(house, ANN, file_id)
    corrected(house, ANN, file_id, NO_HEADER)
    gone_over(house, ANN, file_id)
    found = house.room.result(ANN, file_id)
    assert found is not None
    assert found.is_profiled
    assert found.report.tables[0].rows == 121


def test_profile_of_an_earlier_reading_takes_no_place_of_a_later_one(house):
    gate = Gate(house)
    file_id, _ = house.checked(ANN, "a.csv", CONTENT)
    row = house.room.profiles.begin(ANN, file_id)
    assert gate.reached.wait(30)
    corrected(house, ANN, file_id, NO_HEADER)
    gate.opened.set()
    assert house.runs.wait(ANN, row.id, 30)
    assert names(house, ANN, file_id) == ["column_1", "column_2"]
    corrected(house, ANN, file_id, Corrections())
    assert names(house, ANN, file_id) == ["region", "n"]


def test_what_one_user_said_never_reaches_another_with_the_same_file(house):
    file_id, _ = house.checked(ANN, "a.csv", CONTENT)
    gone_over(house, ANN, file_id)
    gate = Gate(house)
    corrected(house, ANN, file_id, NO_HEADER)
    row = house.room.profiles.begin(ANN, file_id)
    assert gate.reached.wait(30)
    corrected(house, ANN, file_id, Corrections())
    gate.opened.set()
    assert house.runs.wait(ANN, row.id, 30)
    other, _ = house.checked(BOB, "a.csv", CONTENT)
    assert names(house, BOB, other) == ["region", "n"]
    assert house.room.corrections(BOB, other) == Corrections()
