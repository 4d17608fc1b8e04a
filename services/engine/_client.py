"""SDK clients that obey their endpoint and nothing else.

Nothing ambient may reach an endpoint: key and address are always passed, so the environment's are
not looked up; headers that `ANTHROPIC_CUSTOM_HEADERS` would add are taken out again; a proxy is
used only for addresses beyond this machine. The SDK's own retries are off, since a repeated request
may be paid twice. The SDK is imported when it is first needed, as that takes two seconds.
"""

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services import wording
from services.engine._failures import KEY_UNUSABLE
from services.engine._line import Line
from services.engine.types import Endpoint
from services.errors import EngineError

if TYPE_CHECKING:
    import httpx2
    from anthropic import Anthropic

_CONNECT_SECONDS = 5.0
_line_of_call: ContextVar[Line | None] = ContextVar("line_of_call", default=None)
"""For clients that several threads share: the line of the call that this thread makes."""


@contextmanager
def on_line(line: Line) -> Iterator[None]:
    """Calls of a shared client, in this thread and block, can be cut by this line."""
    token = _line_of_call.set(line)
    try:
        yield
    finally:
        _line_of_call.reset(token)


def preload() -> None:
    """Import the SDK and what its first call would import; about two seconds of one core."""
    import anthropic  # slow, so not at the head of the module

    with anthropic.Anthropic(
        api_key="none", base_url="http://127.0.0.1", http_client=_http_client("http://127.0.0.1", 1)
    ) as client:
        _ = (client.messages, client.files, client.models)


def open_client(
    endpoint: Endpoint, *, timeout_seconds: float, line: Line | None = None
) -> "Anthropic":
    """A client of that endpoint; close it after use.

    `timeout_seconds` is the longest silence that is borne. With a `line`, the client's connections
    can be cut from another thread and are not kept for a second request. Raises EngineError if the
    key can't be sent.
    """
    import anthropic

    key = endpoint.api_key
    if not (key.strip() and key.isascii() and key.isprintable()):
        raise EngineError(wording.runs.key_unusable(), code=KEY_UNUSABLE)
    client = anthropic.Anthropic(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url,
        http_client=_http_client(endpoint.base_url, timeout_seconds, line),
        timeout=_timeout(timeout_seconds),
        max_retries=0,
        open_telemetry=False,
    )
    # The constructor has merged ANTHROPIC_CUSTOM_HEADERS into these and has no way to decline; an
    # `Authorization` there would even replace the key. tests/wire/test_engine_privacy.py holds it.
    client._custom_headers = {}
    return client


def _http_client(
    base_url: str, timeout_seconds: float, line: Line | None = None
) -> "httpx2.Client":
    import httpx2

    parts = urlsplit(base_url)

    def tell_line(request: httpx2.Request) -> None:
        cutting = line or _line_of_call.get()
        if cutting is not None:
            cutting.check()
            request.extensions = {**request.extensions, "trace": cutting.trace}

    return httpx2.Client(
        trust_env=not _is_loopback(parts.hostname or ""),
        verify=_tls(with_authorities=parts.scheme != "http"),
        timeout=_timeout(timeout_seconds),
        # A connection that waits for a next request may be hung up on just as that is sent, and
        # nothing is repeated here.
        limits=httpx2.Limits(max_keepalive_connections=0),
        event_hooks={"request": [tell_line]},
    )


@cache
def _tls(*, with_authorities: bool) -> ssl.SSLContext:
    """Made once: reading the machine's certificates takes 20 ms, and plain HTTP needs none."""
    import httpx2

    if with_authorities:
        return httpx2.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _timeout(timeout_seconds: float) -> "httpx2.Timeout":
    import httpx2

    return httpx2.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
