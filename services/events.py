"""Everything that can happen in a run: one closed union, facts in the past tense.

Consumers `match` and end in `assert_never`, so a new event does not type-check until every consumer
has an opinion. Once journalled an event is never edited; fields are only added, with defaults.
"""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from services.errors import Message
from services.ids import ContainerId, FileId, RemoteFileId, RequestId, WorkspaceId
from services.units import MicroUsd

ProducedKind: TypeAlias = Literal["image", "table", "other"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events; only carries the instant at which the fact was noted (UTC)."""

    at: datetime


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one provider request, as its final usage block says (cumulative over its tools)."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cache_read_tokens: int = 0


class Queued(Event, frozen=True, kw_only=True, tag="queued"):
    """The run was accepted and waits for a worker or a container."""


class CheckAdvanced(Event, frozen=True, kw_only=True, tag="check_advanced"):
    """A file check reached its next step; `fact` is what has become known, ready to show."""

    step: Literal["content", "shape", "memory"]
    fact: str = ""


class FileChecked(Event, frozen=True, kw_only=True, tag="file_checked"):
    """The check of a file ended with a verdict, which is stored beside the file."""

    file_id: FileId


class FileProfiled(Event, frozen=True, kw_only=True, tag="file_profiled"):
    """Every row of a file was looked at; what that says is stored with its verdict."""

    file_id: FileId


class ReductionAdvanced(Event, frozen=True, kw_only=True, tag="reduction_advanced"):
    """So much of a file has been read to write a smaller one: `done` from 0 to 1."""

    done: float
    rows: int


class FileReduced(Event, frozen=True, kw_only=True, tag="file_reduced"):
    """The smaller version of a file is kept as a file of its own, and was checked."""

    file_id: FileId
    reduced_id: FileId


class ContainerStarted(Event, frozen=True, kw_only=True, tag="container_started"):
    """A new container took the request. Its id is known only when the reply ends."""

    workspace_id: WorkspaceId
    container_id: ContainerId | None = None


class ContainerReused(Event, frozen=True, kw_only=True, tag="container_reused"):
    """The conversation's own container answered again."""

    workspace_id: WorkspaceId
    container_id: ContainerId
    age_seconds: float


class UploadFinished(Event, frozen=True, kw_only=True, tag="upload_finished"):
    """A file of the conversation reached the provider."""

    file_id: FileId
    size_bytes: int


class TextAdded(Event, frozen=True, kw_only=True, tag="text_added"):
    """A piece of the answer's prose. `block` numbers the text block that it belongs to."""

    text: str
    block: int = 0


class CodeWritten(Event, frozen=True, kw_only=True, tag="code_written"):
    """One command was written completely and is about to run."""

    tool_use_id: str
    code: str
    language: Literal["python", "bash", "text"] = "python"


class OutputPrinted(Event, frozen=True, kw_only=True, tag="output_printed"):
    """A command ended; what it printed and how it ended (137: out of memory)."""

    tool_use_id: str
    stdout: str
    stderr: str
    return_code: int


class FileProduced(Event, frozen=True, kw_only=True, tag="file_produced"):
    """A command left a file; it still lies with the provider."""

    remote_file_id: RemoteFileId


class FileFetched(Event, frozen=True, kw_only=True, tag="file_fetched"):
    """A produced file was fetched, checked and kept here."""

    file_id: FileId
    name: str
    kind: ProducedKind
    mime: str
    size_bytes: int


class FileDropped(Event, frozen=True, kw_only=True, tag="file_dropped"):
    """A produced file was not kept, and why."""

    name: str
    reason: str


class MemorySeen(Event, frozen=True, kw_only=True, tag="memory_seen"):
    """Peak resident memory that the running code reported."""

    peak_bytes: int


class UsageReported(Event, frozen=True, kw_only=True, tag="usage_reported"):
    """Tokens of a request so far; the last report of a request is the one that is billed."""

    request_id: RequestId | None
    usage: Usage


class Retrying(Event, frozen=True, kw_only=True, tag="retrying"):
    """An attempt failed and another follows."""

    category: str
    message: Message
    after_seconds: float = 0.0


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """The run ended with what was wanted."""

    seconds: float
    cost_microusd: MicroUsd = MicroUsd(0)


class Failed(Event, frozen=True, kw_only=True, tag="failed"):
    """The run ended without an answer. `category` is stable, for statistics."""

    category: str
    message: Message
    cost_microusd: MicroUsd = MicroUsd(0)
    seconds: float = 0.0


class Stopped(Event, frozen=True, kw_only=True, tag="stopped"):
    """The user ended the run."""

    seconds: float
    cost_microusd: MicroUsd = MicroUsd(0)


class Interrupted(Event, frozen=True, kw_only=True, tag="interrupted"):
    """The server ended while the run was under way."""

    stage: str
    cost_microusd: MicroUsd = MicroUsd(0)


RunEvent: TypeAlias = (
    Queued
    | CheckAdvanced
    | FileChecked
    | FileProfiled
    | ReductionAdvanced
    | FileReduced
    | ContainerStarted
    | ContainerReused
    | UploadFinished
    | TextAdded
    | CodeWritten
    | OutputPrinted
    | FileProduced
    | FileFetched
    | FileDropped
    | MemorySeen
    | UsageReported
    | Retrying
    | Finished
    | Failed
    | Stopped
    | Interrupted
)

ENDINGS = (Finished, Failed, Stopped, Interrupted)
"""The events after which a run is over; each run has exactly one of them, as its last event."""


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its place in the run's journal; the first is 1, and there are no gaps."""

    sequence: int
    event: RunEvent
