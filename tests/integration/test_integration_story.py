"""One question and its follow-up, event by event, and what they leave with the engine."""

from itertools import groupby

import pytest

from services.events import (
    CodeWritten,
    ContainerReused,
    ContainerStarted,
    FileFetched,
    FileProduced,
    Finished,
    MemorySeen,
    OutputPrinted,
    Queued,
    TextAdded,
    UploadFinished,
    UsageReported,
)
from services.local_engine.types import Delay
from tests.integration.integration_server import (
    ANN,
    AVERAGES,
    add_file,
    ask,
    http_of,
    of_kind,
    orders,
    rows_of,
    serving,
    talk_about,
    until,
)


@pytest.fixture(scope="module")
def talk(application):
    """A conversation with two answers, and the events of both runs."""
    conversation = talk_about(application, add_file(application, orders()))
    return conversation, *two_answers(application, conversation)


def two_answers(application, conversation):
    """The second comes after the second of time that was booked with the first has passed."""
    first = ask(application, conversation)
    application.local_engine.inject(Delay(seconds=1.1, at="tool"))
    return first, ask(application, conversation, AVERAGES)


def order(events):
    """The kinds of events as they came, each run of the same kind once; usage comes anywhere."""
    kinds = (type(event) for event in events if not isinstance(event, UsageReported))
    return [kind for kind, _ in groupby(kinds)]


def test_events_come_in_order(talk):
    _, first, second = talk
    answered = [
        TextAdded,
        CodeWritten,
        OutputPrinted,
        MemorySeen,
        FileProduced,
        TextAdded,
        FileFetched,
        Finished,
    ]
    assert order(first) == [Queued, UploadFinished, ContainerStarted, *answered]
    assert order(second) == [Queued, ContainerReused, *answered]
    instants = [event.at for event in first]
    assert instants == sorted(instants)


def test_answer_holds_what_the_events_told(application, talk):
    conversation, *runs = talk
    turns = application.conversations.turns(ANN, conversation)
    assert [turn.state for turn in turns] == ["answered", "answered"]
    for turn, events in zip(turns, runs, strict=True):
        answer = turn.answer
        assert answer is not None
        assert 0 < len(answer.headline) <= 90
        assert [one.kind for one in answer.produced] == ["image", "table"]
        picture, table = answer.produced
        assert application.files.read(ANN, picture.file_id).startswith(b"\x89PNG")
        assert picture.alt
        assert application.files.read(ANN, table.file_id).startswith(b"region,")
        (code,) = of_kind(events, CodeWritten)
        (output,) = of_kind(events, OutputPrinted)
        assert [(s.code, s.stdout, s.return_code) for s in answer.bundle.steps] == [
            (code.code, output.stdout, 0)
        ]
        (memory,) = of_kind(events, MemorySeen)
        assert answer.peak_bytes == memory.peak_bytes > 10_000_000
        assert answer.remarks == ()


def test_what_an_answer_took_is_kept_beside_its_projection(application, talk):
    conversation, *_ = talk
    turns = application.conversations.turns(ANN, conversation)
    kept = {one.run_id: one for one in application.preflight.observations()}
    for turn in turns:
        observation, answer = kept[turn.run_id], turn.answer
        assert (observation.engine, observation.approach) == ("local", "files_code")
        assert observation.seconds == answer.seconds
        assert observation.peak_bytes == answer.peak_bytes
        assert observation.low_bytes <= observation.projected_bytes <= observation.high_bytes


def test_produced_files_are_gone_at_the_engine_and_the_upload_stays(application, talk):
    conversation, *runs = talk
    produced = {one.remote_file_id for events in runs for one in of_kind(events, FileProduced)}
    assert len(produced) == 4

    def there() -> dict[str, str]:
        with http_of(application) as client:
            files = client.get("/v1/files").json()["data"]
        return {one["id"]: one["filename"] for one in files}

    until(lambda: produced.isdisjoint(there()))
    assert list(there().values()) == ["orders.csv"]
    assert application.conversations.get(ANN, conversation).files != ()


def test_two_runs_are_two_requests_and_two_spans_of_one_container(application, talk):
    conversation, first, second = talk
    rows = rows_of(application, conversation)
    assert [row.kind for row in rows] == ["request", "container"] * 2
    assert {row.workspace_id for row in rows} == {of_kind(first, ContainerStarted)[0].workspace_id}
    assert not any(row.estimated for row in rows)
    assert [rows[0].run_id, rows[2].run_id] == [rows[1].run_id, rows[3].run_id]
    for events, booked in ((first, rows[:2]), (second, rows[2:])):
        (finished,) = of_kind(events, Finished)
        assert finished.cost_microusd == sum(row.amount_microusd for row in booked)


@pytest.fixture
def own_server(tmp_path):
    """A server whose whole bill is of one test."""
    with serving(tmp_path / "home") as running:
        yield running


def test_after_release_the_whole_ledger_is_the_whole_bill(own_server):
    application = own_server
    conversation = talk_about(application, add_file(application, orders()))
    two_answers(application, conversation)
    (live,) = application.containers.live()
    assert {one.key for one in application.store.ledger.reservations()} == {
        f"hold:container:{live.workspace.id}"
    }
    application.containers.release(ANN, live.workspace.id)
    booked = rows_of(application, conversation)
    bill = application.local_engine.bill()
    assert {r.request_id: r.amount_microusd for r in booked if r.kind == "request"} == {
        r.request_id: r.amount_microusd for r in bill.rows if r.kind == "request"
    }
    assert [(r.seconds, r.amount_microusd) for r in booked if r.kind == "container"] == [
        (r.seconds, r.amount_microusd) for r in bill.rows if r.kind == "container"
    ]
    assert application.money.conversation_cost(conversation) == bill.total_microusd
    assert application.store.ledger.reservations() == ()
    assert application.local_engine.containers() == ()
