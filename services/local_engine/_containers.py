"""Containers: minted by a reply, found by the next, ended by release, expiry or an injected fault.

They live in this process only. What is billed of them is in the books from before their first use,
so that a process that died can't have run one for nothing.
"""

import asyncio
from datetime import datetime, timedelta

from services.clock import Clock
from services.local_engine._bill import Books
from services.local_engine._errors import ApiError
from services.local_engine._file_store import StoredFile
from services.local_engine._ids import wire_id
from services.local_engine._instants import rfc3339
from services.local_engine.types import EngineContainer

ROLLING_EXPIRY = timedelta(minutes=60)
"""`expires_at` on the wire is the reply's instant and an hour, whatever the hard end is."""


class Container:
    """One live container. `lock` is held by the reply that uses it."""

    def __init__(self, container_id: str, started_at: datetime, ends_at: datetime) -> None:
        self.id = container_id
        self.started_at = started_at
        self.ends_at = ends_at
        self.last_used_at = started_at
        self.ended_at: datetime | None = None
        self.files: dict[str, StoredFile] = {}
        """Mounted uploads by filename; a later file of the same name replaces the earlier."""
        self.peak_bytes = 0
        self.is_doomed = False
        """Whether it has died under a reply, with which it ends."""
        self.lock = asyncio.Lock()

    @property
    def is_ended(self) -> bool:
        """Whether it can no longer be used."""
        return self.ended_at is not None


class Containers:
    """All containers of this process."""

    def __init__(self, books: Books, clock: Clock, lifetime_seconds: int) -> None:
        self._books = books
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime_seconds)
        self._live: dict[str, Container] = {}

    def bury(self) -> None:
        """End, on the bill, what an earlier process left running when it died."""
        for container_id, started_at in self._books.left_open():
            end = min(self._clock.now(), started_at + self._lifetime)
            self._books.close_container(container_id, end, "lost")

    def mint(self) -> Container:
        """A new container, on the bill from now."""
        now = self._clock.now()
        container = Container(wire_id("container"), now, now + self._lifetime)
        self._books.open_container(container.id, now)
        self._live[container.id] = container
        return container

    def find(self, container_id: str) -> Container:
        """The live container of that id.

        Raises ApiError (404) for one that has ended, telling when, and for one that never was.
        """
        self.expire(container_id)
        container = self._live.get(container_id)
        if container is None:
            raise self.gone(container_id)
        return container

    def gone(self, container_id: str, status: int = 404) -> ApiError:
        """What a request that names a dead or unknown container is told."""
        message = f"Container not found: {container_id}"
        if status >= 500:
            message = "Internal server error"
        ended_at = self._books.ended_at(container_id)
        headers = {} if ended_at is None else {"dd-container-ended-at": rfc3339(ended_at)}
        return ApiError(status, message, headers=headers)

    def end(self, container: Container, how: str, at: datetime | None = None) -> datetime:
        """Stop billing it and refuse it from now on; ending it again changes nothing."""
        ended_at = self._books.close_container(container.id, at or self._clock.now(), how)
        container.ended_at = ended_at
        self._live.pop(container.id, None)
        return ended_at

    def expire(self, container_id: str) -> Container | None:
        """End that container if its life is over; one in use is ended after its reply.

        The end is the end of its life, however late it is noticed.
        """
        container = self._live.get(container_id)
        if container is None or container.lock.locked() or self._clock.now() < container.ends_at:
            return None
        self.end(container, "expired", max(container.ends_at, container.last_used_at))
        return container

    def expire_all(self) -> list[Container]:
        """End every container whose life is over; returns them."""
        ended = [self.expire(container_id) for container_id in list(self._live)]
        return [container for container in ended if container is not None]

    def end_all(self, how: str) -> list[Container]:
        """End all, as when the process stops."""
        ended = list(self._live.values())
        for container in ended:
            self.end(container, how)
        return ended

    def live(self) -> tuple[EngineContainer, ...]:
        """What lives now, oldest first."""
        return tuple(
            EngineContainer(
                id=container.id,
                started_at=container.started_at,
                last_used_at=container.last_used_at,
                ends_at=container.ends_at,
                booked_until=self._books.booked_until(container.id),
                is_busy=container.lock.locked(),
                files=tuple(sorted(container.files)),
                peak_bytes=container.peak_bytes,
            )
            for container in self._live.values()
        )
