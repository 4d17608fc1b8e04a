"""What is sent: the bodies of requests, the files, the questions that cost nothing."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services import limits
from services.clock import ManualClock
from services.engine import Engine
from services.engine.types import (
    AttachedFile,
    AttemptRequest,
    Endpoint,
    FetchedFile,
    FetchRefused,
    PastTurn,
    Rejected,
    RemoteCallFailed,
)
from services.ids import ContainerId, RemoteFileId
from services.preflight.types import FileReport
from tests.wire.replay_server import Answer, error, replaying, reply, stream

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CODE = {"type": "code_execution_20260521", "name": "code_execution"}
WEB = [
    {"type": "web_search_20260209", "name": "web_search", "max_uses": 8},
    {"type": "web_fetch_20260209", "name": "web_fetch", "max_uses": 8},
]


def attached(remote_id: str, *, mounted: bool = False) -> AttachedFile:
    report = FileReport(kind="csv", mime="text/csv", size_bytes=10)
    return AttachedFile(
        remote_file_id=RemoteFileId(remote_id), name="a.csv", report=report, mounted=mounted
    )


ASK = AttemptRequest(
    model="claude-sonnet-5",
    approach="files_code",
    question="And by month?",
    history=(
        PastTurn(question="Net by region?", answer="North leads."),
        PastTurn(question="Why?", answer="  "),
    ),
    files=(attached("file_A", mounted=True), attached("file_B")),
)
HISTORY = [
    {"role": "user", "content": "Net by region?"},
    {"role": "assistant", "content": "North leads."},
    {"role": "user", "content": "Why?"},
    {"role": "assistant", "content": "(This question was not answered.)"},
]
QUESTION = {"type": "text", "text": "And by month?"}


def mount(*ids: str) -> list[dict[str, str]]:
    return [{"type": "container_upload", "file_id": one} for one in ids]


@pytest.fixture
def server():
    with replaying() as replay:
        yield replay


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def engine(server, clock):
    endpoint = Endpoint(kind="local", base_url=server.address, api_key="token", label="Local")
    return Engine(endpoint, limits.load(), clock)


def sent(server, engine, **changes: Any) -> dict[str, Any]:
    """The body of a request, without the system prompt, which has tests of its own."""
    server.will_answer(stream("text_only.sse"))
    with engine.open_attempt(msgspec.structs.replace(ASK, **changes)) as attempt:
        list(attempt)
    body: dict[str, Any] = server.seen[-1].json
    assert body.pop("system").startswith("You analyse data for business people")
    return body


@pytest.mark.parametrize(
    ("changes", "content", "rest"),
    [
        ({}, [*mount("file_A", "file_B"), QUESTION], {"tools": [CODE]}),
        (
            {"container_id": ContainerId("container_1")},
            [*mount("file_B"), QUESTION],
            {"tools": [CODE], "container": "container_1"},
        ),
        ({"approach": "code"}, [QUESTION], {"tools": [CODE]}),
        (
            {"approach": "code", "container_id": ContainerId("container_1")},
            [QUESTION],
            {"tools": [CODE], "container": "container_1"},
        ),
        ({"approach": "tools"}, [*mount("file_A", "file_B"), QUESTION], {"tools": [CODE, *WEB]}),
        ({"approach": "text", "container_id": ContainerId("container_1")}, [QUESTION], {}),
    ],
)
def test_request_has_the_tools_files_and_container_of_its_approach(
    server, engine, changes, content, rest
):
    """A fresh container mounts what is in the open turn only; a reused one has the rest."""
    assert sent(server, engine, **changes) == {
        "model": "claude-sonnet-5",
        "max_tokens": 8000,
        "messages": [*HISTORY, {"role": "user", "content": content}],
        "stream": True,
        **rest,
    }


def test_older_model_gets_the_tools_that_it_takes_and_no_more_tokens_than_it_has(server, engine):
    body = sent(server, engine, model="claude-haiku-4-5", approach="tools", max_tokens=200_000)
    assert body["max_tokens"] == 64_000
    assert [tool["type"] for tool in body["tools"]] == [
        "code_execution_20250825",
        "web_search_20250305",
        "web_fetch_20250910",
    ]


def test_counting_asks_with_the_same_prompt_but_without_files(server, engine):
    server.will_answer(reply({"input_tokens": 1234}))
    assert engine.count_tokens(ASK) == 1234
    body = server.seen[0].json
    assert body.pop("system").startswith("You analyse data for business people")
    assert body == {
        "model": "claude-sonnet-5",
        "messages": [*HISTORY, {"role": "user", "content": [QUESTION]}],
        "tools": [CODE],
    }


def test_count_that_cannot_be_had_is_none(server, engine):
    server.will_answer(error(429, "rate_limit_error"))
    assert engine.count_tokens(ASK) is None


def model_page(*ids: str) -> Answer:
    return reply({"data": [{"type": "model", "id": one} for one in ids], "has_more": False})


def test_models_are_those_that_the_endpoint_confirms_asked_once(server, engine):
    server.will_answer(model_page("claude-opus-5", "claude-next", "claude-sonnet-5"))
    for _ in range(2):
        assert [m.id for m in engine.models()] == ["claude-sonnet-5", "claude-opus-5"]
    assert len(server.seen) == 1


def test_models_that_cannot_be_asked_for_are_all_and_asked_again_after_a_minute(
    server, engine, clock
):
    every = [
        "claude-sonnet-5",
        "claude-sonnet-5-5",
        "claude-opus-5-5",
        "claude-opus-5",
        "claude-sonnet-4-6",
        "claude-haiku-4-5",
    ]
    server.will_answer(error(500, "api_error"), model_page("claude-sonnet-5"))
    for _ in range(2):
        assert [m.id for m in engine.models()] == every
    assert len(server.seen) == 1
    clock.advance(61)
    assert [m.id for m in engine.models()] == ["claude-sonnet-5"]


def test_ping_tells_whether_the_key_is_taken(server, engine):
    server.will_answer(model_page(), error(401, "authentication_error"))
    assert [engine.ping(), engine.ping()] == [True, False]


def test_ping_gives_up_on_a_silent_endpoint(server, engine):
    server.will_answer(Answer(ending="no_reply"))
    assert engine.ping(timeout_seconds=0.2) is False


FILE = {
    "id": "file_9",
    "type": "file",
    "filename": "chart.png",
    "mime_type": "image/png",
    "size_bytes": 4,
    "created_at": "2026-11-24T09:00:00Z",
    "downloadable": True,
}


def content(data: bytes) -> Answer:
    return Answer(headers={"content-type": "application/octet-stream"}, body=data)


def test_upload_streams_the_file_under_a_safe_name_for_a_day(server, engine, tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(b"a;b\n1;2\n")
    server.will_answer(reply({**FILE, "id": "file_up"}))
    assert engine.upload(path, 'Verkäufe "2026".csv') == "file_up"
    seen = server.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/files")
    parts = re.split(rb"--[0-9a-f]{32}(?:--)?\r\n", seen.body)
    assert parts[1:3] == [
        b'Content-Disposition: form-data; name="expires_in_seconds"\r\n\r\n86400\r\n',
        b'Content-Disposition: form-data; name="file"; filename="Verkaufe _2026_-93a96c.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\na;b\n1;2\n\r\n",
    ]


def test_upload_that_is_refused_raises_its_failure(server, engine, tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(b"x")
    server.will_answer(error(413, "request_too_large", "big"))
    with pytest.raises(RemoteCallFailed) as caught:
        engine.upload(path, "x.csv")
    assert caught.value.failure == Rejected(
        status=413, detail="request_too_large", provider_message="big"
    )
    assert caught.value.message.what_happened == (
        "The question with its files is too large to be sent."
    )


def test_fetch_brings_the_file_under_its_own_name(server, engine, tmp_path):
    server.will_answer(reply(FILE), content(b"\x89PNG"))
    assert engine.fetch(RemoteFileId("file_9"), tmp_path) == FetchedFile(
        path=tmp_path / "chart.png", name="chart.png", mime="image/png", size_bytes=4
    )
    assert (tmp_path / "chart.png").read_bytes() == b"\x89PNG"


@pytest.mark.parametrize(
    ("told", "name", "kept"),
    [
        ("../../etc/passwd", "passwd", "passwd"),
        ("..\\..\\evil.csv", "evil.csv", "evil.csv"),
        ("..", "file", "file"),
        ("", "file", "file"),
        ("a\u202egnp.exe\n", "agnp.exe", "agnp.exe"),
        ("Größe.png", "Größe.png", "Groe-aedc3f.png"),
    ],
)
def test_fetch_never_leaves_its_folder_whatever_the_name(
    server, engine, tmp_path, told, name, kept
):
    server.will_answer(reply({**FILE, "filename": told}), content(b"x"))
    fetched = engine.fetch(RemoteFileId("file_9"), tmp_path)
    assert (fetched.name, fetched.path) == (name, tmp_path / kept)
    assert [path.name for path in tmp_path.iterdir()] == [kept]


def test_fetch_keeps_two_files_of_one_name_apart(server, engine, tmp_path):
    server.will_answer(reply(FILE), content(b"1"), reply(FILE), content(b"2"))
    paths = [engine.fetch(RemoteFileId("file_9"), tmp_path).path for _ in range(2)]
    assert paths == [tmp_path / "chart.png", tmp_path / "chart-2.png"]


@pytest.mark.parametrize(
    ("told_bytes", "data_chunks"),
    [(50_000_001, 0), (10, 51)],
    ids=["told to be too large", "larger than told"],
)
def test_fetch_refuses_what_is_too_large_and_leaves_nothing(
    server, engine, tmp_path, told_bytes, data_chunks
):
    answers = [reply({**FILE, "size_bytes": told_bytes})]
    if data_chunks:
        answers.append(Answer(chunks=(bytes(1_000_000),) * data_chunks))
    server.will_answer(*answers)
    with pytest.raises(FetchRefused) as caught:
        engine.fetch(RemoteFileId("file_9"), tmp_path)
    assert caught.value.name == "chart.png"
    assert list(tmp_path.iterdir()) == []


def test_fetch_that_breaks_off_leaves_nothing(server, engine, tmp_path):
    server.will_answer(reply(FILE), Answer(chunks=(b"half",), ending="broken"))
    with pytest.raises(RemoteCallFailed) as caught:
        engine.fetch(RemoteFileId("file_9"), tmp_path)
    assert caught.value.message.what_happened == "A file of the answer could not be fetched."
    assert list(tmp_path.iterdir()) == []


def test_delete_of_a_file_that_is_gone_is_no_failure(server, engine):
    server.will_answer(
        reply({"id": "file_9", "type": "file_deleted"}),
        error(404, "not_found_error"),
        error(500, "api_error"),
    )
    assert engine.delete(RemoteFileId("file_9")) is True
    assert engine.delete(RemoteFileId("file_9")) is False
    with pytest.raises(RemoteCallFailed):
        engine.delete(RemoteFileId("file_9"))


def test_every_model_that_is_offered_has_a_price():
    priced = {price.model for price in limits.load_prices().models}
    endpoint = Endpoint(kind="local", base_url="http://127.0.0.1:9", api_key="t", label="Local")
    engine = Engine(endpoint, limits.load(), ManualClock(NOW), model="claude-opus-5")
    assert engine.default_model().id == "claude-opus-5"
    assert {model.id for model in engine.models(timeout_seconds=0.2)} <= priced


def test_recorded_streams_end_their_data_lines_as_the_wire_does():
    """The padding is part of the recording; an editor that strips it would weaken the tests."""
    text = (Path(__file__).parent / "recorded" / "code_turn.sse").read_text()
    lines = [line for line in text.splitlines() if line.startswith("data: ")]
    assert any(line.endswith("  ") for line in lines)
    assert all(json.loads(line.removeprefix("data: ")) for line in lines)
