"""Reading what a request carries."""

from collections.abc import Mapping

from starlette.types import Receive, Scope

# What Streamlit serves beside pages. Every other path is answered with the page.
_NOT_PAGES = ("/_stcore/", "/static/", "/media/", "/component/", "/app/static/")
_OWN_ROUTES = ("/healthz", "/readyz")


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


def cookies(scope: Scope) -> Mapping[str, str]:
    """The cookies of a request; of several with one name the last, as Streamlit reads them."""
    found = {}
    for key, value in scope["headers"]:
        if key == b"cookie":
            for pair in str(value, "latin-1").split(";"):
                name, _, content = pair.partition("=")
                found[name.strip()] = content.strip().strip('"')
    return found


def is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, not for one of its parts."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path = scope["path"]
    return (
        not any(part in path for part in _NOT_PAGES)
        and path not in _OWN_ROUTES
        and "." not in path.rpartition("/")[2]
    )


class ClientGone(Exception):
    """The browser hung up in the middle of its request."""


class Body:
    """A request's body as it arrives, and whether all of it has: after the end nothing comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_complete = False

    async def next(self) -> bytes:
        """The next piece, which may be empty. Raises ClientGone."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self.is_complete = not message.get("more_body", False)
        return bytes(message.get("body", b""))

    async def drain(self, at_most_bytes: int) -> None:
        """Throw the rest away. Raises ClientGone."""
        while at_most_bytes > 0 and not self.is_complete:
            at_most_bytes -= len(await self.next())
