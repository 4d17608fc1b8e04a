"""Processes that are killed: the engine below a question, and the whole server in the middle."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.app import Application
from services.errors import StoreError
from services.events import (
    CodeWritten,
    ContainerStarted,
    Failed,
    Finished,
    Interrupted,
    Retrying,
    TextAdded,
    UploadFinished,
)
from services.ids import ConversationId, QuestionId
from services.local_engine.types import Delay, StreamError
from services.settings import Settings
from tests.integration.integration_server import (
    ANN,
    AVERAGES,
    PATIENCE_SECONDS,
    add_file,
    ask,
    begin,
    ended,
    of_kind,
    orders,
    produced_at,
    rows_of,
    serving,
    talk_about,
    until,
    until_event,
)

_ROOT = Path(__file__).resolve().parents[2]
_SERVER = Path(__file__).with_name("integration_killed_server.py")


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """A server of the test's own, whose engine is going to die."""
    with serving(tmp_path / "home") as running:
        yield running


def kill_engine(application: Application) -> None:
    """Kill it and wait until it is dead; a run may have started another by then."""
    engine = application.local_engine
    killed = engine.pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: engine.pid != killed or not engine.is_alive())


def every_word(events) -> str:
    """All that a page could show of a run."""
    return " ".join(repr(event) for event in events if not isinstance(event, CodeWritten))


def audited(application: Application, conversation_id: ConversationId) -> None:
    """What was booked exactly stands on the engine's bill, and container time to the second."""
    bill = application.local_engine.bill().rows
    requests = {row.request_id: row.amount_microusd for row in bill if row.kind == "request"}
    booked = rows_of(application, conversation_id)
    for row in booked:
        if row.kind == "request" and not row.estimated:
            # One that was turned away costs nothing and stands on no bill.
            assert requests.get(row.request_id, 0) == row.amount_microusd
    for container_id in {row.container_id for row in booked if row.kind == "container"}:
        assert sum(row.seconds for row in booked if row.container_id == container_id) == sum(
            row.seconds for row in bill if row.container_id == container_id
        )


def test_engine_killed_between_two_questions_is_started_anew(application):
    conversation = talk_about(application, add_file(application, orders()))
    ask(application, conversation)
    kill_engine(application)
    events = ask(application, conversation, AVERAGES)
    assert isinstance(events[-1], Finished)
    assert len(of_kind(events, ContainerStarted)) == 1
    assert [one.category for one in of_kind(events, Retrying)] == ["container_lost"]
    # The engine keeps files on disk: nothing has to be sent again.
    assert of_kind(events, UploadFinished) == []
    for live in application.containers.live():
        application.containers.release(ANN, live.workspace.id)
    audited(application, conversation)
    assert application.store.ledger.reservations() == ()


def test_engine_killed_in_mid_run_is_started_anew_and_answers(application):
    conversation = talk_about(application, add_file(application, orders()))
    application.local_engine.inject(Delay(seconds=60, at="tool"))
    asked = begin(application, conversation)
    until_event(application, asked.run_id, CodeWritten)
    kill_engine(application)
    events = ended(application, asked.run_id)
    assert [one.category for one in of_kind(events, Retrying)] == ["connection_lost"]
    assert isinstance(events[-1], Finished)
    assert "Traceback" not in every_word(events)
    broken, answered = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert (broken.outcome, broken.estimated) == ("connection_lost", True)
    assert (answered.outcome, answered.estimated) == ("completed", False)


@pytest.mark.parametrize("is_known", [True, False])
def test_engine_that_is_not_there_ends_the_run_in_a_sentence(application, is_known):
    """Whether it is the question that can't be sent, or the file before it."""
    conversation = talk_about(application, add_file(application, orders()))
    if is_known:
        ask(application, conversation)
    application.local_engine.stop()
    (failed,) = of_kind(ask(application, conversation, AVERAGES), Failed)
    assert failed.message.what_happened == "The engine can't be reached right now."
    turn = application.conversations.turns(ANN, conversation)[-1]
    assert (turn.state, turn.failure) == ("failed", failed.message)
    rows = [r for r in rows_of(application, conversation) if r.run_id == turn.run_id]
    assert [r.amount_microusd for r in rows if r.kind == "request" and r.amount_microusd] == []
    assert failed.cost_microusd == sum(row.amount_microusd for row in rows)
    held = {one.key for one in application.store.ledger.reservations()}
    assert not any(key.startswith("run-") for key in held)
    application.local_engine.start()
    assert isinstance(ask(application, conversation, AVERAGES)[-1], Finished)


def test_engine_that_died_unnoticed_is_seen_by_the_look_after(tmp_path):
    """Nobody asks anything: its containers are on no page any more, and their end is booked."""
    with serving(tmp_path / "home", time_scale=100.0) as application:
        conversation = talk_about(application, add_file(application, orders()))
        ask(application, conversation)
        (live,) = application.containers.live()
        kill_engine(application)
        until(lambda: application.containers.live() == ())
        assert application.containers.get(live.workspace.id).state == "lost"
        assert application.local_engine.is_alive()
        audited(application, conversation)


def test_request_is_booked_although_its_run_may_not_write_any_more(application):
    """A newer holder fences the run off in mid-stream; what was sent is billed all the same."""
    conversation = talk_about(application, add_file(application, orders()))
    application.local_engine.inject(Delay(seconds=1.5, at="tool"))
    asked = begin(application, conversation)
    until_event(application, asked.run_id, CodeWritten)
    row = application.runs.get(ANN, asked.run_id)
    application.store.journal.append(asked.run_id, [], row.fence + 1)
    assert application.runs.wait(ANN, asked.run_id, PATIENCE_SECONDS)
    (booked,) = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert booked.run_id == asked.run_id
    assert booked.amount_microusd > 0
    held = {one.key for one in application.store.ledger.reservations()}
    assert not any(key.startswith("run-") for key in held)


def test_second_server_on_one_home_is_refused(application):
    with pytest.raises(StoreError) as refusal:
        Application.build(Settings(home=application.settings.home))
    assert "already using" in refusal.value.message.what_happened


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Path, ConversationId, QuestionId, QuestionId]:
    """The data folder of a server that was killed in mid-run, after one answer."""
    home = tmp_path / "home"
    with subprocess.Popen(
        [sys.executable, str(_SERVER), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        text=True,
    ) as server:
        assert server.stdout is not None
        told = next(line for line in server.stdout if line.startswith("UNDER WAY "))
        os.kill(server.pid, signal.SIGKILL)
        assert server.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    conversation, answered, under_way = told.removeprefix("UNDER WAY ").split()
    return home, ConversationId(conversation), QuestionId(answered), QuestionId(under_way)


def test_server_killed_in_mid_run_says_so_after_its_restart(killed):
    home, conversation, answered_id, under_way_id = killed
    with serving(home) as application:
        answered = application.conversations.turn(ANN, answered_id)
        assert answered.state == "answered"
        assert answered.answer is not None
        assert [one.kind for one in answered.answer.produced] == ["image", "table"]
        for one in answered.answer.produced:
            assert len(application.files.read(ANN, one.file_id)) == one.size_bytes

        turn = application.conversations.turn(ANN, under_way_id)
        assert (turn.state, turn.failure_category) == ("interrupted", "interrupted")
        assert turn.failure is not None
        assert turn.run_id is not None
        assert re.search("It had reached .Code written.", turn.failure.what_to_do)
        assert application.runs.get(ANN, turn.run_id).state == "interrupted"
        numbered = application.runs.events(ANN, turn.run_id)
        assert [one.sequence for one in numbered] == list(range(1, len(numbered) + 1))
        assert isinstance(numbered[-1].event, Interrupted)
        assert sum(isinstance(one.event, Interrupted) for one in numbered) == 1
        assert application.runs.live(ANN, conversation) is None

        # What was under way is booked by what was held; then nothing is held any more.
        exact, estimate = (r for r in rows_of(application, conversation) if r.kind == "request")
        assert (exact.outcome, exact.estimated, exact.run_id) == (
            "completed",
            False,
            answered.run_id,
        )
        assert (estimate.outcome, estimate.estimated, estimate.run_id) == (
            "unknown",
            True,
            turn.run_id,
        )
        assert estimate.amount_microusd > 0
        until(lambda: application.store.ledger.reservations() == ())
        audited(application, conversation)

        again = application.questions.retry(ANN, turn.id)
        events = ended(application, again.run_id)
        assert isinstance(events[-1], Finished)
        assert of_kind(events, TextAdded)
    # A third start finds nothing left to do.
    with serving(home) as application:
        assert application.runs.events(ANN, turn.run_id) == numbered
        states = [t.state for t in application.conversations.turns(ANN, conversation)]
        assert states == ["answered", "interrupted", "answered"]


def test_server_that_ends_in_mid_run_names_the_stage(tmp_path):
    home = tmp_path / "home"
    with serving(home) as application:
        conversation = talk_about(application, add_file(application, orders()))
        application.local_engine.inject(Delay(seconds=60, at="tool"))
        asked = begin(application, conversation)
        until_event(application, asked.run_id, CodeWritten)
    with serving(home) as application:
        (turn,) = application.conversations.turns(ANN, conversation)
        assert (turn.state, turn.failure_category) == ("interrupted", "interrupted")
        (ending,) = of_kind(ended(application, asked.run_id), Interrupted)
        assert ending.stage == "Code written"
        (row,) = (r for r in rows_of(application, conversation) if r.kind == "request")
        assert (row.outcome, row.estimated) == ("stopped", True)
        until(lambda: application.store.ledger.reservations() == ())


def test_produced_files_that_a_dead_server_left_are_deleted_by_the_next(tmp_path):
    home = tmp_path / "home"
    with serving(home) as application:
        conversation = talk_about(application, add_file(application, orders()))
        overloaded = StreamError(error_type="overloaded_error", at="result")
        application.local_engine.inject(overloaded)
        asked = begin(application, conversation)
        until_event(application, asked.run_id, Retrying)
        # The first attempt left two files; the server ends in the pause before the second.
        assert len(produced_at(application)) == 2
    with serving(home) as application:
        until(lambda: produced_at(application) == set())
