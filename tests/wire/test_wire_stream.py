"""A reply as it comes: the bytes in their order, and what the strict SDK makes of them."""

import json
from typing import Any

import anthropic
import httpx2
import pytest

from services.local_engine.types import Delay, StopFault
from tests.wire.conftest import MODEL, TOOL, client_of, http_of, question
from tests.wire.test_wire_files import eventually, upload

TOTALS = "What is the total amount by region?"


def events_of(reply: httpx2.Response) -> list[tuple[str, dict[str, Any]]]:
    """The events of a whole stream, framing checked byte by byte."""
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["transfer-encoding"] == "chunked"
    events = []
    raw = reply.content
    assert raw.endswith(b"\n\n")
    for frame in raw.removesuffix(b"\n\n").split(b"\n\n"):
        first, second = frame.split(b"\n")
        kind = first.removeprefix(b"event: ").decode()
        data = json.loads(second.removeprefix(b"data: "))
        assert data["type"] == kind
        events.append((kind, data))
    return events


def shape(events: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The order of a stream in a form that can be read; equal neighbours are told once."""
    told: list[str] = []
    for kind, data in events:
        match kind:
            case "content_block_start":
                line = f"{data['index']} start {data['content_block']['type']}"
            case "content_block_delta":
                line = f"{data['index']} {data['delta']['type']}"
            case "content_block_stop":
                line = f"{data['index']} stop"
            case _:
                line = kind
        if told[-1:] != [line]:
            told.append(line)
    return told


def test_stream_of_a_command_has_the_order_of_the_real_one(http, orders):
    body = {
        "model": MODEL,
        "max_tokens": 8_000,
        "stream": True,
        "tools": [TOOL],
        "messages": question(TOTALS, orders),
    }
    events = events_of(http.post("/v1/messages", json=body))
    without_pings = [event for event in events if event[0] != "ping"]
    assert shape(without_pings) == [
        "message_start",
        "0 start text",
        "0 text_delta",
        "0 stop",
        "1 start server_tool_use",
        "1 input_json_delta",
        "1 stop",
        "2 start bash_code_execution_tool_result",
        "2 stop",
        "3 start text",
        "3 text_delta",
        "3 stop",
        "message_delta",
        "message_stop",
    ]
    assert [kind for kind, _ in events][:3] == ["message_start", "content_block_start", "ping"]
    data = [one for _, one in without_pings]
    assert "container" not in data[0]["message"]
    assert data[0]["message"]["content"] == []
    pieces = [
        one["delta"]["partial_json"]
        for one in data
        if one.get("index") == 1 and one["type"] == "content_block_delta"
    ]
    assert pieces[0] == ""
    assert len(pieces) > 2
    command = json.loads("".join(pieces))["command"]
    assert command.startswith("python3 - <<'PY'\n")
    assert command.endswith("\nPY")
    last = data[-2]
    assert last["delta"]["stop_reason"] == "end_turn"
    assert set(last["delta"]["container"]) == {
        *("id", "expires_at", "dd_received_at", "dd_replied_at", "dd_container_started_at")
    }
    assert last["usage"]["input_tokens"] > data[0]["message"]["usage"]["input_tokens"]


def test_text_stream_has_no_container(http):
    body = {"model": MODEL, "max_tokens": 500, "stream": True, "messages": question("Hello?")}
    events = events_of(http.post("/v1/messages", json=body))
    assert shape(events) == [
        "message_start",
        "0 start text",
        "ping",
        "0 text_delta",
        "0 stop",
        "message_delta",
        "message_stop",
    ]
    assert events[-2][1]["delta"]["container"] is None


def test_streamed_and_whole_reply_are_the_same(client, orders):
    """Ids and instants apart, and both are parsed strictly, event by event."""
    asked: dict[str, Any] = {
        "model": MODEL,
        "max_tokens": 8_000,
        "tools": [TOOL],
        "messages": question(TOTALS, orders),
    }
    whole = client.messages.create(**asked)
    with client.messages.stream(**asked) as stream:
        kinds = {event.type for event in stream}
        streamed = stream.get_final_message()
        assert stream.request_id is not None
    assert {"text", "input_json", "content_block_stop", "message_stop"} <= kinds
    assert _comparable(streamed) == _comparable(whole)
    assert streamed.container is not None
    assert streamed.container.id != whole.container.id


def _comparable(message: Any) -> Any:
    told = message.to_dict(mode="json")
    for name in ("id", "container"):
        told.pop(name)
    told["usage"] = {
        name: told["usage"][name] for name in ("input_tokens", "output_tokens", "server_tool_use")
    }
    ids: dict[str, str] = {}

    def numbered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: numbered(inner) for key, inner in value.items() if inner is not None}
        if isinstance(value, list):
            return [numbered(inner) for inner in value]
        if isinstance(value, str) and value.startswith(("srvtoolu_", "file_")):
            return ids.setdefault(value, f"id {len(ids)}")
        if isinstance(value, str) and "PEAK_MEMORY_BYTES" in value:
            return [line for line in value.splitlines() if not line.startswith("PEAK_MEMORY")]
        return value

    return numbered(told)


def test_pings_come_while_a_command_runs(http, local_engine, orders):
    """They keep a read timeout from ending a long calculation."""
    local_engine.inject(Delay(seconds=1.5, at="tool"))
    body = {
        "model": MODEL,
        "max_tokens": 8_000,
        "stream": True,
        "tools": [TOOL],
        "messages": question(TOTALS, orders),
    }
    kinds = [
        kind if kind == "ping" else f"{data.get('index')} {kind}"
        for kind, data in events_of(http.post("/v1/messages", json=body))
    ]
    called, returned = kinds.index("1 content_block_stop"), kinds.index("2 content_block_start")
    assert set(kinds[called + 1 : returned]) == {"ping"}
    assert returned - called > 4


def test_client_that_leaves_ends_the_reply_and_frees_the_container(start_engine):
    engine = start_engine(options=("--ping-seconds", "0.1"))
    with client_of(engine) as client:
        file_id = upload(client, "a.csv").id
        asked: dict[str, Any] = {"model": MODEL, "max_tokens": 8_000, "tools": [TOOL]}
        first = client.messages.create(**asked, messages=question("```python\n```", file_id))
        container_id = first.container.id
        engine.inject(Delay(seconds=600, at="reply"), Delay(seconds=600, at="tool"))
        with pytest.raises(anthropic.APITimeoutError):
            client.with_options(timeout=0.5).messages.create(
                **asked, container=container_id, messages=question("How many rows are there?")
            )
        with client.messages.stream(
            **asked, container=container_id, messages=question("How many rows are there?")
        ) as stream:
            for event in stream:
                if event.type == "content_block_stop" and event.index == 1:
                    assert [one.is_busy for one in engine.containers()] == [True]
                    break
        eventually(lambda: [one.is_busy for one in engine.containers()] == [False])
    outcomes = [row.outcome for row in engine.bill().rows if row.kind == "request"]
    assert outcomes == ["completed", "disconnected"]


def test_new_container_whose_client_left_is_ended(start_engine):
    """Its id is told last, so nobody could ever name it."""
    engine = start_engine()
    with client_of(engine) as client, http_of(engine) as http:
        file_id = upload(client, "a.csv").id
        engine.inject(Delay(seconds=600, at="tool"))
        body = {
            "model": MODEL,
            "max_tokens": 8_000,
            "stream": True,
            "tools": [TOOL],
            "messages": question("How many rows are there?", file_id),
        }
        with http.stream("POST", "/v1/messages", json=body) as reply:
            assert "dd-container-started-at" in reply.headers
            lines = reply.iter_lines()
            next(line for line in lines if "content_block_stop" in line)
            assert len(engine.containers()) == 1
        eventually(lambda: engine.containers() == ())
    assert [(row.kind, row.outcome) for row in engine.bill().rows] == [
        ("request", "disconnected"),
        ("container", "in_use"),
    ]


def test_paused_turn_is_carried_on(client, local_engine, orders):
    asked: dict[str, Any] = {"model": MODEL, "max_tokens": 8_000, "tools": [TOOL]}
    messages = question(TOTALS, orders)
    local_engine.inject(StopFault(reason="pause_turn"))
    paused = client.messages.create(**asked, messages=messages)
    assert paused.stop_reason == "pause_turn"
    assert [block.type for block in paused.content] == [
        "text",
        "server_tool_use",
        "bash_code_execution_tool_result",
    ]
    following = client.messages.create(
        **asked,
        container=paused.container.id,
        messages=[*messages, {"role": "assistant", "content": paused.content}],
    )
    whole = client.messages.create(**asked, messages=messages)
    assert (following.stop_reason, following.container.id) == ("end_turn", paused.container.id)
    assert following.content == whole.content[-1:]
