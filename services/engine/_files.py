"""Files at the provider: sent, fetched, deleted. Failures raise, since each call is one step."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from services import wording
from services.engine import _failures
from services.engine._client import on_line
from services.engine._line import LineCutError
from services.engine._models import FileBounds
from services.engine._names import remote_name
from services.engine._transfers import Transfers
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
_DELETE_SECONDS = 10.0
"""Nobody waits for a deletion, but others of its kind do."""


def upload(
    client: "Anthropic",
    path: Path,
    name: str,
    bounds: FileBounds,
    now: datetime,
    transfers: Transfers,
) -> RemoteFileId:
    """Send a file under its `remote_name`, to end by itself after a day."""
    try:
        with transfers.line() as line, on_line(line), path.open("rb") as content:
            kept = client.files.upload(
                file=(remote_name(name), content), expires_in_seconds=bounds.expires_in_seconds
            )
    except _ends() as error:
        raise _stopped() if transfers.is_stopped else _failed(error, now) from error
    return RemoteFileId(kept.id)


def fetch(
    client: "Anthropic",
    remote_id: RemoteFileId,
    folder: Path,
    bounds: FileBounds,
    now: datetime,
    transfers: Transfers,
) -> FetchedFile:
    """Bring a produced file into `folder`, within bounds; nothing is left there on failure."""
    try:
        with transfers.line() as line, on_line(line):
            told = client.files.retrieve_metadata(remote_id)
            name = _last_part(told.filename)
            path = _unused(folder, remote_name(name))
            size_bytes = _download(client, told, name, path, bounds.fetch_max_bytes)
    except _ends() as error:
        if transfers.is_stopped:
            raise _stopped() from error
        raise _failed(error, now, wording.results.not_fetched()) from error
    return FetchedFile(path=path, name=name, mime=told.mime_type or "", size_bytes=size_bytes)


def delete(client: "Anthropic", remote_id: RemoteFileId, now: datetime) -> bool:
    """Remove a file there; False if it was gone already."""
    try:
        client.files.delete(remote_id, timeout=_DELETE_SECONDS)
    except _failures.expected() as error:
        failed = _failed(error, now)
        if isinstance(failed.failure, Rejected) and failed.failure.status == 404:
            return False
        raise failed from error
    return True


def _download(
    client: "Anthropic", told: "FileMetadata", name: str, path: Path, limit_bytes: int
) -> int:
    """Counts what arrives as well: what was told of the size need not be true."""
    part = path.with_name(path.name + _PART_SUFFIX)
    too_large = FetchRefused(wording.results.too_large(limit_bytes), name=name)
    if (told.size_bytes or 0) > limit_bytes:
        raise too_large
    size_bytes = 0
    try:
        with (
            client.files.with_streaming_response.download(told.id) as response,
            part.open("xb") as file,
        ):
            for chunk in response.iter_bytes():
                size_bytes += len(chunk)
                if size_bytes > limit_bytes:
                    raise too_large
                file.write(chunk)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return size_bytes


def _ends() -> tuple[type[Exception], ...]:
    """What ends a transfer: a line that was cut before its use, and all that is expected."""
    return (LineCutError, *_failures.expected())


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
