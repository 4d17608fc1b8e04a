"""Requests that are stopped, run out of time or never leave: from outside, over real sockets."""

import inspect
import socket
import threading
import types
from datetime import UTC, datetime
from typing import Any

import pytest

from services import limits
from services.clock import ManualClock, SystemClock
from services.engine import Engine
from services.engine._line import Line, LineCutError
from services.engine.types import (
    AttemptOutcome,
    AttemptRequest,
    Cancelled,
    Completed,
    ConnectionLost,
    Endpoint,
    Rejected,
    TimedOut,
)
from services.errors import EngineError, InputError, InternalError, Message
from services.events import RunEvent, TextAdded, Usage
from services.ids import RequestId
from tests.wire.replay_server import Answer, replaying, stream

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ASK = AttemptRequest(model="claude-sonnet-5", approach="text", question="Why?")
BEGUN: dict[str, Any] = {
    "request_id": RequestId("req_011"),
    # An estimate: "Forty-two." was seen, at three bytes a token.
    "usage": Usage(input_tokens=700, output_tokens=4),
}
SILENT = stream("text_only.sse", upto="content_block_stop", ending="silent")
PINGS = stream("text_only.sse", upto="content_block_stop", ending="pings")
NO_HEADERS = Answer(ending="no_reply")
PATIENCE_SECONDS = 10.0


@pytest.fixture
def server():
    with replaying() as replay:
        yield replay


def engine_at(address: str, clock, **overrides: Any) -> Engine:
    endpoint = Endpoint(kind="local", base_url=address, api_key="token", label="Local engine")
    return Engine(endpoint, limits.load("guide", overrides), clock)


class Background:
    """An attempt that runs in a thread of its own, as in a worker."""

    def __init__(self, engine: Engine, request: AttemptRequest = ASK) -> None:
        self.attempt = engine.open_attempt(request)
        self.events: list[RunEvent] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with self.attempt:
            self.events.extend(self.attempt)

    def outcome(self) -> AttemptOutcome:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the attempt did not end"
        return self.attempt.outcome


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.mark.parametrize("answer", [SILENT, PINGS], ids=["silent", "pings"])
def test_close_from_another_thread_ends_a_stream_at_once(server, answer):
    """The stop button: the reading thread wakes, and the provider sees the connection go."""
    server.will_answer(answer)
    running = Background(engine_at(server.address, ManualClock(NOW)))
    assert server.arrived.wait(PATIENCE_SECONDS)
    running.attempt.close()
    assert running.outcome() == Cancelled(**BEGUN)
    assert server.dropped.wait(PATIENCE_SECONDS)
    assert [e.text for e in running.events if isinstance(e, TextAdded)] == ["Forty-two."]


def test_close_ends_a_request_whose_reply_has_not_begun(server):
    server.will_answer(NO_HEADERS)
    running = Background(engine_at(server.address, ManualClock(NOW)))
    assert server.arrived.wait(PATIENCE_SECONDS)
    running.attempt.close()
    running.attempt.close()
    assert running.outcome() == Cancelled()
    assert server.dropped.wait(PATIENCE_SECONDS)


def test_close_before_the_start_sends_nothing(server):
    attempt = engine_at(server.address, ManualClock(NOW)).open_attempt(ASK)
    attempt.close()
    with attempt:
        assert list(attempt) == []
    assert attempt.outcome == Cancelled(sent=False)
    assert server.seen == []


def test_close_after_the_end_changes_nothing(server):
    server.will_answer(stream("text_only.sse"))
    with engine_at(server.address, ManualClock(NOW)).open_attempt(ASK) as attempt:
        list(attempt)
        attempt.close()
    assert isinstance(attempt.outcome, Completed)


def test_leaving_the_loop_early_drops_the_connection(server):
    server.will_answer(PINGS)
    with engine_at(server.address, ManualClock(NOW)).open_attempt(ASK) as attempt:
        for event in attempt:
            if isinstance(event, TextAdded):
                break
    assert server.dropped.wait(PATIENCE_SECONDS)
    assert attempt.outcome == Cancelled(**BEGUN)


def test_what_the_consumer_raises_passes_and_drops_the_connection(server):
    server.will_answer(PINGS)
    attempt = engine_at(server.address, ManualClock(NOW)).open_attempt(ASK)

    def consume() -> None:
        with attempt:
            for _ in attempt:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()
    assert server.dropped.wait(PATIENCE_SECONDS)
    assert isinstance(attempt.outcome, Cancelled)


@pytest.mark.parametrize("answer", [PINGS, SILENT], ids=["pings", "silent"])
def test_deadline_by_the_clock_ends_a_stream_that_pings_keep_alive(server, answer):
    clock = ManualClock(NOW)
    server.will_answer(answer)
    running = Background(engine_at(server.address, clock))
    assert server.arrived.wait(PATIENCE_SECONDS)
    clock.advance(ASK.timeout_seconds)
    assert running.outcome() == TimedOut(**BEGUN)
    assert server.dropped.wait(PATIENCE_SECONDS)


def test_deadline_ends_a_request_whose_reply_has_not_begun(server):
    clock = ManualClock(NOW)
    server.will_answer(NO_HEADERS)
    running = Background(engine_at(server.address, clock))
    assert server.arrived.wait(PATIENCE_SECONDS)
    clock.advance(ASK.timeout_seconds)
    assert running.outcome() == TimedOut()


def test_deadline_follows_a_clock_that_runs_fast(server):
    """180 s of a clock 600 times as fast are 0.3 s."""
    server.will_answer(PINGS)
    running = Background(engine_at(server.address, SystemClock(scale=600)))
    assert isinstance(running.outcome(), TimedOut)


@pytest.mark.parametrize("answer", [SILENT, NO_HEADERS], ids=["stream", "no reply"])
def test_silence_of_the_profiles_length_is_a_timeout(server, answer):
    server.will_answer(answer)
    engine = engine_at(server.address, ManualClock(NOW), request_timeout_seconds=1)
    assert isinstance(Background(engine).outcome(), TimedOut)


def test_refused_connection_was_never_sent():
    engine = engine_at(f"http://127.0.0.1:{closed_port()}", ManualClock(NOW))
    with engine.open_attempt(ASK) as attempt:
        assert list(attempt) == []
    assert attempt.outcome == ConnectionLost(sent=False)


def test_connection_that_is_dropped_without_a_reply_counts_as_sent():
    """The provider may have seen the request, so it may be billed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = engine_at(f"http://127.0.0.1:{listener.getsockname()[1]}", ManualClock(NOW))
        running = Background(engine)
        listener.settimeout(PATIENCE_SECONDS)
        client, _ = listener.accept()
        client.recv(10)
        client.close()
        assert running.outcome() == ConnectionLost(sent=True)


def test_endpoint_that_cannot_be_had_is_a_lost_connection():
    def nowhere() -> Endpoint:
        raise EngineError(Message(what_happened="The local engine did not start."))

    engine = Engine(nowhere, limits.load(), ManualClock(NOW))
    with engine.open_attempt(ASK) as attempt:
        assert list(attempt) == []
    assert attempt.outcome == ConnectionLost(sent=False)


def test_pause_that_cannot_be_continued_was_sent_and_is_billed(server):
    places = iter((server.address,))

    def where() -> Endpoint:
        address = next(places, None)
        if address is None:
            raise EngineError(Message(what_happened="The local engine is gone."))
        return Endpoint(kind="local", base_url=address, api_key="t", label="Local")

    server.will_answer(stream("paused.sse"))
    with Engine(where, limits.load(), ManualClock(NOW)).open_attempt(ASK) as attempt:
        list(attempt)
    outcome = attempt.outcome
    assert isinstance(outcome, ConnectionLost)
    assert (outcome.sent, outcome.usage, outcome.usage_final) == (
        True,
        Usage(input_tokens=1500, output_tokens=90, cache_write_5m_tokens=300),
        True,
    )


def test_events_are_one_run_however_often_they_are_asked_for(server):
    server.will_answer(stream("text_only.sse"))
    with engine_at(server.address, ManualClock(NOW)).open_attempt(ASK) as attempt:
        first = next(iter(attempt))
        rest = list(attempt)
        assert list(attempt) == []
    assert [type(event).__name__ for event in (first, *rest)] == [
        "UsageReported",
        "TextAdded",
        "UsageReported",
    ]


@pytest.mark.parametrize("key", ["", "  ", "ключ", "two\nlines"])
def test_key_that_cannot_be_sent_is_rejected_here(key):
    endpoint = Endpoint(kind="claude", base_url="http://127.0.0.1:9", api_key=key, label="Claude")
    with Engine(endpoint, limits.load(), ManualClock(NOW)).open_attempt(ASK) as attempt:
        assert list(attempt) == []
    assert attempt.outcome == Rejected(sent=False, status=401, detail="engine_key")


def test_endpoint_function_is_asked_before_each_request(server):
    """The local engine may come back at another address."""
    places = iter((f"http://127.0.0.1:{closed_port()}", server.address))
    engine = Engine(
        lambda: Endpoint(kind="local", base_url=next(places), api_key="t", label="Local"),
        limits.load(),
        ManualClock(NOW),
    )
    server.will_answer(stream("text_only.sse"))
    outcomes = []
    for _ in range(2):
        with engine.open_attempt(ASK) as attempt:
            list(attempt)
        outcomes.append(type(attempt.outcome))
    assert outcomes == [ConnectionLost, Completed]


def test_outcome_is_not_there_before_the_end(server):
    attempt = engine_at(server.address, ManualClock(NOW)).open_attempt(ASK)
    with pytest.raises(InternalError):
        _ = attempt.outcome


def test_unknown_model_is_refused_before_anything_is_sent(server):
    engine = engine_at(server.address, ManualClock(NOW))
    with pytest.raises(InputError, match="no model called 'gpt'"):
        engine.open_attempt(AttemptRequest(model="gpt", approach="text", question="Why?"))
    with pytest.raises(InputError, match="no model called 'gpt'"):
        Engine(lambda: pytest.fail("asked"), limits.load(), ManualClock(NOW), model="gpt")


def test_threads_of_an_attempt_end_with_it(server):
    before = set(threading.enumerate())
    server.will_answer(stream("text_only.sse"))
    with engine_at(server.address, ManualClock(NOW)).open_attempt(ASK) as attempt:
        list(attempt)
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert "engine-deadline" not in left


def test_stream_is_closed_with_the_block_though_somebody_still_holds_it(server):
    """A traceback keeps the frames alive, and with them a connection that nobody closes."""
    server.will_answer(PINGS)
    with engine_at(server.address, ManualClock(NOW)).open_attempt(ASK) as attempt:
        events = iter(attempt)
        next(events)
    assert isinstance(events, types.GeneratorType)
    assert inspect.getgeneratorstate(events) == inspect.GEN_CLOSED


class Stream:
    """A network stream as the HTTP library hands it out: it tells its socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def get_extra_info(self, info: str) -> object:
        return self._sock if info == "socket" else None


@pytest.mark.parametrize("cut_first", [True, False])
def test_line_that_is_cut_shuts_a_connection_made_before_or_after(cut_first):
    """A stop during connecting has to hold for the connection that comes about after it."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE_SECONDS)
    with ours, theirs:
        line = Line()
        steps = [
            lambda: line.trace("connection.connect_tcp.complete", {"return_value": Stream(ours)}),
            lambda: line.shut("cancelled"),
        ]
        for step in reversed(steps) if cut_first else steps:
            step()
        line.shut("deadline")
        assert theirs.recv(1) == b""
        assert (line.cut, line.connected) == ("cancelled", True)
        with pytest.raises(LineCutError):
            line.check()
