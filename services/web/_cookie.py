"""The private session cookie: given to every browser that loads a page without one."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import identity
from services.web._requests import cookies, is_page

# The longest that browsers keep a cookie: 400 days.
_MAX_AGE_SECONDS = 34_560_000


class SessionCookie:
    """Sets the cookie on page responses where the request has none that we could have made."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to the answer where it is due."""
        if not is_page(scope) or identity.is_session_token(
            cookies(scope).get(identity.COOKIE_NAME)
        ):
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            # 304: the browser has the page still, but not the cookie.
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                kept = [
                    (name, value)
                    for name, value in message.get("headers", ())
                    if name.lower() != b"cache-control"
                ]
                message["headers"] = [
                    *kept,
                    # No cache between us may give one browser's cookie to another.
                    (b"cache-control", b"private, no-cache"),
                    (b"set-cookie", self._fresh(scope).encode()),
                ]
            await send(message)

        await self._app(scope, receive, with_cookie)

    def _fresh(self, scope: Scope) -> str:
        parts = [
            f"{identity.COOKIE_NAME}={identity.new_session_token()}",
            "Path=/",
            f"Max-Age={_MAX_AGE_SECONDS}",
            "HttpOnly",
            "SameSite=Lax",
        ]
        if self._secure or scope.get("scheme") == "https":
            parts.append("Secure")
        return "; ".join(parts)
