"""Analyse, reductions: the card of a file to make smaller, the dialog, and taking its place."""

from functools import partial

import streamlit as st

from components import theme, view_state
from components.intents import AnalyseIntent
from components.reduction_card import reducing_card, reduction_card
from pages import _context
from services import wording
from services.app import Application
from services.conversations.types import Conversation
from services.files.types import KeptFile
from services.ids import FileId, UserId
from services.preflight.types import Preflight, ReductionStep
from services.runs.types import LIVE_STATES, RunRow

_FOLLOW_SECONDS = 0.25


def draw(
    app: Application,
    user: UserId,
    kept: KeptFile,
    preflight: Preflight,
    check: RunRow | None,
    *,
    is_heading: bool,
    is_primary: bool,
) -> list[AnalyseIntent | None] | None:
    """The card of a file that is or has to be made smaller; None where there is no such thing."""
    run = app.preflight.reductions.run(user, kept.id)
    if run is not None and run.state in LIVE_STATES:
        _follow(app, user, kept, preflight, run, is_heading=is_heading)
        return []
    chosen = view_state.chosen_steps(kept.id)
    must_be = preflight.verdict.state == "fits_after_reduction"
    if not must_be and chosen is None:
        return None
    plan = app.preflight.plan(user, kept.id, chosen)
    if plan is None:
        return None
    return [
        reduction_card(
            file_id=kept.id,
            name=kept.name,
            preflight=preflight,
            plan=plan,
            profile=app.profile,
            engine=app.engine_kind,
            theme=theme.current(),
            corrections=app.preflight.corrections(user, kept.id),
            failure=app.preflight.reductions.failure(user, kept.id),
            correlation_id=check.correlation_id if check is not None else None,
            is_heading=is_heading,
            is_primary=is_primary,
        )
    ]


def start(
    app: Application, user: UserId, file_id: FileId, steps: tuple[ReductionStep, ...]
) -> None:
    """Begin to write the smaller version."""
    run_id = app.preflight.reduce(user, file_id, steps)
    view_state.mark_followed(run_id)
    view_state.choose_steps(file_id, None)


def placed(
    app: Application, user: UserId, conversation: Conversation | None
) -> Conversation | None:
    """The conversation, with every smaller version that is ready in the place of its source."""
    if conversation is None:
        return None
    for file_id in conversation.files:
        reduced_id = app.preflight.reductions.reduced(user, file_id)
        if reduced_id is None:
            continue
        app.conversations.attach(user, conversation.id, reduced_id)
        app.conversations.detach(user, conversation.id, file_id)
        app.preflight.reductions.take(user, file_id)
        run = app.preflight.reductions.run(user, file_id)
        if run is not None and view_state.is_first_sight(run.id):
            name = app.files.get(user, reduced_id).name
            view_state.announce(wording.reductions.ready(name))
    return app.conversations.get(user, conversation.id)


def use_original(app: Application, user: UserId, file_id: FileId) -> None:
    """The source of a smaller version comes back into the conversation, and that one leaves."""
    conversation_id = view_state.conversation_id()
    reduction = app.preflight.reduction(user, file_id)
    if conversation_id is None or reduction is None:
        return
    app.conversations.attach(user, conversation_id, reduction.source)
    app.conversations.detach(user, conversation_id, file_id)


def _follow(
    app: Application,
    user: UserId,
    kept: KeptFile,
    preflight: Preflight,
    run: RunRow,
    *,
    is_heading: bool,
) -> None:
    @st.fragment(run_every=_FOLLOW_SECONDS, key=f"follow_{run.id}")
    def follow() -> None:
        reducing_card(
            file_id=kept.id,
            run_id=run.id,
            kind=preflight.report.kind,
            name=kept.name,
            events=app.runs.events(user, run.id),
            elapsed_seconds=(app.clock.now() - run.started_at).total_seconds(),
            on_stop=partial(_context.stop_run, app, user),
            is_heading=is_heading,
        )
        if app.runs.get(user, run.id).state not in LIVE_STATES:
            st.rerun()

    follow()
