"""Times of this installation in place of the profile's, once there are enough (R22, R26)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.clock import SystemClock
from services.ids import RunId
from services.preflight._learning import Learning
from services.preflight.types import Observation
from services.store import memory_store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def took(number, seconds, *, engine="claude", approach="files_code"):
    return Observation(
        run_id=RunId(f"run-{number}"),
        at=START + timedelta(minutes=number),
        approach=approach,
        engine=engine,
        seconds=seconds,
        projected_bytes=300_000_000,
        low_bytes=280_000_000,
        high_bytes=320_000_000,
        peak_bytes=310_000_000,
    )


@pytest.fixture
def store():
    return memory_store(SystemClock())


@pytest.fixture
def checked(look):
    return look("sales.csv", "region,amount\nNorth,10\nSouth,20\n")


def time_of(learning, checked):
    found = learning.corrected(checked).time
    assert found is not None
    return found


def test_typical_times_hold_until_ten_questions_were_answered(store, checked):
    learning = Learning(store, "claude")
    for number in range(9):
        learning.learn(took(number, 3.0))
    assert learning.corrected(checked) == checked
    learning.learn(took(9, 3.0))
    assert time_of(learning, checked).typical_seconds == 3.0


def test_times_are_those_of_eight_in_ten_questions(store, checked):
    learning = Learning(store, "claude")
    for number in range(41):
        learning.learn(took(number, float(number)))
    time = time_of(learning, checked)
    assert (time.low_seconds, time.typical_seconds, time.high_seconds) == (4.0, 20.0, 36.0)
    assert time.formula.startswith("4–36\N{NO-BREAK SPACE}s in 8 of 10 of the last 41 questions")
    assert time.formula.endswith(checked.time.formula)


def test_other_engines_and_approaches_say_nothing(store, checked):
    learning = Learning(store, "claude")
    for number in range(20):
        learning.learn(took(number, 1.0, engine="local"))
        learning.learn(took(100 + number, 2.0, approach="text"))
    corrected = learning.corrected(checked)
    assert corrected.time == checked.time
    texts = {one.approach: one.time.typical_seconds for one in corrected.approaches}
    assert texts["text"] == 2.0


def test_what_was_learned_survives_a_restart_and_is_kept_once(store, checked):
    first = Learning(store, "claude")
    for number in range(12):
        first.learn(took(number, 5.0))
    first.learn(took(11, 5.0))
    second = Learning(store, "claude")
    assert [one.run_id for one in second.observations(limit=2)] == ["run-11", "run-10"]
    assert len(second.observations()) == 12
    assert second.corrected(checked).time == first.corrected(checked).time


def test_every_way_of_answering_has_its_price_and_time(checked):
    ways = {one.approach: one for one in checked.approaches}
    assert list(ways) == ["text", "code", "files_code", "tools"]
    assert ways["files_code"].cost == checked.cost
    assert ways["files_code"].time == checked.time
    assert ways["text"].cost.container_high_microusd == 0
    assert ways["text"].cost.high_microusd < ways["code"].cost.high_microusd
    assert ways["code"].cost.high_microusd < ways["tools"].cost.high_microusd
