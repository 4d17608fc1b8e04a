"""What the local engine's control routes deal in: its bill, its containers, its health, faults."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from services.events import Usage

Stage: TypeAlias = Literal["start", "tool", "result", "end"]
"""Where in a reply something is made to happen: after it began, while the command runs, after its
result, before its last words."""


class BillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the engine's own bill: a request's tokens, or a span of a container's life."""

    number: int
    kind: Literal["request", "container"]
    key: str
    """The request-id, or `{container}:{n}`."""
    at: datetime
    outcome: str
    """`completed`, `disconnected`, `broken`, `failed`; of a container `in_use` or how it ended."""
    amount_microusd: int
    request_id: str | None = None
    container_id: str | None = None
    model: str = ""
    usage: Usage | None = None
    seconds: int = 0
    """Whole started seconds; 0 on request rows."""
    span_from: datetime | None = None
    span_to: datetime | None = None


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, oldest first, and their sum."""

    rows: tuple[BillRow, ...]
    total_microusd: int


class EngineContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container as the engine itself knows it."""

    id: str
    started_at: datetime
    last_used_at: datetime
    ends_at: datetime
    """The hard end of its life, whatever `expires_at` says on the wire."""
    booked_until: datetime
    is_busy: bool
    files: tuple[str, ...]
    peak_bytes: int


class EngineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What a health page shows of the engine."""

    status: Literal["ok"]
    sandbox: Literal["starting", "ready", "failed"]
    profile: str
    versions: dict[str, str]
    """Of the interpreter that runs the code; empty until it is known."""
    is_profile_environment: bool
    now: datetime
    containers: int


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Something that is to go wrong, and how often before it stops."""

    times: int = 1


class StatusFault(Fault, frozen=True, kw_only=True, tag="status"):
    """The request is answered with an error status, or with a page that is not JSON."""

    status: int
    error_type: str | None = None
    message: str | None = None
    error_code: str | None = None
    retry_after_seconds: float | None = None
    html: bool = False
    path: Literal["messages", "files"] = "messages"


class ContainerFault(Fault, frozen=True, kw_only=True, tag="container_lost"):
    """The container that a request names is gone before it is used; 404, or the 500 variant."""

    status: Literal[400, 404, 500] = 404


class ContainerDeath(Fault, frozen=True, kw_only=True, tag="container_dies"):
    """The container ends while the command runs in it."""


class StreamCut(Fault, frozen=True, kw_only=True, tag="stream_cut"):
    """The reply ends without its last events: cleanly, or with a broken transfer."""

    at: Stage = "result"
    how: Literal["eof", "broken"] = "eof"


class StreamError(Fault, frozen=True, kw_only=True, tag="stream_error"):
    """An `error` event in mid-stream; the status stays 200."""

    at: Stage = "result"
    error_type: str = "overloaded_error"
    message: str = "Overloaded"


class Delay(Fault, frozen=True, kw_only=True, tag="delay"):
    """Silence before the reply, or a slow command; real seconds, whatever the time scale."""

    seconds: float
    at: Literal["reply", "tool"] = "reply"


class ToolFault(Fault, frozen=True, kw_only=True, tag="tool"):
    """The command is not run; its result is this error, or a kill for memory."""

    outcome: Literal[
        "killed",
        "unavailable",
        "too_many_requests",
        "execution_time_exceeded",
        "output_file_too_large",
        "invalid_tool_input",
    ] = "killed"


class StopFault(Fault, frozen=True, kw_only=True, tag="stop"):
    """The reply ends for this reason instead of its own."""

    reason: Literal["refusal", "max_tokens", "pause_turn", "model_context_window_exceeded"]
    explanation: str | None = None


class NoToolFault(Fault, frozen=True, kw_only=True, tag="no_tool"):
    """The answer comes as text although a tool was offered and needed."""


class UnknownPieces(Fault, frozen=True, kw_only=True, tag="unknown_pieces"):
    """A block, an event and padding that no client knows yet; a tolerant one reads past them."""


AnyFault: TypeAlias = (
    StatusFault
    | ContainerFault
    | ContainerDeath
    | StreamCut
    | StreamError
    | Delay
    | ToolFault
    | StopFault
    | NoToolFault
    | UnknownPieces
)
