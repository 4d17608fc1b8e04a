"""The five calls of the Files API (docs/wire.md 3)."""

import base64
import binascii
import mimetypes
import re
import urllib.parse
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from services.local_engine._engine import LocalEngine
from services.local_engine._errors import invalid
from services.local_engine._multipart import Received, file_too_large, receive

_OLD_SHAPE_BETA = "files-api-2025-04-14"
_FORBIDDEN_IN_NAME = re.compile(r'[<>:"|?*\\/\x00-\x1f]')
_NAME_BYTES = 255
_EXPIRY_SECONDS = range(3_600, 7_776_000 + 1)
_LIST_LIMITS = range(1, 1_000 + 1)
_DEFAULT_LIMIT = 20
_IDS_AT_ONCE = 100
_HIGHEST_NUMBER = 1 << 62
_MULTIPART_OVERHEAD_BYTES = 20_000


async def upload(request: Request) -> Response:
    """POST /v1/files."""
    engine = _engine(request)
    max_bytes = engine.profile.file_limit_bytes
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes + _MULTIPART_OVERHEAD_BYTES:
        raise file_too_large(max_bytes)
    path = engine.files.incoming_path()
    try:
        received = await receive(
            _capped(request, max_bytes + _MULTIPART_OVERHEAD_BYTES),
            request.headers.get("content-type", ""),
            path,
            max_bytes=max_bytes,
        )
        file = engine.files.add(
            path,
            filename=_kept_name(received),
            mime_type=_mime(received),
            sha256=received.sha256,
            downloadable=False,
            expires_in_seconds=_expiry(received.fields),
        )
    finally:
        path.unlink(missing_ok=True)
    engine.analysis.prepare(file, engine.files.path(file))
    return JSONResponse(file.metadata(old_shape=_old_shape(request)))


async def list_files(request: Request) -> Response:
    """GET /v1/files: newest first, by page or by ids."""
    engine = _engine(request)
    query = request.query_params
    ids = tuple(dict.fromkeys(query.getlist("ids[]")))
    if ids:
        if "page" in query or "limit" in query:
            raise invalid("ids: can't be combined with page or limit.")
        if len(ids) > _IDS_AT_ONCE:
            raise invalid(f"ids: at most {_IDS_AT_ONCE} are allowed.")
        files = engine.files.chosen(ids)
        return JSONResponse({"data": [file.metadata() for file in files], "next_page": None})
    limit = _whole_number(query.get("limit"), "limit", _LIST_LIMITS, _DEFAULT_LIMIT)
    if _old_shape(request):
        return _list_in_old_shape(engine, limit, query.get("after_id"))
    files, following = engine.files.newest(limit, _cursor(query.get("page")))
    return JSONResponse(
        {"data": [file.metadata() for file in files], "next_page": _page(following)}
    )


async def retrieve(request: Request) -> Response:
    """GET /v1/files/{id}."""
    file = _engine(request).files.get(request.path_params["file_id"])
    return JSONResponse(file.metadata(old_shape=_old_shape(request)))


async def content(request: Request) -> Response:
    """GET /v1/files/{id}/content: only of files that a command produced."""
    files = _engine(request).files
    file = files.get(request.path_params["file_id"])
    path = files.path(file)
    if not file.downloadable:
        raise invalid(f"File `{file.id}` is not downloadable.", error_code="file_not_downloadable")
    name = urllib.parse.quote(file.filename)
    return FileResponse(
        path,
        media_type=file.mime_type,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


async def delete(request: Request) -> Response:
    """DELETE /v1/files/{id}."""
    file_id = request.path_params["file_id"]
    _engine(request).files.delete(file_id)
    return JSONResponse({"id": file_id, "type": "file_deleted"})


def _engine(request: Request) -> LocalEngine:
    engine: LocalEngine = request.state.engine
    return engine


def _list_in_old_shape(engine: LocalEngine, limit: int, after_id: str | None) -> Response:
    """What `anthropic-beta: files-api-2025-04-14` still gets: no `next_page`, no `expires_at`."""
    before = None if after_id is None else engine.files.number(after_id)
    files, following = engine.files.newest(limit, before)
    return JSONResponse(
        {
            "data": [file.metadata(old_shape=True) for file in files],
            "has_more": following is not None,
            "first_id": files[0].id if files else None,
            "last_id": files[-1].id if files else None,
        }
    )


async def _capped(request: Request, max_bytes: int) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > max_bytes:
            raise file_too_large(max_bytes)
        yield chunk


def _kept_name(received: Received) -> str:
    """Only the last component of a path; a name that the service would refuse is refused."""
    if received.filename is None:
        extension = mimetypes.guess_extension(_mime(received)) or ""
        return f"unnamed{extension}"
    name = received.filename.replace("\\", "/").rsplit("/", 1)[-1]
    # A container's disk takes 255 bytes, which for other alphabets are fewer characters.
    if not 1 <= len(name.encode()) <= _NAME_BYTES or name in {".", ".."}:
        raise invalid(f"file: the filename must have 1 to {_NAME_BYTES} bytes.")
    if _FORBIDDEN_IN_NAME.search(name):
        raise invalid('file: the filename must not hold < > : " | ? * \\ / or control characters.')
    return name


def _mime(received: Received) -> str:
    if received.content_type:
        return received.content_type
    guessed = mimetypes.guess_type(received.filename or "")[0]
    return guessed or "application/octet-stream"


def _expiry(fields: dict[str, str]) -> int | None:
    given = fields.get("expires_in_seconds")
    return None if given is None else _whole_number(given, "expires_in_seconds", _EXPIRY_SECONDS, 0)


def _whole_number(given: str | None, name: str, allowed: range, default: int) -> int:
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) in allowed):
        raise invalid(f"{name}: must be a whole number from {allowed[0]} to {allowed[-1]}.")
    return int(given)


def _old_shape(request: Request) -> bool:
    betas = request.headers.get("anthropic-beta", "")
    return _OLD_SHAPE_BETA in {beta.strip() for beta in betas.split(",")}


def _page(number: int | None) -> str | None:
    if number is None:
        return None
    return "page_" + base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def _cursor(page: str | None) -> int | None:
    if page is None:
        return None
    body = page.removeprefix("page_")
    try:
        number = int(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        number = 0
    if not 0 < number < _HIGHEST_NUMBER:
        raise invalid("page: is not a cursor that this service gave.")
    return number
