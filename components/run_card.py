"""The card of a question that is being answered. Lives in a fragment that the page defines."""

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from components import safe_text, view_state
from components.engine_badge import engine_badge
from components.run_stages import Stage, progress
from services.events import Numbered
from services.ids import RunId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.preflight.types import TimeProjection
from services.units import format_megabytes, format_seconds, format_seconds_range

_FULLEST_RATIO = 0.95
"""A bar that is full before the answer is there would lie."""


def question(text: str) -> None:
    """Draw the question that the card below belongs to."""
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(safe_text.label(text))


def run_card(
    *,
    run_id: RunId,
    events: Sequence[Numbered],
    now: datetime,
    time: TimeProjection | None,
    engine: EngineKind,
    profile: LimitProfile,
    on_stop: Callable[[RunId], None],
) -> None:
    """Draw how far the run is, and Stop.

    `events` are all events of the run so far. Stop acts in its callback, since a button in a
    fragment reruns only the fragment. When the run has ended, the page reruns and draws the answer.
    """
    view_state.mark_followed(run_id)
    known = progress(events)
    elapsed_seconds = _elapsed(events, now)
    # The projection is the hosted container's; the local engine is done long before.
    projected = time if engine == "claude" else None
    # The usual time begins when it is its turn.
    time = None if known.is_waiting else projected
    with st.container(border=True):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                engine_badge(engine)
                clock = safe_text.label(_clock(elapsed_seconds, time))
                st.markdown(f"**{known.headline}** · {clock}", width="content")
            _stop_button(run_id, on_stop)
        if projected is not None:
            st.progress(_share(elapsed_seconds, time))
        with st.container(gap="xsmall"):
            for stage in known.stages:
                _draw(stage, now, known.peak_bytes, profile)
            if known.upcoming is not None:
                st.expander(
                    f"Next: {known.upcoming}",
                    key=f"run_card:{run_id}:next",
                    icon=":material/radio_button_unchecked:",
                    type="step",
                )
    st.caption("You can leave this page. The run goes on and the answer will be here.")


def _draw(stage: Stage, now: datetime, peak_bytes: int | None, profile: LimitProfile) -> None:
    """One step; only the one under way is open. Not as `with`: leaving it would complete it."""
    under_way = stage.ended_at is None
    seconds = max(0.0, ((stage.ended_at or now) - stage.started_at).total_seconds())
    parts = [format_seconds(int(seconds) if under_way else seconds)] if seconds >= 0.05 else []
    parts += stage.facts
    if stage.kind == "running" and peak_bytes is not None:
        seen = format_megabytes(peak_bytes).removesuffix("\N{NO-BREAK SPACE}MB")
        parts.append(f"memory {seen} of {format_megabytes(profile.ram_spoken_bytes)}")
    box = st.status(
        " · ".join([f"**{stage.title}**", *map(safe_text.label, parts)]),
        state="error" if stage.failed else "running" if under_way else "complete",
        expanded=under_way or stage.failed,
        type="step",
    )
    detail = stage.detail or ("Ended before its time." if stage.failed else "…")
    box.caption(safe_text.label(detail))


def _stop_button(run_id: RunId, on_stop: Callable[[RunId], None]) -> None:
    stopping = view_state.is_stopping(run_id)
    st.button(
        "Stopping …" if stopping else "Stop",
        key=f"run_card:{run_id}:stop",
        icon=":material/stop_circle:",
        disabled=stopping,
        shortcut="Ctrl+Shift+X",
        on_click=_stop,
        args=(run_id, on_stop),
    )


def _stop(run_id: RunId, on_stop: Callable[[RunId], None]) -> None:
    view_state.mark_stopping(run_id)
    on_stop(run_id)


def _elapsed(events: Sequence[Numbered], now: datetime) -> float:
    if not events:
        return 0.0
    return max(0.0, (now - events[0].event.at).total_seconds())


def _clock(elapsed_seconds: float, time: TimeProjection | None) -> str:
    """`19 s of about 35 s`; past it the usual range; past that `longer than the usual …`."""
    elapsed = format_seconds(int(elapsed_seconds))
    if time is None:
        return elapsed
    if elapsed_seconds <= time.typical_seconds:
        return f"{elapsed} of about {format_seconds(time.typical_seconds)}"
    usual = f"the usual {format_seconds_range(time.low_seconds, time.high_seconds)}"
    if elapsed_seconds <= time.high_seconds:
        return f"{elapsed} of {usual}"
    return f"{elapsed}, longer than {usual}"


def _share(elapsed_seconds: float, time: TimeProjection | None) -> float:
    if time is None or time.typical_seconds <= 0:
        return 0.0
    return min(_FULLEST_RATIO, elapsed_seconds / time.typical_seconds)
