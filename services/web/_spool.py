"""Uploads written to disk while they arrive; Streamlit sees a signed stub in their place.

Streamlit itself would read each file whole into memory and keep it there for the session.
"""

import contextlib
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from typing import IO, Literal

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import identity, telemetry
from services.files.types import Upload
from services.units import MB
from services.web._multipart import BrokenForm, FileTooLarge, IncomingFile
from services.web._requests import Body, ClientGone, cookies, header
from services.web._stub import TurnedAway, make_refusal, make_stub
from services.web.types import SpoolRules, UploadClaim

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+")
# What a form adds to its file: boundaries, headers, the name.
_FORM_BYTES = 1 * MB
_NOT_ADMITTED = 403
# Read and thrown away before a refusal, so that the browser gets to see it.
_DRAINED_BYTES = 1000 * MB
_XSRF_COOKIE = "_streamlit_xsrf"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_LENGTH = re.compile(r"[0-9]{1,15}")

_log = telemetry.log("web")


class _Refused(Exception):
    """This upload is not taken; `text` goes to whoever sent it."""

    def __init__(self, status: int, reason: str, text: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.text = text


class _NoRoom(Exception):
    """The upload is right, but there is no room for it; its page is told so in a sentence."""

    def __init__(self, reason: Literal["disk_full", "owner_full"]) -> None:
        super().__init__(reason)
        self.reason: Literal["disk_full", "owner_full"] = reason


class SpoolUploads:
    """Intercepts Streamlit's upload route. A file that fails leaves nothing behind."""

    def __init__(
        self, app: ASGIApp, rules: SpoolRules, admits: Callable[[UploadClaim], bool]
    ) -> None:
        self._app = app
        self._rules = rules
        self._admits = admits
        self._under_way: dict[Path, int] = {}
        """The size announced for each file that is arriving."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Spool an upload and pass on its stub; pass on everything else as it is."""
        match = _UPLOAD.fullmatch(scope["path"]) if _is_put(scope) else None
        if match is None:
            await self._app(scope, receive, send)
            return
        body = Body(receive)
        try:
            try:
                form, path = await self._spooled(match.group(1), scope, body)
            except _Refused as refusal:
                _log.info("upload_refused", reason=refusal.reason, status=refusal.status)
                await _answer(refusal, scope, receive, send, body)
            else:
                await self._hand_on(form, path, scope, receive, send)
        except ClientGone:
            _log.info("upload_broken_off")

    async def _spooled(
        self, session_id: str, scope: Scope, body: Body
    ) -> tuple[bytes, Path | None]:
        """The form for Streamlit, and where the file lies; None if there was no room for it."""
        boundary, size_bytes = self._admit(session_id, scope)
        try:
            async with self._place(_owner(scope), size_bytes) as path:
                with os.fdopen(os.open(path, _NEW, 0o600), "wb") as target:
                    file = await self._received(boundary, target, body)
            stub = make_stub(
                Upload(path=path, name=file.name, size_bytes=file.size_bytes, sha256=file.sha256)
            )
            return _stub_form(boundary, file, stub), path
        except _NoRoom as no_room:
            _log.warning("upload_turned_away", reason=no_room.reason, size_bytes=size_bytes)
            with Path(os.devnull).open("wb") as nowhere:
                file = await self._received(boundary, nowhere, body)
            stub = make_refusal(TurnedAway(reason=no_room.reason, size_bytes=file.size_bytes))
            return _stub_form(boundary, file, stub), None

    def _admit(self, session_id: str, scope: Scope) -> tuple[bytes, int]:
        """The form's boundary and size, once the head of the request has passed every check."""
        claim = UploadClaim(
            session_id=session_id,
            xsrf_header=header(scope, b"x-xsrftoken"),
            xsrf_cookie=cookies(scope).get(_XSRF_COOKIE),
        )
        if not self._admits(claim):
            raise _Refused(
                _NOT_ADMITTED, "not_admitted", "This upload does not come from an open page."
            )
        length = header(scope, b"content-length") or ""
        if not _LENGTH.fullmatch(length):
            raise _Refused(411, "no_length", "The upload does not say how large it is.")
        if int(length) > self._rules.upload_bytes + _FORM_BYTES:
            raise _Refused(413, "too_large", "The file is larger than can be taken.")
        kind, options = parse_options_header(header(scope, b"content-type"))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise _Refused(400, "no_form", "The upload is not a form with a file.")
        return boundary, int(length)

    @contextlib.asynccontextmanager
    async def _place(self, owner: str, size_bytes: int) -> AsyncIterator[Path]:
        """A new file in the spool folder; it is removed again if what follows fails."""
        path = self._rules.folder / f"{owner}-{secrets.token_hex(16)}"
        # Announced before it is checked: of two that don't fit together one sees the other.
        self._under_way[path] = size_bytes
        try:
            await run_in_threadpool(self._check_room, owner, path)
            yield path
        except BaseException:
            # Not in a thread: this must happen even when the server is stopping.
            path.unlink(missing_ok=True)
            raise
        finally:
            self._under_way.pop(path, None)

    def _check_room(self, owner: str, path: Path) -> None:
        rules = self._rules
        under_way = dict(self._under_way)
        rules.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep_spool(rules, keeping=under_way.keys())
        lying = {file: stat.st_size for file, stat in _stats_in(rules.folder).items()}
        sizes = {**lying, **under_way}
        held = sum(size for file, size in sizes.items() if file.name.startswith(f"{owner}-"))
        if held > rules.owner_bytes:
            raise _NoRoom("owner_full")
        free = shutil.disk_usage(rules.folder).free - sum(under_way.values()) + under_way[path]
        if free < rules.disk_reserve_bytes + rules.disk_factor * under_way[path]:
            raise _NoRoom("disk_full")

    async def _received(self, boundary: bytes, target: IO[bytes], body: Body) -> IncomingFile:
        try:
            file = IncomingFile(boundary, target, self._rules.upload_bytes)
            while not body.is_complete:
                await file.feed(await body.next())
            await file.finish()
        except FileTooLarge as exc:
            raise _Refused(413, "too_large", "The file is larger than can be taken.") from exc
        except BrokenForm as exc:
            raise _Refused(400, "no_form", "The upload is not a form with a file.") from exc
        except OSError as exc:
            raise _Refused(507, "not_written", "The file could not be written here.") from exc
        return file

    async def _hand_on(
        self, form: bytes, path: Path | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Give Streamlit the form that holds the stub; if it doesn't take it, the file goes."""
        headers = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
        headers.append((b"content-length", str(len(form)).encode()))
        was_sent = False

        async def replay() -> Message:
            nonlocal was_sent
            if was_sent:
                return await receive()
            was_sent = True
            return {"type": "http.request", "body": form, "more_body": False}

        async def watch(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and path is not None and not 200 <= message["status"] < 300:
                path.unlink(missing_ok=True)
            await send(message)

        try:
            await self._app({**scope, "headers": headers}, replay, watch)
        except BaseException:
            if path is not None:
                path.unlink(missing_ok=True)
            raise


async def _answer(
    refusal: _Refused, scope: Scope, receive: Receive, send: Send, body: Body
) -> None:
    """Say no. To an open page only after its body, or the browser would see a broken line."""
    if refusal.status != _NOT_ADMITTED:
        await body.drain(_DRAINED_BYTES)
    headers = {} if body.is_complete else {"connection": "close"}
    await PlainTextResponse(refusal.text, refusal.status, headers=headers)(scope, receive, send)


def sweep_spool(rules: SpoolRules, keeping: Collection[Path] = ()) -> int:
    """Remove what nobody fetched in time, but for `keeping`; return how many files that were.

    Ages are counted from the newest write in the folder's own file system, so that neither a
    rehearsal's fast clock nor a wrong one removes an upload that is under way.
    """
    if not rules.folder.is_dir():
        return 0
    probe = rules.folder / f".now-{secrets.token_hex(8)}"
    probe.touch(mode=0o600)
    now = probe.stat().st_mtime
    probe.unlink()
    removed = 0
    for path, stat in _stats_in(rules.folder).items():
        if now - stat.st_mtime > rules.orphan_seconds and path not in keeping:
            path.unlink(missing_ok=True)
            removed += 1
    if removed:
        _log.info("spool_swept", files=removed)
    return removed


def _is_put(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "PUT")


def _owner(scope: Scope) -> str:
    """A short hash of the session cookie, so that file names tell owners apart and nothing else."""
    token = cookies(scope).get(identity.COOKIE_NAME, "")
    return hashlib.sha256(token.encode("latin-1")).hexdigest()[:16]


def _stats_in(folder: Path) -> dict[Path, os.stat_result]:
    stats = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            # Fetched by somebody meanwhile: then it does not lie here any more.
            with contextlib.suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    stats[Path(entry.path)] = entry.stat(follow_symlinks=False)
    return stats


def _stub_form(boundary: bytes, file: IncomingFile, stub: bytes) -> bytes:
    """The form as it came, with the stub for its file: Streamlit sees the true name and type."""
    lines = b"".join(field + b": " + value + b"\r\n" for field, value in file.headers)
    return b"--%s\r\n%s\r\n%s\r\n--%s--\r\n" % (boundary, lines, stub, boundary)
