"""Rows as the store's ledger holds them, and the sums that each is part of.

Every period's sum names its engine, so that a rehearsal is never added to what was paid. A run and
a container belong to one engine by nature; a conversation may have seen both, so its sum names it.
"""

from datetime import datetime

import msgspec

from services.ids import ConversationId, RunId, UserId, WorkspaceId
from services.money.types import ContainerHold, EngineKind, LedgerRow, NumberedRow, RequestIntent
from services.store.types import BookedEntry, LedgerEntry

_row_decoder = msgspec.json.Decoder(LedgerRow)


def conversation_scope(engine: EngineKind, conversation_id: ConversationId) -> str:
    """What a conversation cost with one engine."""
    return f"{engine}:conversation:{conversation_id}"


def run_scope(run_id: RunId, part: str) -> str:
    """What a run cost: `request`, `container`, or the `estimated` share of the two."""
    return f"run:{run_id}:{part}"


def container_scope(workspace_id: WorkspaceId) -> str:
    """What a container's time cost."""
    return f"container:{workspace_id}"


def entry_of(row: LedgerRow) -> LedgerEntry:
    """The row with its sums, ready to be booked."""
    scopes = _shared(row.engine, row.user, row.conversation_id, row.booked_at)
    if row.run_id is not None:
        scopes += (f"run:{row.run_id}", run_scope(row.run_id, row.kind))
        if row.estimated:
            scopes += (run_scope(row.run_id, "estimated"),)
    if row.kind == "container" and row.workspace_id is not None:
        scopes += (container_scope(row.workspace_id),)
    return LedgerEntry(
        key=row.key,
        amount_microusd=row.amount_microusd,
        scopes=scopes,
        body=msgspec.json.encode(row),
    )


def row_of(booked: BookedEntry) -> NumberedRow:
    """A booked row as it was given."""
    return NumberedRow(number=booked.number, row=_row_decoder.decode(booked.entry.body))


def intent_scopes(intent: RequestIntent, at: datetime) -> tuple[str, ...]:
    """The sums in which a request's reservation is held."""
    shared = _shared(intent.engine, intent.user, intent.conversation_id, at)
    return (*shared, f"run:{intent.run_id}")


def hold_scopes(hold: ContainerHold, at: datetime) -> tuple[str, ...]:
    """The sums in which a container's remaining life is held."""
    shared = _shared(hold.engine, hold.user, hold.conversation_id, at)
    return (*shared, container_scope(hold.workspace_id))


def _shared(
    engine: EngineKind, user: UserId, conversation_id: ConversationId, at: datetime
) -> tuple[str, ...]:
    day = at.date().isoformat()
    return (
        f"{engine}:total:{day[:7]}",
        f"{engine}:day:{day}",
        f"{engine}:user:{user}:{day}",
        conversation_scope(engine, conversation_id),
    )
