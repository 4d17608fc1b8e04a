"""What the cards of a file have in common: a title row with its badge and menu, and Stop."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from components import safe_text, view_state
from components.intents import (
    CorrectionWanted,
    FileRemoved,
    FileReplaced,
    OriginalWanted,
    ReductionEdited,
)
from components.verdict_badge import file_heading, verdict_badge
from services import wording
from services.ids import CorrelationId, FileId, RunId
from services.preflight.types import FileKind, FileReport, VerdictState

MenuIntent = FileReplaced | FileRemoved | ReductionEdited | OriginalWanted | CorrectionWanted
CORRECT: Final = "Read it differently …"
_REPLACE, _REMOVE = "Replace", "Remove"
_REDUCE, _ORIGINAL = "Reduce …", "Use the original again"
_CORRECTABLE_KINDS: Final = ("csv", "xlsx", "text")
"""Kinds of which a user can know better how they are to be read."""


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
    is_askable: bool = True,
) -> str | None:
    """Name, badge and the menu `File`; returns what was chosen there."""
    with row():
        heading(kind, name, is_heading)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            verdict_badge(state, is_reduced=is_reduced, is_askable=is_askable)
            return st.menu_button(
                "File", list(choices), key=f"preflight_card:{file_id}:menu", type="tertiary"
            )


def menu_choices(report: FileReport | None, *, is_reduced: bool) -> list[str]:
    """What the menu `File` offers for a checked file; of one without a result, little."""
    choices = [_REPLACE]
    choices += [_REDUCE] if report is not None and report.tables else []
    choices += [_ORIGINAL] if is_reduced else []
    choices += [CORRECT] if report is not None and report.kind in _CORRECTABLE_KINDS else []
    return [*choices, _REMOVE]


def menu_intent(file_id: FileId, chosen: str | None) -> MenuIntent | None:
    """What is wanted of that file by an entry of its menu."""
    intents: dict[str | None, MenuIntent] = {
        _REPLACE: FileReplaced(file_id=file_id),
        _REDUCE: ReductionEdited(file_id=file_id),
        _ORIGINAL: OriginalWanted(file_id=file_id),
        CORRECT: CorrectionWanted(file_id=file_id),
        _REMOVE: FileRemoved(file_id=file_id),
    }
    return intents.get(chosen)


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
