"""The page's scripts and styles, compressed once.

Streamlit serves them as they are, since compressing them anew for each visitor costs more than it
saves. Their names hold a hash of their content, so compressing each once and keeping that is free
from the second visitor on: 3.0 MB become 0.9 MB on a first visit.
"""

import asyncio
import gzip
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.units import MB
from services.web._requests import header

_HASHED_TEXT = re.compile(r"/static/[\w./-]+\.(?:js|css)")
_KEPT_HEADERS = (b"content-type", b"cache-control", b"last-modified")
_LEVEL = 6
_ASSET_BYTES = 8 * MB
_ALL_BYTES = 16 * MB

_Headers = list[tuple[bytes, bytes]]


class CompressedAssets:
    """Answers from memory what it has compressed; passes on, and learns, the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[_Headers, bytes]] = {}
        self._compressing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer compressed where the browser takes it and the asset is kept."""
        if not _is_candidate(scope):
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(scope["path"])
        if kept is None:
            await self._app(scope, receive, self._learning(scope["path"], send))
            return
        headers, body = kept
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    def _learning(self, path: str, send: Send) -> Send:
        """Send on, and keep a copy: the first visitor does not wait for the compression."""
        headers: _Headers = []
        body = bytearray()
        is_worth_it = False

        async def sending(message: Message) -> None:
            nonlocal is_worth_it
            await send(message)
            if message["type"] == "http.response.start":
                headers.extend(message.get("headers", ()))
                is_worth_it = message["status"] == 200 and _is_immutable_text(headers)
            elif message["type"] == "http.response.body" and is_worth_it:
                body.extend(message.get("body", b""))
                is_worth_it = len(body) <= _ASSET_BYTES
                if is_worth_it and not message.get("more_body", False):
                    task = asyncio.create_task(self._keep(path, headers, bytes(body)))
                    self._compressing.add(task)
                    task.add_done_callback(self._compressing.discard)

        return sending

    async def _keep(self, path: str, headers: _Headers, body: bytes) -> None:
        if path in self._kept:
            return
        packed = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
        if sum(len(kept) for _, kept in self._kept.values()) + len(packed) > _ALL_BYTES:
            return
        kept_headers = [(n, v) for n, v in headers if n.lower() in _KEPT_HEADERS]
        self._kept[path] = (
            [
                *kept_headers,
                (b"content-encoding", b"gzip"),
                (b"vary", b"accept-encoding"),
                (b"content-length", str(len(packed)).encode()),
            ],
            packed,
        )


def _is_candidate(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and _HASHED_TEXT.fullmatch(scope["path"]) is not None
        and "gzip" in (header(scope, b"accept-encoding") or "")
        # A part of a file, or a question whether it has changed: the app's own business.
        and header(scope, b"range") is None
        and header(scope, b"if-none-match") is None
        and header(scope, b"if-modified-since") is None
    )


def _is_immutable_text(headers: _Headers) -> bool:
    """Whether it is an asset at all: for an unknown name Streamlit answers with the page."""
    values = {name.lower(): value for name, value in headers}
    return b"immutable" in values.get(b"cache-control", b"") and b"content-encoding" not in values
