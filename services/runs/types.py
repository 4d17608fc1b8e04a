"""What a run is: a task, a state, an owner and a journal."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

import msgspec

from services.events import Event
from services.ids import ConversationId, CorrelationId, FileId, QuestionId, RunId, UserId

RunState: TypeAlias = Literal["queued", "running", "finished", "failed", "stopped", "interrupted"]
LIVE_STATES: frozenset[RunState] = frozenset({"queued", "running"})


class CheckFile(msgspec.Struct, frozen=True, kw_only=True, tag="check_file"):
    """Find out what a kept file is and whether it fits."""

    file_id: FileId


class ProfileFile(msgspec.Struct, frozen=True, kw_only=True, tag="profile_file"):
    """Look at every row of a checked file, in the background."""

    file_id: FileId


class ReduceFile(msgspec.Struct, frozen=True, kw_only=True, tag="reduce_file"):
    """Write a smaller version of a file by the steps that are stored for it."""

    file_id: FileId


class AnswerQuestion(msgspec.Struct, frozen=True, kw_only=True, tag="answer_question"):
    """Answer a question that is already part of its conversation."""

    question_id: QuestionId


Task: TypeAlias = CheckFile | ProfileFile | ReduceFile | AnswerQuestion


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """The durable state of a run. `fence` is the start number of the server that owns it."""

    id: RunId
    owner: UserId
    task: Task
    conversation_id: ConversationId | None
    state: RunState
    attempt: int
    fence: int
    started_at: datetime
    ended_at: datetime | None = None
    correlation_id: CorrelationId | None = None


class Run(Protocol):
    """What a performer is handed: note facts, look whether to stop, wait."""

    @property
    def id(self) -> RunId:
        """The run's id."""

    @property
    def owner(self) -> UserId:
        """Who started it."""

    @property
    def correlation_id(self) -> CorrelationId:
        """What logs, ledger rows and failure cards of this run carry."""

    @property
    def stop_requested(self) -> bool:
        """Whether the user pressed Stop or the server is going down."""

    @property
    def server_ends(self) -> bool:
        """Whether the stop comes from the server going down, not from the user."""

    def note(self, event: Event) -> None:
        """Journal an event. Pieces of text may be gathered for up to 100 ms; all else is at once.

        The first ending that is noted ends the run; what comes after it is refused.
        """

    def wait(self, seconds: float) -> bool:
        """Pause; true as soon as a stop is requested."""

    def on_stop(self, close: Callable[[], None] | None) -> None:
        """What to call, from another thread, when a stop is requested: closes a connection."""
