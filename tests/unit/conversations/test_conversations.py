"""Files, questions and endings of conversations, over the store in memory."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services import limits
from services.clock import ManualClock
from services.conversations import Conversations
from services.errors import Message, NotYoursError
from services.files import Files
from services.files.types import Upload
from services.ids import QuestionId, RunId, UserId, WorkspaceId
from services.money import Money
from services.money.types import LedgerRow
from services.store import memory_store, open_store
from services.units import MicroUsd

ANN, BEN = UserId("user-ann"), UserId("user-ben")
WHY = Message(what_happened="It broke.")


class Desk:
    """The room with what it needs."""

    def __init__(self, folder, store=None):
        self.folder = folder
        self.clock = ManualClock()
        self.store = store or memory_store(self.clock)
        self.files = Files(self.store, self.clock)
        self.money = Money(self.store, limits.load_prices(), limits.load(), self.clock)
        self.room = Conversations(self.store, self.files, self.money, self.clock)

    def file(self, name="a.csv", user=ANN):
        path = self.folder / name
        path.write_bytes(name.encode())
        upload = Upload(path=path, name=name, size_bytes=len(name))
        return self.files.keep(user, upload).id

    def talk(self, question="How much?", user=ANN):
        conversation_id = self.room.open(user)
        self.clock.advance(1)
        return conversation_id, self.room.add_question(user, conversation_id, question)


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_files_stand_in_the_order_in_which_they_came(desk):
    conversation_id = desk.room.open(ANN)
    first, second, third = desk.file("a.csv"), desk.file("b.csv"), desk.file("c.csv")
    for file_id in (first, second, third, first):
        desk.room.attach(ANN, conversation_id, file_id)
    assert desk.room.get(ANN, conversation_id).files == (second, third, first)
    desk.room.detach(ANN, conversation_id, third)
    desk.room.detach(ANN, conversation_id, third)
    assert desk.room.get(ANN, conversation_id).files == (second, first)


def test_attach_is_for_ones_own_files(desk):
    conversation_id = desk.room.open(ANN)
    with pytest.raises(NotYoursError):
        desk.room.attach(ANN, conversation_id, desk.file(user=BEN))
    assert desk.room.get(ANN, conversation_id).files == ()


def test_question_is_written_down_and_names_its_conversation(desk):
    conversation_id, turn = desk.talk("x" * 100)
    later = desk.room.add_question(
        ANN, conversation_id, "And then?", as_is=True, run_id=RunId("run-1")
    )
    assert (turn.state, turn.asked_at, turn.run_id) == ("running", desk.clock.now(), None)
    assert (later.as_is, later.run_id) == (True, "run-1")
    assert desk.room.turns(ANN, conversation_id) == (turn, later)
    assert desk.room.get(ANN, conversation_id).title == "x" * 80


def test_turn_ends_once(desk):
    _, turn = desk.talk()
    first = desk.room.end_turn(
        turn.id, "failed", failure=WHY, failure_category="timeout", seconds=2.5
    )
    assert (first.state, first.failure, first.failure_category, first.seconds) == (
        "failed",
        WHY,
        "timeout",
        2.5,
    )
    assert desk.room.end_turn(turn.id, "stopped", seconds=9) == first
    assert desk.room.turn(ANN, turn.id) == first


def test_dismissed_card_stays_away(desk):
    conversation_id, turn = desk.talk()
    desk.room.end_turn(turn.id, "failed", failure=WHY)
    with pytest.raises(NotYoursError):
        desk.room.dismiss(BEN, turn.id)
    assert desk.room.turns(ANN, conversation_id)[0].dismissed is False
    desk.room.dismiss(ANN, turn.id)
    (dismissed,) = desk.room.turns(ANN, conversation_id)
    assert (dismissed.dismissed, dismissed.state, dismissed.failure) == (True, "failed", WHY)


def test_recent_are_ones_own_with_a_question_last_changed_first(desk):
    desk.room.open(ANN)
    desk.talk(user=BEN)
    talks = [desk.talk(f"Question {n}")[0] for n in range(12)]
    desk.clock.advance(1)
    desk.room.add_question(ANN, talks[0], "Once more?")
    expected = [talks[0], *reversed(talks[1:])]
    assert [one.id for one in desk.room.recent(ANN)] == expected[:10]
    assert [one.id for one in desk.room.recent(ANN, limit=3)] == expected[:3]


def test_ended_turn_makes_its_conversation_no_older_than_its_question(desk):
    older, turn = desk.talk()
    newer, _ = desk.talk()
    desk.clock.advance(5)
    desk.room.end_turn(turn.id, "stopped")
    assert [one.id for one in desk.room.recent(ANN)] == [newer, older]


def test_summary_tells_files_state_and_cost(desk):
    conversation_id = desk.room.open(ANN)
    desk.room.attach(ANN, conversation_id, desk.file("kept.csv"))
    turn = desk.room.add_question(ANN, conversation_id, "How much?")
    desk.room.end_turn(turn.id, "stopped")
    desk.money.record(row(desk, conversation_id))
    (summary,) = desk.room.recent(ANN)
    assert (summary.title, summary.file_names, summary.answers) == ("How much?", ("kept.csv",), 0)
    assert (summary.state, summary.cost_microusd) == ("stopped", 1_500)


def test_unknown_turn_is_nobodys(desk):
    with pytest.raises(NotYoursError):
        desk.room.turn(ANN, QuestionId("q-none"))


def row(desk, conversation_id):
    return LedgerRow(
        kind="container",
        key="container:w:1",
        engine="local",
        booked_at=desk.clock.now(),
        user=ANN,
        conversation_id=conversation_id,
        run_id=RunId("run-1"),
        workspace_id=WorkspaceId("w"),
        amount_microusd=MicroUsd(1_500),
    )


def test_files_that_tabs_add_at_once_are_all_there(tmp_path):
    """On disk, where each commit takes its time and every tab reads before another has written."""
    desk = Desk(tmp_path, open_store(tmp_path / "home", ManualClock()))
    conversation_id = desk.room.open(ANN)
    files = [desk.file(f"{n}.csv") for n in range(24)]
    with ThreadPoolExecutor(8) as tabs:
        list(tabs.map(lambda one: desk.room.attach(ANN, conversation_id, one), files))
    assert set(desk.room.get(ANN, conversation_id).files) == set(files)
    desk.store.close()
