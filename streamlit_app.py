"""The server: routes, security headers, start and stop of the Application.

`streamlit run streamlit_app.py` finds `app`, which must be a literal `st.App(…)`. The pages are
drawn by `pages/_shell.py`; this file runs once, and keeps no state beyond the server's own.
"""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.file_util import get_static_dir
from streamlit.web.server.server_util import is_xsrf_enabled
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token

from components import safe_text
from services import app as app_room
from services import engine, settings, telemetry, web, wording
from services.errors import DatadockError
from services.ids import CorrelationId, new_id
from services.web import SpoolRules, UploadClaim

_MIB = 1024 * 1024
# Imported before the first visitor needs them.
_HEAVY = ("pandas", "plotly.graph_objects")

_log = telemetry.log("server")
_libraries_are_ready = threading.Event()


def _load_settings() -> settings.Settings:
    try:
        return settings.load()
    except DatadockError as exc:
        sys.exit(f"Datadock: {_sentence(exc)}")


def _sentence(exc: DatadockError) -> str:
    return f"{exc.message.what_happened} {exc.message.what_to_do}".strip()


_settings = _load_settings()
telemetry.configure(_settings.log_format)
_spool = SpoolRules(
    folder=_settings.home / "spool",
    upload_bytes=int(st.get_option("server.maxUploadSize")) * _MIB,
)


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    """The Application lives from before the first page until after the last."""
    try:
        application = await asyncio.to_thread(_start)
    except DatadockError as exc:
        # Raised further it would be shown as a traceback. Nothing has been started that would
        # have to be ended.
        sys.stderr.write(f"Datadock: {_sentence(exc)}\n")
        sys.stderr.flush()
        os._exit(1)
    app_room.current = application
    threading.Thread(target=_preload, name="preload", daemon=True).start()
    try:
        yield
    finally:
        app_room.current = None
        await asyncio.to_thread(application.stop)


def _start() -> app_room.Application:
    application = app_room.Application.build(_settings)
    application.start(lambda: web.sweep_spool(_spool))
    return application


def _preload() -> None:
    """Import what is heavy while nobody waits, then take all of it out of garbage collection.

    Streamlit collects after every run; over the frozen heap that takes 5 ms, not 50 to 100.
    """
    for name in _HEAVY:
        import_module(name)
    engine.preload()
    gc.collect()
    gc.freeze()
    _libraries_are_ready.set()
    _log.info("ready")


def _readiness() -> Mapping[str, bool]:
    return {
        "application": app_room.current is not None,
        "libraries": _libraries_are_ready.is_set(),
    }


def _admits(claim: UploadClaim) -> bool:
    """Streamlit's own two checks of an upload, made before its body is read."""
    if is_xsrf_enabled() and not validate_xsrf_token(claim.xsrf_header, claim.xsrf_cookie):
        return False
    return runtime.exists() and runtime.get_instance().is_active_session(claim.session_id)


def _show_page_error(exc: Exception) -> bool:
    """The last border: whatever a page did not expect becomes a sentence with an id to quote."""
    correlation_id = CorrelationId(new_id("e", length=8))
    _log.error("page_failed", correlation_id=correlation_id, exc_info=exc)
    message = exc.message if isinstance(exc, DatadockError) else wording.app.page_failed()
    what_to_do = safe_text.label(message.what_to_do) if message.what_to_do else ""
    st.error(f"**{safe_text.label(message.what_happened)}** {what_to_do}")
    st.caption(safe_text.label(wording.app.reference(correlation_id)))
    return True


app = st.App(
    "pages/_shell.py",
    lifespan=_lifespan,
    routes=web.routes(_readiness),
    middleware=web.middleware(
        index_html=Path(get_static_dir(), "index.html").read_text(encoding="utf-8"),
        spool=_spool,
        admits=_admits,
        secure=_settings.secure_cookies,
    ),
    on_script_error=_show_page_error,
)
