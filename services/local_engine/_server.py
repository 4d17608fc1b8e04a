"""Routes, and the envelope that every reply comes in (docs/wire.md 1 and 5)."""

import contextlib
from collections.abc import AsyncIterator

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import telemetry
from services.local_engine import _control, _files, _messages
from services.local_engine._engine import LocalEngine
from services.local_engine._errors import ApiError, internal, invalid, not_found
from services.local_engine._faults import HtmlError, as_error
from services.local_engine._ids import wire_id
from services.local_engine._instants import rfc3339
from services.local_engine._models import model_info
from services.local_engine.types import StatusFault

_log = telemetry.log("local_engine")
_DRAINED_BYTES = 256_000_000
_ORGANISATION = "datadock-local-engine"


def build(engine: LocalEngine) -> ASGIApp:
    """The whole application: what answers, in its envelope."""

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        engine.start()
        yield
        await engine.stop()

    # A bare router: Starlette's own application would answer failures itself, as text.
    router = Router(
        routes=[
            Route("/v1/messages", _messages.create, methods=["POST"]),
            Route("/v1/messages/count_tokens", _messages.count_tokens, methods=["POST"]),
            Route("/v1/models", _models, methods=["GET"]),
            Route("/v1/models/{model}", _model, methods=["GET"]),
            Route("/v1/files", _files.list_files, methods=["GET"]),
            Route("/v1/files", _files.upload, methods=["POST"]),
            Route("/v1/files/{file_id}", _files.retrieve, methods=["GET"]),
            Route("/v1/files/{file_id}", _files.delete, methods=["DELETE"]),
            Route("/v1/files/{file_id}/content", _files.content, methods=["GET"]),
            Route("/_control/faults", _control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/bill", _control.bill, methods=["GET"]),
            Route("/_control/containers", _control.containers, methods=["GET"]),
            Route("/_control/release", _control.release, methods=["POST"]),
            Route("/_control/health", _control.health, methods=["GET"]),
        ],
        lifespan=lifespan,
        redirect_slashes=False,
    )
    return _Envelope(router, engine)


async def _models(request: Request) -> Response:
    """GET /v1/models: all on one page."""
    engine: LocalEngine = request.state.engine
    data = [model_info(model) for model in engine.models]
    return JSONResponse(
        {
            "data": data,
            "has_more": False,
            "first_id": engine.models[0],
            "last_id": engine.models[-1],
        }
    )


async def _model(request: Request) -> Response:
    """GET /v1/models/{id}."""
    engine: LocalEngine = request.state.engine
    model: str = request.path_params["model"]
    if model not in engine.models:
        raise not_found(f"model: {model}")
    return JSONResponse(model_info(model))


def _applies(fault: StatusFault, path: str) -> bool:
    if fault.path == "messages":
        return path == "/v1/messages"
    return path == "/v1/files" or path.startswith("/v1/files/")


class _Envelope:
    """Admits a request, names it, and turns every failure into an error of the wire."""

    def __init__(self, app: ASGIApp, engine: LocalEngine) -> None:
        self._app = app
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(self._engine, scope, receive, send).carry(self._app)


class _Exchange:
    """One request with its reply."""

    def __init__(self, engine: LocalEngine, scope: Scope, receive: Receive, send: Send) -> None:
        self._engine = engine
        self._scope = scope
        self._receive = receive
        self._send = send
        self._request_id = wire_id("req")
        self._body_ended = False
        self._head_sent = False

    async def carry(self, app: ASGIApp) -> None:
        self._scope["app"] = app
        state = {"request_id": self._request_id, "engine": self._engine}
        self._scope["state"] = {**self._scope.get("state", {}), **state}
        try:
            self._admit()
            await app(self._scope, self._receiving, self._sending)
        except ClientDisconnect:
            return
        except HTTPException:
            await self._refuse(not_found("Not found"))
        except ApiError as error:
            await self._refuse(error)
        except HtmlError as error:
            await self._fail(HTMLResponse(error.body, error.status))
        except Exception:  # noqa: BLE001 - border: nothing may reach a client as a traceback
            _log.exception("request_failed", request_id=self._request_id)
            if not self._head_sent:
                await self._refuse(internal())

    def _admit(self) -> None:
        headers = Headers(scope=self._scope)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        credential = bearer.strip() if scheme.lower() == "bearer" else headers.get("x-api-key")
        if not self._engine.admits(credential):
            raise ApiError(401, "invalid x-api-key" if credential else "x-api-key is required")
        path: str = self._scope["path"]
        if not path.startswith("/v1/"):
            return
        fault = self._engine.faults.take(StatusFault, lambda fault: _applies(fault, path))
        if fault is not None:
            raise as_error(fault)
        if "anthropic-version" not in headers:
            raise invalid("anthropic-version: header is required")

    async def _refuse(self, error: ApiError) -> None:
        body = error.body(self._request_id)
        await self._fail(JSONResponse(body, error.status, headers=error.headers))

    async def _fail(self, response: Response) -> None:
        # A client that is still sending would see a reset connection instead of the answer.
        await self._drain()
        await response(self._scope, self._receiving, self._sending)

    async def _drain(self) -> None:
        drained = 0
        while not self._body_ended and drained < _DRAINED_BYTES:
            message = await self._receiving()
            if message["type"] == "http.disconnect":
                return
            drained += len(message.get("body", b""))

    async def _receiving(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._body_ended = True
        return message

    async def _sending(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head_sent = True
            headers = MutableHeaders(scope=message)
            headers["request-id"] = self._request_id
            headers["anthropic-organization-id"] = _ORGANISATION
            headers.setdefault("dd-replied-at", rfc3339(self._engine.clock.now()))
        await self._send(message)
