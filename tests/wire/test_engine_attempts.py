"""Recorded replies, through the real SDK over real HTTP, against the whole list of events."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services import limits
from services.clock import ManualClock
from services.engine import Engine
from services.engine.types import (
    AttachedFile,
    AttemptRequest,
    Completed,
    ConnectionLost,
    ContainerLost,
    CutShort,
    Declined,
    Endpoint,
    OutOfMemory,
    RateLimited,
    Rejected,
    TimedOut,
)
from services.events import (
    CodeWritten,
    FileProduced,
    MemorySeen,
    OutputPrinted,
    TextAdded,
    Usage,
    UsageReported,
)
from services.ids import ContainerId, RemoteFileId, RequestId
from services.preflight.types import FileReport
from tests.wire.replay_server import Answer, error, replaying, stream

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
EXPIRES = datetime(2026, 11, 24, 10, 16, 14, 434245, tzinfo=UTC)
STARTED = Usage(input_tokens=2293, output_tokens=3)
CODE = 'import pandas as pd\nframe = pd.read_csv("orders.csv")\nprint(frame["net"].sum())'
ORDERS = AttachedFile(
    remote_file_id=RemoteFileId("file_01Orders"),
    name="orders.csv",
    report=FileReport(kind="csv", mime="text/csv", size_bytes=1_000),
)


@pytest.fixture
def server():
    with replaying() as replay:
        yield replay


def engine_at(address: str, **overrides: Any) -> Engine:
    endpoint = Endpoint(kind="local", base_url=address, api_key="token", label="Local engine")
    return Engine(endpoint, limits.load("guide", overrides), ManualClock(NOW))


def request(**changes: Any) -> AttemptRequest:
    base = AttemptRequest(
        model="claude-sonnet-5", approach="files_code", question="What is the net?", files=(ORDERS,)
    )
    return msgspec.structs.replace(base, **changes)


def attempt(server, *answers: Answer, **changes: Any):
    """Events and outcome of one attempt that is answered so."""
    server.will_answer(*answers)
    with engine_at(server.address).open_attempt(request(**changes)) as one:
        events = list(one)
    return events, one.outcome


def test_code_turn_becomes_typed_events(server):
    """The shape of an ordinary reply; the command is shown as the Python that it is."""
    events, outcome = attempt(server, stream("code_turn.sse"))
    begun = Usage(
        input_tokens=2293,
        output_tokens=3,
        cache_write_5m_tokens=1000,
        cache_write_1h_tokens=200,
        cache_read_tokens=50,
    )
    final = msgspec.structs.replace(begun, input_tokens=4714, output_tokens=278)
    stdout = "41820.5\nALT: sales.png: Bars by region.\nPEAK_MEMORY_BYTES: 187236352\n"
    assert events == [
        UsageReported(at=NOW, request_id=RequestId("req_011"), usage=begun),
        TextAdded(at=NOW, text="I'll add up ", block=1),
        TextAdded(at=NOW, text="the orders.", block=1),
        CodeWritten(at=NOW, tool_use_id="srvtoolu_01A", code=CODE, language="python"),
        OutputPrinted(at=NOW, tool_use_id="srvtoolu_01A", stdout=stdout, stderr="", return_code=0),
        MemorySeen(at=NOW, peak_bytes=187_236_352),
        FileProduced(at=NOW, remote_file_id=RemoteFileId("file_011Png")),
        FileProduced(at=NOW, remote_file_id=RemoteFileId("file_011Csv")),
        TextAdded(at=NOW, text="Net sales were $41,820.50.", block=4),
        TextAdded(at=NOW, text=" The north leads.", block=4),
        UsageReported(at=NOW, request_id=RequestId("req_011"), usage=final),
    ]
    assert outcome == Completed(
        request_id=RequestId("req_011"),
        usage=final,
        usage_final=True,
        container_id=ContainerId("container_01Wire"),
        container_expires_at=EXPIRES,
        text="Net sales were $41,820.50. The north leads.",
        used_tool=True,
    )


def test_parallel_tools_are_paired_by_id_and_unknown_kinds_pass(server):
    events, outcome = attempt(server, stream("parallel_tools.sse"))
    assert events[1:-1] == [
        TextAdded(at=NOW, text="Two things at once.", block=0),
        CodeWritten(
            at=NOW,
            tool_use_id="srvtoolu_01B",
            code="ls -la $INPUT_DIR && wc -l $INPUT_DIR/orders.csv",
            language="bash",
        ),
        CodeWritten(at=NOW, tool_use_id="srvtoolu_01C", code="print('plot')\n", language="python"),
        OutputPrinted(at=NOW, tool_use_id="srvtoolu_01C", stdout="", stderr="", return_code=0),
        OutputPrinted(
            at=NOW,
            tool_use_id="srvtoolu_01B",
            stdout="orders.csv\n",
            stderr="wc: warning\n",
            return_code=0,
        ),
        CodeWritten(at=NOW, tool_use_id="srvtoolu_01D", code="View /tmp/plot.py", language="text"),
        OutputPrinted(
            at=NOW, tool_use_id="srvtoolu_01D", stdout="print('plot')\n", stderr="", return_code=0
        ),
        CodeWritten(
            at=NOW,
            tool_use_id="srvtoolu_01E",
            code="In /tmp/plot.py, replace\nplot\nby\nchart",
            language="text",
        ),
        OutputPrinted(
            at=NOW, tool_use_id="srvtoolu_01E", stdout="", stderr="file_not_found", return_code=1
        ),
        CodeWritten(at=NOW, tool_use_id="srvtoolu_01F", code="sleep 900", language="bash"),
        OutputPrinted(
            at=NOW,
            tool_use_id="srvtoolu_01F",
            stdout="",
            stderr="execution_time_exceeded",
            return_code=1,
        ),
        OutputPrinted(at=NOW, tool_use_id="srvtoolu_01Z", stdout="", stderr="", return_code=0),
        TextAdded(at=NOW, text="There is one file.", block=13),
    ]
    assert isinstance(outcome, Completed)
    assert outcome.text == "There is one file."


def test_web_tools_and_programmatic_cells_are_shown(server):
    """Encrypted output stays unseen, its files do not; citations don't tear a sentence apart."""
    events, outcome = attempt(server, stream("web_and_programmatic.sse"), approach="tools")
    assert events[1:-1] == [
        CodeWritten(
            at=NOW,
            tool_use_id="srvtoolu_02A",
            code="Web search: eurostat retail index 2026",
            language="text",
        ),
        OutputPrinted(
            at=NOW,
            tool_use_id="srvtoolu_02A",
            stdout="Retail trade https://ec.europa.eu/retail\n"
            "Retail index https://example.org/index",
            stderr="",
            return_code=0,
        ),
        CodeWritten(at=NOW, tool_use_id="srvtoolu_02B", code="print(1 + 1)", language="python"),
        OutputPrinted(at=NOW, tool_use_id="srvtoolu_02B", stdout="", stderr="", return_code=0),
        FileProduced(at=NOW, remote_file_id=RemoteFileId("file_02Out")),
        CodeWritten(
            at=NOW, tool_use_id="srvtoolu_02C", code="raise SystemExit(3)", language="python"
        ),
        OutputPrinted(at=NOW, tool_use_id="srvtoolu_02C", stdout="", stderr="boom", return_code=3),
        CodeWritten(
            at=NOW,
            tool_use_id="srvtoolu_02D",
            code="Web page: https://example.org/index",
            language="text",
        ),
        OutputPrinted(
            at=NOW,
            tool_use_id="srvtoolu_02D",
            stdout="",
            stderr="url_not_accessible",
            return_code=1,
        ),
        CodeWritten(
            at=NOW, tool_use_id="srvtoolu_02E", code="tool_search_tool_regex", language="text"
        ),
        TextAdded(at=NOW, text="The index rose to ", block=9),
        TextAdded(at=NOW, text="112.4", block=10),
        TextAdded(at=NOW, text=".", block=11),
    ]
    assert isinstance(outcome, Completed)
    assert (outcome.text, outcome.usage) == (
        "The index rose to 112.4.",
        Usage(input_tokens=30_100, output_tokens=900),
    )


def test_reply_that_begins_with_its_content_is_read_whole(server):
    events, outcome = attempt(server, stream("prefilled.sse"))
    usage = Usage(input_tokens=310, output_tokens=12)
    assert events == [
        UsageReported(at=NOW, request_id=RequestId("req_011"), usage=usage),
        CodeWritten(at=NOW, tool_use_id="srvtoolu_03A", code="echo ok", language="bash"),
        OutputPrinted(at=NOW, tool_use_id="srvtoolu_03A", stdout="ok\n", stderr="", return_code=0),
        TextAdded(at=NOW, text="It is ok.", block=2),
    ]
    assert outcome == Completed(
        request_id=RequestId("req_011"),
        usage=usage,
        usage_final=True,
        container_id=ContainerId("container_03Pre"),
        container_expires_at=datetime(2026, 11, 24, 10, 16, 14, tzinfo=UTC),
        text="It is ok.",
        used_tool=True,
    )


def test_paused_reply_is_continued_in_its_container_and_its_usage_summed(server):
    """What was said goes back as it came, thinking and signature too, without empty text."""
    events, outcome = attempt(
        server,
        stream("paused.sse", request_id="req_04A"),
        stream("resumed.sse", request_id="req_04B"),
    )
    first, second = (seen.json for seen in server.seen)
    assert "container" not in first
    assert second == {
        **first,
        "container": "container_04New",
        "messages": [
            *first["messages"],
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Long work.", "signature": "EqoBpaused"},
                    {"type": "text", "text": "First part."},
                    {
                        "type": "server_tool_use",
                        "id": "srvtoolu_04A",
                        "name": "bash_code_execution",
                        "input": {"command": "echo one"},
                    },
                    {
                        "type": "bash_code_execution_tool_result",
                        "tool_use_id": "srvtoolu_04A",
                        "content": {
                            "type": "bash_code_execution_result",
                            "stdout": "one\n",
                            "stderr": "",
                            "return_code": 0,
                            "content": [],
                        },
                    },
                ],
            },
        ],
    }
    total = Usage(
        input_tokens=3600, output_tokens=150, cache_write_5m_tokens=300, cache_read_tokens=300
    )
    paused_id = RequestId("req_04A")
    assert [event for event in events if isinstance(event, UsageReported | TextAdded)] == [
        UsageReported(
            at=NOW,
            request_id=paused_id,
            usage=Usage(input_tokens=1000, output_tokens=1, cache_write_5m_tokens=300),
        ),
        TextAdded(at=NOW, text="First part.", block=2),
        UsageReported(
            at=NOW,
            request_id=paused_id,
            usage=Usage(input_tokens=1500, output_tokens=90, cache_write_5m_tokens=300),
        ),
        UsageReported(
            at=NOW,
            request_id=paused_id,
            usage=msgspec.structs.replace(total, input_tokens=3200, output_tokens=91),
        ),
        TextAdded(at=NOW, text="Both parts are done.", block=7),
        UsageReported(at=NOW, request_id=paused_id, usage=total),
    ]
    assert outcome == Completed(
        request_id=paused_id,
        continued_ids=(RequestId("req_04B"),),
        usage=total,
        usage_final=True,
        container_id=ContainerId("container_04New"),
        container_expires_at=EXPIRES,
        container_started_at=datetime(2026, 11, 24, 9, 19, 40, tzinfo=UTC),
        received_at=datetime(2026, 11, 24, 9, 19, 39, 900_000, tzinfo=UTC),
        replied_at=datetime(2026, 11, 24, 9, 20, 1, 500_000, tzinfo=UTC),
        text="Both parts are done.",
        used_tool=True,
    )


def test_reply_that_keeps_pausing_is_cut_short_after_five_continuations(server):
    _, outcome = attempt(server, *[stream("paused.sse") for _ in range(6)])
    assert len(server.seen) == 6
    assert [len(seen.json["messages"]) for seen in server.seen] == [1, 2, 2, 2, 2, 2]
    assert isinstance(outcome, CutShort)
    assert (outcome.reason, outcome.usage) == (
        "paused",
        Usage(input_tokens=9000, output_tokens=540, cache_write_5m_tokens=1800),
    )


def known(**more: Any) -> dict[str, Any]:
    """What an outcome knows after a reply that used a container."""
    return {
        "request_id": RequestId("req_011"),
        "usage_final": True,
        "container_id": ContainerId("container_01Wire"),
        "container_expires_at": EXPIRES,
        **more,
    }


def test_code_killed_for_memory_fails_the_attempt_with_its_peak(server):
    _, outcome = attempt(server, stream("killed.sse"))
    usage = Usage(input_tokens=5000, output_tokens=120)
    assert outcome == OutOfMemory(**known(usage=usage), peak_bytes=946_100_000)


def test_code_that_succeeds_after_a_kill_is_an_answer(server):
    _, outcome = attempt(server, stream("killed_then_well.sse"))
    usage = Usage(input_tokens=5000, output_tokens=120)
    assert outcome == Completed(
        **known(usage=usage), text="With fewer columns it is 7.", used_tool=True
    )


def test_a_column_called_killed_is_not_a_kill(server):
    _, outcome = attempt(server, stream("killed_in_words_only.sse"))
    usage = Usage(input_tokens=5000, output_tokens=120)
    assert outcome == Completed(**known(usage=usage), text="The column is missing.", used_tool=True)


def test_refusal_carries_its_explanation(server):
    _, outcome = attempt(server, stream("refusal.sse"))
    assert outcome == Declined(
        request_id=RequestId("req_011"),
        usage=Usage(input_tokens=2300, output_tokens=4),
        usage_final=True,
        explanation="Not something to help with.",
    )


def test_token_limit_and_full_context_are_told_apart(server):
    _, tokens = attempt(server, stream("max_tokens.sse"))
    _, context = attempt(server, stream("context.sse"))
    assert tokens == CutShort(
        request_id=RequestId("req_011"),
        usage=Usage(input_tokens=2300, output_tokens=8000),
        usage_final=True,
        reason="max_tokens",
        text="It goes on and on and",
    )
    assert context == CutShort(
        **known(usage=Usage(input_tokens=999_000, output_tokens=800)),
        reason="context",
        text="Too long",
    )


def test_text_only_reply_used_no_tool(server):
    _, outcome = attempt(server, stream("text_only.sse"), approach="text")
    assert outcome == Completed(
        request_id=RequestId("req_011"),
        usage=Usage(input_tokens=700, output_tokens=9),
        usage_final=True,
        text="Forty-two.",
        used_tool=False,
    )


@pytest.mark.parametrize("ending", ["clean", "broken"])
@pytest.mark.parametrize(
    ("upto", "input_tokens", "output_tokens"),
    [
        # 19 bytes of thinking were seen, at three bytes a token.
        ("content_block_stop", 2293, 7),
        # The result had 3,543 prompt tokens and 164 + 69 bytes read once more; 207 were written.
        ("message_delta", 2293 + 3543 + 78, 69),
    ],
)
def test_stream_that_ends_early_is_a_lost_connection(
    server, ending, upto, input_tokens, output_tokens
):
    """Traps A and B: cleanly or in mid-chunk, before a stop reason nothing is an answer."""
    _, outcome = attempt(server, stream("code_turn.sse", ending=ending, upto=upto))
    assert outcome == ConnectionLost(
        request_id=RequestId("req_011"),
        usage=Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_write_5m_tokens=1000,
            cache_write_1h_tokens=200,
            cache_read_tokens=50,
        ),
    )


def test_stream_that_breaks_after_its_stop_reason_is_complete(server):
    _, outcome = attempt(server, stream("text_only.sse", ending="broken", upto="message_stop"))
    assert isinstance(outcome, Completed)
    assert outcome.text == "Forty-two."


def test_error_in_mid_stream_is_sorted_by_its_type(server):
    """Trap C: the status said 200 already."""
    _, overloaded = attempt(server, stream("overloaded_midstream.sse"))
    _, internal = attempt(
        server, stream("api_error_midstream.sse"), container_id=ContainerId("container_01Old")
    )
    _, invalid = attempt(server, stream("invalid_midstream.sse"))
    base: dict[str, Any] = {"request_id": RequestId("req_011"), "usage": STARTED}
    assert overloaded == RateLimited(**base)
    assert internal == ConnectionLost(**base)
    assert invalid == Rejected(
        **base,
        status=400,
        detail="image_dimensions_too_large",
        provider_message="Nothing to do with it",
    )


def test_pieces_without_event_lines_are_read_by_their_own_type(server):
    """Trap D: a proxy that drops the event lines must not turn an answer into silence."""
    whole = stream("text_only.sse")
    lines = b"".join(whole.chunks).split(b"\n")
    bare = b"\n".join(line for line in lines if not line.startswith(b"event:"))
    _, outcome = attempt(server, Answer(headers=whole.headers, chunks=(bare,)))
    assert isinstance(outcome, Completed)
    assert outcome.text == "Forty-two."


@pytest.mark.parametrize(
    "garbage", [b"event: x\ndata: {not json\n\n", b"event: x\ndata: \xff\n\n", b"<html></html>"]
)
def test_garbled_stream_is_a_lost_connection(server, garbage):
    whole = stream("text_only.sse")
    _, outcome = attempt(server, Answer(headers=whole.headers, chunks=(garbage,)))
    assert outcome == ConnectionLost(request_id=RequestId("req_011"))


HTML = Answer(
    status=413,
    headers={"content-type": "text/html", "server": "cloudflare"},
    body=b"<html><body>413 Request Entity Too Large</body></html>",
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            error(429, "rate_limit_error", retry_after="7"),
            RateLimited(request_id=RequestId("req_429"), retry_after_seconds=7.0),
        ),
        (
            error(429, "rate_limit_error", retry_after_ms="250", retry_after="7"),
            RateLimited(request_id=RequestId("req_429"), retry_after_seconds=0.25),
        ),
        (
            error(429, "rate_limit_error", retry_after="Tue, 24 Nov 2026 09:00:30 GMT"),
            RateLimited(request_id=RequestId("req_429"), retry_after_seconds=30.0),
        ),
        (
            error(429, "rate_limit_error", retry_after="Tue, 24 Nov 2026 08:00:00 GMT"),
            RateLimited(request_id=RequestId("req_429"), retry_after_seconds=0.0),
        ),
        (
            error(429, "rate_limit_error", retry_after="soon"),
            RateLimited(request_id=RequestId("req_429"), retry_after_seconds=None),
        ),
        (
            error(429, "rate_limit_error", "Spent.", code="enforced_spend_limit_reached"),
            Rejected(
                request_id=RequestId("req_429"),
                status=429,
                detail="enforced_spend_limit_reached",
                provider_message="Spent.",
            ),
        ),
        (error(529, "overloaded_error"), RateLimited(request_id=RequestId("req_529"))),
        (HTML, Rejected(status=413, detail="http_413")),
        (
            error(401, "authentication_error", "invalid x-api-key"),
            Rejected(
                request_id=RequestId("req_401"),
                status=401,
                detail="authentication_error",
                provider_message="invalid x-api-key",
            ),
        ),
        (
            error(404, "not_found_error", "model: x"),
            Rejected(
                request_id=RequestId("req_404"),
                status=404,
                detail="not_found_error",
                provider_message="model: x",
            ),
        ),
        (
            error(400, "invalid_request_error", "container_id is required"),
            Rejected(
                request_id=RequestId("req_400"),
                status=400,
                detail="invalid_request_error",
                provider_message="container_id is required",
            ),
        ),
        (error(500, "api_error"), ConnectionLost(request_id=RequestId("req_500"))),
        (error(503, "api_error"), ConnectionLost(request_id=RequestId("req_503"))),
        (error(504, "timeout_error"), TimedOut(request_id=RequestId("req_504"))),
        (error(408, "timeout_error"), TimedOut(request_id=RequestId("req_408"))),
        (
            Answer(status=302, headers={"location": "http://127.0.0.1:1/"}, body=b""),
            Rejected(status=302, detail="http_302"),
        ),
    ],
)
def test_error_reply_without_a_container_is_sorted_by_status_and_code(server, answer, expected):
    events, outcome = attempt(server, answer)
    assert events == []
    assert outcome == expected
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            error(404, "not_found_error", "Container not found: container_01Old"),
            ContainerLost(request_id=RequestId("req_404")),
        ),
        (error(404, "not_found_error"), ContainerLost(request_id=RequestId("req_404"))),
        (
            error(400, "invalid_request_error", "The Container has expired."),
            ContainerLost(request_id=RequestId("req_400")),
        ),
        (
            error(500, "api_error", "Internal server error"),
            ContainerLost(request_id=RequestId("req_500")),
        ),
        (
            error(404, "not_found_error", "gone", code="file_expired"),
            Rejected(
                request_id=RequestId("req_404"),
                status=404,
                detail="file_expired",
                provider_message="gone",
            ),
        ),
        (
            error(400, "invalid_request_error", "max_tokens"),
            Rejected(
                request_id=RequestId("req_400"),
                status=400,
                detail="invalid_request_error",
                provider_message="max_tokens",
            ),
        ),
        (error(503, "api_error"), ConnectionLost(request_id=RequestId("req_503"))),
        (error(529, "overloaded_error"), RateLimited(request_id=RequestId("req_529"))),
    ],
)
def test_error_reply_to_a_remembered_container_may_mean_that_it_is_gone(server, answer, expected):
    _, outcome = attempt(server, answer, container_id=ContainerId("container_01Old"))
    assert outcome == expected
    assert len(server.seen) == 1


def test_text_question_names_no_container_so_none_can_be_lost(server):
    _, outcome = attempt(
        server,
        error(500, "api_error"),
        approach="text",
        container_id=ContainerId("container_01Old"),
    )
    assert outcome == ConnectionLost(request_id=RequestId("req_500"))
    assert "container" not in server.seen[0].json


def test_instants_that_an_engine_tells_early_are_kept_when_the_rest_is_lost(server):
    """The local engine bills by its own instants, so a reply that breaks off must not lose them."""
    broken = stream("code_turn.sse", upto="message_delta")
    broken.headers["dd-container-started-at"] = "2026-11-24T08:59:58.5Z"
    refused = error(
        404,
        "not_found_error",
        dd_replied_at="2026-11-24T09:00:01Z",
        dd_container_ended_at="2026-11-24T08:59:00Z",
    )
    _, lost = attempt(server, broken)
    _, gone = attempt(server, refused, container_id=ContainerId("container_01Old"))
    _, garbled = attempt(
        server,
        error(404, "not_found_error", dd_replied_at="soon", dd_container_ended_at="2026-11-24"),
        container_id=ContainerId("container_01Old"),
    )
    assert lost.container_started_at == datetime(2026, 11, 24, 8, 59, 58, 500_000, tzinfo=UTC)
    assert gone == ContainerLost(
        request_id=RequestId("req_404"),
        replied_at=datetime(2026, 11, 24, 9, 0, 1, tzinfo=UTC),
        container_ended_at=datetime(2026, 11, 24, 8, 59, tzinfo=UTC),
    )
    assert garbled == ContainerLost(request_id=RequestId("req_404"))
