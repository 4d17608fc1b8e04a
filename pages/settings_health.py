"""Settings & health (R4), bare: who answers, under which limits, and whether all is well."""

import platform
from importlib.metadata import version

import streamlit as st

from components import frame
from components.engine_panel import engine_panel, profile_panel, versions_line, visitor_panel
from components.health_panel import HealthLine, health_panel
from pages import _context
from services import limits, wording
from services.app import Application
from services.errors import DatadockError

_VERSIONS = ("streamlit", "anthropic", "pandas", "plotly", "diskcache", "python-magic")


def _health(app: Application) -> list[HealthLine]:
    """Every check, made now."""
    store = app.store.health()
    answers = app.engine.ping()
    lines = [
        HealthLine(
            name="Engine",
            state="ok" if answers else "failed",
            detail=wording.app.engine_answers(answers=answers),
        ),
        HealthLine(
            name="Saved data",
            state="ok" if store.writable else "failed",
            detail=wording.app.store_state(store.detail, store.free_bytes, store.sqlite_version),
        ),
        HealthLine(
            name="Libraries of the hosted container",
            state="ok" if app.environment.is_profile else "warning",
            detail=wording.app.environment_state(
                is_profile=app.environment.is_profile, versions=app.environment.versions
            ),
        ),
    ]
    if app.engine_kind == "local":
        lines.append(
            HealthLine(
                name="Running code here",
                state="warning",
                detail=wording.app.sandbox_state(ready=_sandbox(app)),
            )
        )
    return lines


def _sandbox(app: Application) -> bool:
    try:
        return app.local_engine.health().sandbox == "ready"
    except DatadockError:
        return False


def main() -> None:
    """Read and draw; a wish for another check is met by drawing again."""
    app, user = _context.application(), _context.current_user()
    with frame.frame(frame.WIDTH_SETTINGS):
        st.title("Settings & health", anchor=False)
        left, right = st.columns(2)
        with left:
            checked = health_panel(_health(app), checked="checked just now")
            engine_panel(
                engine=app.engine_kind,
                model_label=app.engine.default_model().label,
                environment=app.environment_name,
            )
            visitor_panel(user, wording.app.standing(_context.standing(app, user)))
        with right:
            profile_panel(app.profile, changed=frozenset(limits.overridden_names(app.profile)))
        versions_line(
            [("Python", platform.python_version())] + [(name, version(name)) for name in _VERSIONS]
        )
    if checked is not None:
        st.rerun()


main()
