"""Routes beside the wire, for the app that owns this engine and for tests (docs/wire.md 8)."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.local_engine._engine import LocalEngine
from services.local_engine._errors import invalid
from services.local_engine._instants import rfc3339
from services.local_engine.types import AnyFault


class _Release(msgspec.Struct, frozen=True):
    container_id: str


async def faults(request: Request) -> Response:
    """POST a list of faults to inject, GET those pending, DELETE them."""
    pending = _engine(request).faults
    if request.method == "DELETE":
        pending.clear()
    elif request.method == "POST":
        try:
            injected = msgspec.json.decode(await request.body(), type=list[AnyFault])
        except msgspec.DecodeError as exc:
            raise invalid(f"faults: {exc}") from exc
        pending.inject(injected)
    return _json(pending.pending())


async def bill(request: Request) -> Response:
    """GET the bill, with what is due of containers that have ended by now."""
    engine = _engine(request)
    _expire(engine)
    after = request.query_params.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < 16):
        raise invalid("after: must be a row's number.")
    return _json(engine.books.bill(int(after)))


async def containers(request: Request) -> Response:
    """GET the live containers."""
    engine = _engine(request)
    _expire(engine)
    return _json(engine.containers.live())


async def release(request: Request) -> Response:
    """POST a container's id: it ends now, and so does its bill; tells when it ended.

    Raises ApiError (404) for one that never was; releasing an ended one changes nothing.
    """
    engine = _engine(request)
    try:
        wanted = msgspec.json.decode(await request.body(), type=_Release)
    except msgspec.DecodeError as exc:
        raise invalid(f"release: {exc}") from exc
    ended_at = engine.books.ended_at(wanted.container_id)
    if ended_at is None:
        container = engine.containers.find(wanted.container_id)
        ended_at = engine.containers.end(container, "released")
        await engine.workshop.interrupt(container.id)
        if not container.lock.locked():
            engine.close_room(container)
    return _json({"container_id": wanted.container_id, "ended_at": rfc3339(ended_at)})


async def health(request: Request) -> Response:
    """GET how the engine is."""
    return _json(_engine(request).health())


def _engine(request: Request) -> LocalEngine:
    engine: LocalEngine = request.state.engine
    return engine


def _expire(engine: LocalEngine) -> None:
    for container in engine.containers.expire_all():
        engine.close_room(container)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
