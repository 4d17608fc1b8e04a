"""The container of one run: leased, noted, given up or given back."""

from datetime import datetime

from services.clock import Clock
from services.containers import Containers
from services.containers.types import Lease
from services.engine.types import AttemptOutcome, ContainerLost
from services.events import ContainerReused, ContainerStarted
from services.ids import ContainerId, ConversationId, FileId, WorkspaceId
from services.questions import _booking
from services.runs.types import Run


class Tenancy:
    """What a run knows of its container; it has none until `take` is called."""

    def __init__(
        self,
        containers: Containers,
        clock: Clock,
        run: Run,
        conversation_id: ConversationId,
        file_ids: tuple[FileId, ...],
    ) -> None:
        self._containers = containers
        self._clock = clock
        self._run = run
        self._conversation_id = conversation_id
        self._file_ids = file_ids
        self._lease: Lease | None = None
        self._told_lease: Lease | None = None
        self._is_given_up = False

    def take(self) -> None:
        """The conversation's container, or the record of a new one."""
        self._lease = self._containers.acquire(
            self._run.owner, self._conversation_id, self._file_ids
        )
        self._is_given_up = False

    @property
    def workspace_id(self) -> WorkspaceId | None:
        """Our own id of the container."""
        return None if self._lease is None else self._lease.workspace.id

    @property
    def container_id(self) -> ContainerId | None:
        """The container to name in a request; None where a new one is to be made."""
        reused = self._lease is not None and self._lease.reused
        return self._lease.workspace.container_id if self._lease is not None and reused else None

    @property
    def mounted(self) -> tuple[str, ...]:
        """The files that lie in it already."""
        if self._lease is None or self.container_id is None:
            return ()
        return self._lease.workspace.files

    def news(self) -> ContainerStarted | ContainerReused | None:
        """What the page is told, once for each: an attempt turned away has not used it."""
        if self._lease is None or self._lease is self._told_lease:
            return None
        self._told_lease = self._lease
        workspace = self._lease.workspace
        now = self._clock.now()
        if self._lease.reused and workspace.container_id is not None:
            since = workspace.billed_from or workspace.recorded_at
            return ContainerReused(
                at=now,
                workspace_id=workspace.id,
                container_id=workspace.container_id,
                age_seconds=(now - since).total_seconds(),
            )
        return ContainerStarted(at=now, workspace_id=workspace.id)

    def settle(
        self, outcome: AttemptOutcome, sent_at: datetime, peak_bytes: int | None = None
    ) -> None:
        """Book what a request took of it, and give it up where nobody can use it again.

        Its id comes with the end of a reply only: one that broke off has made a container that
        can't be named. A request that was turned away has made none, and its record waits.
        """
        if self._lease is None or _booking.is_turned_away(outcome):
            return
        workspace_id = self._lease.workspace.id
        if outcome.container_id is not None:
            workspace = self._containers.replied(
                workspace_id,
                container_id=outcome.container_id,
                expires_at=outcome.container_expires_at,
                started_at=outcome.container_started_at,
                sent_at=outcome.received_at or sent_at,
                replied_at=outcome.replied_at or self._clock.now(),
                run_id=self._run.id,
                file_ids=self._file_ids,
                peak_bytes=peak_bytes,
            )
            # Known by name from now on: another attempt of this run goes on in it.
            self._lease = self._told_lease = Lease(workspace=workspace, reused=True)
            return
        if not outcome.usage_final:
            self._containers.broke_off(
                workspace_id,
                used_from=outcome.container_started_at or sent_at,
                run_id=self._run.id,
            )
        if not self._lease.reused:
            self._give_up(outcome, is_gone=False)

    def renew(self, outcome: AttemptOutcome, *, fresh: bool) -> None:
        """Another container for the next attempt, where that needs one or this one is given up."""
        if self._lease is None:
            return
        if fresh and not self._is_given_up:
            self._give_up(outcome, is_gone=isinstance(outcome, ContainerLost))
        if self._is_given_up:
            self.take()

    def give_back(self) -> None:
        """Leave it to the next question."""
        if self._lease is not None:
            self._containers.give_back(self._lease.workspace.id)

    def _give_up(self, outcome: AttemptOutcome, *, is_gone: bool) -> None:
        if self._lease is not None:
            self._is_given_up = True
            self._containers.lost(
                self._lease.workspace.id,
                ended_at=outcome.container_ended_at,
                run_id=self._run.id,
                is_gone=is_gone,
            )
