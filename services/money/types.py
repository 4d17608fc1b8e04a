"""Rows of the ledger and what is computed from them. Amounts are integer micro-dollars."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from services.events import Usage
from services.ids import (
    ContainerId,
    ConversationId,
    CorrelationId,
    RequestId,
    RunId,
    UserId,
    WorkspaceId,
)
from services.units import MicroUsd

EngineKind: TypeAlias = Literal["local", "claude"]
Period: TypeAlias = Literal["today", "week", "month"]
Outcome: TypeAlias = Literal[
    "completed",
    "stopped",
    "refused",
    "max_tokens",
    "container_lost",
    "rate_limited",
    "connection_lost",
    "timeout",
    "out_of_memory",
    "tool_failed",
    "failed",
    "unknown",
]


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One booked row: a request's tokens, or a span of a container's life.

    The format is fixed from the first day; fields are only added, with defaults.
    """

    kind: Literal["request", "container"]
    key: str
    engine: EngineKind
    booked_at: datetime
    user: UserId
    conversation_id: ConversationId
    run_id: RunId | None
    workspace_id: WorkspaceId | None
    container_id: ContainerId | None = None
    request_id: RequestId | None = None
    attempt: int = 0
    ordinal: int = 0
    model: str = ""
    usage: Usage | None = None
    seconds: int = 0
    """Whole started seconds of container time; 0 on request rows."""
    span_from: datetime | None = None
    span_to: datetime | None = None
    outcome: Outcome = "completed"
    amount_microusd: MicroUsd = MicroUsd(0)
    profile: str = ""
    price_version: str = ""
    estimated: bool = False
    """True where the final account never arrived: booked by what was seen, or by what was held."""
    correlation_id: CorrelationId | None = None
    schema: int = 1


class NumberedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger row with its gapless number."""

    number: int
    row: LedgerRow


class RequestIntent(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to be sent, written down before it is."""

    key: str
    """`{run}/{attempt}/{n}`."""
    engine: EngineKind
    user: UserId
    conversation_id: ConversationId
    run_id: RunId
    workspace_id: WorkspaceId | None
    attempt: int
    ordinal: int
    model: str
    reserved_microusd: MicroUsd
    profile: str
    price_version: str
    correlation_id: CorrelationId | None = None


class ContainerHold(msgspec.Struct, frozen=True, kw_only=True):
    """What a live container may still cost: held while it lives, never booked as it is."""

    key: str
    """`hold:container:{workspace}`."""
    engine: EngineKind
    user: UserId
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    seconds: int
    """Of its life that are not booked yet."""
    profile: str


class RunCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one run has cost so far: sums of its rows, and what is not booked yet."""

    request_microusd: MicroUsd
    container_microusd: MicroUsd
    not_yet_booked_microusd: MicroUsd
    estimated: bool

    @property
    def booked_microusd(self) -> MicroUsd:
        """Sum of the rows."""
        return MicroUsd(self.request_microusd + self.container_microusd)


class DaySpend(msgspec.Struct, frozen=True, kw_only=True):
    """Booked spend of one UTC day."""

    day: str
    request_microusd: MicroUsd
    container_microusd: MicroUsd


class SpendReport(msgspec.Struct, frozen=True, kw_only=True):
    """What Containers & cost shows of a period; every figure is a sum of ledger rows."""

    engine: EngineKind
    spent_microusd: MicroUsd
    request_microusd: MicroUsd
    container_microusd: MicroUsd
    requests: int
    failed_requests: int
    container_seconds: int
    days: tuple[DaySpend, ...]
    rows: tuple[NumberedRow, ...]
    """Newest first."""
    free_container_microusd: MicroUsd = MicroUsd(0)
    """What the profile's free hours would take off the container time of these days. Rows stand at
    the list price; the allowance is the whole organisation's, so this is an estimate."""
