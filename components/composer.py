"""Where questions are typed: at the bottom of the page in all states.

Its key never changes, so a half-typed question lives through reruns, polling and new placeholders.
"""

from typing import Final, Literal, TypeAlias

import streamlit as st

from components import frame, readable, safe_text
from components.intents import QuestionAsked
from services.money.types import EngineKind

KEY: Final = "q"
LOCAL_ENGINE: Final = "Local engine: rule-based analyst, not Claude"
ABOUT_LOCAL_ENGINE: Final = (
    "It answers counts, sums, groups, trends and comparisons by fixed rules. It doesn't interpret."
    " Nothing is charged: costs are a rehearsal, what the run would have cost."
)

ComposerState: TypeAlias = Literal[
    "empty",
    "no_file",
    "checking",
    "file",
    "over_limit",
    "reducing",
    "refused",
    "running",
    "answered",
]
_PLACEHOLDERS: Final[dict[ComposerState, str]] = {
    "empty": "Ask anything, or add a file first",
    "no_file": "Add a file to ask about",
    "checking": "Ask as soon as it is checked",
    "file": "Ask about {file}",
    "over_limit": "Too large to ask about as it is",
    "reducing": "Ask once it is reduced",
    "refused": "Choose another file to ask about",
    "running": "Ask again when this is finished",
    "answered": "Ask a follow-up",
}
_LONGEST_NAME: Final = 28
"""A placeholder of two lines would make the input jump."""
_CLOSED: Final[frozenset[ComposerState]] = frozenset(
    {"no_file", "checking", "over_limit", "reducing", "refused", "running"}
)


def composer(
    state: ComposerState,
    *,
    width: int,
    engine: EngineKind,
    model_label: str,
    file_name: str | None = None,
    estimate: str = "",
) -> QuestionAsked | None:
    """Draw the input, and under it what a question takes and who answers.

    `width` is the frame's, so that both have the same left edge. `model_label` is shown where the
    engine is Claude; the local engine has its own label. `estimate` is ready wording on the time
    and cost of a question (`≈ 35 s · $0.02–0.06`).
    """
    with st.bottom, frame.centred(width), st.container(gap="xsmall"):
        text = st.chat_input(
            _placeholder(state, file_name),
            key=KEY,
            disabled=state in _CLOSED,
            submit_mode="submit",
        )
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            # A no-break space where nothing is known keeps the row's place.
            st.caption(
                safe_text.label(estimate) if estimate else "\N{NO-BREAK SPACE}", width="content"
            )
            _engine(engine, model_label)
    if not isinstance(text, str) or not text.strip():
        return None
    return QuestionAsked(text=text, source="composer")


def _placeholder(state: ComposerState, file_name: str | None) -> str:
    name = readable.file_name(file_name or "this file", _LONGEST_NAME)
    return _PLACEHOLDERS[state].replace("{file}", name)


def _engine(engine: EngineKind, model_label: str) -> None:
    if engine == "claude":
        st.caption(safe_text.label(model_label), width="content")
        return
    with st.popover(
        LOCAL_ENGINE, type="tertiary", icon=":material/memory:", key="composer:engine:about"
    ):
        st.markdown(ABOUT_LOCAL_ENGINE)
