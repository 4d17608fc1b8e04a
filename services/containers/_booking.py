"""From a container's life to rows of the ledger, what is held for it, and estimates beside them.

`book`, `end` and `hold` belong inside a unit of the store, with the record that they change.
"""

from datetime import datetime

import msgspec

from services.clock import Clock
from services.containers import _life
from services.containers._records import Records
from services.containers.types import Workspace, WorkspaceState
from services.ids import RunId
from services.limits.types import LimitProfile
from services.money import Money
from services.money.types import ContainerHold, LedgerRow, Outcome
from services.units import MicroUsd

_NOTHING = MicroUsd(0)


class Booking:
    """What this room asks of money."""

    def __init__(self, records: Records, money: Money, clock: Clock, profile: LimitProfile) -> None:
        self._records = records
        self._money = money
        self._clock = clock
        self._profile = profile
        self.by_lifetime = profile.billing.rule == "lifetime"

    def book(
        self,
        workspace: Workspace,
        span: _life.Span | None,
        run_id: RunId | None,
        outcome: Outcome,
        *,
        estimated: bool,
    ) -> Workspace:
        """Book a span, if there is one; the record as it must be written with it."""
        if span is None:
            return workspace
        number = workspace.booked_spans + 1
        self._money.record(
            LedgerRow(
                kind="container",
                key=f"container:{workspace.id}:{number}",
                engine=workspace.engine,
                booked_at=self._clock.now(),
                user=workspace.user,
                conversation_id=workspace.conversation_id,
                run_id=run_id,
                workspace_id=workspace.id,
                container_id=workspace.container_id,
                seconds=span.seconds,
                span_from=span.start,
                span_to=span.end,
                outcome=outcome,
                amount_microusd=self._money.container_cost(span.seconds),
                profile=self._profile.name,
                price_version=self._money.price_version,
                estimated=estimated,
            )
        )
        return msgspec.structs.replace(workspace, booked_until=span.end, booked_spans=number)

    def end(
        self,
        old: Workspace,
        state: WorkspaceState,
        at: datetime,
        *,
        run_id: RunId | None = None,
        told: bool = True,
    ) -> Workspace:
        """Book what is left by lifetime, let go of the hold, write the end; once.

        `told` says that the instant is the engine's or the rule's, not that of our noticing.
        """
        if not _life.is_alive(old):
            return old
        if not told:
            # Noticed late, it did not live longer than it could.
            at = min(at, _life.end_of_life(old, self._profile))
        span = _life.next_span(old, at) if self.by_lifetime else None
        outcome: Outcome = "container_lost" if state == "lost" else "completed"
        booked = self.book(old, span, run_id, outcome, estimated=not told)
        workspace = msgspec.structs.replace(booked, state=state, ended_at=at)
        self._records.put(workspace)
        self.hold(workspace)
        return workspace

    def hold(self, workspace: Workspace) -> None:
        """Hold what the unbooked rest of its life may cost; nothing once it has ended."""
        if not self.by_lifetime:
            return
        end = _life.end_of_life(workspace, self._profile)
        start = workspace.booked_until or _life.born_at(workspace)
        left = _life.whole_started_seconds(start, end) if _life.is_alive(workspace) else 0
        self._money.hold(
            ContainerHold(
                key=f"hold:container:{workspace.id}",
                engine=workspace.engine,
                user=workspace.user,
                conversation_id=workspace.conversation_id,
                workspace_id=workspace.id,
                seconds=left,
                profile=self._profile.name,
            )
        )

    def so_far(self, workspace: Workspace, now: datetime) -> MicroUsd:
        """An estimate of the whole life until now; by execution, what was booked."""
        if not self.by_lifetime:
            return self._money.container_booked(workspace.id)
        if workspace.billed_from is None:
            return _NOTHING
        seconds = _life.whole_started_seconds(workspace.billed_from, now)
        return self._money.container_cost(seconds)

    def booked(self, workspace: Workspace) -> MicroUsd:
        """Sum of its rows in the ledger."""
        return self._money.container_booked(workspace.id)
