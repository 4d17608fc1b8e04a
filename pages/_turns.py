"""Analyse, questions: the newest turn in full, the earlier ones folded."""

from functools import partial
from typing import Literal, assert_never

import streamlit as st

from components import theme, view_state
from components.answer_card import Download, Picture, Table, answer_card
from components.earlier_turns import EarlierTurn, earlier_turns
from components.failure_card import Ending, declined_card, failure_card
from components.intents import AnalyseIntent
from components.moments import viewer_zone
from components.run_card import question, run_card
from pages import _context
from services import wording
from services.analyst.types import Abstained, UnknownColumn
from services.app import Application
from services.conversations.types import Answer, Turn
from services.errors import Message
from services.ids import QuestionId, UserId
from services.runs.types import LIVE_STATES, RunRow

_FOLLOW_SECONDS = 0.25


def draw(
    app: Application, user: UserId, turns: tuple[Turn, ...], live: RunRow | None
) -> list[AnalyseIntent | None]:
    """The newest turn on top, open; below it the others, newest first."""
    if not turns:
        return []
    intents: list[AnalyseIntent | None] = []
    newest, earlier = turns[-1], turns[-2::-1]
    if newest.dismissed:
        earlier = turns[::-1]
    else:
        question(newest.question)
        if live is not None and newest.run_id == live.id:
            _follow_run(app, user, newest, live)
        else:
            intents.append(_draw_ended(app, user, newest))
    by_id = {turn.id: turn for turn in turns}

    def draw_earlier(question_id: QuestionId) -> AnalyseIntent | None:
        return _draw_ended(app, user, by_id[question_id])

    opened: AnalyseIntent | None = earlier_turns(
        [_line(app, turn) for turn in earlier],
        now=app.clock.now(),
        zone=viewer_zone(),
        draw=draw_earlier,
    )
    return [*intents, opened]


def _follow_run(app: Application, user: UserId, turn: Turn, live: RunRow) -> None:
    """The card of a run under way, redrawn from the journal until the run is over."""
    usable = [app.preflight.result(user, file_id) for file_id in turn.files]
    projection = next((result.time for result in usable if result is not None), None)

    @st.fragment(run_every=_FOLLOW_SECONDS, key=f"follow_{live.id}")
    def follow() -> None:
        # The state is read first: what was journalled before it changed is then seen too.
        over = app.runs.get(user, live.id).state not in LIVE_STATES
        if over:
            st.rerun()
        run_card(
            run_id=live.id,
            events=app.runs.events(user, live.id),
            now=app.clock.now(),
            time=projection,
            engine=app.engine_kind,
            profile=app.profile,
            on_stop=partial(_context.stop_run, app, user),
        )

    follow()


def _draw_ended(app: Application, user: UserId, turn: Turn) -> AnalyseIntent | None:
    state = turn.state
    match state:
        case "answered" if turn.answer is not None:
            _draw_answer(app, user, turn, turn.answer)
            return None
        case "declined" if turn.declined is not None:
            return declined_card(
                question_id=turn.id,
                question=turn.question,
                declined=turn.declined,
                message=_declined(turn.declined),
                engine=app.engine_kind,
            )
        case "failed" | "stopped" | "interrupted":
            return failure_card(
                _ending(app, user, turn, state),
                engine=app.engine_kind,
                profile=app.profile,
                theme=theme.current(),
            )
        case _:  # its run never began: the server ended in between
            return failure_card(
                _ending(app, user, turn, "interrupted"),
                engine=app.engine_kind,
                profile=app.profile,
                theme=theme.current(),
            )


def _draw_answer(app: Application, user: UserId, turn: Turn, answer: Answer) -> None:
    pictures, tables, downloads = [], [], []
    for produced in answer.produced:
        path = app.files.path(user, produced.file_id)
        if produced.kind == "image":
            pictures.append(Picture(file_id=produced.file_id, path=path, alt=produced.alt))
        elif produced.kind == "table":
            preview = app.preflight.table(path, produced.name)
            tables.append(Table(file_id=produced.file_id, name=produced.name, preview=preview))
        downloads.append(
            Download(
                file_id=produced.file_id,
                name=produced.name,
                mime=produced.mime,
                size_bytes=produced.size_bytes,
                data=partial(app.files.download, user, produced.file_id),
            )
        )
    answer_card(
        question_id=turn.id,
        answer=answer,
        cost=wording.money.cost_caption(_booked(app, turn), answer.engine),
        pictures=tuple(pictures),
        tables=tuple(tables),
        downloads=tuple(downloads),
        remarks=answer.remarks,
    )


def _declined(declined: UnknownColumn | Abstained) -> Message:
    match declined:
        case UnknownColumn():
            return wording.runs.unknown_column(declined.name, declined.closest)
        case Abstained():
            return wording.runs.beyond_the_local_engine(declined.reason, declined.examples)
        case _:
            assert_never(declined)


def _ending(
    app: Application,
    user: UserId,
    turn: Turn,
    state: Literal["failed", "stopped", "interrupted"],
) -> Ending:
    seen = app.questions.remains(user, turn)
    return Ending(
        question_id=turn.id,
        state=state,
        category=turn.failure_category,
        message=turn.failure or wording.runs.interrupted("Queued"),
        cost=wording.money.paid(_booked(app, turn), app.engine_kind),
        correlation_id=seen.correlation_id,
        peak_bytes=seen.peak_bytes,
        kept_text=seen.text,
    )


def _line(app: Application, turn: Turn) -> EarlierTurn:
    booked = _booked(app, turn)
    return EarlierTurn(
        question_id=turn.id,
        question=turn.question,
        state=turn.state,
        cost=wording.money.cost_caption(booked, app.engine_kind) if booked else "",
        asked_at=turn.asked_at,
    )


def _booked(app: Application, turn: Turn) -> int:
    return app.money.run_cost(turn.run_id).booked_microusd if turn.run_id is not None else 0


def announce(turns: tuple[Turn, ...]) -> None:
    """Screen readers get no news of a page that redraws: an ending is said once, in a toast.

    Call it before the frame is drawn, which shows the toast.
    """
    newest = turns[-1] if turns else None
    if newest is None or newest.run_id is None or newest.state == "running":
        return
    if view_state.is_first_sight(newest.run_id):
        if newest.answer is not None:
            view_state.announce(wording.runs.answer_ready(newest.answer.headline))
        elif newest.failure is not None:
            view_state.announce(newest.failure.what_happened)
