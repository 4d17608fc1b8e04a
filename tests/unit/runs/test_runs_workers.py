"""Runs: journalled facts, one ending, a stop that works, honesty after a restart."""

import threading

import pytest

from services.clock import SystemClock
from services.errors import InputError, LimitError, Message, NotYoursError, StoreError
from services.events import Failed, Finished, Interrupted, Queued, Stopped, TextAdded
from services.ids import ConversationId, FileId, QuestionId, UserId
from services.runs import Runs
from services.runs.types import AnswerQuestion, CheckFile
from services.store import memory_store

ALICE, BOB = UserId("alice"), UserId("bob")
TASK = CheckFile(file_id=FileId("file-1"))
CONVERSATION = ConversationId("c-1")
PATIENCE = 10.0


@pytest.fixture
def real_clock():
    return SystemClock()


@pytest.fixture
def store(real_clock):
    return memory_store(real_clock)


@pytest.fixture
def runs(store, real_clock):
    runs = Runs(store, real_clock, workers=2, fence=store.next_number("server"))
    yield runs
    runs.shutdown(PATIENCE)


def kinds(runs, run_id, user=ALICE, after=0):
    return [type(n.event) for n in runs.events(user, run_id, after)]


def test_a_run_journals_its_facts_and_ends_by_itself(runs, real_clock):
    runs.perform(CheckFile, lambda run, task: run.note(TextAdded(at=real_clock.now(), text="a")))
    run_id = runs.start(ALICE, TASK)
    assert runs.wait(ALICE, run_id, PATIENCE)
    assert kinds(runs, run_id) == [Queued, TextAdded, Finished]
    assert runs.get(ALICE, run_id).state == "finished"


def test_events_are_read_from_the_cursor(runs, real_clock):
    def perform(run, task):
        for n in range(45):
            run.note(TextAdded(at=real_clock.now(), text=str(n)))

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert runs.wait(ALICE, run_id, PATIENCE)
    numbered = runs.events(ALICE, run_id)
    assert [n.sequence for n in numbered] == list(range(1, 48))
    assert runs.events(ALICE, run_id, after=44) == numbered[44:]


def test_gathered_text_is_seen_while_the_run_is_under_way(runs, real_clock):
    """A reader flushes, so that the last pieces of text don't wait for the next event."""
    noted, go_on = threading.Event(), threading.Event()

    def perform(run, task):
        run.note(TextAdded(at=real_clock.now(), text="half a sentence"))
        noted.set()
        go_on.wait(PATIENCE)

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert noted.wait(PATIENCE)
    assert kinds(runs, run_id) == [Queued, TextAdded]
    go_on.set()
    assert runs.wait(ALICE, run_id, PATIENCE)


def test_stop_closes_the_connection_and_ends_the_run(runs):
    closed, started = threading.Event(), threading.Event()

    def perform(run, task):
        run.on_stop(closed.set)
        started.set()
        closed.wait(PATIENCE)

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert started.wait(PATIENCE)
    assert runs.stop(ALICE, run_id)
    assert runs.wait(ALICE, run_id, PATIENCE)
    assert kinds(runs, run_id) == [Queued, Stopped]
    assert not runs.stop(ALICE, run_id)


def test_an_expected_error_ends_the_run_with_its_sentence(runs):
    message = Message(what_happened="There is nothing in this file.")

    def perform(run, task):
        raise InputError(message, code="empty")

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert runs.wait(ALICE, run_id, PATIENCE)
    ending = runs.events(ALICE, run_id)[-1].event
    assert isinstance(ending, Failed)
    assert (ending.category, ending.message) == ("empty", message)


def test_a_defect_ends_the_run_without_telling_its_text(runs):
    def perform(run, task):
        raise ZeroDivisionError("secret detail")

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert runs.wait(ALICE, run_id, PATIENCE)
    ending = runs.events(ALICE, run_id)[-1].event
    assert isinstance(ending, Failed)
    assert ending.category == "internal"
    assert "secret" not in ending.message.what_happened + ending.message.what_to_do


def test_nothing_follows_the_first_ending(runs, real_clock):
    def perform(run, task):
        run.note(Finished(at=real_clock.now(), seconds=1.0))
        run.note(TextAdded(at=real_clock.now(), text="late"))

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert runs.wait(ALICE, run_id, PATIENCE)
    assert kinds(runs, run_id) == [Queued, Finished]


def test_a_stranger_sees_and_stops_nothing(runs):
    runs.perform(CheckFile, lambda run, task: None)
    run_id = runs.start(ALICE, TASK)
    for verb in (runs.get, runs.events, runs.stop):
        with pytest.raises(NotYoursError):
            verb(BOB, run_id)


def test_live_finds_the_run_of_a_conversation_for_its_owner_only(runs):
    go_on = threading.Event()
    runs.perform(CheckFile, lambda run, task: go_on.wait(PATIENCE))
    run_id = runs.start(ALICE, TASK, conversation_id=CONVERSATION)
    live = runs.live(ALICE, CONVERSATION)
    assert live is not None
    assert live.id == run_id
    assert runs.live(BOB, CONVERSATION) is None
    go_on.set()
    assert runs.wait(ALICE, run_id, PATIENCE)
    assert runs.live(ALICE, CONVERSATION) is None


def test_resume_marks_what_an_earlier_server_left_once(store, real_clock):
    """A server that was killed says nothing; the next one does, and tells the room concerned."""
    first = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    started, never = threading.Event(), threading.Event()

    def hang(run, task):
        started.set()
        never.wait(PATIENCE)

    first.perform(CheckFile, hang)
    run_id = first.start(ALICE, TASK)
    assert started.wait(PATIENCE)

    told = []
    second = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    second.perform(CheckFile, hang, lambda row, ending: told.append((row.id, type(ending))))
    assert [row.id for row in second.resume()] == [run_id]
    assert second.resume() == ()
    assert kinds(second, run_id) == [Queued, Interrupted]
    assert second.get(ALICE, run_id).state == "interrupted"
    assert told == [(run_id, Interrupted)]

    never.set()  # the zombie of the first server tries to finish, and is fenced off
    first.shutdown(PATIENCE)
    second.shutdown(PATIENCE)
    assert kinds(second, run_id) == [Queued, Interrupted]
    assert second.get(ALICE, run_id).state == "interrupted"


def test_shutdown_reports_runs_as_interrupted_not_stopped(store, real_clock):
    runs = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    started = threading.Event()

    def perform(run, task):
        started.set()
        run.wait(PATIENCE)

    runs.perform(CheckFile, perform)
    run_id = runs.start(ALICE, TASK)
    assert started.wait(PATIENCE)
    runs.shutdown(PATIENCE)
    assert kinds(runs, run_id) == [Queued, Interrupted]


def test_an_end_that_the_store_does_not_take_is_written_down_later(runs):
    """The run is over all the same: nobody may wait for it for ever."""
    full = threading.Event()
    full.set()

    def ended(row, ending):
        if full.is_set():
            raise StoreError(Message(what_happened="The disk is full."))

    runs.perform(CheckFile, lambda run, task: None, ended)
    run_id = runs.start(ALICE, TASK, conversation_id=CONVERSATION)
    assert runs.wait(ALICE, run_id, PATIENCE)
    assert runs.get(ALICE, run_id).state == "interrupted"
    assert runs.live(ALICE, CONVERSATION) is None
    with pytest.raises(StoreError):
        runs.tidy()
    full.clear()
    runs.tidy()
    assert runs.get(ALICE, run_id).state == "finished"
    assert kinds(runs, run_id) == [Queued, Finished]


def test_what_goes_along_stands_exactly_if_the_run_does(runs, store):
    space = store.space("test.along", CheckFile)

    def broken():
        space.put("x", TASK)
        raise StoreError(Message(what_happened="No."))

    runs.perform(CheckFile, lambda run, task: None)
    with pytest.raises(StoreError):
        runs.start(ALICE, TASK, conversation_id=CONVERSATION, along=broken)
    assert (space.get("x"), runs.live(ALICE, CONVERSATION)) == (None, None)
    run_id = runs.start(ALICE, TASK, along=lambda: space.put("x", TASK))
    assert runs.wait(ALICE, run_id, PATIENCE)
    assert space.get("x") == TASK


def test_a_server_that_goes_down_starts_nothing(store, real_clock):
    runs = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    runs.perform(CheckFile, lambda run, task: None)
    assert runs.shutdown(PATIENCE) is True
    with pytest.raises(LimitError, match="server is restarting"):
        runs.start(ALICE, TASK)


def test_shutdown_tells_that_a_worker_has_not_ended(store, real_clock):
    runs = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    started, go_on = threading.Event(), threading.Event()

    def deaf(run, task):
        started.set()
        go_on.wait(PATIENCE)

    runs.perform(CheckFile, deaf)
    run_id = runs.start(ALICE, TASK)
    assert started.wait(PATIENCE)
    assert runs.shutdown(0.0) is False
    go_on.set()
    assert runs.shutdown(PATIENCE) is True
    assert kinds(runs, run_id) == [Queued, Interrupted]


def test_a_run_that_waits_for_a_worker_can_be_stopped(store, real_clock):
    runs = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    started, go_on = threading.Event(), threading.Event()

    def hang(run, task):
        started.set()
        go_on.wait(PATIENCE)

    runs.perform(CheckFile, hang)
    busy = runs.start(ALICE, TASK)
    assert started.wait(PATIENCE)
    waiting, other = runs.start(ALICE, TASK), runs.start(ALICE, TASK)
    assert runs.stop(ALICE, waiting)
    assert runs.wait(ALICE, waiting, 0.0)
    assert kinds(runs, waiting) == [Queued, Stopped]
    runs.shutdown(0.0)
    ending = runs.events(ALICE, other)[-1].event
    assert isinstance(ending, Interrupted)
    assert ending.stage == "Queued"
    go_on.set()
    assert runs.wait(ALICE, busy, PATIENCE)
    assert runs.shutdown(PATIENCE)


def test_tasks_of_one_kind_do_not_keep_those_of_another_waiting(store, real_clock):
    runs = Runs(store, real_clock, workers=1, fence=store.next_number("server"))
    go_on = threading.Event()

    def hang(run, task):
        go_on.wait(PATIENCE)

    runs.perform(AnswerQuestion, hang)
    runs.perform(CheckFile, lambda run, task: None)
    asked = runs.start(ALICE, AnswerQuestion(question_id=QuestionId("q-1")))
    assert runs.wait(ALICE, runs.start(ALICE, TASK), PATIENCE)
    assert not runs.wait(ALICE, asked, 0.0)
    go_on.set()
    assert runs.shutdown(PATIENCE)
