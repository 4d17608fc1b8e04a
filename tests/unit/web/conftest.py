"""A server on loopback that stands where Streamlit would, behind our layers."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx2
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services import web
from services.web import SpoolRules

INDEX = "<html><head><script>\n  window.ready = false\n</script></head><body></body></html>"
SCRIPT = "export const answer = 42;\n" * 400
IMMUTABLE = {"cache-control": "public, immutable, max-age=31536000"}


class Behind:
    """What arrived behind our layers, and how it answers."""

    def __init__(self) -> None:
        self.uploads: list[tuple[str, str | None, bytes]] = []
        self.upload_status = 204
        self.asset_requests = 0

    async def page(self, _: Request) -> Response:
        return HTMLResponse(INDEX, headers={"cache-control": "no-cache"})

    async def asset(self, request: Request) -> Response:
        self.asset_requests += 1
        if request.path_params["name"] == "index.abc.js":
            return PlainTextResponse(SCRIPT, media_type="text/javascript", headers=IMMUTABLE)
        return HTMLResponse(INDEX, headers={"cache-control": "no-cache"})

    async def media(self, _: Request) -> Response:
        return Response(b"png", media_type="image/png", headers={"cache-control": "public"})

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            for value in form.values():
                assert isinstance(value, UploadFile)
                self.uploads.append((value.filename or "", value.content_type, await value.read()))
        return Response(status_code=self.upload_status)

    async def echo(self, request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    def app(self, *, rules: SpoolRules, **options: object) -> Starlette:
        """The whole stack, as streamlit_app.py puts it together."""
        readiness = options.pop("readiness", dict)
        admits = options.pop("admits", lambda _: True)
        assert callable(readiness)
        assert callable(admits)
        return Starlette(
            routes=[
                *web.routes(readiness),
                Route("/_stcore/upload_file/{session}/{file}", self.upload, methods=["PUT"]),
                Route("/static/js/{name}", self.asset),
                Route("/media/{name}", self.media),
                Route("/favicon.png", self.media),
                Route("/echo", self.echo, methods=["POST"]),
                Route("/{path:path}", self.page),
            ],
            middleware=[
                *web.middleware(
                    index_html=INDEX,
                    spool=rules,
                    admits=admits,
                    secure=bool(options.pop("secure", False)),
                )
            ],
        )


class Server:
    """One server for all tests of the room, since starting one takes 0.2 s; each sets the app."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.address = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server on a free loopback port."""
    held = Server()
    config = uvicorn.Config(
        held, host="127.0.0.1", port=0, log_level="warning", ws="none", lifespan="off"
    )
    running = uvicorn.Server(config)
    socket = config.bind_socket()
    held.address = f"http://127.0.0.1:{socket.getsockname()[1]}"
    thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    yield held
    running.should_exit = True
    thread.join(10)
    socket.close()


Serve = Callable[..., httpx2.Client]


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def serve(behind: Behind, spool: Path, server: Server) -> Iterator[Serve]:
    """Puts the stack together with those options and gives a client of it."""
    with contextlib.ExitStack() as stack:

        def start(rules: Mapping[str, int] | None = None, **options: object) -> httpx2.Client:
            ruled = msgspec.structs.replace(
                SpoolRules(folder=spool, upload_bytes=1_000_000), **(rules or {})
            )
            server.app = behind.app(rules=ruled, **options)
            client = httpx2.Client(base_url=server.address, trust_env=False, timeout=20)
            return stack.enter_context(client)

        yield start
