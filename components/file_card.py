"""What the cards of a file have in common: a title row with its badge and menu, and Stop."""

from collections.abc import Callable, Sequence

import streamlit as st

from components import safe_text, view_state
from components.verdict_badge import file_heading, verdict_badge
from services import wording
from services.ids import CorrelationId, FileId, RunId
from services.preflight.types import FileKind, VerdictState


def row() -> "st.delta_generator.DeltaGenerator":
    """A row whose last thing stands at the right edge."""
    return st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )


def heading(kind: FileKind | None, name: str, is_heading: bool) -> None:
    """The file's name, as the page's one main heading or below it."""
    draw = st.title if is_heading else st.subheader
    draw(file_heading(kind, name), anchor=False, width="content")


def title_row(
    file_id: FileId,
    kind: FileKind | None,
    name: str,
    state: VerdictState,
    choices: Sequence[str],
    *,
    is_heading: bool,
    is_reduced: bool = False,
) -> str | None:
    """Name, badge and the menu `File`; returns what was chosen there."""
    with row():
        heading(kind, name, is_heading)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            verdict_badge(state, is_reduced=is_reduced)
            return st.menu_button(
                "File", list(choices), key=f"preflight_card:{file_id}:menu", type="tertiary"
            )


def nothing_sent(correlation_id: CorrelationId | None) -> str:
    """That nothing has left the machine, and what to quote."""
    quoted = ""
    if correlation_id:
        quoted = f" · {safe_text.label(wording.app.reference(correlation_id))}"
    return f"Nothing was sent. Cost so far: \\$0.00{quoted}"


def stop_button(
    component: str, file_id: FileId, run_id: RunId, on_stop: Callable[[RunId], None]
) -> None:
    """Stop, which acts in its callback: a button in a fragment reruns only the fragment."""
    stopping = view_state.is_stopping(run_id)
    st.button(
        "Stopping …" if stopping else "Stop",
        key=f"{component}:{file_id}:stop",
        icon=":material/stop_circle:",
        disabled=stopping,
        on_click=_stop,
        args=(run_id, on_stop),
    )


def _stop(run_id: RunId, on_stop: Callable[[RunId], None]) -> None:
    view_state.mark_stopping(run_id)
    on_stop(run_id)
