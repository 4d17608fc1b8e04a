"""Bytes by content: the file first, complete and fsynced; then the row that names it.

A file that is taken over gets a second name (a hard link) among the cache's own files, and loses
its first one when the row stands: at no instant is there a row without its file, and a failure
leaves the source as it was. A crash between the two leaves a file that no row names;
`sweep_orphans` removes it later.
"""

import errno
import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import BinaryIO

from services.ids import BlobKey
from services.store._failures import files_named
from services.store._range_cache import PlacedFile, RangeCache
from services.store.types import BlobMissing
from services.wording import store as wording

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20
_ORPHAN_SECONDS = 3600
_CANNOT_LINK = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
)


def key_of(path: Path, sha256: str | None) -> BlobKey:
    """The key of a file's content; it is read only if the hash is not known."""
    if sha256 is None:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        sha256 = digest.hexdigest()
    elif not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return BlobKey("sha256:" + sha256)


def key_of_bytes(data: bytes) -> BlobKey:
    """The key of some bytes."""
    return BlobKey("sha256:" + hashlib.sha256(data).hexdigest())


def place(source: Path, target: Path, *, move: bool) -> None:
    """Make the content of `source` appear as `target`, by a second name where that is possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if move:
        try:
            os.link(source, target)
        except OSError as exc:
            if exc.errno not in _CANNOT_LINK:
                raise
        else:
            return
    shutil.copyfile(source, target)


class DiskBlobs:
    """The blobs of a disk store; see `services.store.types.Blobs`."""

    def __init__(self, cache: RangeCache) -> None:
        self._cache = cache

    def put(self, path: Path, *, move: bool = False, sha256: str | None = None) -> BlobKey:
        """Keep a complete file; the source of a move is gone afterwards."""
        size_bytes = path.stat().st_size
        key = key_of(path, sha256)
        if not self.exists(key):
            with files_named():
                placed = self._placed(path, size_bytes, move=move)
            self._record(key, placed)
        if move:
            path.unlink()
        return key

    def put_bytes(self, data: bytes) -> BlobKey:
        """Keep bytes."""
        key = key_of_bytes(data)
        if not self.exists(key):
            self._cache.set(key, data)
        return key

    def path(self, key: BlobKey) -> Path:
        """The file itself, for child processes: read it, never write it. Raises BlobMissing."""
        return self._found(key)[0]

    def open(self, key: BlobKey) -> BinaryIO:
        """The content, to read. Raises BlobMissing."""
        with files_named():
            return self.path(key).open("rb")

    def size(self, key: BlobKey) -> int:
        """Size in bytes. Raises BlobMissing."""
        return self._found(key)[1]

    def delete(self, key: BlobKey) -> bool:
        """Forget the content; whether it was there."""
        return self._cache.delete(key)

    def exists(self, key: BlobKey) -> bool:
        """Whether the content is there, in its full length."""
        return self._intact(key) is not None

    def sweep_orphans(self, older_than_seconds: float = _ORPHAN_SECONDS) -> int:
        """Remove files that no row names and that are old enough; how many there were.

        Age is the file system's own: a change of the row or name renews it, and our clock may be
        scaled. No lock is held; a file being placed is too young to be taken for an orphan.
        """
        folder = Path(self._cache.directory)
        probe = folder / ".age"
        with files_named():
            probe.write_bytes(b"")
            now = probe.stat().st_ctime
            files = [
                p
                for p in folder.glob("??/??/*.val")
                if now - p.stat().st_ctime > older_than_seconds
            ]
            named = self._cache.file_names()
            orphans = [p for p in files if str(p.relative_to(folder)) not in named]
            for orphan in orphans:
                orphan.unlink(missing_ok=True)
        return len(orphans)

    def _placed(self, source: Path, size_bytes: int, *, move: bool) -> PlacedFile:
        disk = self._cache.disk
        filename, full_path = disk.filename()
        target = Path(full_path)
        try:
            place(source, target, move=move)
            disk.seal_file(target)
        except OSError:
            disk.remove(filename)
            raise
        return PlacedFile(filename=filename, size_bytes=size_bytes)

    def _record(self, key: BlobKey, placed: PlacedFile) -> None:
        with self._cache.write():
            if self._intact(key) is None:
                # Also where a row is there but its file is not: the new file repairs it.
                self._cache.set(key, placed, read=True)
                return
        self._cache.disk.remove(placed.filename)

    def _found(self, key: BlobKey) -> tuple[Path, int]:
        found = self._intact(key)
        if found is None:
            raise BlobMissing(wording.blob_missing())
        return found

    def _intact(self, key: BlobKey) -> tuple[Path, int] | None:
        """Path and size, unless the row, the file or the end of the file is missing."""
        found = self._cache.file_of(key)
        if found is None:
            return None
        try:
            length = found[0].stat().st_size
        except FileNotFoundError:
            return None
        return found if length == found[1] else None
