"""The engine against the real local engine: one story from upload to deletion, and its faults."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services import limits
from services.clock import SystemClock
from services.engine import Engine, Transfers
from services.engine.types import (
    AttachedFile,
    AttemptOutcome,
    AttemptRequest,
    Cancelled,
    Completed,
    ConnectionLost,
    ContainerLost,
    CutShort,
    Declined,
    Endpoint,
    OutOfMemory,
    RateLimited,
    Rejected,
    RemoteCallFailed,
    TimedOut,
)
from services.events import (
    CodeWritten,
    FileProduced,
    MemorySeen,
    OutputPrinted,
    RunEvent,
    TextAdded,
    Usage,
    UsageReported,
)
from services.ids import RemoteFileId
from services.local_engine import LocalEngineProcess
from services.local_engine.types import (
    AnyFault,
    ContainerFault,
    Delay,
    StatusFault,
    StopFault,
    StreamCut,
    StreamError,
    ToolFault,
    UnknownPieces,
)
from services.preflight.types import FileReport

ORDERS = b"""region,product,amount,ordered
North,Chair,120.50,2026-01-05
South,Table,80.00,2026-01-19
North,Table,60.25,2026-02-02
East,Chair,40.00,2026-02-14
South,Chair,19.75,2026-03-01
North,Lamp,30.00,2026-03-15
"""
PATIENCE_SECONDS = 20.0


@pytest.fixture
def engine(local_engine: LocalEngineProcess) -> Iterator[Engine]:
    def where() -> Endpoint:
        return Endpoint(
            kind="local",
            base_url=local_engine.address,
            api_key=local_engine.token,
            label="Local engine",
        )

    yield Engine(where, limits.load(), SystemClock())
    local_engine.clear_faults()


@pytest.fixture
def orders_file(engine: Engine, tmp_path: Path) -> AttachedFile:
    path = tmp_path / "orders"
    path.write_bytes(ORDERS)
    return AttachedFile(
        remote_file_id=engine.upload(path, "orders.csv"),
        name="orders.csv",
        report=FileReport(kind="csv", mime="text/csv", size_bytes=len(ORDERS)),
    )


@pytest.fixture
def request_(orders_file: AttachedFile) -> AttemptRequest:
    return AttemptRequest(
        model="claude-sonnet-5",
        approach="files_code",
        question="Total amount by region",
        files=(orders_file,),
    )


def attempt(
    engine: Engine, request: AttemptRequest, **changes: Any
) -> tuple[list[RunEvent], AttemptOutcome]:
    with engine.open_attempt(msgspec.structs.replace(request, **changes)) as one:
        events = list(one)
    return events, one.outcome


def of(kind: type[RunEvent], events: list[RunEvent]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_question_is_answered_with_files_and_its_container_used_again(
    engine, local_engine, request_, tmp_path
):
    """The whole room, once through; the engine's own bill has the same tokens and instants."""
    events, first = attempt(engine, request_)
    assert isinstance(first, Completed)
    assert first.used_tool
    headline = first.text.splitlines()[0]
    assert "North" in headline
    assert "210.75" in headline
    assert len(headline) <= 90
    (code,) = of(CodeWritten, events)
    (output,) = of(OutputPrinted, events)
    assert (code.language, output.tool_use_id, output.return_code) == (
        "python",
        code.tool_use_id,
        0,
    )
    assert 'os.environ["INPUT_DIR"]' in code.code
    assert of(MemorySeen, events)
    told = "".join(event.text for event in of(TextAdded, events))
    assert told.endswith(first.text)

    kept = {}
    for produced in of(FileProduced, events):
        fetched = engine.fetch(produced.remote_file_id, tmp_path)
        kept[fetched.mime] = fetched.path.read_bytes()
        assert fetched.size_bytes == len(kept[fetched.mime])
        assert engine.delete(produced.remote_file_id)
    assert set(kept) == {"image/png", "text/csv"}
    assert kept["image/png"].startswith(b"\x89PNG")
    assert b"210.75" in kept["text/csv"]

    again = msgspec.structs.replace(request_.files[0], mounted=True)
    events, second = attempt(
        engine,
        request_,
        question="Total amount by product",
        files=(again,),
        container_id=first.container_id,
    )
    assert isinstance(second, Completed)
    assert (second.container_id, second.container_started_at) == (
        first.container_id,
        first.container_started_at,
    )
    rows = {row.request_id: row for row in local_engine.bill().rows if row.kind == "request"}
    for outcome in (first, second):
        assert rows[outcome.request_id].usage == outcome.usage
        assert rows[outcome.request_id].at == outcome.replied_at
    assert of(UsageReported, events)[-1].usage == second.usage
    assert engine.delete(request_.files[0].remote_file_id)
    assert not engine.delete(request_.files[0].remote_file_id)


@pytest.mark.parametrize("status", [404, 400, 500])
def test_lost_container_is_told_and_a_fresh_one_answers(engine, local_engine, request_, status):
    _, first = attempt(engine, request_)
    local_engine.inject(ContainerFault(status=status))
    events, lost = attempt(engine, request_, container_id=first.container_id)
    assert events == []
    assert isinstance(lost, ContainerLost)
    assert lost.container_ended_at is not None
    _, second = attempt(engine, request_)
    assert isinstance(second, Completed)
    assert second.container_id != first.container_id


@pytest.mark.parametrize(
    ("fault", "kind", "facts"),
    [
        (
            StatusFault(status=429, error_type="rate_limit_error", retry_after_seconds=3),
            RateLimited,
            {"retry_after_seconds": 3.0},
        ),
        (StatusFault(status=529, error_type="overloaded_error"), RateLimited, {}),
        (StreamCut(how="eof"), ConnectionLost, {"sent": True, "usage_final": False}),
        (StreamCut(how="broken"), ConnectionLost, {"sent": True, "usage_final": False}),
        (StreamError(), RateLimited, {"retry_after_seconds": None}),
        (StreamError(error_type="api_error"), ConnectionLost, {}),
        (ToolFault(), OutOfMemory, {"usage_final": True}),
        (StopFault(reason="refusal", explanation="No."), Declined, {"explanation": "No."}),
        (StopFault(reason="max_tokens"), CutShort, {"reason": "max_tokens"}),
        (
            StopFault(reason="model_context_window_exceeded"),
            CutShort,
            {"reason": "context"},
        ),
        (StopFault(reason="pause_turn"), Completed, {"used_tool": True}),
        (UnknownPieces(), Completed, {"used_tool": True}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, msgspec.Struct) else "",
)
def test_fault_becomes_its_outcome(
    engine, local_engine, request_, fault: AnyFault, kind, facts: dict[str, Any]
):
    local_engine.inject(fault)
    _, outcome = attempt(engine, request_)
    assert type(outcome) is kind
    assert {name: getattr(outcome, name) for name in facts} == facts


def test_paused_reply_costs_what_both_of_its_requests_cost(engine, local_engine, request_):
    local_engine.inject(StopFault(reason="pause_turn"))
    _, outcome = attempt(engine, request_)
    assert len(outcome.continued_ids) == 1
    rows = {row.request_id: row for row in local_engine.bill().rows if row.kind == "request"}
    billed = [rows[one].usage for one in (outcome.request_id, *outcome.continued_ids)]
    for field in Usage.__struct_fields__:
        assert getattr(outcome.usage, field) == sum(getattr(usage, field) for usage in billed)


def test_stop_reaches_the_engine_while_the_command_runs(engine, local_engine, request_):
    local_engine.inject(Delay(seconds=PATIENCE_SECONDS, at="tool"))
    code_written = threading.Event()
    one = engine.open_attempt(request_)

    def run() -> None:
        with one:
            for event in one:
                if isinstance(event, CodeWritten):
                    code_written.set()

    worker = threading.Thread(target=run)
    worker.start()
    assert code_written.wait(PATIENCE_SECONDS)
    one.close()
    worker.join(PATIENCE_SECONDS)
    assert isinstance(one.outcome, Cancelled)
    assert one.outcome.sent
    booked = _eventually_booked(local_engine, one.outcome.request_id)
    assert booked == "disconnected"


def _eventually_booked(local_engine: LocalEngineProcess, request_id: str | None) -> str:
    """The engine notices a gone client in its own time."""
    waiting = threading.Event()
    for _ in range(200):
        for row in local_engine.bill().rows:
            if row.request_id == request_id:
                return row.outcome
        waiting.wait(0.05)
    raise AssertionError("the request never came on the bill")


def test_command_that_hangs_is_a_timeout(engine, local_engine, request_):
    local_engine.inject(Delay(seconds=PATIENCE_SECONDS, at="tool"))
    _, outcome = attempt(engine, request_, timeout_seconds=1.0)
    assert isinstance(outcome, TimedOut)


def test_upload_is_refused_as_the_engine_says(engine, local_engine, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\n1\n")
    local_engine.inject(StatusFault(status=413, html=True, path="files"))
    with pytest.raises(RemoteCallFailed) as caught:
        engine.upload(path, "x.csv")
    failure = caught.value.failure
    assert isinstance(failure, Rejected)
    assert (failure.status, failure.detail) == (413, "http_413")


def test_transfers_end_when_somebody_asks_to_stop(engine, local_engine, request_, tmp_path):
    """Also where the other side says nothing, as one does that is stopped by a signal."""
    events, _ = attempt(engine, request_)
    produced = next(event for event in events if isinstance(event, FileProduced))
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\n1\n")
    calls = (
        lambda transfers: engine.upload(path, "x.csv", transfers),
        lambda transfers: engine.fetch(produced.remote_file_id, tmp_path, transfers),
    )
    os.kill(local_engine.pid, signal.SIGSTOP)
    try:
        for call in calls:
            transfers = Transfers()
            threading.Timer(0.2, transfers.stop).start()
            with pytest.raises(RemoteCallFailed) as caught:
                call(transfers)
            assert isinstance(caught.value.failure, Cancelled)
            # Nor is another one begun.
            with pytest.raises(RemoteCallFailed) as caught:
                call(transfers)
            assert isinstance(caught.value.failure, Cancelled)
    finally:
        os.kill(local_engine.pid, signal.SIGCONT)
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".part"] == []


def test_questions_that_cost_nothing(engine, request_):
    assert engine.ping()
    assert engine.default_model() in engine.models()
    assert engine.count_tokens(request_) > 0
    assert engine.delete(RemoteFileId("file_never")) is False
