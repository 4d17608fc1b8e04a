"""Keeping and finding files; every verb checks the owner."""

from pathlib import Path
from typing import Literal

from services import wording
from services.clock import Clock
from services.errors import NotYoursError
from services.files._formulas import defused_csv
from services.files._names import clean_name
from services.files.types import KeptFile, Upload
from services.ids import BlobKey, FileId, UserId, new_id
from services.store import Store


class Files:
    """All files of all users. Thread-safe: its state is in the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._blobs = store.blobs
        self._kept = store.space("files.kept", KeptFile)
        self._clock = clock

    def keep(
        self,
        user: UserId,
        upload: Upload,
        origin: Literal["upload", "sample", "reduced"] = "upload",
    ) -> KeptFile:
        """Adopt a spooled upload: its file is moved, not copied. Returns the new record."""
        blob = self._blobs.put(upload.path, move=origin != "sample", sha256=upload.sha256)
        return self._record(user, blob, upload.name, origin)

    def keep_path(
        self, user: UserId, path: Path, name: str, origin: Literal["sample", "produced"]
    ) -> KeptFile:
        """Keep a copy of a file of ours, under that name."""
        return self._record(user, self._blobs.put(path), name, origin)

    def get(self, user: UserId, file_id: FileId) -> KeptFile:
        """The record of the user's own file. Raises NotYoursError."""
        kept = self._kept.get(file_id)
        if kept is None or kept.owner != user:
            raise NotYoursError(wording.files.not_yours())
        return kept

    def path(self, user: UserId, file_id: FileId) -> Path:
        """Where the bytes lie, to be read only. Raises NotYoursError, BlobMissing."""
        return self._blobs.path(self.get(user, file_id).blob)

    def read(self, user: UserId, file_id: FileId) -> bytes:
        """All bytes of a file; for produced files, which are small. Raises as `path` does."""
        return self.path(user, file_id).read_bytes()

    def download(self, user: UserId, file_id: FileId) -> bytes:
        """The bytes to hand to a person: in a CSV, cells that a spreadsheet would run are defused.

        Raises as `path` does.
        """
        kept = self.get(user, file_id)
        content = self._blobs.path(kept.blob).read_bytes()
        return defused_csv(content) if kept.name.lower().endswith(".csv") else content

    def _record(
        self,
        user: UserId,
        blob: BlobKey,
        name: str,
        origin: Literal["upload", "sample", "produced", "reduced"],
    ) -> KeptFile:
        kept = KeptFile(
            id=FileId(new_id("file")),
            owner=user,
            name=clean_name(name),
            original_name=name[:1_000],
            blob=blob,
            size_bytes=self._blobs.size(blob),
            origin=origin,
            kept_at=self._clock.now(),
        )
        self._kept.put(kept.id, kept)
        return kept
