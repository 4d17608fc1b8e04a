"""Security headers: nothing that a model or a file says can run in the browser or call out."""

import base64
import hashlib
import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")
# A figure or a file opened in a tab of its own is a document of our origin: it gets no rights.
_MEDIA_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def script_sources(index_html: str) -> Sequence[str]:
    """The sources that allow exactly the page's inline scripts."""
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(index_html)
    )


def page_policy(sources: Sequence[str]) -> str:
    """The strictest policy under which Streamlit's widgets work.

    Styles need `unsafe-inline` (the data grid, formulas and Plotly write style elements); with
    images, fonts and connections limited to this origin, CSS can't carry anything out. `blob:` is
    Plotly's picture button, `data:` the grid's icons and fonts.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *sources)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds the headers to every HTTP response, whoever made it."""

    def __init__(self, app: ASGIApp, script_sources: Sequence[str], secure: bool) -> None:
        self._app = app
        self._policy = page_policy(script_sources).encode()
        self._common = (*_ALWAYS, _TLS_ONLY) if secure else _ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_media = scope["path"].startswith("/media/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = _MEDIA_POLICY if is_media else self._policy
                ours = [(b"content-security-policy", policy), *self._common]
                if is_media:
                    # People's figures: in the browser's memory, and in nobody's cache.
                    ours.append((b"cache-control", b"private, no-store"))
                replaced = {name for name, _ in ours}
                theirs = (h for h in message.get("headers", ()) if h[0].lower() not in replaced)
                message["headers"] = [*theirs, *ours]
            await send(message)

        await self._app(scope, receive, with_headers)
