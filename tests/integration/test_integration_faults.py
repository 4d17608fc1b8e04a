"""What goes wrong at the engine, and what the run makes of it."""

import os
import signal

import pytest

from services.events import (
    CodeWritten,
    ContainerReused,
    ContainerStarted,
    Failed,
    FileFetched,
    FileProduced,
    Finished,
    Retrying,
    Stopped,
    TextAdded,
    UploadFinished,
)
from services.local_engine.types import (
    ContainerFault,
    Delay,
    StatusFault,
    StopFault,
    StreamCut,
    StreamError,
    ToolFault,
)
from tests.integration.integration_server import (
    ANN,
    AVERAGES,
    ask,
    begin,
    ended,
    http_of,
    of_kind,
    rows_of,
    swept,
    until,
    until_event,
)


def requests_on_the_bill(application):
    return {
        row.request_id: (row.amount_microusd, row.outcome)
        for row in application.local_engine.bill().rows
        if row.kind == "request"
    }


@pytest.mark.parametrize("status", [400, 404, 500])
def test_lost_container_is_replaced_and_the_file_mounted_again(application, conversation, status):
    ask(application, conversation)
    application.local_engine.inject(ContainerFault(status=status))
    events = ask(application, conversation, AVERAGES)
    assert [one.category for one in of_kind(events, Retrying)] == ["container_lost"]
    assert len(of_kind(events, ContainerReused)) == 1
    assert len(of_kind(events, ContainerStarted)) == 1
    # The file still lies with the provider: it is mounted once more, not sent once more.
    assert of_kind(events, UploadFinished) == []
    assert {one.kind for one in of_kind(events, FileFetched)} == {"image", "table"}
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize("status", [429, 529])
def test_busy_engine_is_waited_for_and_its_container_kept(application, conversation, status):
    application.local_engine.inject(StatusFault(status=status, retry_after_seconds=0.05))
    events = ask(application, conversation)
    (waited,) = of_kind(events, Retrying)
    assert (waited.category, waited.after_seconds) == ("rate_limited", 0.05)
    assert isinstance(events[-1], Finished)
    # The container that answered in the end belongs to the conversation.
    assert len(of_kind(ask(application, conversation, AVERAGES), ContainerReused)) == 1
    first, second, third = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert (first.outcome, first.amount_microusd) == ("rate_limited", 0)
    assert (second.outcome, third.outcome) == ("completed", "completed")


@pytest.mark.parametrize(
    "fault",
    [StreamCut(how="eof"), StreamCut(how="broken"), StreamError(error_type="api_error")],
)
def test_reply_that_breaks_off_is_asked_for_once_more(application, conversation, fault):
    application.local_engine.inject(fault)
    events = ask(application, conversation)
    assert [one.category for one in of_kind(events, Retrying)] == ["connection_lost"]
    assert isinstance(events[-1], Finished)
    broken, answered = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert (broken.outcome, broken.estimated) == ("connection_lost", True)
    assert (answered.outcome, answered.estimated) == ("completed", False)
    bill = requests_on_the_bill(application)
    assert bill[answered.request_id] == (answered.amount_microusd, "completed")
    billed = bill[broken.request_id][0]
    assert billed <= broken.amount_microusd <= 1.5 * billed
    # Nothing is shown twice of what both attempts said.
    (turn,) = application.conversations.turns(ANN, conversation)
    assert [one.kind for one in turn.answer.produced] == ["image", "table"]
    assert len(of_kind(ask(application, conversation, AVERAGES), ContainerReused)) == 1


def test_overloaded_in_mid_stream_is_billed_for_what_was_seen(application, conversation):
    # Without the engine's word the pause is two seconds.
    application.local_engine.inject(StreamError(error_type="overloaded_error"))
    events = ask(application, conversation)
    assert [one.category for one in of_kind(events, Retrying)] == ["rate_limited"]
    assert isinstance(events[-1], Finished)
    broken, _ = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert broken.estimated
    assert broken.amount_microusd > 0
    assert len(of_kind(ask(application, conversation, AVERAGES), ContainerReused)) == 1


def test_reply_that_breaks_off_twice_ends_in_a_sentence(application, conversation):
    application.local_engine.inject(StreamCut(times=2))
    events = ask(application, conversation)
    (failed,) = of_kind(events, Failed)
    assert failed == events[-1]
    assert failed.category == "connection_lost"
    assert failed.message.what_happened == (
        "The connection broke twice before the answer was complete."
    )
    booked = rows_of(application, conversation)
    assert failed.cost_microusd == sum(row.amount_microusd for row in booked)
    (turn,) = application.conversations.turns(ANN, conversation)
    assert (turn.state, turn.failure, turn.failure_category) == (
        "failed",
        failed.message,
        "connection_lost",
    )
    assert isinstance(ask(application, conversation)[-1], Finished)


def test_killed_for_memory_ends_in_a_sentence(application, conversation):
    application.local_engine.inject(ToolFault(outcome="killed"))
    (failed,) = of_kind(ask(application, conversation), Failed)
    assert failed.category == "out_of_memory"
    # It was one whole request: exact, and the container answers again.
    (row,) = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert (row.outcome, row.estimated) == ("out_of_memory", False)
    assert len(of_kind(ask(application, conversation), ContainerReused)) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_upload_that_fails_is_tried_again(application, conversation, status):
    swept(application)
    application.local_engine.inject(
        StatusFault(status=status, path="files", retry_after_seconds=0.05)
    )
    events = ask(application, conversation)
    assert len(of_kind(events, Retrying)) == 1
    assert len(of_kind(events, UploadFinished)) == 1
    assert isinstance(events[-1], Finished)
    # The failed upload was no request, and stands in no row.
    assert [r.outcome for r in rows_of(application, conversation) if r.kind == "request"] == [
        "completed"
    ]


def test_upload_that_is_refused_ends_in_a_sentence(application, conversation):
    swept(application)
    application.local_engine.inject(StatusFault(status=401, path="files"))
    (failed,) = of_kind(ask(application, conversation), Failed)
    assert failed.category == "failed"
    assert failed.message.what_happened == "Claude did not accept the key of this installation."
    assert rows_of(application, conversation) == []
    assert isinstance(ask(application, conversation)[-1], Finished)


def test_files_that_are_gone_at_the_engine_are_sent_again(application, conversation):
    ask(application, conversation)
    with http_of(application) as client:
        for one in client.get("/v1/files").json()["data"]:
            assert client.delete(f"/v1/files/{one['id']}").status_code == 200
    # The container still has its copy, and nothing is missed.
    assert of_kind(ask(application, conversation, AVERAGES), Retrying) == []
    application.local_engine.inject(ContainerFault())
    events = ask(application, conversation)
    assert [one.category for one in of_kind(events, Retrying)] == ["container_lost", "failed"]
    assert len(of_kind(events, UploadFinished)) == 1
    assert isinstance(events[-1], Finished)


def test_stop_ends_the_request_and_the_conversation_goes_on(application, conversation):
    application.local_engine.inject(Delay(seconds=60, at="tool"))
    asked = begin(application, conversation)
    until_event(application, asked.run_id, CodeWritten)
    assert application.runs.stop(ANN, asked.run_id)
    events = ended(application, asked.run_id)
    assert isinstance(events[-1], Stopped)
    (turn,) = application.conversations.turns(ANN, conversation)
    assert (turn.state, turn.failure_category) == ("stopped", "stopped")
    # At the engine nobody works on it any more, long before the minute is over.
    until(lambda: not any(one.is_busy for one in application.local_engine.containers()))
    (row,) = (r for r in rows_of(application, conversation) if r.kind == "request")
    assert (row.outcome, row.estimated) == ("stopped", True)
    until(lambda: row.request_id in requests_on_the_bill(application))
    billed, outcome = requests_on_the_bill(application)[row.request_id]
    assert outcome == "disconnected"
    assert billed <= row.amount_microusd <= 1.5 * billed
    # The container's id was never told, and its time is booked all the same.
    (span,) = (r for r in rows_of(application, conversation) if r.kind == "container")
    assert (span.run_id, span.estimated, span.container_id) == (row.run_id, True, None)
    billed_seconds = sum(
        r.seconds
        for r in application.local_engine.bill().rows
        if r.kind == "container" and r.request_id == row.request_id
    )
    assert billed_seconds >= 1
    assert abs(span.seconds - billed_seconds) <= 1
    assert application.runs.stop(ANN, asked.run_id) is False
    assert isinstance(ask(application, conversation)[-1], Finished)
    held = {one.key for one in application.store.ledger.reservations()}
    assert not any(key.startswith("run-") for key in held)


def test_stop_during_a_pause_ends_at_once(application, conversation):
    application.local_engine.inject(StatusFault(status=429, retry_after_seconds=120))
    asked = begin(application, conversation)
    until_event(application, asked.run_id, Retrying)
    assert application.runs.stop(ANN, asked.run_id)
    assert isinstance(ended(application, asked.run_id)[-1], Stopped)
    # It had been turned away, which costs nothing.
    assert [r.amount_microusd for r in rows_of(application, conversation)] == [0]


def test_stop_during_an_upload_ends_the_run(application, conversation):
    """The engine is frozen, so that the upload neither ends nor fails."""
    os.kill(application.local_engine.pid, signal.SIGSTOP)
    try:
        asked = begin(application, conversation)
        until(lambda: application.runs.get(ANN, asked.run_id).state == "running")
        assert application.runs.stop(ANN, asked.run_id)
        assert isinstance(ended(application, asked.run_id)[-1], Stopped)
    finally:
        os.kill(application.local_engine.pid, signal.SIGCONT)
    assert rows_of(application, conversation) == []


def test_stop_keeps_an_answer_that_was_complete(application, conversation):
    """Its files still arrive: they are paid for."""
    asked = begin(application, conversation)
    until_event(application, asked.run_id, FileProduced)
    application.runs.stop(ANN, asked.run_id)
    events = ended(application, asked.run_id)
    (turn,) = application.conversations.turns(ANN, conversation)
    if isinstance(events[-1], Finished):
        assert [one.kind for one in turn.answer.produced] == ["image", "table"]
        assert turn.answer.remarks == ()
    else:
        assert (type(events[-1]), turn.state) == (Stopped, "stopped")


def test_pause_that_is_broken_off_goes_on_in_the_same_container(application, conversation):
    """The first reply has named the container, so the second attempt makes no other."""
    application.local_engine.inject(StopFault(reason="pause_turn"), StreamCut(at="end"))
    events = ask(application, conversation)
    assert len(of_kind(events, Retrying)) == 1
    assert isinstance(events[-1], Finished)
    live = [
        one.workspace.container_id
        for one in application.containers.live()
        if one.workspace.conversation_id == conversation
    ]
    billed = {
        row.container_id
        for row in application.local_engine.bill().rows
        if row.kind == "container" and row.request_id in requests_of(application, conversation)
    }
    assert billed == set(live)


def requests_of(application, conversation):
    return {row.request_id for row in rows_of(application, conversation) if row.request_id}


def test_what_remains_of_a_run_holds_no_earlier_attempt(application, conversation):
    application.local_engine.inject(StreamCut(at="end", times=2))
    begun = begin(application, conversation)
    events = ended(application, begun.run_id)
    assert isinstance(events[-1], Failed)
    (turn,) = application.conversations.turns(ANN, conversation)
    text = application.questions.remains(ANN, turn).text
    said = "".join(event.text for event in of_kind(events, TextAdded))
    assert text
    assert len(text) < len(said) / 2 + 1
