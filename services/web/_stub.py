"""The signed stub that stands for an upload on its way through Streamlit."""

import hmac
import secrets
from pathlib import Path
from typing import Final

import msgspec

from services.files.types import Upload

_PREFIX: Final = b"datadock-upload "
# Of this process only: a stub from an earlier one names a file that its page can't ask for.
_SECRET: Final = secrets.token_bytes(32)


class _Spooled(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    name: str
    size_bytes: int
    sha256: str


def make_stub(upload: Upload) -> bytes:
    """The bytes that Streamlit gets instead of the file."""
    body = msgspec.json.encode(
        _Spooled(
            path=str(upload.path),
            name=upload.name,
            size_bytes=upload.size_bytes,
            sha256=upload.sha256 or "",
        )
    )
    return _PREFIX + _signature(body) + b" " + body


def open_stub(data: bytes) -> Upload | None:
    """The upload that these bytes stand for; None where they are a file's own bytes.

    Only this process signs stubs, so no file that somebody uploads can name a path.
    """
    if not data.startswith(_PREFIX):
        return None
    signature, _, body = data.removeprefix(_PREFIX).partition(b" ")
    if not hmac.compare_digest(signature, _signature(body)):
        return None
    spooled = msgspec.json.decode(body, type=_Spooled)
    return Upload(
        path=Path(spooled.path),
        name=spooled.name,
        size_bytes=spooled.size_bytes,
        sha256=spooled.sha256,
    )


def _signature(body: bytes) -> bytes:
    return hmac.digest(_SECRET, body, "sha256").hex().encode()
