"""Kept files: bytes by content hash, with the name that the user gave them."""

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from services.ids import BlobKey, FileId, UserId


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload that lies in the spool folder, complete; `name` is as the browser sent it."""

    path: Path
    name: str
    size_bytes: int
    sha256: str | None = None


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of one user. Equal content is stored once; each keeping has its own id."""

    id: FileId
    owner: UserId
    name: str
    """Cleaned: a last path component, at most 255 bytes, safe on every file system."""
    original_name: str
    """As it came; hostile until escaped."""
    blob: BlobKey
    size_bytes: int
    origin: Literal["upload", "sample", "produced", "reduced"]
    kept_at: datetime
