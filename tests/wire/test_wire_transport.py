"""What every request and reply has in common, asked without an SDK in between."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest

from services.clock import SystemClock
from tests.wire.conftest import MODEL, client_of, http_of, question

PLAIN: dict[str, Any] = {"model": MODEL, "max_tokens": 100, "messages": question("hello")}


@pytest.fixture
def stranger() -> Iterator[httpx2.Client]:
    """Brings neither key nor version."""
    with httpx2.Client(trust_env=False, timeout=30) as client:
        yield client


def error_of(reply: httpx2.Response) -> tuple[int, str, str]:
    """Status, type and message of an error whose body and header agree on the request id."""
    body = reply.json()
    assert body["type"] == "error"
    assert body["request_id"] == reply.headers["request-id"]
    return reply.status_code, body["error"]["type"], body["error"]["message"]


def test_every_reply_carries_a_request_id_and_its_instant(http):
    replies = [
        http.get("/v1/models"),
        http.get("/v1/nowhere"),
        http.post("/v1/messages", json=PLAIN),
        http.post("/v1/messages", json={**PLAIN, "stream": True}),
        http.get("/_control/health"),
    ]
    ids = {reply.headers["request-id"] for reply in replies}
    assert len(ids) == len(replies)
    assert all(re.fullmatch(r"req_[0-9A-Za-z]+", one) for one in ids)
    instant = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
    assert all(instant.fullmatch(reply.headers["dd-replied-at"]) for reply in replies)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/v1/complete", "POST"),
        ("/v1/messages", "GET"),
        ("/v1/messages/batches", "POST"),
        ("/v1/files/..%2Fmessages", "GET"),
        ("/docs", "GET"),
    ],
)
def test_unknown_route_is_not_found(http, path, method):
    assert error_of(http.request(method, path)) == (404, "not_found_error", "Not found")


@pytest.mark.parametrize("path", ["/v1/models", "/_control/health", "/_control/bill", "/"])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"x-api-key": "wrong"}])
def test_wrong_or_missing_key_is_refused_everywhere(local_engine, stranger, path, headers):
    reply = stranger.get(local_engine.address + path, headers=headers)
    status, kind, _ = error_of(reply)
    assert (status, kind) == (401, "authentication_error")


def test_key_may_come_as_x_api_key(local_engine, stranger):
    headers = {"x-api-key": local_engine.token, "anthropic-version": "2023-06-01"}
    reply = stranger.get(local_engine.address + "/v1/models", headers=headers)
    assert reply.status_code == 200


def test_missing_version_is_refused(local_engine, stranger):
    headers = {"authorization": f"Bearer {local_engine.token}"}
    reply = stranger.get(local_engine.address + "/v1/models", headers=headers)
    assert error_of(reply) == (
        400,
        "invalid_request_error",
        "anthropic-version: header is required",
    )


PREFILL = (
    "This model does not support assistant message prefill. "
    "The conversation must end with a user message."
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
        ({"model": None}, "model: Field required"),
        ({"messages": None}, "messages: Field required"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"messages": "hi"}, "messages: at least one message is required"),
        ({"messages": ["hi"]}, "messages.0: Input should be an object"),
        ({"messages": [{"content": "hi"}]}, "messages.0.role: Field required"),
        (
            {"messages": [{"role": "bot", "content": "hi"}]},
            "messages.0.role: Input should be 'user', 'assistant' or 'system'",
        ),
        (
            {"messages": [{"role": "user", "content": []}]},
            "messages.0.content: at least one block is required",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages.0.content.0.text.text: Field required",
        ),
        (
            {"messages": [{"role": "user", "content": " "}]},
            "messages.0.content.0: text blocks must not be empty",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "container_upload"}]}]},
            "messages.0.content.0.container_upload.file_id: Field required",
        ),
        (
            {"messages": question("q", "file_x")},
            "container_upload blocks require the code execution tool.",
        ),
        ({"messages": [*question("q"), {"role": "assistant", "content": "I"}]}, PREFILL),
        ({"temperature": 1.0}, "temperature: is not supported by this API version."),
        ({"top_p": 1.0}, "top_p: is not supported by this API version."),
        ({"top_k": 1}, "top_k: is not supported by this API version."),
        ({"whatever": 1}, "whatever: Extra inputs are not permitted"),
        ({"stream": "yes"}, "stream: Input should be a valid boolean"),
        ({"tools": [{"type": "code_execution_20260120"}]}, "tools.0.name: Field required"),
        (
            {"tools": [{"type": "code_execution_20260120", "name": "python"}]},
            "tools.0.name: Input should be 'code_execution'",
        ),
        ({"container": 5}, "container: Input should be a string or an object"),
        (
            {"container": {"skills": [{"type": "anthropic", "skill_id": "pptx"}]}},
            "container.skills: skills are not available here",
        ),
    ],
)
def test_bad_body_is_told_by_field(http, change: dict[str, Any], message):
    body = {name: value for name, value in {**PLAIN, **change}.items() if value is not None}
    reply = http.post("/v1/messages", json=body)
    assert error_of(reply) == (400, "invalid_request_error", message)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000 + b"]" * 100_000]
)
def test_body_that_is_no_object_is_refused(http, content):
    status, kind, _ = error_of(http.post("/v1/messages", content=content))
    assert (status, kind) == (400, "invalid_request_error")


def test_request_over_the_cap_is_too_large(start_engine):
    """Told by its length or by counting, and answered although the client is still sending."""
    engine = start_engine(options=("--max-request-bytes", "10000"))
    large = json.dumps({**PLAIN, "system": "x" * 3_000_000}).encode()

    def chunks():
        yield from (large[start : start + 50_000] for start in range(0, len(large), 50_000))

    with http_of(engine) as http:
        for content in (large, chunks()):
            assert error_of(http.post("/v1/messages", content=content)) == (
                413,
                "request_too_large",
                "Request exceeds the maximum size",
            )
    with client_of(engine) as sdk, pytest.raises(anthropic.ContentTooLargeError):
        sdk.messages.create(**PLAIN, system="x" * 3_000_000)


def test_unknown_model_is_not_found(client):
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.messages.create(**{**PLAIN, "model": "claude-99"})
    assert caught.value.body == {
        "type": "error",
        "error": {"type": "not_found_error", "message": "model: claude-99"},
        "request_id": caught.value.request_id,
    }


def test_models_can_be_listed_and_asked_for_code_execution(client):
    models = {model.id: model for model in client.models.list()}
    assert MODEL in models
    model = client.models.retrieve(MODEL)
    assert model == models[MODEL]
    assert model.capabilities is not None
    assert model.capabilities.server_tools.code_execution.supported
    assert not model.capabilities.code_execution.supported
    assert "rule-based analyst, not Claude" in model.display_name
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-99")


def test_count_tokens_is_what_the_first_sampling_reads(client):
    """It grows with every part of the prompt, and a reply begins with the same number."""
    asked: dict[str, Any] = {"model": MODEL, "messages": question("How many rows are there?")}
    plain = client.messages.count_tokens(**asked).input_tokens
    assert plain == -(-len("How many rows are there?") * 10 // 36)
    system = client.messages.count_tokens(**asked, system="Be brief.").input_tokens
    tools = client.messages.count_tokens(
        **asked, tools=[{"type": "code_execution_20260521", "name": "code_execution"}]
    ).input_tokens
    assert plain < system < tools
    reply = client.messages.create(**asked, max_tokens=100, system="Be brief.")
    assert reply.usage.input_tokens == system


def test_token_variable_unset_admits_any_key(stranger):
    """Stand-alone, a client of the API needs some key, and any will do."""
    child = subprocess.Popen(
        [sys.executable, "-m", "services.local_engine", "--port", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        address = child.stdout.readline().strip()
        with anthropic.Anthropic(
            base_url=address,
            api_key="any",
            max_retries=0,
            http_client=httpx2.Client(trust_env=False),
            _strict_response_validation=True,
        ) as sdk:
            assert MODEL in [model.id for model in sdk.models.list()]
        assert stranger.get(address + "/v1/models").status_code == 401
    finally:
        child.stdin.close()
        assert child.wait(10) == 0
        child.stdout.close()


def test_reply_does_not_wait_for_an_acknowledgement(http):
    """Head and body go out in two pieces; held back by Nagle's algorithm they would take 40 ms."""
    clock = SystemClock()

    def seconds() -> float:
        before = clock.monotonic()
        http.get("/v1/models").raise_for_status()
        return clock.monotonic() - before

    seconds()
    assert sorted(seconds() for _ in range(20))[5] < 0.02
