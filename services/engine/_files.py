"""Files at the provider: sent, fetched, deleted. Failures raise, since each call is one step."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from services import wording
from services.engine import _failures
from services.engine._models import FileBounds
from services.engine._names import remote_name
from services.engine.types import (
    Cancelled,
    Failure,
    FetchedFile,
    FetchRefused,
    Rejected,
    RemoteCallFailed,
)
from services.errors import Message
from services.ids import RemoteFileId

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import FileMetadata

_PART_SUFFIX = ".part"


def upload(
    client: "Anthropic",
    path: Path,
    name: str,
    bounds: FileBounds,
    now: datetime,
    is_stopped: Callable[[], bool],
) -> RemoteFileId:
    """Send a file under its `remote_name`, to end by itself after a day."""
    try:
        with _StoppableFile(path, is_stopped) as content:
            kept = client.files.upload(
                file=(remote_name(name), content), expires_in_seconds=bounds.expires_in_seconds
            )
    except _failures.expected() as error:
        if is_stopped():
            raise _stopped() from error
        raise _failed(error, now) from error
    return RemoteFileId(kept.id)


def fetch(
    client: "Anthropic",
    remote_id: RemoteFileId,
    folder: Path,
    bounds: FileBounds,
    now: datetime,
    is_stopped: Callable[[], bool],
) -> FetchedFile:
    """Bring a produced file into `folder`, within bounds; nothing is left there on failure."""
    if is_stopped():
        raise _stopped()
    try:
        told = client.files.retrieve_metadata(remote_id)
        name = _last_part(told.filename)
        if len(list(folder.iterdir())) >= bounds.fetch_max_files:
            limit = bounds.fetch_max_files
            raise FetchRefused(wording.results.too_many(limit), name=name, reason="count")
        path = _unused(folder, remote_name(name))
        size_bytes = _download(client, told, name, path, bounds.fetch_max_bytes, is_stopped)
    except _failures.expected() as error:
        raise _failed(error, now, wording.results.not_fetched()) from error
    return FetchedFile(path=path, name=name, mime=told.mime_type or "", size_bytes=size_bytes)


def delete(client: "Anthropic", remote_id: RemoteFileId, now: datetime) -> bool:
    """Remove a file there; False if it was gone already."""
    try:
        client.files.delete(remote_id)
    except _failures.expected() as error:
        failed = _failed(error, now)
        if isinstance(failed.failure, Rejected) and failed.failure.status == 404:
            return False
        raise failed from error
    return True


class _StoppableFile(io.FileIO):
    """A file that is not read any further once somebody has asked to stop."""

    def __init__(self, path: Path, is_stopped: Callable[[], bool]) -> None:
        super().__init__(path, "rb")
        self._is_stopped = is_stopped

    def read(self, size: int | None = -1, /) -> bytes | None:  # type: ignore[override]  # as FileIO
        if self._is_stopped():
            raise InterruptedError("stopped")
        return super().read(-1 if size is None else size)


def _download(
    client: "Anthropic",
    told: "FileMetadata",
    name: str,
    path: Path,
    limit_bytes: int,
    is_stopped: Callable[[], bool],
) -> int:
    """Counts what arrives as well: what was told of the size need not be true."""
    part = path.with_name(path.name + _PART_SUFFIX)
    too_large = FetchRefused(wording.results.too_large(limit_bytes), name=name, reason="size")
    if (told.size_bytes or 0) > limit_bytes:
        raise too_large
    size_bytes = 0
    try:
        with (
            client.files.with_streaming_response.download(told.id) as response,
            part.open("xb") as file,
        ):
            for chunk in response.iter_bytes():
                if is_stopped():
                    raise _stopped()
                size_bytes += len(chunk)
                if size_bytes > limit_bytes:
                    raise too_large
                file.write(chunk)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return size_bytes


def _failed(error: Exception, now: datetime, message: Message | None = None) -> RemoteCallFailed:
    failure = _failures.of_exception(error, {}, container_sent=False, now=now)
    return RemoteCallFailed(message or _sentence(failure), failure=failure)


def _stopped() -> RemoteCallFailed:
    return RemoteCallFailed(wording.runs.stopped(), failure=Cancelled(sent=False))


def _sentence(failure: Failure) -> Message:
    if isinstance(failure, Rejected):
        return wording.runs.rejected(failure.status)
    return wording.runs.unreachable()


def _last_part(name: str | None) -> str:
    """The last path component, without characters that don't show; the model chose the name."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if char.isprintable()).strip()
    return "file" if shown in {"", ".", ".."} else shown


def _unused(folder: Path, name: str) -> Path:
    path, count = folder / name, 1
    while path.exists():
        count += 1
        path = folder / f"{Path(name).stem}-{count}{Path(name).suffix}"
    return path
