"""The verbs of this room: who may use which container, and what its time costs."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from services import telemetry
from services.clock import Clock
from services.containers import _life, _live
from services.containers._booking import Booking
from services.containers._records import Records
from services.containers.types import Lease, LiveContainer, Workspace
from services.errors import EngineError, LimitError, NotYoursError
from services.ids import ContainerId, ConversationId, RunId, UserId, WorkspaceId, new_id
from services.limits.types import LimitProfile
from services.money import Money
from services.money.types import EngineKind
from services.store import Store
from services.wording import money as wording

EndRemotely: TypeAlias = Callable[[ContainerId], datetime | None]
"""Ends a container at the engine and tells when it ended; ending it again tells the same."""

_log = telemetry.log("containers")


class Containers:
    """All containers of all users. Thread-safe: its state is in the store.

    `end_remotely` is given where the engine has a way to end a container.
    """

    def __init__(
        self,
        store: Store,
        money: Money,
        clock: Clock,
        profile: LimitProfile,
        engine_kind: EngineKind,
        end_remotely: EndRemotely | None = None,
    ) -> None:
        self._store = store
        self._records = Records(store)
        self._booking = Booking(self._records, money, clock, profile)
        self._clock = clock
        self._profile = profile
        self._engine_kind = engine_kind
        self._end_remotely = end_remotely if profile.billing.can_release else None

    @property
    def can_release(self) -> bool:
        """Whether a container can really be ended early, so that releasing it saves money."""
        return self._end_remotely is not None

    def acquire(
        self, user: UserId, conversation_id: ConversationId, file_ids: tuple[str, ...]
    ) -> Lease:
        """The conversation's container if it can be used again, else the record of a new one.

        A record stands before the request that makes the container is sent. One that can't be used
        again is ended, so that nobody goes on paying for it. `workspace.files` are those mounted
        already; of a new one, those that are about to be.

        Raises NotYoursError if the conversation's container is somebody else's.
        """
        now = self._clock.now()
        with self._store.unit():
            old = self._records.current(conversation_id)
            if old is not None and old.user != user:
                raise NotYoursError(wording.container_not_yours())
            if old is not None and self._is_reusable(old, now):
                reused = msgspec.structs.replace(
                    old, state="working", runs=old.runs + 1, last_used_at=now
                )
                self._records.put(reused)
                return Lease(workspace=reused, reused=True)
        if old is not None and _life.is_alive(old):
            self._end_superseded(old, now)
        return Lease(workspace=self._recorded(user, conversation_id, file_ids, now), reused=False)

    def replied(
        self,
        workspace_id: WorkspaceId,
        *,
        container_id: ContainerId,
        expires_at: datetime | None,
        replied_at: datetime,
        run_id: RunId | None,
        started_at: datetime | None = None,
        sent_at: datetime | None = None,
        file_ids: tuple[str, ...] = (),
        peak_bytes: int | None = None,
    ) -> Workspace:
        """Note what a reply told of its container, and book its time until then.

        The instants are the engine's: `started_at` is the container's first use, `sent_at` the
        beginning of this request (billed by execution). A reply from a container that was given up
        as expired or lost proves that it lived, and is booked; it stays given up.
        """
        with self._store.unit():
            old = self._records.get(workspace_id)
            if self._booking.by_lifetime and old.state == "released":
                return old
            told = msgspec.structs.replace(
                old,
                container_id=container_id,
                expires_at=expires_at or old.expires_at,
                billed_from=old.billed_from or started_at or replied_at,
                last_used_at=self._clock.now(),
                files=tuple(dict.fromkeys((*old.files, *file_ids))),
                peak_bytes=max(filter(None, (old.peak_bytes, peak_bytes)), default=None),
            )
            if self._booking.by_lifetime:
                span = _life.next_span(told, replied_at)
            else:
                span = _life.execution_span(old, started_at, sent_at, replied_at)
            workspace = self._booking.book(told, span, run_id, "completed", estimated=False)
            if _life.is_alive(workspace):
                workspace = msgspec.structs.replace(workspace, state="working")
                self._booking.hold(workspace)
            self._records.put(workspace)
            return workspace

    def give_back(self, workspace_id: WorkspaceId) -> Workspace:
        """The run is over; the container waits for the next question.

        One that no reply ever told of can't be used again and is given up; nothing is booked.
        """
        with self._store.unit():
            old = self._records.get(workspace_id)
            if not _life.is_alive(old):
                return old
            now = self._clock.now()
            if old.container_id is None:
                return self._booking.end(old, "released", now)
            idle = msgspec.structs.replace(old, state="idle", last_used_at=now)
            self._records.put(idle)
            return idle

    def lost(
        self,
        workspace_id: WorkspaceId,
        *,
        ended_at: datetime | None = None,
        run_id: RunId | None = None,
        is_gone: bool = True,
    ) -> Workspace:
        """The container can't be used any more; its time is booked until then.

        Without the engine's own instant it is booked until now, flagged as an estimate; or to the
        end of its life, where it may live on (not `is_gone`) and there is no way to end it.
        """
        old = self._records.get(workspace_id)
        told = ended_at or self._told_end(old)
        with self._store.unit():
            workspace = self._records.get(workspace_id)
            at = told or self._clock.now()
            if told is None and not is_gone and not self.can_release:
                at = _life.end_of_life(workspace, self._profile)
            return self._booking.end(workspace, "lost", at, run_id=run_id, told=told is not None)

    def broke_off(
        self,
        workspace_id: WorkspaceId,
        *,
        used_from: datetime,
        used_until: datetime | None = None,
        run_id: RunId | None = None,
    ) -> Workspace:
        """A request to the container broke off, so that no reply tells of the time it took.

        Billed by execution, it is booked (until now, if nothing else is said), flagged as an
        estimate. Billed by lifetime, the container is billed from `used_from`, unless an earlier
        reply has told its first use.
        """
        with self._store.unit():
            old = self._records.get(workspace_id)
            if self._booking.by_lifetime and not _life.is_alive(old):
                return old
            told = msgspec.structs.replace(old, billed_from=old.billed_from or used_from)
            span = None
            if not self._booking.by_lifetime:
                span = _life.execution_span(old, None, used_from, used_until or self._clock.now())
            workspace = self._booking.book(told, span, run_id, "connection_lost", estimated=True)
            self._records.put(workspace)
            self._booking.hold(workspace)
            return workspace

    def take_back(self, sent: Mapping[WorkspaceId, RunId]) -> None:
        """After a restart no run is under way: what the dead server's runs had is free, or lost.

        `sent` names those to which a request had left. One that was just being made is not known
        by its id, and is booked as `lost` says, from when it was written down.
        """
        for workspace in self._records.alive():
            if workspace.state == "idle":
                continue
            run_id = sent.get(workspace.id)
            if run_id is not None:
                begun = workspace.last_used_at or workspace.recorded_at
                longest = begun + timedelta(seconds=self._profile.request_timeout_seconds)
                self.broke_off(
                    workspace.id,
                    used_from=begun,
                    used_until=min(longest, self._clock.now()),
                    run_id=run_id,
                )
            if workspace.container_id is None:
                self.lost(workspace.id, run_id=run_id, is_gone=False)
            else:
                self.give_back(workspace.id)

    def release(
        self,
        user: UserId,
        workspace_id: WorkspaceId,
        *,
        operator: bool = False,
        interrupt: bool = False,
    ) -> Workspace:
        """End the container, or only stop using it where there is no way to end one.

        Then its time, where it is billed by lifetime, is booked to its end: nothing is saved.
        Releasing again changes nothing. Raises NotYoursError for anyone but its user and operators,
        and LimitError while it is being made, when nothing is known that could be ended, and for an
        operator while its user's run is using it, unless the operator may `interrupt` that run.
        """
        with self._store.unit():
            old = self._records.find(workspace_id)
            if old is None or (old.user != user and not operator):
                raise NotYoursError(wording.container_not_yours())
            is_used = old.state in ("starting", "working")
            if old.state == "starting" or (is_used and old.user != user and not interrupt):
                raise LimitError(wording.container_in_use(), code="container_in_use")
            if _life.is_alive(old):
                # From here on no run takes it, while the engine is asked to end it.
                self._records.put(msgspec.structs.replace(old, is_ending=True))
        return self._release(old)

    def get(self, workspace_id: WorkspaceId) -> Workspace:
        """The record of a container, alive or not. Raises StoreError if there is none."""
        return self._records.get(workspace_id)

    def live(self) -> tuple[LiveContainer, ...]:
        """Containers that live now: at risk first, then the oldest first."""
        alive = self._records.alive()
        return _live.rows(alive, self._booking, self._profile, self._clock.now())

    def sweep(self) -> tuple[Workspace, ...]:
        """End, and book to their end, containers whose life is over; may be called at any time."""
        now = self._clock.now()
        return tuple(
            self._expire(workspace.id)
            for workspace in self._records.alive()
            if now >= _life.end_of_life(workspace, self._profile)
        )

    def forget_missing(
        self, living: Callable[[], Collection[ContainerId]]
    ) -> tuple[Workspace, ...]:
        """Those that the engine does not have any more are lost: it was started anew, say.

        The engine is asked after the records are read, so that one made meanwhile is not missed.
        A record whose container is not known yet is left to its run.
        """
        known = [
            workspace
            for workspace in self._records.alive()
            if workspace.engine == self._engine_kind and workspace.container_id is not None
        ]
        there = living() if known else ()
        return tuple(self.lost(one.id) for one in known if one.container_id not in there)

    def _is_reusable(self, workspace: Workspace, now: datetime) -> bool:
        return workspace.engine == self._engine_kind and _life.is_reusable(
            workspace, self._profile, now
        )

    def _recorded(
        self,
        user: UserId,
        conversation_id: ConversationId,
        file_ids: tuple[str, ...],
        now: datetime,
    ) -> Workspace:
        workspace = Workspace(
            id=WorkspaceId(new_id("workspace")),
            conversation_id=conversation_id,
            user=user,
            engine=self._engine_kind,
            state="starting",
            recorded_at=now,
            last_used_at=now,
            runs=1,
            files=file_ids,
        )
        with self._store.unit():
            self._records.make_current(workspace)
            self._booking.hold(workspace)
        return workspace

    def _end_superseded(self, old: Workspace, now: datetime) -> None:
        if now >= _life.end_of_life(old, self._profile):
            self._expire(old.id)
        elif old.container_id is None:
            # A reply that would have told its id never ended.
            self.lost(old.id)
        else:
            self._release(old)

    def _expire(self, workspace_id: WorkspaceId) -> Workspace:
        with self._store.unit():
            workspace = self._records.get(workspace_id)
            end = _life.end_of_life(workspace, self._profile)
            return self._booking.end(workspace, "expired", end)

    def _release(self, old: Workspace) -> Workspace:
        told = self._told_end(old)
        with self._store.unit():
            workspace = self._records.get(old.id)
            at = told or self._clock.now()
            if self._booking.by_lifetime and not self.can_release:
                at = _life.end_of_life(workspace, self._profile)
            return self._booking.end(workspace, "released", at)

    def _told_end(self, workspace: Workspace) -> datetime | None:
        """End it at the engine, where that is possible; the instant that the engine tells."""
        if (
            self._end_remotely is None
            or workspace.container_id is None
            or workspace.engine != self._engine_kind
            or not _life.is_alive(workspace)
        ):
            return None
        try:
            return self._end_remotely(workspace.container_id)
        except EngineError as exc:
            _log.warning("container_not_ended", workspace=workspace.id, code=exc.code)
            return None
