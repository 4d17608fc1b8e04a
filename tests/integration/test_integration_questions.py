"""The whole path of a question through real rooms and the real local engine, and its books."""

import httpx2
import pytest

from services.app import Application
from services.errors import InputError, StoreError
from services.events import ContainerReused, ContainerStarted, Failed, Finished, Retrying, Stopped
from services.files.types import Upload
from services.ids import UserId
from services.local_engine.types import ContainerFault, Delay, StreamCut
from services.money.types import LedgerRow
from services.questions.types import Ask
from services.settings import Settings

ALICE = UserId("alice")
PATIENCE = 60.0
ROWS = b"Region,Amount,Day\n" + b"North,5,2026-01-01\nSouth,7.5,2026-01-02\n,2,2026-02-03\n" * 40


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    running = Application.build(Settings(home=tmp_path_factory.mktemp("whole") / "home"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def conversation(application):
    """A conversation of Alice's with one file that fits."""
    spooled = application.spool_folder / "orders"
    spooled.write_bytes(ROWS)
    upload = Upload(path=spooled, name="orders.csv", size_bytes=len(ROWS))
    started = application.preflight.check(ALICE, upload)
    assert started.run_id is None or application.runs.wait(ALICE, started.run_id, PATIENCE)
    conversation_id = application.conversations.open(ALICE)
    application.conversations.attach(ALICE, conversation_id, started.file_id)
    yield conversation_id
    application.local_engine.clear_faults()


def ask(application, conversation_id, question="total Amount by Region"):
    """The events of a question's run, which has ended."""
    asked = application.questions.ask(ALICE, conversation_id, Ask(text=question))
    assert asked.run_id is not None
    assert application.runs.wait(ALICE, asked.run_id, PATIENCE)
    return [n.event for n in application.runs.events(ALICE, asked.run_id)]


def kinds(events):
    return [type(event) for event in events]


def rows_of(application, conversation_id) -> list[LedgerRow]:
    rows = application.money.spend_in("local", "week").rows
    return [n.row for n in rows if n.row.conversation_id == conversation_id]


def test_two_answers_in_one_container_and_the_ledger_equals_the_bill(application, conversation):
    first = ask(application, conversation)
    second = ask(application, conversation, "Amount by month")
    assert ContainerStarted in kinds(first)
    assert ContainerReused in kinds(second)
    assert isinstance(first[-1], Finished)
    for turn in application.conversations.turns(ALICE, conversation):
        assert turn.answer is not None
        assert {one.kind for one in turn.answer.produced} == {"image", "table"}
        assert turn.answer.peak_bytes

    (live,) = [
        one for one in application.containers.live()
        if one.workspace.conversation_id == conversation
    ]  # fmt: skip
    application.containers.release(ALICE, live.workspace.id)
    booked = rows_of(application, conversation)
    bill = application.local_engine.bill().rows
    requests = [row for row in booked if row.kind == "request"]
    assert len(requests) == 2
    ids = {row.request_id for row in requests}
    assert {row.request_id: row.amount_microusd for row in requests} == {
        row.request_id: row.amount_microusd
        for row in bill
        if row.kind == "request" and row.request_id in ids
    }
    spans = [row for row in booked if row.kind == "container"]
    billed = [
        row for row in bill if row.kind == "container" and row.container_id == spans[0].container_id
    ]
    assert [(row.seconds, row.amount_microusd) for row in reversed(spans)] == [
        (row.seconds, row.amount_microusd) for row in billed
    ]


def test_a_lost_container_is_replaced_and_the_file_mounted_again(application, conversation):
    ask(application, conversation)
    application.local_engine.inject(ContainerFault())
    events = ask(application, conversation, "number of rows by Region")
    assert Retrying in kinds(events)
    assert isinstance(events[-1], Finished)


def test_a_file_that_is_gone_at_the_engine_is_sent_again(application, conversation):
    ask(application, conversation)
    headers = {
        "authorization": f"Bearer {application.local_engine.token}",
        "anthropic-version": "2026-10-21",
    }
    with httpx2.Client(
        base_url=application.local_engine.address, headers=headers, trust_env=False
    ) as client:
        for one in client.get("/v1/files").json()["data"]:
            client.delete(f"/v1/files/{one['id']}")
    application.local_engine.inject(ContainerFault())
    events = ask(application, conversation, "number of rows by Region")
    assert isinstance(events[-1], Finished)


def test_a_stream_that_breaks_twice_ends_with_a_sentence(application, conversation):
    application.local_engine.inject(StreamCut(times=2))
    ending = ask(application, conversation)[-1]
    assert isinstance(ending, Failed)
    assert ending.category == "connection_lost"
    assert ending.message.what_happened.endswith(".")


def test_stop_ends_a_run_and_its_request_is_booked_as_an_estimate(application, conversation):
    application.local_engine.inject(Delay(seconds=30, at="tool"))
    asked = application.questions.ask(ALICE, conversation, Ask(text="total Amount by Region"))
    assert asked.run_id is not None
    while not any(
        type(n.event).__name__ == "CodeWritten"
        for n in application.runs.events(ALICE, asked.run_id)
    ):
        assert not application.runs.wait(ALICE, asked.run_id, 0.02)
    assert application.runs.stop(ALICE, asked.run_id)
    assert application.runs.wait(ALICE, asked.run_id, PATIENCE)
    assert isinstance(application.runs.events(ALICE, asked.run_id)[-1].event, Stopped)
    (turn,) = application.conversations.turns(ALICE, conversation)
    assert turn.state == "stopped"
    (row,) = [r for r in rows_of(application, conversation) if r.kind == "request"]
    assert (row.outcome, row.estimated) == ("stopped", True)


def test_without_a_file_the_local_engine_says_so(application):
    conversation_id = application.conversations.open(ALICE)
    with pytest.raises(InputError) as refusal:
        application.questions.ask(ALICE, conversation_id, Ask(text="total by region"))
    assert refusal.value.code == "no_file"


def test_a_second_server_on_one_home_is_refused(application):
    with pytest.raises(StoreError) as refusal:
        Application.build(Settings(home=application.settings.home))
    assert "already using" in refusal.value.message.what_happened


def test_a_restart_tells_of_the_run_that_was_under_way(tmp_path):
    settings = Settings(home=tmp_path / "home")
    first = Application.build(settings)
    first.start()
    spooled = first.spool_folder / "orders"
    spooled.write_bytes(ROWS)
    upload = Upload(path=spooled, name="orders.csv", size_bytes=len(ROWS))
    started = first.preflight.check(ALICE, upload)
    assert started.run_id is None or first.runs.wait(ALICE, started.run_id, PATIENCE)
    conversation_id = first.conversations.open(ALICE)
    first.conversations.attach(ALICE, conversation_id, started.file_id)
    ask(first, conversation_id)
    first.local_engine.inject(Delay(seconds=30, at="tool"))
    asked = first.questions.ask(ALICE, conversation_id, Ask(text="number of rows by Region"))
    assert asked.run_id is not None
    first.stop()

    second = Application.build(settings)
    second.start()
    try:
        answered, interrupted = second.conversations.turns(ALICE, conversation_id)
        assert (answered.state, interrupted.state) == ("answered", "interrupted")
        assert answered.answer is not None
        for produced in answered.answer.produced:
            assert second.files.read(ALICE, produced.file_id)
        again = second.questions.retry(ALICE, interrupted.id)
        assert again.run_id is not None
        assert second.runs.wait(ALICE, again.run_id, PATIENCE)
        assert second.conversations.turns(ALICE, conversation_id)[-1].state == "answered"
    finally:
        second.stop()


def test_a_request_is_booked_although_its_run_may_not_write_any_more(application, conversation):
    """A newer holder fences the run off in mid-stream; what was sent is billed all the same."""
    application.local_engine.inject(Delay(seconds=1.5, at="tool"))
    asked = application.questions.ask(ALICE, conversation, Ask(text="total Amount by Region"))
    assert asked.run_id is not None
    while not any(
        type(n.event).__name__ == "CodeWritten"
        for n in application.runs.events(ALICE, asked.run_id)
    ):
        assert not application.runs.wait(ALICE, asked.run_id, 0.02)
    row = application.runs.get(ALICE, asked.run_id)
    application.store.journal.append(asked.run_id, [], row.fence + 1)
    assert application.runs.wait(ALICE, asked.run_id, PATIENCE)
    (booked,) = [r for r in rows_of(application, conversation) if r.kind == "request"]
    assert booked.run_id == asked.run_id
    assert booked.amount_microusd > 0
    open_keys = {one.key for one in application.store.ledger.reservations()}
    assert not any(key.startswith(f"{asked.run_id}/") for key in open_keys)
