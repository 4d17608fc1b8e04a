"""Files that clients uploaded or commands produced: bytes in a folder, records in SQLite."""

import hashlib
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from services.clock import Clock
from services.local_engine._database import Database
from services.local_engine._errors import ApiError, not_found
from services.local_engine._ids import wire_id
from services.local_engine._instants import from_micros, rfc3339, to_micros

_RECORD_OUTLIVES_BYTES = timedelta(days=30)
_CHUNK_BYTES = 1 << 20


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as its record says."""

    id: str
    filename: str
    mime_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    expires_at: datetime | None
    downloadable: bool

    def metadata(self, *, old_shape: bool = False) -> dict[str, Any]:
        """What clients see; the old shape has no `expires_at`."""
        told: dict[str, Any] = {
            "id": self.id,
            "type": "file",
            "filename": self.filename,
            "mime_type": self.mime_type,
            "size_bytes": self.size_bytes,
            "created_at": rfc3339(self.created_at),
            "downloadable": self.downloadable,
        }
        if not old_shape:
            told["expires_at"] = None if self.expires_at is None else rfc3339(self.expires_at)
        return told


class FileStore:
    """All files of this engine; `folder` holds their bytes under their ids."""

    def __init__(self, database: Database, folder: Path, clock: Clock) -> None:
        self._database = database
        self._folder = folder
        self._incoming = folder / "incoming"
        self._clock = clock
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir(parents=True)

    def incoming_path(self) -> Path:
        """A fresh path on the same disk, for bytes that are still arriving."""
        return self._incoming / wire_id("in")

    def add(
        self,
        path: Path,
        *,
        filename: str,
        mime_type: str,
        sha256: str,
        downloadable: bool,
        expires_in_seconds: int | None = None,
    ) -> StoredFile:
        """Take over the file at `path`; it is moved, not copied, where that is possible."""
        now = self._clock.now()
        expires = None if expires_in_seconds is None else timedelta(seconds=expires_in_seconds)
        file = StoredFile(
            id=wire_id("file"),
            filename=filename,
            mime_type=mime_type,
            size_bytes=path.stat().st_size,
            sha256=sha256,
            created_at=now,
            expires_at=None if expires is None else now + expires,
            downloadable=downloadable,
        )
        shutil.move(path, self._folder / file.id)
        self._database.write(
            "INSERT INTO files (id, filename, mime_type, size_bytes, sha256, created_at, "
            "expires_at, downloadable) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            file.id,
            file.filename,
            file.mime_type,
            file.size_bytes,
            file.sha256,
            to_micros(file.created_at),
            None if file.expires_at is None else to_micros(file.expires_at),
            int(file.downloadable),
        )
        return file

    def get(self, file_id: str) -> StoredFile:
        """The record, expired or not. Raises ApiError (404) if there is none."""
        rows = self._database.read("SELECT * FROM files WHERE id = ?", file_id)
        if not rows:
            raise not_found(f"File `{file_id}` not found.")
        return _file(rows[0])

    def path(self, file: StoredFile) -> Path:
        """Where the bytes are. Raises ApiError (404) once they have expired."""
        path = self._folder / file.id
        if (file.expires_at is not None and file.expires_at <= self._clock.now()) or (
            not path.is_file()
        ):
            raise ApiError(404, f"File `{file.id}` has expired.", error_code="file_expired")
        return path

    def newest(self, limit: int, before: int | None) -> tuple[list[StoredFile], int | None]:
        """A page, newest first, of files older than number `before`, and where the next begins."""
        rows = self._database.read(
            "SELECT * FROM files WHERE number < ? ORDER BY number DESC LIMIT ?",
            (1 << 62) if before is None else before,
            limit + 1,
        )
        following = rows[limit - 1]["number"] if len(rows) > limit else None
        return [_file(row) for row in rows[:limit]], following

    def chosen(self, file_ids: Sequence[str]) -> list[StoredFile]:
        """Those of the named files that exist, newest first."""
        marks = ", ".join("?" * len(file_ids))
        rows = self._database.read(
            f"SELECT * FROM files WHERE id IN ({marks}) ORDER BY number DESC",  # noqa: S608 - marks
            *file_ids,
        )
        return [_file(row) for row in rows]

    def number(self, file_id: str) -> int | None:
        """The place of a file in the order of arrival."""
        rows = self._database.read("SELECT number FROM files WHERE id = ?", file_id)
        return rows[0]["number"] if rows else None

    def delete(self, file_id: str) -> None:
        """Forget bytes and record. Raises ApiError (404) if there is none."""
        file = self.get(file_id)
        self._database.write("DELETE FROM files WHERE id = ?", file.id)
        (self._folder / file.id).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove bytes whose time has passed, and records a month after that."""
        now = to_micros(self._clock.now())
        for row in self._database.read("SELECT id FROM files WHERE expires_at <= ?", now):
            (self._folder / row["id"]).unlink(missing_ok=True)
        self._database.write(
            "DELETE FROM files WHERE expires_at <= ?",
            now - _RECORD_OUTLIVES_BYTES // timedelta(microseconds=1),
        )


def sha256_of(path: Path) -> str:
    """Hash of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _file(row: sqlite3.Row) -> StoredFile:
    return StoredFile(
        id=row["id"],
        filename=row["filename"],
        mime_type=row["mime_type"],
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
        created_at=from_micros(row["created_at"]),
        expires_at=None if row["expires_at"] is None else from_micros(row["expires_at"]),
        downloadable=bool(row["downloadable"]),
    )
