"""Nouns of what we serve beside Streamlit."""

from pathlib import Path

import msgspec

from services.units import GB, MB


class UploadClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload says of itself before its body is read; nothing in it is proven."""

    session_id: str
    xsrf_header: str | None
    xsrf_cookie: str | None


class SpoolRules(msgspec.Struct, frozen=True, kw_only=True):
    """Where uploads are written while they arrive, and how much may lie there."""

    folder: Path
    upload_bytes: int
    """One file, at most."""
    owner_bytes: int = 2 * GB
    """All files of one browser that lie here at once: under way, or not fetched yet."""
    disk_reserve_bytes: int = 256 * MB
    disk_factor: int = 3
    """Free disk needed: the reserve and so many times the upload, which is kept and converted."""
    orphan_seconds: float = 3600.0
    """After that long nobody will fetch a file any more."""
