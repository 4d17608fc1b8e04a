"""The signed stub that stands for an upload on its way through Streamlit.

A file that was turned away for want of room has one too, so that its page can say so in a sentence:
of an HTTP error Streamlit would show the number only.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from services import wording
from services.errors import LimitError, Message
from services.files.types import Upload

_PREFIX: Final = b"datadock-upload "
# Of this process only: a stub from an earlier one names a file that its page can't ask for.
_SECRET: Final = secrets.token_bytes(32)
_Reason = Literal["disk_full", "owner_full"]
_SENTENCES: Mapping[_Reason, Callable[[int], Message]] = {
    "disk_full": wording.files.no_room_on_disk,
    "owner_full": wording.files.too_many_uploads,
}


class _Spooled(msgspec.Struct, frozen=True, kw_only=True, tag="spooled"):
    path: str
    name: str
    size_bytes: int
    sha256: str


class TurnedAway(msgspec.Struct, frozen=True, kw_only=True, tag="turned_away"):
    """An upload that was not kept, and why."""

    reason: _Reason
    size_bytes: int


def make_stub(upload: Upload) -> bytes:
    """The bytes that Streamlit gets instead of the file."""
    return _signed(
        _Spooled(
            path=str(upload.path),
            name=upload.name,
            size_bytes=upload.size_bytes,
            sha256=upload.sha256 or "",
        )
    )


def make_refusal(turned_away: TurnedAway) -> bytes:
    """The bytes that Streamlit gets instead of a file that was not kept."""
    return _signed(turned_away)


def open_stub(data: bytes) -> Upload | None:
    """The upload that these bytes stand for; None where they are a file's own bytes.

    Only this process signs stubs, so no file that somebody uploads can name a path. Raises
    LimitError, with its sentence, for an upload that was turned away.
    """
    if not data.startswith(_PREFIX):
        return None
    signature, _, body = data.removeprefix(_PREFIX).partition(b" ")
    if not hmac.compare_digest(signature, _signature(body)):
        return None
    content = msgspec.json.decode(body, type=_Spooled | TurnedAway)
    if isinstance(content, _Spooled):
        return Upload(
            path=Path(content.path),
            name=content.name,
            size_bytes=content.size_bytes,
            sha256=content.sha256,
        )
    sentence = _SENTENCES[content.reason]
    raise LimitError(sentence(content.size_bytes), code=content.reason)


def _signed(content: _Spooled | TurnedAway) -> bytes:
    body = msgspec.json.encode(content)
    return _PREFIX + _signature(body) + b" " + body


def _signature(body: bytes) -> bytes:
    return hmac.digest(_SECRET, body, "sha256").hex().encode()
