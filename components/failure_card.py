"""The card of a question that has no answer, in the answer's place.

Not run (an unknown column, or beyond the local engine), failed, stopped, interrupted: each says
what happened, what it cost and how to go on. One way on stands out, unless something newer is on
the page.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
import streamlit as st

from components import readable, safe_text
from components.engine_badge import engine_badge
from components.intents import FailureDismissed, QuestionAsked, RunRepeated
from components.memory_gauge import Bar, marks_of, memory_gauge
from components.outcomes import outcome_name
from services import wording
from services.analyst.types import Abstained, UnknownColumn
from services.errors import Message
from services.ids import CorrelationId, QuestionId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.palette import Theme

FailureIntent = QuestionAsked | RunRepeated | FailureDismissed
_Ending = Literal["failed", "stopped", "interrupted"]
_BADGES: Final[dict[_Ending, tuple[str, Literal["red", "gray", "orange"]]]] = {
    "failed": (":material/error:", "red"),
    "stopped": (":material/stop_circle:", "gray"),
    "interrupted": (":material/power_off:", "orange"),
}


def declined_card(
    *,
    question_id: QuestionId,
    question: str,
    declined: UnknownColumn | Abstained,
    message: Message,
    engine: EngineKind,
    examples: Sequence[str] = (),
    is_primary: bool = True,
) -> QuestionAsked | None:
    """Draw a question that was not run, and what can be asked instead.

    For an unknown column the closest ones, each of which asks the question with that name; `Ask
    anyway` only where Claude would answer, since the local engine would say the same again. Where
    no column is close, `examples` are questions that the file can answer. The first way on is the
    page's primary button where that is here (`is_primary`).
    """
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            engine_badge(engine)
            st.badge("Not run", icon=":material/help:", color="orange")
        st.markdown(safe_text.told(message))
        match declined:
            case UnknownColumn():
                asked = _columns(question_id, question, declined, engine, is_primary)
                if declined.closest or not examples:
                    return asked
                st.caption("What this file can be asked:")
                is_first = is_primary and engine == "local"
                return _examples(question_id, examples, is_first) or asked
            case Abstained():
                return _examples(question_id, declined.examples, is_primary)


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended without an answer."""

    question_id: QuestionId
    state: _Ending
    category: str | None
    message: Message
    cost: str
    """A sentence: `You paid $0.024.`, or what it would have cost."""
    correlation_id: CorrelationId | None = None
    peak_bytes: int | None = None
    """The last memory seen; drawn where memory was the cause."""
    kept_text: str = ""
    """What had been said when it ended; escaped here."""


def failure_card(
    ending: Ending,
    *,
    engine: EngineKind,
    profile: LimitProfile,
    theme: Theme,
    is_newest: bool = True,
    is_primary: bool = True,
) -> RunRepeated | FailureDismissed | None:
    """Draw a run that failed, was stopped or was interrupted.

    Only the newest can be put away; an earlier one is a line that can be closed.
    """
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            engine_badge(engine)
            icon, colour = _BADGES[ending.state]
            name = outcome_name(ending.category if ending.state == "failed" else ending.state)
            st.badge(name, icon=icon, color=colour)
        st.markdown(_sentences(ending))
        if ending.category == "out_of_memory" and ending.peak_bytes is not None:
            memory_gauge(Bar(peak_bytes=ending.peak_bytes), marks_of(profile), theme)
        if ending.kept_text.strip():
            st.markdown(safe_text.prose(ending.kept_text))
        return _repeat_or_dismiss(ending, is_newest=is_newest, is_primary=is_primary)


def with_column(question: str, name: str, column: str) -> str:
    """The question with `column` in the place of the unknown `name`."""
    found = re.compile(re.escape(name), re.IGNORECASE)
    asked, times = found.subn(lambda _: column, question, count=1)
    return asked if times else f"{question} ({column})"


def _columns(
    question_id: QuestionId,
    question: str,
    unknown: UnknownColumn,
    engine: EngineKind,
    is_primary: bool,
) -> QuestionAsked | None:
    asked: QuestionAsked | None = None
    with st.container(horizontal=True, vertical_alignment="center"):
        for index, column in enumerate(unknown.closest):
            if st.button(
                _use(column, unknown),
                key=f"failure_card:{question_id}:column{index}",
                type=_type(is_primary and index == 0),
                icon=":material/view_column:",
            ):
                text = with_column(question, unknown.name, column)
                asked = QuestionAsked(text=text, source="way_out")
        if engine == "claude" and st.button(
            "Ask anyway",
            key=f"failure_card:{question_id}:anyway",
            type=_type(is_primary and not unknown.closest),
        ):
            asked = QuestionAsked(text=question, source="way_out", anyway=True)
    return asked


def _use(column: str, unknown: UnknownColumn) -> str:
    """`Use “Sales” instead`; of several names that are unknown, instead of which."""
    words = f"Use “{safe_text.label(readable.shortened(column))}” instead"
    if not unknown.others:
        return words
    return f"{words} of “{safe_text.label(readable.shortened(unknown.name))}”"


def _examples(
    question_id: QuestionId, examples: Sequence[str], is_primary: bool
) -> QuestionAsked | None:
    asked: QuestionAsked | None = None
    with st.container(horizontal=True):
        for index, example in enumerate(examples):
            if st.button(
                safe_text.label(example),
                key=f"failure_card:{question_id}:example{index}",
                type=_type(is_primary and index == 0),
                icon=":material/bolt:",
            ):
                asked = QuestionAsked(text=example, source="way_out")
    return asked


def _type(is_primary: bool) -> Literal["primary", "secondary"]:
    return "primary" if is_primary else "secondary"


def _sentences(ending: Ending) -> str:
    """What happened, what it cost, what to do."""
    parts = [
        f"**{safe_text.label(ending.message.what_happened)}**",
        *(
            safe_text.label(sentence)
            for sentence in (ending.cost, ending.message.what_to_do)
            if sentence
        ),
    ]
    return " ".join(parts)


def _repeat_or_dismiss(
    ending: Ending, *, is_newest: bool, is_primary: bool
) -> RunRepeated | FailureDismissed | None:
    dismissed = False
    with st.container(horizontal=True, vertical_alignment="center"):
        repeated = st.button(
            "Run again",
            key=f"failure_card:{ending.question_id}:repeat",
            type=_type(is_primary),
            icon=":material/refresh:",
        )
        if is_newest:
            dismissed = st.button("Dismiss", key=f"failure_card:{ending.question_id}:dismiss")
        if ending.correlation_id:
            reference = wording.app.reference(ending.correlation_id)
            st.caption(safe_text.label(reference), width="content")
    if repeated:
        return RunRepeated(question_id=ending.question_id)
    return FailureDismissed(question_id=ending.question_id) if dismissed else None
