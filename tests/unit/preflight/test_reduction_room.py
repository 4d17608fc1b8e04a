"""A file is reduced as a run: a new file of its owner, checked, with what it lacks written down."""

import tempfile
from pathlib import Path

import pytest

from services import wording
from services.clock import SystemClock
from services.errors import NotYoursError
from services.events import Failed, FileReduced, ReductionAdvanced, Stopped
from services.preflight.types import (
    KeepColumns,
    KeepRows,
    OneRowPerGroup,
    PickSheet,
    Reduction,
    SampleRows,
)
from services.runs.types import ReduceFile, Run
from services.store import memory_store
from tests.unit.preflight.test_preflight_room import ANN, BOB, House

ROWS = 3_000
CONTENT = "id,region,amount,hash\n" + "".join(
    f"{n},{['North', 'South'][n % 2]},{n * 0.5:.2f},{n * 7919 * 104729:032x}\n" for n in range(ROWS)
)
LIMIT = 100_000


class Reducing(House):
    """With room for a hundredth of what usually fits."""

    def __init__(self, store, folder, **overrides):
        super().__init__(store, folder, file_limit_bytes=LIMIT, **overrides)
        self.runs.perform(ReduceFile, self.room.reductions.perform)

    def reduce(self, user, file_id, *steps):
        run_id = self.room.reduce(user, file_id, steps)
        assert self.runs.wait(user, run_id, 30)
        return [numbered.event for numbered in self.runs.events(user, run_id)]


@pytest.fixture
def store():
    made = memory_store(SystemClock())
    yield made
    made.close()


@pytest.fixture
def house(store, tmp_path):
    made = Reducing(store, tmp_path)
    yield made
    made.close()


def test_verdict_comes_with_a_plan(house):
    _, found = house.checked(ANN, "orders.csv", CONTENT)
    assert (found.verdict.state, found.verdict.code) == ("fits_after_reduction", "over_file_limit")
    assert found.plan is not None
    assert found.plan.steps == (KeepColumns(names=("id", "region", "amount")),)
    assert (found.plan.fits, found.plan.is_exact, found.plan.rows) == (True, True, ROWS)


def test_too_large_even_reduced_is_refused(store, tmp_path):
    tight = House(store, tmp_path, file_limit_bytes=8)
    try:
        _, found = tight.checked(ANN, "orders.csv", CONTENT)
    finally:
        tight.close()
    assert (found.verdict.state, found.verdict.code) == ("refused", "too_large_even_reduced")
    assert found.plan is None
    assert found.verdict.message.what_happened == "Too large to bring within the limits."


def test_reduced_file_is_a_file_of_its_own_that_fits(house):
    file_id, found = house.checked(ANN, "orders.csv", CONTENT)
    events = house.reduce(ANN, file_id, *found.plan.steps)
    (event,) = [event for event in events if isinstance(event, FileReduced)]
    assert [e for e in events if isinstance(e, ReductionAdvanced)]
    reduced = house.files.get(ANN, event.reduced_id)
    assert (reduced.name, reduced.origin) == ("orders (reduced).csv", "reduced")
    assert reduced.size_bytes < LIMIT
    verdict = house.room.result(ANN, reduced.id)
    assert (verdict.verdict.state, verdict.report.tables[0].rows) == ("fits", ROWS)
    assert house.room.reduction(ANN, reduced.id) == Reduction(
        source=file_id,
        steps=found.plan.steps,
        source_columns=4,
        source_rows=ROWS,
        kept_columns=3,
        kept_rows=ROWS,
        is_exact=True,
        truth="All 3,000 rows are kept, so totals and averages of the columns kept are exact.",
    )
    assert house.room.remark(ANN, reduced.id) == "Reduced data: 3 of 4 columns."
    assert house.files.get(ANN, file_id).size_bytes == len(CONTENT)
    assert house.room.reduction(ANN, file_id) is None
    assert house.room.remark(ANN, file_id) is None


def test_smaller_version_waits_to_take_its_place_once(house):
    file_id, found = house.checked(ANN, "orders.csv", CONTENT)
    assert house.room.reductions.reduced(ANN, file_id) is None
    house.reduce(ANN, file_id, *found.plan.steps)
    assert house.room.reductions.reduced(ANN, file_id) is not None
    house.room.reductions.take(ANN, file_id)
    assert house.room.reductions.reduced(ANN, file_id) is None


def test_file_that_is_reduced_twice_tells_of_both(house):
    file_id, _ = house.checked(ANN, "orders.csv", CONTENT)
    house.reduce(ANN, file_id, SampleRows(every=2))
    once = house.room.reductions.reduced(ANN, file_id)
    house.reduce(ANN, once, KeepColumns(names=("amount",)))
    twice = house.room.reductions.reduced(ANN, once)
    assert house.files.get(ANN, twice).name == "orders (reduced).csv"
    told = house.room.reduction(ANN, twice)
    assert (told.source_rows, told.kept_rows, told.source_columns) == (ROWS, ROWS // 2, 4)
    assert not told.is_exact
    assert told.truth.startswith("One row in 2 is kept.")
    assert house.room.remark(ANN, twice) == (
        "Reduced data: 1 of 4 columns; one row in 2; totals are of the kept rows."
    )


def test_plan_follows_the_steps_that_are_chosen(house):
    file_id, found = house.checked(ANN, "orders.csv", CONTENT)
    assert house.room.plan(ANN, file_id) == found.plan
    chosen = house.room.plan(ANN, file_id, (SampleRows(every=3),))
    assert (chosen.rows, chosen.columns, chosen.is_exact) == (ROWS // 3, 4, False)


def test_file_that_fits_can_be_reduced_too(house):
    file_id, found = house.checked(ANN, "small.csv", "a,b\n1,2\n3,4\n")
    assert found.plan is None
    plan = house.room.plan(ANN, file_id)
    assert (plan.steps, plan.fits, plan.rows) == ((), True, 2)
    house.reduce(ANN, file_id, KeepColumns(names=("b",)))
    reduced = house.room.reductions.reduced(ANN, file_id)
    assert house.files.path(ANN, reduced).read_text() == "b\n2\n4\n"


def test_other_users_reach_nothing_of_it(house):
    file_id, found = house.checked(ANN, "orders.csv", CONTENT)
    house.reduce(ANN, file_id, *found.plan.steps)
    reduced = house.room.reductions.reduced(ANN, file_id)
    reductions = house.room.reductions
    for look in (reductions.run, reductions.reduced, reductions.take, reductions.failure):
        with pytest.raises(NotYoursError):
            look(BOB, file_id)
    for look in (house.room.plan, house.room.reduction, house.room.remark, house.room.result):
        with pytest.raises(NotYoursError):
            look(BOB, reduced)
    with pytest.raises(NotYoursError):
        house.room.reduce(BOB, file_id, found.plan.steps)


def test_failure_is_a_sentence_and_leaves_nothing(house, tmp_path):
    file_id, _ = house.checked(ANN, "orders.csv", CONTENT)
    events = house.reduce(ANN, file_id, KeepRows(column="id", comparison="<", value="0"))
    assert isinstance(events[-1], Failed)
    assert events[-1].category == "no_rows"
    assert house.room.reductions.failure(ANN, file_id) == wording.reductions.not_reduced("no_rows")
    assert house.room.reductions.reduced(ANN, file_id) is None
    run = house.room.reductions.run(ANN, file_id)
    assert not (Path(tempfile.gettempdir()) / run.id).exists()


def test_stop_leaves_nothing_and_it_can_be_begun_again(house):
    big = CONTENT + "".join(CONTENT.partition("\n")[2] for _ in range(60))
    file_id, found = house.checked(ANN, "big.csv", big)
    run_id = house.room.reduce(ANN, file_id, found.plan.steps)
    assert house.room.reduce(ANN, file_id, found.plan.steps) == run_id
    house.runs.stop(ANN, run_id)
    assert house.runs.wait(ANN, run_id, 30)
    events = [numbered.event for numbered in house.runs.events(ANN, run_id)]
    assert isinstance(events[-1], Stopped)
    assert house.room.reductions.failure(ANN, file_id) == wording.reductions.stopped()
    assert not (Path(tempfile.gettempdir()) / run_id).exists()
    again = house.reduce(ANN, file_id, *found.plan.steps)
    assert [e for e in again if isinstance(e, FileReduced)]
    assert house.room.reductions.failure(ANN, file_id) is None


def waits(run: Run, task: ReduceFile) -> None:
    run.wait(20)


def test_run_that_a_restart_cut_off_says_so(store, tmp_path):
    before = Reducing(store, tmp_path)
    file_id, found = before.checked(ANN, "orders.csv", CONTENT)
    assert found.plan is not None
    before.runs.perform(ReduceFile, waits)
    before.room.reduce(ANN, file_id, found.plan.steps)
    before.close()
    after = Reducing(store, tmp_path)
    try:
        assert after.room.reductions.failure(ANN, file_id) == wording.reductions.interrupted()
        again = after.reduce(ANN, file_id, *found.plan.steps)
        assert [e for e in again if isinstance(e, FileReduced)]
    finally:
        after.close()


@pytest.mark.parametrize(
    "steps",
    [
        (KeepColumns(names=("region", "gone")),),
        (KeepColumns(names=()),),
        (KeepRows(column="gone", comparison="=", value="1"),),
        (OneRowPerGroup(by=()),),
        (OneRowPerGroup(by=("gone",)),),
        (PickSheet(name="gone"),),
    ],
)
def test_steps_of_another_reading_are_refused(house, steps):
    file_id, _ = house.checked(ANN, "orders.csv", CONTENT)
    events = house.reduce(ANN, file_id, *steps)
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert failed.message == wording.reductions.not_reduced("other_columns")
    assert house.room.reductions.reduced(ANN, file_id) is None
