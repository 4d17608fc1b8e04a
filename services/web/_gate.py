"""What Streamlit would serve to anybody and we don't."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services import identity
from services.web._requests import cookies


class Gate:
    """Answers 404 for Streamlit's own counters and agent interface, and for media to strangers.

    The address of a figure is a hash of its content and works for whoever knows it. Asking for the
    cookie as well keeps a leaked address from working outside a browser that has been here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it is one of those."""
        if scope["type"] == "http" and _is_closed(scope):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_closed(scope: Scope) -> bool:
    path = scope["path"].rstrip("/") + "/"
    if path == "/_stcore/metrics/" or "/_stcore/agent/" in path:
        return True
    return path.startswith("/media/") and not identity.is_session_token(
        cookies(scope).get(identity.COOKIE_NAME)
    )
