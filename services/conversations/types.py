"""A conversation: files, questions, answers, all of one user."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from services.analyst.types import Abstained, Reading, UnknownColumn
from services.errors import Message
from services.events import ProducedKind
from services.ids import ContainerId, ConversationId, FileId, QuestionId, RunId, UserId
from services.limits.types import Approach
from services.money.types import EngineKind
from services.units import MicroUsd

TurnState: TypeAlias = Literal[
    "running", "answered", "declined", "failed", "stopped", "interrupted"
]


class Produced(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an answer brought along."""

    file_id: FileId
    name: str
    kind: ProducedKind
    mime: str
    size_bytes: int
    alt: str = ""


class CodeStep(msgspec.Struct, frozen=True, kw_only=True):
    """One command that ran, and what came of it."""

    code: str
    stdout: str
    stderr: str
    return_code: int


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """What makes an answer repeatable."""

    reading: Reading | None
    steps: tuple[CodeStep, ...]
    fingerprints: tuple[str, ...]
    """Content hashes of the files that were asked about."""
    environment: str
    prompt_version: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, and what it took."""

    headline: str
    """First sentence, at most 90 characters, plain text of the model: escape before drawing."""
    text: str
    """The rest, Markdown of the model: escape before drawing."""
    produced: tuple[Produced, ...]
    seconds: float
    peak_bytes: int | None
    approach: Approach
    engine: EngineKind
    model: str
    container_id: ContainerId | None
    bundle: Bundle
    remarks: tuple[str, ...] = ()
    """Our own sentences on what is missing from the answer, such as a file that was not kept."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A question and what became of it."""

    id: QuestionId
    conversation_id: ConversationId
    owner: UserId
    question: str
    asked_at: datetime
    files: tuple[FileId, ...]
    state: TurnState
    run_id: RunId | None = None
    answer: Answer | None = None
    declined: UnknownColumn | Abstained | None = None
    """Why nothing was run."""
    failure: Message | None = None
    failure_category: str | None = None
    seconds: float = 0.0
    as_is: bool = False
    """Asked anyway, although a column seems not to exist."""
    dismissed: bool = False
    """The user has put the failure card away."""
    schema: int = 1


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a conversation; its turns are read apart, oldest first."""

    id: ConversationId
    owner: UserId
    title: str
    files: tuple[FileId, ...]
    turns: tuple[QuestionId, ...]
    created_at: datetime
    changed_at: datetime
    schema: int = 1


class ConversationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list of conversations."""

    id: ConversationId
    title: str
    file_names: tuple[str, ...]
    answers: int
    state: TurnState | None
    changed_at: datetime
    cost_microusd: MicroUsd
