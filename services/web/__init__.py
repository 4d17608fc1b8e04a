"""What we serve beside Streamlit: security headers, the session cookie, spooled uploads, health.

`routes` and `middleware` are handed to the server by `streamlit_app.py`, which passes in what only
Streamlit knows: its page's text and its check against forged uploads. Everything here is plain
ASGI and knows neither Streamlit nor pages.

An upload is written to the spool folder while it arrives; Streamlit gets a short signed stub in its
place, and `adopt` turns that into an `Upload` again. `sweep_spool` removes what nobody fetched.
"""

from collections.abc import Callable, Mapping, Sequence

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from services.web import _health
from services.web._adopt import adopt
from services.web._assets import CompressedAssets
from services.web._cookie import SessionCookie
from services.web._gate import Gate
from services.web._headers import SecurityHeaders, script_sources
from services.web._spool import SpoolUploads, sweep_spool
from services.web._stub import open_stub
from services.web.types import SpoolRules, UploadClaim

__all__ = [
    "SpoolRules",
    "UploadClaim",
    "adopt",
    "middleware",
    "open_stub",
    "routes",
    "sweep_spool",
]


def routes(readiness: Callable[[], Mapping[str, bool]]) -> Sequence[BaseRoute]:
    """`/healthz`, which says that the process answers, and `/readyz`, which says what is ready."""
    return _health.routes(readiness)


def middleware(
    *,
    index_html: str,
    spool: SpoolRules,
    admits: Callable[[UploadClaim], bool],
    secure: bool,
) -> Sequence[Middleware]:
    """The layers around the app, outermost first.

    `admits` decides on an upload before its body is read. `secure` says that people reach us by
    TLS, whoever ends it.
    """
    return (
        Middleware(SecurityHeaders, script_sources=script_sources(index_html), secure=secure),
        Middleware(SessionCookie, secure=secure),
        Middleware(Gate),
        Middleware(CompressedAssets),
        Middleware(SpoolUploads, rules=spool, admits=admits),
    )
