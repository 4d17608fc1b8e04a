"""The last conversations of this visitor, one line each."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

import streamlit as st

from components import readable, safe_text
from components.intents import ConversationOpened
from components.moments import when
from services.conversations.types import ConversationSummary, TurnState
from services.money.types import EngineKind
from services.units import format_money

_LONGEST_TITLE: Final = 80
_STATES: Final[dict[TurnState, str]] = {
    "running": ":material/progress_activity: running",
    "failed": ":material/error: failed",
    "interrupted": ":material/power_off: interrupted",
    "stopped": ":material/stop_circle: stopped",
}
"""Shown only where the last question was not simply answered."""


def recent_conversations(
    conversations: Sequence[ConversationSummary],
    *,
    now: datetime,
    zone: tzinfo,
    engine: EngineKind,
) -> ConversationOpened | None:
    """Draw question, file, answers, cost and time; a click on the question opens it.

    Draws nothing where there is none: the samples above are what a first visitor needs.
    """
    if not conversations:
        return None
    opened: ConversationOpened | None = None
    st.subheader("Your last conversations", anchor=False)
    with st.container(key="recent_conversations", gap=None):
        for conversation in conversations:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if st.button(
                    safe_text.label(readable.shortened(conversation.title, _LONGEST_TITLE)),
                    key=f"recent_conversations:{conversation.id}:open",
                    type="tertiary",
                    icon=":material/forum:",
                ):
                    opened = ConversationOpened(conversation_id=conversation.id)
                st.caption(_facts(conversation, now, zone, engine), width="content")
    if engine == "local":
        st.caption("Costs are a rehearsal: with the local engine nothing is charged.")
    return opened


def _facts(
    conversation: ConversationSummary, now: datetime, zone: tzinfo, engine: EngineKind
) -> str:
    """`orders_2025.csv · 2 answers · $0.062 · 14:02`."""
    cost = format_money(conversation.cost_microusd)
    answers = "1 answer" if conversation.answers == 1 else f"{conversation.answers} answers"
    parts = [
        *(safe_text.label(readable.file_name(name)) for name in conversation.file_names[:1]),
        answers,
        safe_text.label(f"would have cost {cost}" if engine == "local" else cost),
        safe_text.label(when(conversation.changed_at, now, zone)),
    ]
    more = len(conversation.file_names) - 1
    if more > 0:
        parts[0] += f" + {more}"
    if conversation.state in _STATES:
        parts.append(_STATES[conversation.state])
    return " · ".join(parts)
