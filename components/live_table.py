"""The containers that are alive now, those at risk first."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from components import data_table, safe_text, view_state
from components.cost_charts import container_name, short_id, state_of
from components.intents import FirstQuestionWanted
from services.containers.types import LiveContainer
from services.ids import UserId, WorkspaceId
from services.limits.types import LimitProfile
from services.units import format_megabytes, format_money, format_money_range

OnRelease = Callable[[tuple[WorkspaceId, ...]], None]

_PRESSED: Final = "live_table:containers:release"
_ROW_HEIGHT: Final = 34
_MOST_ROWS: Final = 11
_COLUMNS: Final = (
    "Container",
    "State",
    "Age",
    "User",
    "Questions",
    "Files",
    "Memory",
    "Cost so far",
    "Action",
)


def live_table(
    containers: Sequence[LiveContainer],
    *,
    viewer: UserId,
    profile: LimitProfile,
    can_release: bool,
    idle_sentence: str,
    on_release: OnRelease,
    may_interrupt: Callable[[UserId], bool],
) -> None:
    """Draw the table, and above it what the idle ones cost.

    `can_release` tells whether a container can really be ended; else it is only no longer used.

    `idle_sentence` is ready wording (`3 idle containers cost $0.15 an hour.`), empty where none is
    idle. `on_release` acts inside the click's callback. One that a run is using is asked about
    first, and offered only where the viewer `may_interrupt` a run of its user.
    """
    if not containers:
        st.caption("No container is alive now.")
        return
    ordered = sorted(containers, key=lambda one: (not one.is_at_risk, -one.age_seconds))
    verb = "Release" if can_release else "Stop using"
    idle = tuple(one.workspace.id for one in ordered if one.workspace.state == "idle")
    if idle:
        _idle_row(idle_sentence, idle, verb, on_release, is_primary=can_release)
    _confirmation(ordered, verb, on_release)
    offered = tuple(
        # One that is being made is not known yet by a name under which it could be ended.
        one.workspace.state == "idle"
        or (one.workspace.state == "working" and may_interrupt(one.workspace.user))
        for one in ordered
    )
    _table(ordered, viewer, profile, verb, offered, on_release)


def no_container_yet(profile: LimitProfile) -> FirstQuestionWanted | None:
    """Draw the empty state of the whole page, with the way to a first question."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**No container has run yet**", width="content")
        hourly = profile.billing.rate_microusd_per_hour
        rate = safe_text.label(format_money_range(hourly, hourly))
        st.markdown(
            "The first question that needs code starts one."
            f" It costs {rate} an hour while it lives and shows up here at once.",
            width="content",
        )
        if st.button(
            "Ask a first question",
            key="live_table:empty:ask",
            type="primary",
            icon=":material/query_stats:",
        ):
            return FirstQuestionWanted()
    return None


def _idle_row(
    sentence: str,
    idle: tuple[WorkspaceId, ...],
    verb: str,
    on_release: OnRelease,
    *,
    is_primary: bool,
) -> None:
    # Beside the sentence: at the right end the table's own tools would cover the button.
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(safe_text.label(sentence), anchor=False, width="content")
        st.button(
            f"{verb} {len(idle)} idle",
            key="live_table:idle:release",
            type="primary" if is_primary else "secondary",
            icon=":material/delete_sweep:",
            on_click=on_release,
            args=(idle,),
        )


def _confirmation(containers: Sequence[LiveContainer], verb: str, on_release: OnRelease) -> None:
    """A container with a run in it is only given up when that was meant."""
    pending = view_state.pending_release()
    found = next((one for one in containers if one.workspace.id == pending), None)
    if found is None or found.workspace.state == "idle":
        # Its run has ended meanwhile: there is nothing left to ask about.
        view_state.set_pending_release(None)
        return
    name = safe_text.label(container_name(found.workspace.id))
    cost = safe_text.label(format_money(found.so_far_microusd))
    with st.container(border=True):
        st.markdown(
            f"**{verb} {name}?** A run is using it and will fail. It has cost {cost} so far."
        )
        with st.container(horizontal=True):
            st.button(
                f"{verb} anyway",
                key=f"live_table:{found.workspace.id}:anyway",
                on_click=_release_anyway,
                args=(found.workspace.id, on_release),
            )
            st.button(
                "Keep",
                key=f"live_table:{found.workspace.id}:keep",
                on_click=view_state.set_pending_release,
                args=(None,),
            )


def _release_anyway(workspace_id: WorkspaceId, on_release: OnRelease) -> None:
    view_state.set_pending_release(None)
    on_release((workspace_id,))


def _table(
    containers: Sequence[LiveContainer],
    viewer: UserId,
    profile: LimitProfile,
    verb: str,
    offered: Sequence[bool],
    on_release: OnRelease,
) -> None:
    lifetime_minutes = profile.container_lifetime_seconds // 60
    rows = [
        (*_row(one, viewer), verb if is_offered else "")
        for one, is_offered in zip(containers, offered, strict=True)
    ]
    config: dict[str, Any] = {
        "Container": st.column_config.TextColumn(pinned=True),
        "State": st.column_config.TextColumn(pinned=True),
        "Age": st.column_config.ProgressColumn(
            f"Age, of {lifetime_minutes} min",
            min_value=0,
            max_value=lifetime_minutes,
            format="%d min",
        ),
        "Memory": st.column_config.TextColumn(alignment="right", help="The most that was seen."),
        "Cost so far": st.column_config.TextColumn(
            alignment="right",
            help="An estimate of the life until now; sums hold booked rows only.",
        ),
        "Action": st.column_config.ButtonColumn(
            type="tertiary",
            key=_PRESSED,
            on_click=_pressed,
            args=(tuple(containers), tuple(offered), on_release),
        ),
    }
    st.dataframe(
        data_table.frame_of(_COLUMNS, rows),
        hide_index=True,
        column_config=config,
        height=_ROW_HEIGHT * (min(len(rows), _MOST_ROWS) + 1) + 2,
        row_height=_ROW_HEIGHT,
        alt=f"Live containers: {len(rows)}",
    )


def _row(container: LiveContainer, viewer: UserId) -> tuple[str | int, ...]:
    workspace = container.workspace
    return (
        container_name(workspace.id),
        state_of(container),
        int(container.age_seconds // 60),
        "you" if workspace.user == viewer else short_id(workspace.user),
        workspace.runs,
        len(workspace.files),
        "" if workspace.peak_bytes is None else format_megabytes(workspace.peak_bytes),
        format_money(container.so_far_microusd),
    )


def _pressed(
    containers: tuple[LiveContainer, ...], offered: tuple[bool, ...], on_release: OnRelease
) -> None:
    row = view_state.pressed_row(_PRESSED)
    if row is None or not 0 <= row < len(containers) or not offered[row]:
        return
    workspace = containers[row].workspace
    if workspace.state == "idle":
        on_release((workspace.id,))
    else:
        view_state.set_pending_release(workspace.id)
