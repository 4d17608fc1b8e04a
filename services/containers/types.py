"""Container records: one workspace per conversation, kept for reuse while it lives."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from services.ids import ContainerId, ConversationId, UserId, WorkspaceId
from services.money.types import EngineKind
from services.units import MicroUsd

WorkspaceState: TypeAlias = Literal["starting", "working", "idle", "released", "expired", "lost"]
ALIVE: frozenset[WorkspaceState] = frozenset({"starting", "working", "idle"})


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A container under our own id, written down before the request that creates it."""

    id: WorkspaceId
    conversation_id: ConversationId
    user: UserId
    engine: EngineKind
    state: WorkspaceState
    recorded_at: datetime
    container_id: ContainerId | None = None
    billed_from: datetime | None = None
    """First instant of use, as the engine told it; None until the first reply."""
    booked_until: datetime | None = None
    booked_spans: int = 0
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    runs: int = 0
    files: tuple[str, ...] = ()
    """File ids that are mounted in it."""
    peak_bytes: int | None = None
    is_ending: bool = False
    """Somebody is ending it: no run may take it any more."""
    schema: int = 1


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace that a run may use now."""

    workspace: Workspace
    reused: bool


class LiveContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the live table."""

    workspace: Workspace
    age_seconds: float
    is_at_risk: bool
    seconds_to_risk: float
    so_far_microusd: MicroUsd
    """An estimate of the whole life until now; never part of a sum."""
    not_yet_booked_microusd: MicroUsd = MicroUsd(0)
    """The part of it that no ledger row tells of yet."""
