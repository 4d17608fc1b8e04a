"""Whether the process answers, and whether everything is ready."""

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

_NO_STORE = {"cache-control": "no-store"}


def routes(readiness: Callable[[], Mapping[str, bool]]) -> Sequence[BaseRoute]:
    """`/healthz` and `/readyz`; the latter is 503 until every check of `readiness` holds."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok", headers=_NO_STORE)

    async def readyz(_: Request) -> Response:
        checks = dict(readiness())
        ready = all(checks.values())
        return JSONResponse(
            {"ready": ready, "checks": checks}, 200 if ready else 503, headers=_NO_STORE
        )

    return (Route("/healthz", healthz), Route("/readyz", readyz))
