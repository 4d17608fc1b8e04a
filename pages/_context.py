"""What every page begins with: the Application, and who is asking."""

import streamlit as st

from components import view_state
from services import app as app_room
from services import identity, wording
from services.app import Application
from services.errors import InternalError
from services.identity import RequestFacts
from services.ids import RunId, UserId


def application() -> Application:
    """The server's rooms. Raises InternalError while the server is going down."""
    if app_room.current is None:
        raise InternalError(wording.app.not_running())
    return app_room.current


def current_user() -> UserId:
    """Whoever this browser's cookie stands for; without a cookie, whoever this page stands for."""
    token = st.context.cookies.get(identity.COOKIE_NAME)
    # Drawn without a browser, as in a test of a page, Streamlit has no cookies but a stand-in.
    cookies = {identity.COOKIE_NAME: token} if isinstance(token, str) else {}
    return identity.current_user(
        RequestFacts(cookies=cookies, anonymous_id=view_state.anonymous_id())
    )


def standing(app: Application, user: UserId) -> identity.Standing:
    """What this user is here, to be told."""
    return identity.standing(user, app.settings.operators)


def is_operator(app: Application, user: UserId) -> bool:
    """Whether this user may see and act on what belongs to all."""
    return identity.is_operator(user, app.settings.operators)


def may_interrupt(app: Application, user: UserId, owner: UserId) -> bool:
    """Whether this user may end a container that a run of `owner` is using."""
    return identity.may_interrupt(user, owner, app.settings.operators)


def stop_run(app: Application, user: UserId, run_id: RunId) -> None:
    """What the Stop buttons call, inside their click's callback."""
    app.runs.stop(user, run_id)
