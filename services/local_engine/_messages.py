"""POST /v1/messages and its count_tokens (docs/wire.md 2 and 4)."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from services.local_engine import _request
from services.local_engine._engine import LocalEngine
from services.local_engine._errors import ApiError, too_large
from services.local_engine._instants import rfc3339
from services.local_engine._pieces import Broke, Cut, Done, Piece, block, usage_json
from services.local_engine._reply import Reply
from services.local_engine._sse import EventStream, message_json, until_gone
from services.local_engine._tokens import prompt_tokens
from services.local_engine.types import Delay

_T = TypeVar("_T")
_CLIENT_CLOSED = 499
_STATUS_OF = {
    "overloaded_error": 529,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "invalid_request_error": 400,
}


async def create(request: Request) -> Response:
    """POST /v1/messages, with and without streaming."""
    engine: LocalEngine = request.state.engine
    raw = await _body(request, engine.max_request_bytes)
    ask = _request.parse(raw, frozenset(engine.models))
    gone = asyncio.ensure_future(until_gone(request.receive))
    reply = Reply(engine, ask, request.state.request_id)
    try:
        await _unless(gone, _opened(engine, reply))
        if not ask.stream:
            return await _whole(reply, gone)
    except ClientDisconnect:
        return Response(status_code=_CLIENT_CLOSED)
    finally:
        gone.cancel()
    return EventStream(
        reply,
        request.state.request_id,
        ping_seconds=engine.ping_seconds,
        headers=_started_header(reply),
    )


async def count_tokens(request: Request) -> Response:
    """POST /v1/messages/count_tokens: what the first sampling of this request would read."""
    engine: LocalEngine = request.state.engine
    raw = await _body(request, engine.max_request_bytes)
    ask = _request.parse(raw, frozenset(engine.models), counting=True)
    return JSONResponse({"input_tokens": prompt_tokens(ask)})


async def _opened(engine: LocalEngine, reply: Reply) -> None:
    delay = engine.faults.take(Delay, lambda fault: fault.at == "reply")
    if delay is not None:
        await asyncio.sleep(delay.seconds)
    await reply.open()


async def _whole(reply: Reply, gone: "asyncio.Future[None]") -> Response:
    """The reply as one JSON body. Raises ApiError, or ClientDisconnect when nobody waits."""
    pieces: list[Piece] = []
    try:
        await _unless(gone, reply.run(pieces.append))
    finally:
        reply.close()
    match pieces[-1]:
        case Done() as end:
            content = [told for piece in pieces if (told := block(piece)) is not None]
            message = message_json(reply, content, usage_json(end.usage), end.container, end)
            headers = {**_started_header(reply), "dd-replied-at": end.replied_at}
            return JSONResponse(message, headers=headers)
        case Broke() as broke:
            status = _STATUS_OF.get(broke.error_type, 500)
            raise ApiError(status, broke.message, error_type=broke.error_type)
        case Cut():
            return BrokenResponse()
        case _:
            raise RuntimeError("the reply has no ending")


def _started_header(reply: Reply) -> dict[str, str]:
    started_at = reply.container_started_at
    return {} if started_at is None else {"dd-container-started-at": rfc3339(started_at)}


class BrokenResponse(Response):
    """A JSON body that ends in the middle, with the connection."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Promise more than is sent."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"type": "mess', "more_body": True})


async def _body(request: Request, max_bytes: int) -> bytes:
    """The request's body. Raises ApiError (413) above the cap."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise too_large("Request exceeds the maximum size")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise too_large("Request exceeds the maximum size")
    return bytes(body)


async def _unless(gone: "asyncio.Future[None]", work: Coroutine[Any, Any, _T]) -> _T:
    """The work's result. Raises ClientDisconnect, with the work ended, if the client goes first."""
    task = asyncio.ensure_future(work)
    try:
        waited: set[asyncio.Future[Any]] = {task, gone}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task.cancelled():
        raise ClientDisconnect
    return task.result()
