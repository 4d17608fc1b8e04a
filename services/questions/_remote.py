"""Our files at the provider: written down before they are sent, found again after."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from services import telemetry
from services.clock import Clock
from services.engine import Engine, Transfers, remote_name
from services.engine.types import Rejected, RemoteCallFailed
from services.ids import ConversationId, FileId, RemoteFileId, UserId
from services.store import Store

EXPIRY_SECONDS = 24 * 3600
"""Uploads are given this long by the provider, so that a lost record can't keep data for ever."""
_MARGIN = timedelta(minutes=10)
_log = telemetry.log("questions")


class RemoteFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file at the provider, under a name of ours until the provider has given its own."""

    key: str
    direction: Literal["upload", "produced"]
    user: UserId
    conversation_id: ConversationId
    file_id: FileId | None
    remote_file_id: RemoteFileId | None
    state: Literal["sending", "there", "deleted"]
    recorded_at: datetime
    expires_at: datetime | None
    name: str = ""
    """Of an upload: what it is called in the container, like no other of its conversation."""
    schema: int = 1


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """A file that lies with the provider, and what it is called in a container."""

    id: RemoteFileId
    name: str


class RemoteFiles:
    """Uploads once per conversation, and forgets what a run produced once it is fetched."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        clock: Clock,
        on_release: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_release` is called when there is something to sweep."""
        self._on_release = on_release
        self._in_use: set[RemoteFileId] = set()
        """Produced files of runs under way. Whatever else is on record as produced can go."""
        self._store = store
        self._rows = store.space("questions.remote_files", RemoteFile)
        self._engine = engine
        self._clock = clock

    def uploaded(self, conversation_id: ConversationId, file_id: FileId) -> Uploaded | None:
        """A file as it lies at the provider, if it still does."""
        row = self._rows.get(_upload_key(conversation_id, file_id))
        if row is None or row.state != "there" or row.remote_file_id is None or not row.name:
            return None
        if row.expires_at is not None and row.expires_at - _MARGIN < self._clock.now():
            return None
        return Uploaded(id=row.remote_file_id, name=row.name)

    def upload(
        self,
        user: UserId,
        conversation_id: ConversationId,
        file_id: FileId,
        path: Path,
        name: str,
        transfers: Transfers | None = None,
    ) -> Uploaded:
        """Send a file under `name`, or under one like it where that is taken.

        In a container the second of a name would replace the first. Sent again, a file keeps the
        name that it had. Raises EngineError.
        """
        own = self._rows.get(_upload_key(conversation_id, file_id))
        name = own.name if own is not None and own.name else self._unused(conversation_id, name)
        now = self._clock.now()
        row = RemoteFile(
            key=_upload_key(conversation_id, file_id),
            direction="upload",
            user=user,
            conversation_id=conversation_id,
            file_id=file_id,
            remote_file_id=None,
            state="sending",
            name=name,
            recorded_at=now,
            expires_at=now + timedelta(seconds=EXPIRY_SECONDS),
        )
        self._rows.put(row.key, row)
        remote_id = self._engine.upload(path, name, transfers)
        there = msgspec.structs.replace(row, remote_file_id=remote_id, state="there")
        self._rows.put(row.key, there)
        return Uploaded(id=remote_id, name=name)

    def forget(self, conversation_id: ConversationId, file_id: FileId) -> None:
        """The provider no longer has the file; the next question sends it again."""
        key = _upload_key(conversation_id, file_id)
        row = self._rows.get(key)
        if row is not None:
            # Its name stays taken: a container may still hold it.
            gone = msgspec.structs.replace(row, remote_file_id=None, state="deleted")
            self._rows.put(key, gone)

    def hold(self, remote_id: RemoteFileId) -> None:
        """A run under way has been told of this file, and is going to fetch it."""
        self._in_use.add(remote_id)

    def produced(
        self, user: UserId, conversation_id: ConversationId, remote_ids: tuple[RemoteFileId, ...]
    ) -> None:
        """Write down what a run left with the provider; known ones are left as they are."""
        with self._store.unit():
            for remote_id in remote_ids:
                row = RemoteFile(
                    key=f"produced:{remote_id}",
                    direction="produced",
                    user=user,
                    conversation_id=conversation_id,
                    file_id=None,
                    remote_file_id=remote_id,
                    state="there",
                    recorded_at=self._clock.now(),
                    expires_at=None,
                )
                self._rows.create(row.key, row)

    def release(self, remote_ids: tuple[RemoteFileId, ...]) -> None:
        """A run needs these no more: `sweep` is going to delete them."""
        if remote_ids:
            self._in_use.difference_update(remote_ids)
            self._on_release()

    def sweep(self) -> int:
        """Delete there what no run needs any more; how many that were.

        What can't be deleted now is tried again the next time. Raises EngineError if the provider
        can't be reached; one that refuses a single file is asked for the others all the same.
        """
        deleted = 0
        for key, row in self._rows.scan(prefix="produced:"):
            if row.remote_file_id is None or row.remote_file_id in self._in_use:
                continue
            try:
                self._engine.delete(row.remote_file_id)
            except RemoteCallFailed as exc:
                if not isinstance(exc.failure, Rejected):
                    raise
                _log.warning("remote_file_left", key=key, status=exc.failure.status)
                continue
            self._rows.delete(key)
            deleted += 1
        return deleted

    def _unused(self, conversation_id: ConversationId, name: str) -> str:
        """`name`, `name_2`, `name_3`, … with its extension: the first that is not taken."""
        rows = self._rows.scan(prefix=f"upload:{conversation_id}:")
        taken = {remote_name(row.name).casefold() for _, row in rows}
        path, number, candidate = Path(name), 1, name
        while remote_name(candidate).casefold() in taken:
            number += 1
            candidate = f"{path.stem}_{number}{path.suffix}"
        return candidate


def _upload_key(conversation_id: ConversationId, file_id: FileId) -> str:
    return f"upload:{conversation_id}:{file_id}"
