"""Analyse, questions: the newest turn in full, the earlier ones folded."""

from functools import partial
from pathlib import Path
from typing import Final, Literal, assert_never

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
from services.conversations.types import Answer, Produced, Turn
from services.errors import Message
from services.ids import BlobKey, QuestionId, UserId
from services.preflight.types import Preflight, TablePreview
from services.runs.types import LIVE_STATES, RunRow

_FOLLOW_SECONDS = 0.25
_MOST_PREVIEWS: Final = 32


def draw(
    app: Application,
    user: UserId,
    turns: tuple[Turn, ...],
    live: RunRow | None,
    *,
    is_primary: bool,
) -> list[AnalyseIntent | None]:
    """The newest turn on top, open; below it the others, newest first.

    The newest turn's way on is the page's primary button, where that is here.
    """
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
            intents.append(_draw_ended(app, user, newest, is_newest=True, is_primary=is_primary))
    by_id = {turn.id: turn for turn in turns}

    def draw_earlier(question_id: QuestionId) -> AnalyseIntent | None:
        turn = by_id[question_id]
        return _draw_ended(app, user, turn, is_newest=False, is_primary=False)

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


def _draw_ended(
    app: Application, user: UserId, turn: Turn, *, is_newest: bool, is_primary: bool
) -> AnalyseIntent | None:
    state = turn.state
    if state == "answered" and turn.answer is not None:
        _draw_answer(app, user, turn, turn.answer)
        return None
    if state == "declined" and turn.declined is not None:
        return declined_card(
            question_id=turn.id,
            question=turn.question,
            declined=turn.declined,
            message=_declined(turn.declined),
            engine=app.engine_kind,
            examples=app.questions.suggestions(user, turn.files[0]) if turn.files else (),
            is_primary=is_primary,
        )
    # In any other state its run never began: the server ended in between.
    ended = state if state in ("failed", "stopped") else "interrupted"
    return failure_card(
        _ending(app, user, turn, ended),
        engine=app.engine_kind,
        profile=app.profile,
        theme=theme.current(),
        is_newest=is_newest,
        is_primary=is_primary,
    )


def _draw_answer(app: Application, user: UserId, turn: Turn, answer: Answer) -> None:
    pictures, tables, downloads = [], [], []
    columns = answer.bundle.reading.columns if answer.bundle.reading is not None else ()
    for produced in answer.produced:
        path = app.files.path(user, produced.file_id)
        if produced.kind == "image":
            pictures.append(Picture(file_id=produced.file_id, path=path, alt=produced.alt))
        elif produced.kind == "table":
            tables.append(
                Table(
                    file_id=produced.file_id,
                    name=produced.name,
                    preview=_preview(app, user, produced),
                    exact_columns=columns,
                )
            )
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


def _preview(app: Application, user: UserId, produced: Produced) -> TablePreview:
    """The head of a table of the user's own."""
    kept = app.files.get(user, produced.file_id)
    try:
        return _read_once(kept.blob, produced.name, app, app.files.path(user, kept.id))
    except _UnreadError:
        return TablePreview(columns=(), rows=(), total_rows=0)


class _UnreadError(Exception):
    """A table could not be read; what raises is not remembered, so that it is tried again."""


# Another process reads it, and may be busy with somebody's file: a redraw must not wait for that.
@st.cache_data(show_spinner=False, max_entries=_MOST_PREVIEWS)
def _read_once(blob: BlobKey, name: str, _app: Application, _path: Path) -> TablePreview:
    """By content and name alone: whoever gets here has shown that the content is theirs."""
    preview = _app.preflight.table(_path, name)
    if not preview.columns:
        raise _UnreadError(blob)
    return preview


def _declined(declined: UnknownColumn | Abstained) -> Message:
    match declined:
        case UnknownColumn(is_left_out=True):
            return wording.reductions.left_out(declined.name)
        case UnknownColumn():
            return wording.runs.unknown_column(declined.name, declined.closest, declined.others)
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


def estimate(app: Application, turns: tuple[Turn, ...], file: Preflight | None) -> str:
    """What a question about that file takes; empty where that is not known."""
    if file is None or file.time is None or file.cost is None:
        return ""
    return wording.costs.question_estimate(
        app.engine_kind,
        typical_seconds=file.time.typical_seconds,
        low_microusd=file.cost.low_microusd,
        high_microusd=file.cost.high_microusd,
        measured_seconds=[
            turn.answer.seconds
            for turn in turns
            if turn.answer is not None and turn.answer.engine == app.engine_kind
        ],
    )


def announce(turns: tuple[Turn, ...]) -> None:
    """Screen readers get no news of a page that redraws: an ending is said once, in a toast.

    Call it before the frame is drawn, which shows the toast.
    """
    newest = turns[-1] if turns else None
    if newest is None or newest.state == "running":
        return
    if not view_state.is_first_sight(newest.run_id or newest.id):
        return
    if newest.answer is not None:
        view_state.announce(wording.runs.answer_ready(newest.answer.headline))
    elif newest.failure is not None:
        view_state.announce(newest.failure.what_happened)
    elif newest.declined is not None:
        view_state.announce(_declined(newest.declined).what_happened)
