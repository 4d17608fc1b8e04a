"""One attempt over the wire: what goes in, what comes out, how it can fail."""

from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from services.errors import EngineError, Message
from services.events import Usage
from services.ids import ContainerId, RemoteFileId, RequestId
from services.limits.types import Approach
from services.money.types import EngineKind
from services.preflight.types import FileReport


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests go. Both engines are reached by the same path; only these values differ."""

    kind: EngineKind
    base_url: str
    api_key: str
    label: str
    """What the page calls it."""

    def __repr__(self) -> str:
        """Without the key, so that no log line can hold it."""
        return f"Endpoint(kind={self.kind!r}, base_url={self.base_url!r})"


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A model as `models.toml` states it."""

    id: str
    label: str
    code_execution_tool: str
    context_tokens: int
    max_output_tokens: int
    source: str
    as_of: str
    web_search_tool: str = ""
    """Newest web search tool that it takes; blank where it has none."""
    web_fetch_tool: str = ""


class AttachedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the conversation that lies with the provider."""

    remote_file_id: RemoteFileId
    name: str
    report: FileReport
    mounted: bool = False
    """Lies in the container that is reused already; a fresh one gets every file all the same."""


class PastTurn(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier question and what was answered, as text."""

    question: str
    answer: str


class AttemptRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one request needs."""

    model: str
    approach: Approach
    question: str
    history: tuple[PastTurn, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    container_id: ContainerId | None = None
    """Reuse this container; None starts a new one, into which all files are mounted."""
    timeout_seconds: float = 180.0
    max_tokens: int = 8_000


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What every ending of an attempt knows."""

    request_id: RequestId | None = None
    usage: Usage | None = None
    usage_final: bool = False
    """Whether `usage` is the reply's final account; else an estimate by what was seen of it."""
    container_id: ContainerId | None = None
    container_expires_at: datetime | None = None
    received_at: datetime | None = None
    """The engine's own instant at which it had the request, where it told one."""
    replied_at: datetime | None = None
    """The engine's own instant of the reply, where it told one; container time is booked by it."""
    container_started_at: datetime | None = None
    """The engine's own instant of the container's first use, where it told one."""
    container_ended_at: datetime | None = None
    """The engine's own instant of the container's end, where it told that it is over."""
    sent: bool = True
    """False if the provider has certainly not seen the request, so that nothing is billed."""
    continued_ids: tuple[RequestId, ...] = ()
    """Further requests that continued a paused reply; `usage` is the sum over all of them."""


class Completed(Outcome, frozen=True, kw_only=True):
    """The reply ended by itself.

    `text` is what was said after the last tool call: the answer without the remarks on the way to
    it, which only the events hold. Where nothing was said after it, it is all that was said.
    """

    text: str
    used_tool: bool


class ContainerLost(Outcome, frozen=True, kw_only=True):
    """The remembered container is gone: 404, 400 that names it, or 500 with an id sent."""


class RateLimited(Outcome, frozen=True, kw_only=True):
    """429 or 529."""

    retry_after_seconds: float | None = None


class ConnectionLost(Outcome, frozen=True, kw_only=True):
    """No connection, a broken one, or a stream that ended without a stop reason."""


class TimedOut(Outcome, frozen=True, kw_only=True):
    """No answer within the timeout."""


class OutOfMemory(Outcome, frozen=True, kw_only=True):
    """A command was killed for memory (exit 137) and nothing after it succeeded."""

    peak_bytes: int | None = None


class Declined(Outcome, frozen=True, kw_only=True):
    """The model refused."""

    explanation: str | None = None


class CutShort(Outcome, frozen=True, kw_only=True):
    """The reply ended at a limit: tokens, context, or an unfinished pause."""

    reason: Literal["max_tokens", "context", "paused"]
    text: str = ""


class Rejected(Outcome, frozen=True, kw_only=True):
    """The provider refused the request: bad key, unknown model, billing, malformed."""

    status: int
    detail: str
    """A stable code: the provider's error code, else its type, else `http_{status}`."""
    provider_message: str = ""
    """What the provider said, cut at 300 characters; foreign text, for operators only."""


class Cancelled(Outcome, frozen=True, kw_only=True):
    """We closed the connection ourselves."""


Failure: TypeAlias = (
    ContainerLost
    | RateLimited
    | ConnectionLost
    | TimedOut
    | OutOfMemory
    | Declined
    | CutShort
    | Rejected
    | Cancelled
)
AttemptOutcome: TypeAlias = Completed | Failure


class FetchedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A produced file that now lies in a local folder."""

    path: Path
    name: str
    mime: str
    size_bytes: int


class RemoteCallFailed(EngineError):
    """Upload or download did not come about; `failure` tells how, in the words of an attempt."""

    code = "remote_call_failed"

    def __init__(self, message: Message, *, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class FetchRefused(EngineError):
    """A produced file is too large; it was not kept here."""

    code = "fetch_refused"

    def __init__(self, message: Message, *, name: str) -> None:
        super().__init__(message)
        self.name = name
