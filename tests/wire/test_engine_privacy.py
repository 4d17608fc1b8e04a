"""Nothing of the environment may reach an endpoint: no key, header, address or proxy."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from services import limits
from services.clock import ManualClock
from services.engine import Engine
from services.engine.types import AttemptRequest, Completed, Endpoint
from services.ids import RemoteFileId
from tests.wire.replay_server import replaying, reply, stream

AMBIENT = {
    "ANTHROPIC_API_KEY": "sk-ant-ambient",
    "ANTHROPIC_AUTH_TOKEN": "ambient-token",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
    "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer ambient-header\nx-ambient: 1\n"
    "anthropic-version: 2023-06-01\nanthropic-beta: files-api-2025-04-14\nUser-Agent: ambient",
    "ANTHROPIC_PROFILE": "ambient",
    "ANTHROPIC_WEBHOOK_SIGNING_KEY": "whsec_ambient",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "all_proxy": "http://127.0.0.1:1",
    "NO_PROXY": "",
    "no_proxy": "",
}
EXPECTED = {
    "host",
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "user-agent",
    "authorization",
    "anthropic-version",
    "x-stainless-lang",
    "x-stainless-package-version",
    "x-stainless-os",
    "x-stainless-arch",
    "x-stainless-runtime",
    "x-stainless-runtime-version",
    "x-stainless-async",
    "x-stainless-timeout",
    "x-stainless-read-timeout",
    "x-stainless-retry-count",
    "x-stainless-raw-response",
}
FILE = {
    "id": "file_1",
    "type": "file",
    "filename": "a.csv",
    "mime_type": "text/csv",
    "size_bytes": 3,
    "created_at": "2026-11-24T09:00:00Z",
}


@pytest.fixture
def server(monkeypatch):
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    with replaying() as replay:
        yield replay


def use_every_verb(server, kind, folder) -> None:
    endpoint = Endpoint(kind=kind, base_url=server.address, api_key="our-token", label="Engine")
    engine = Engine(endpoint, limits.load(), ManualClock(datetime(2026, 11, 24, tzinfo=UTC)))
    request = AttemptRequest(model="claude-sonnet-5", approach="text", question="Why?")
    (folder / "a.csv").write_bytes(b"a\n1")
    server.will_answer(
        stream("text_only.sse"),
        reply(FILE),
        reply({"input_tokens": 3}),
        reply({"data": [], "has_more": False}),
        reply({"data": [], "has_more": False}),
        reply({"id": "file_1", "type": "file_deleted"}),
        reply(FILE),
        reply(3),
    )
    with engine.open_attempt(request) as attempt:
        list(attempt)
    assert isinstance(attempt.outcome, Completed)
    engine.upload(folder / "a.csv", "a.csv")
    assert engine.count_tokens(request) == 3
    engine.models()
    assert engine.ping()
    assert engine.delete(RemoteFileId("file_1"))
    (folder / "out").mkdir()
    engine.fetch(RemoteFileId("file_1"), folder / "out")


@pytest.mark.parametrize("kind", ["local", "claude"])
def test_endpoint_receives_our_token_and_no_ambient_header(server, tmp_path, kind):
    use_every_verb(server, kind, tmp_path)
    assert [f"{seen.method} {seen.path}" for seen in server.seen] == [
        "POST /v1/messages",
        "POST /v1/files",
        "POST /v1/messages/count_tokens",
        "GET /v1/models?limit=1000",
        "GET /v1/models?limit=1",
        "DELETE /v1/files/file_1",
        "GET /v1/files/file_1",
        "GET /v1/files/file_1/content",
    ]
    for seen in server.seen:
        assert seen.header("authorization") == ["Bearer our-token"]
        assert seen.header("anthropic-version") == ["2026-10-21"]
        assert {name.lower() for name, _ in seen.headers} <= EXPECTED
        whole = " ".join(f"{name}: {value}" for name, value in seen.headers)
        assert "ambient" not in whole + seen.body.decode("latin-1")


def test_importing_the_room_does_not_import_the_sdk():
    """The page process imports it at its start; two seconds of the SDK come later, in a thread."""
    code = (
        "import sys, services.engine as engine;"
        "assert not {'anthropic', 'httpx2'} & set(sys.modules), 'imported with the room';"
        "engine.preload();"
        "assert 'anthropic.resources.messages' in sys.modules"
    )
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=environment)
