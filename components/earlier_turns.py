"""The earlier questions of a conversation, folded to one line each, newest first."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final

import msgspec
import streamlit as st

from components import readable, safe_text
from components.intents import AnalyseIntent
from components.moments import when
from services.conversations.types import TurnState
from services.ids import QuestionId

_OUTCOMES: Final[dict[TurnState, str]] = {
    "running": "running",
    "answered": "",
    "declined": "not run",
    "failed": "failed",
    "stopped": "stopped",
    "interrupted": "interrupted",
}
_ICONS: Final[dict[TurnState, str]] = {
    "running": ":material/progress_activity:",
    "answered": ":material/check_circle:",
    "declined": ":material/help:",
    "failed": ":material/error:",
    "stopped": ":material/stop_circle:",
    "interrupted": ":material/power_off:",
}
_LONGEST_QUESTION: Final = 90


class EarlierTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One line; what stands below it is drawn by the page when it is opened."""

    question_id: QuestionId
    question: str
    state: TurnState
    cost: str
    """Ready wording, as on the answer's card; empty where nothing was spent."""
    asked_at: datetime


def earlier_turns(
    turns: Sequence[EarlierTurn],
    *,
    now: datetime,
    zone: tzinfo,
    draw: Callable[[QuestionId], AnalyseIntent | None],
) -> AnalyseIntent | None:
    """Draw the lines in the order given (newest first); `draw` fills an opened one.

    Returns what `draw` returned for the first that wanted something. Nothing of a closed one is
    read or sent.
    """
    if not turns:
        return None
    wanted: AnalyseIntent | None = None
    st.subheader("Earlier in this conversation", anchor=False)
    with st.container(gap="xsmall"):
        for turn in turns:
            expander = st.expander(
                _line(turn, now, zone),
                key=f"earlier_turns:{turn.question_id}:open",
                icon=_ICONS[turn.state],
                on_change="rerun",
            )
            if expander.open:
                with expander:
                    wanted = draw(turn.question_id) or wanted
    return wanted


def _line(turn: EarlierTurn, now: datetime, zone: tzinfo) -> str:
    question = readable.shortened(turn.question, _LONGEST_QUESTION)
    parts = [question, _OUTCOMES[turn.state], turn.cost, when(turn.asked_at, now, zone)]
    return " · ".join(safe_text.label(part) for part in parts if part)
