"""Anonymous sessions: a random token in a cookie, its hash as the user's id."""

import hashlib
import re
import secrets
from typing import Final

from services.errors import InternalError, Message
from services.identity.types import RequestFacts
from services.ids import UserId

COOKIE_NAME: Final = "dd_sid"
_TOKEN_BYTES = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def new_session_token() -> str:
    """256 random bits, as 43 characters that need no quoting in a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_anonymous_id() -> str:
    """An id for a browser that keeps no cookies, as hard to guess as a session token."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def is_session_token(text: str | None) -> bool:
    """Whether the text has the form of a session token."""
    return text is not None and _TOKEN.fullmatch(text) is not None


def current_user(facts: RequestFacts) -> UserId:
    """The user behind the request: the same for the same cookie, and never the cookie itself.

    Raises InternalError when there is neither a well-formed cookie nor an anonymous id: falling
    back to an id that all such visitors share would show them each other's files.
    """
    token = facts.cookies.get(COOKIE_NAME)
    if token is not None and is_session_token(token):
        return _hashed("cookie", token)
    if facts.anonymous_id:
        return _hashed("page", facts.anonymous_id)
    raise InternalError(
        Message(
            what_happened="This browser could not be told from others.",
            what_to_do="Allow cookies for this page and load it again.",
        )
    )


def _hashed(kind: str, secret: str) -> UserId:
    # 128 bits of the hash: no two users share them, and keys in the store stay short. The kind
    # keeps an id that a page was given from ever being a cookie's.
    digest = hashlib.sha256(f"datadock.{kind}:{secret}".encode()).hexdigest()
    return UserId(f"u-{digest[:32]}")
