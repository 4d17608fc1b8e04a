"""Every fault, as the strict SDK sees it."""

import itertools
import threading
from typing import Any

import anthropic
import httpx2
import msgspec
import pytest

from services.local_engine import LocalEngineProcess
from services.local_engine.types import (
    AnyFault,
    ContainerDeath,
    Delay,
    NoToolFault,
    StatusFault,
    StopFault,
    StreamCut,
    StreamError,
    ToolFault,
    UnknownPieces,
)
from tests.wire.conftest import MODEL, TOOL, client_of, question

TOTALS = "What is the total amount by region?"
ASKED: dict[str, Any] = {"model": MODEL, "max_tokens": 8_000, "tools": [TOOL]}


def ask(client: Any, file_id: str, **options: Any) -> Any:
    return client.messages.create(**{**ASKED, "messages": question(TOTALS, file_id), **options})


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "invalid_request_error", anthropic.BadRequestError),
        (401, "authentication_error", anthropic.AuthenticationError),
        (402, "billing_error", anthropic.PaymentRequiredError),
        (403, "permission_error", anthropic.PermissionDeniedError),
        (404, "not_found_error", anthropic.NotFoundError),
        (408, "timeout_error", anthropic.RequestTimeoutError),
        (409, "conflict_error", anthropic.ConflictError),
        (413, "request_too_large", anthropic.ContentTooLargeError),
        (429, "rate_limit_error", anthropic.RateLimitError),
        (500, "api_error", anthropic.InternalServerError),
        (503, "api_error", anthropic.ServiceUnavailableError),
        (504, "timeout_error", anthropic.GatewayTimeoutError),
        (529, "overloaded_error", anthropic.OverloadedError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_status_becomes_its_error_class_and_costs_nothing(
    local_engine, client, status, kind, error, stream
):
    before = local_engine.bill().rows
    local_engine.inject(StatusFault(status=status, retry_after_seconds=1.5))
    with pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(model=MODEL, max_tokens=9, messages=question("hello"), stream=stream)
    assert (type(caught.value), caught.value.type) == (error, kind)
    assert caught.value.response.headers["retry-after"] == "1.5"
    assert local_engine.bill().rows == before


def test_error_code_is_told(local_engine, client):
    local_engine.inject(StatusFault(status=429, error_code="enforced_spend_limit_reached"))
    with pytest.raises(anthropic.EnforcedSpendLimitReachedError):
        client.messages.create(model=MODEL, max_tokens=9, messages=question("hello"))


def test_error_page_that_is_no_json(local_engine, client):
    local_engine.inject(StatusFault(status=413, html=True))
    with pytest.raises(anthropic.ContentTooLargeError) as caught:
        client.messages.create(model=MODEL, max_tokens=9, messages=question("hello"))
    assert caught.value.type is None


def test_fault_happens_as_often_as_it_says_and_only_where_it_applies(local_engine, client):
    local_engine.inject(StatusFault(status=529, times=2), StatusFault(status=503, path="files"))
    with pytest.raises(anthropic.ServiceUnavailableError):
        client.files.list()
    client.files.list()
    for _ in range(2):
        with pytest.raises(anthropic.OverloadedError):
            client.messages.create(model=MODEL, max_tokens=9, messages=question("hello"))
    client.messages.create(model=MODEL, max_tokens=9, messages=question("hello"))
    assert local_engine.clear_faults() == ()


def test_faults_that_can_not_be_read_are_refused(http):
    for body in ({"kind": "status"}, [{"kind": "nonsense"}], [{"kind": "delay"}]):
        reply = http.post("/_control/faults", json=body)
        assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")
    http.post("/_control/faults", json=[{"kind": "delay", "seconds": 1}])
    pending = msgspec.json.decode(http.get("/_control/faults").content, type=list[AnyFault])
    assert pending == [Delay(seconds=1)]


@pytest.mark.parametrize("at", ["start", "tool", "result", "end"])
def test_stream_that_ends_early_has_no_stop_reason(local_engine, client, orders, at):
    local_engine.inject(StreamCut(at=at))
    with client.messages.stream(**ASKED, messages=question(TOTALS, orders)) as stream:
        message = stream.get_final_message()
    assert (message.stop_reason, message.container) == (None, None)
    assert len(message.content) == {"start": 0, "tool": 2, "result": 3, "end": 4}[at]
    assert local_engine.bill().rows[-2].outcome == "broken"


@pytest.mark.parametrize("at", ["start", "tool", "result", "end"])
def test_broken_transfer_is_an_error_of_the_http_library(local_engine, client, orders, at):
    local_engine.inject(StreamCut(at=at, how="broken"))
    with (
        client.messages.stream(**ASKED, messages=question(TOTALS, orders)) as stream,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        stream.until_done()


def test_error_in_mid_stream_comes_under_status_200(local_engine, client, orders):
    local_engine.inject(StreamError(at="tool"))
    with (
        client.messages.stream(**ASKED, messages=question(TOTALS, orders)) as stream,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        stream.until_done()
    assert (type(caught.value), caught.value.status_code, caught.value.type) == (
        anthropic.APIStatusError,
        200,
        "overloaded_error",
    )


def test_whole_reply_breaks_off_too(local_engine, client, orders):
    local_engine.inject(StreamCut(how="broken"), StreamError(at="tool"))
    with pytest.raises(anthropic.OverloadedError):
        ask(client, orders)
    with pytest.raises((anthropic.APIConnectionError, httpx2.HTTPError)):
        ask(client, orders)


def test_silence_before_the_reply_is_a_timeout(local_engine, client):
    local_engine.inject(Delay(seconds=600))
    with pytest.raises(anthropic.APITimeoutError):
        client.with_options(timeout=0.3).messages.create(
            model=MODEL, max_tokens=9, messages=question("hello")
        )


def test_killed_command_returns_137(local_engine, client, orders):
    local_engine.inject(ToolFault())
    message = ask(client, orders)
    result = message.content[2].content
    assert result.to_dict() == {
        "type": "bash_code_execution_result",
        "stdout": "",
        "stderr": "Killed",
        "return_code": 137,
        "content": [],
    }
    assert message.content[3].text == (
        "The calculation needed more than the 950\N{NO-BREAK SPACE}MB it may use, so it was killed "
        "before there was an answer."
    )


@pytest.mark.parametrize(
    "code",
    [
        "unavailable",
        "too_many_requests",
        "execution_time_exceeded",
        "output_file_too_large",
        "invalid_tool_input",
    ],
)
def test_tool_error_is_a_result(local_engine, client, orders, code):
    local_engine.inject(ToolFault(outcome=code))
    message = ask(client, orders)
    assert message.content[2].content.to_dict() == {
        "type": "bash_code_execution_tool_result_error",
        "error_code": code,
    }
    assert message.stop_reason == "end_turn"
    assert "an answer" in message.content[3].text or "no answer" in message.content[3].text


def test_container_that_dies_under_a_command_is_gone_after_the_reply(local_engine, client, orders):
    local_engine.inject(ContainerDeath())
    message = ask(client, orders)
    assert message.content[2].content.error_code == "unavailable"
    container = message.container
    assert container.dd_container_ended_at == container.dd_replied_at
    with pytest.raises(anthropic.NotFoundError, match="Container not found"):
        ask(client, orders, container=container.id)


def test_refusal_has_its_details(local_engine, client, orders):
    local_engine.inject(StopFault(reason="refusal", explanation="Not this one."))
    message = ask(client, orders)
    assert (message.stop_reason, message.content) == ("refusal", [])
    assert message.stop_details.to_dict() == {
        "type": "refusal",
        "category": None,
        "explanation": "Not this one.",
    }


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_reply_ends_at_a_limit(local_engine, client, orders, reason):
    local_engine.inject(StopFault(reason=reason))
    assert ask(client, orders).stop_reason == reason


@pytest.mark.parametrize(("max_tokens", "blocks"), [(1, ["text"]), (40, ["text"])])
def test_max_tokens_is_kept_to(client, orders, max_tokens, blocks):
    message = ask(client, orders, max_tokens=max_tokens)
    assert message.stop_reason == "max_tokens"
    assert [block.type for block in message.content] == blocks
    assert message.usage.output_tokens <= max_tokens


def test_answer_without_the_tool_claims_no_figure(local_engine, client, orders):
    local_engine.inject(NoToolFault())
    message = ask(client, orders)
    assert [block.type for block in message.content] == ["text"]
    assert not any(letter.isdigit() for letter in message.content[0].text)


def test_unknown_block_and_event_pass_a_tolerant_client(local_engine, orders):
    local_engine.inject(UnknownPieces())
    with (
        client_of(local_engine, _strict_response_validation=False) as tolerant,
        tolerant.messages.stream(**ASKED, messages=question(TOTALS, orders)) as stream,
    ):
        message = stream.get_final_message()
    assert [block.type for block in message.content][2] == "future_block"
    assert message.stop_reason == "end_turn"


def test_requests_to_one_container_wait_for_each_other(
    local_engine: LocalEngineProcess, client, orders
):
    container = ask(client, orders).container
    local_engine.inject(Delay(seconds=0.5, at="tool", times=2))
    replies: list[Any] = []

    def follow_up() -> None:
        replies.append(ask(client, orders, container=container.id))

    threads = [threading.Thread(target=follow_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [reply.stop_reason for reply in replies] == ["end_turn"] * 2
    first, second = sorted(reply.container.dd_replied_at for reply in replies)
    assert second > first
    rows = [row for row in local_engine.bill().rows if row.container_id == container.id]
    spans = [(row.span_from, row.span_to) for row in rows if row.kind == "container"]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
