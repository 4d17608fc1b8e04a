"""What identity is told about a request."""

from collections.abc import Mapping

import msgspec


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of whoever asks; nothing in it is proven."""

    cookies: Mapping[str, str]
    anonymous_id: str | None = None
    """Kept by the page for a browser without cookies; a cookie wins over it."""
