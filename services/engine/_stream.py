"""From the pieces of a streamed reply to events, and to what the attempt knows at its end.

Pieces are dispatched on their `type`, never on a class of the SDK, which makes the first class of a
union out of whatever it does not know. Unknown blocks, deltas and events pass without a trace.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.clock import Clock
from services.engine._commands import read_command, read_result
from services.engine._tally import Tally
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
from services.ids import ContainerId, RemoteFileId, RequestId


class StreamError(Exception):
    """The stream itself reported an error, after its status had already said 200."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        error = _dict(body.get("error"))
        self.type = _text(error.get("type"))
        self.error_code = _text(_dict(error.get("details")).get("error_code"))
        self.message = _text(error.get("message"))
        super().__init__(self.type)


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """The container as the reply describes it; instants where they are told."""

    id: ContainerId
    expires_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    replied_at: datetime | None


class Transcript:
    """All that an attempt has heard: one reply, or several that continue each other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._usage_before = Usage()
        self._usage: dict[str, Any] = {}
        self._tally = Tally()
        self._blocks: dict[int, dict[str, Any]] = {}
        self._inputs: dict[int, str] = {}
        self._first_block = 0
        self._said: list[str] = []
        self._said_since_tool: list[str] = []
        self.said_before: list[dict[str, Any]] = []
        """Content of the replies that were paused, to be sent back as it came."""
        self.request_ids: list[RequestId] = []
        self.started_at: datetime | None = None
        """First use of the container, where it is told before the reply, which may break off."""
        self.received_at: datetime | None = None
        """When the first of the requests reached the engine."""
        self.container: Container | None = None
        self.stop_reason: str | None = None
        self.explanation: str | None = None
        self.used_tool = False
        self.was_killed = False
        """Whether code was killed for memory and no code has succeeded since."""
        self.peak_bytes: int | None = None

    def begin(self, headers: Mapping[str, str]) -> None:
        """Another reply starts, with these headers."""
        if headers.get("request-id"):
            self.request_ids.append(RequestId(headers["request-id"]))
        self.started_at = read_instant(headers.get("dd-container-started-at")) or self.started_at
        self.stop_reason = None

    def pause(self) -> None:
        """The reply is to be continued by another one; keep what it said."""
        self.said_before.extend(self._replayable())
        self._usage_before = self.usage or Usage()
        self._usage = {}
        self._tally = Tally()
        self._first_block += max(self._blocks, default=-1) + 1
        self._blocks, self._inputs = {}, {}

    @property
    def usage(self) -> Usage | None:
        """Tokens of all replies so far; None before the first account of them."""
        if not self._usage and self._usage_before == Usage():
            return None
        return _sum(self._usage_before, _usage(self._usage))

    @property
    def usage_so_far(self) -> Usage | None:
        """`usage` of a reply that has ended; of one that has not, an estimate by what was seen."""
        if self.stop_reason is not None or not self._usage:
            return self.usage
        return _sum(self._usage_before, self._tally.usage(_usage(self._usage)))

    @property
    def text(self) -> str:
        """What was said after the last tool call, or in all where nothing was said after it."""
        return "".join(self._said_since_tool).strip() or "".join(self._said).strip()

    def take(self, piece: Mapping[str, Any]) -> Iterator[RunEvent]:
        """The events that one piece of the stream gives rise to. Raises StreamError."""
        index = piece.get("index")
        position = index if isinstance(index, int) else 0
        match piece.get("type"):
            case "message_start":
                yield from self._start(_dict(piece.get("message")))
            case "content_block_start":
                yield from self._open(position, _dict(piece.get("content_block")))
            case "content_block_delta":
                yield from self._add(position, _dict(piece.get("delta")))
            case "content_block_stop":
                yield from self._close(position)
            case "message_delta":
                self._end(_dict(piece.get("delta")))
                yield self._account(_dict(piece.get("usage")))
            case "error":
                raise StreamError(piece)
            case _:
                pass

    def _start(self, message: dict[str, Any]) -> Iterator[RunEvent]:
        """A reply may begin with content, container and stop reason already there."""
        yield self._account(_dict(message.get("usage")))
        content = message.get("content")
        for position, block in enumerate(content if isinstance(content, list) else []):
            yield from self._open(position, _dict(block))
            yield from self._close(position)
        self._end(message)

    def _open(self, position: int, block: dict[str, Any]) -> Iterator[RunEvent]:
        self._blocks[position] = dict(block)
        kind = _text(block.get("type"))
        if kind == "text" and block.get("text"):
            yield self._say(position, _text(block.get("text")))
        elif kind.endswith("_tool_result"):
            yield from self._result(block)

    def _add(self, position: int, delta: dict[str, Any]) -> Iterator[RunEvent]:
        block = self._blocks.setdefault(position, {"type": "text", "text": ""})
        match delta.get("type"), block.get("type"):
            case "text_delta", "text":
                block["text"] = _text(block.get("text")) + _text(delta.get("text"))
                if delta.get("text"):
                    yield self._say(position, _text(delta.get("text")))
            case "input_json_delta", _:
                more = _text(delta.get("partial_json"))
                self._tally.wrote(more)
                self._inputs[position] = self._inputs.get(position, "") + more
            case "thinking_delta", "thinking":
                self._tally.wrote(_text(delta.get("thinking")))
                block["thinking"] = _text(block.get("thinking")) + _text(delta.get("thinking"))
            case "signature_delta", "thinking":
                block["signature"] = _text(delta.get("signature"))
            case "citations_delta", "text":
                block["citations"] = [*(block.get("citations") or []), delta.get("citation")]
            case _:
                pass

    def _close(self, position: int) -> Iterator[RunEvent]:
        block = self._blocks.get(position, {})
        if self._inputs.get(position):
            try:
                block["input"] = json.loads(self._inputs[position])
            except ValueError:
                # The provider reports a malformed call in its result; the rest still counts.
                block["input"] = {}
        if block.get("type") != "server_tool_use":
            return
        self.used_tool = True
        self._said_since_tool.clear()
        command = read_command(_text(block.get("name")), _dict(block.get("input")))
        yield CodeWritten(
            at=self._clock.now(),
            tool_use_id=_text(block.get("id")),
            code=command.code,
            language=command.language,
        )

    def _result(self, block: dict[str, Any]) -> Iterator[RunEvent]:
        self.used_tool = True
        self._said_since_tool.clear()
        result = read_result(block)
        self._tally.returned(result.stdout + result.stderr)
        if result.was_killed:
            self.was_killed = True
        elif result.succeeded:
            self.was_killed = False
        yield OutputPrinted(
            at=self._clock.now(),
            tool_use_id=_text(block.get("tool_use_id")),
            stdout=result.stdout,
            stderr=result.stderr,
            return_code=result.return_code,
        )
        for peak_bytes in result.peaks_bytes:
            self.peak_bytes = max(peak_bytes, self.peak_bytes or 0)
            yield MemorySeen(at=self._clock.now(), peak_bytes=peak_bytes)
        for file_id in result.file_ids:
            yield FileProduced(at=self._clock.now(), remote_file_id=RemoteFileId(file_id))

    def _say(self, position: int, text: str) -> TextAdded:
        self._tally.wrote(text)
        self._said.append(text)
        self._said_since_tool.append(text)
        return TextAdded(at=self._clock.now(), text=text, block=self._first_block + position)

    def _account(self, usage: dict[str, Any]) -> UsageReported:
        """A later account replaces the figures that it names; the others stay."""
        self._usage |= {key: value for key, value in usage.items() if value is not None}
        first = self.request_ids[0] if self.request_ids else None
        return UsageReported(at=self._clock.now(), request_id=first, usage=self.usage or Usage())

    def _end(self, delta: dict[str, Any]) -> None:
        """The last piece names reason and container; a piece without them takes nothing back."""
        self.stop_reason = _text(delta.get("stop_reason")) or self.stop_reason
        details = _dict(delta.get("stop_details"))
        self.explanation = _text(details.get("explanation")) or self.explanation
        container = _dict(delta.get("container"))
        self.received_at = self.received_at or read_instant(container.get("dd_received_at"))
        if _text(container.get("id")):
            self.container = Container(
                id=ContainerId(_text(container.get("id"))),
                expires_at=read_instant(container.get("expires_at")),
                started_at=read_instant(container.get("dd_container_started_at")),
                ended_at=read_instant(container.get("dd_container_ended_at")),
                replied_at=read_instant(container.get("dd_replied_at")),
            )

    def _replayable(self) -> list[dict[str, Any]]:
        """The content as it came, but for empty text, which the provider does not take back."""
        blocks = [self._blocks[position] for position in sorted(self._blocks)]
        return [block for block in blocks if block.get("type") != "text" or block.get("text")]


def _usage(told: Mapping[str, Any]) -> Usage:
    """Our five figures. The split of cache writes comes at the start only, their sum each time."""
    written = _count(told.get("cache_creation_input_tokens"))
    split = _dict(told.get("cache_creation"))
    written_1h = min(_count(split.get("ephemeral_1h_input_tokens")), written)
    return Usage(
        input_tokens=_count(told.get("input_tokens")),
        output_tokens=_count(told.get("output_tokens")),
        cache_write_5m_tokens=written - written_1h,
        cache_write_1h_tokens=written_1h,
        cache_read_tokens=_count(told.get("cache_read_input_tokens")),
    )


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        **{name: getattr(one, name) + getattr(other, name) for name in Usage.__struct_fields__}
    )


def read_instant(value: object) -> datetime | None:
    """An instant as the wire writes it; None for anything else, or without a time zone."""
    try:
        instant = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
