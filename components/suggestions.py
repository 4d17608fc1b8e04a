"""Questions that can be asked of a file with one click."""

from collections.abc import Sequence
from typing import Final

import msgspec
import streamlit as st

from components import readable, safe_text
from components.intents import FileAddWanted, QuestionAsked
from services.ids import FileId

_LONGEST_QUESTION: Final = 90
"""What is asked is always the whole of it."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question, and what it takes: `free` for exact ones, a price for Claude's."""

    text: str
    exact: bool = True
    price: str = ""
    """`free`, `$0.03`; empty where nothing is to be said."""


def suggestions(
    file_id: FileId,
    questions: Sequence[Suggestion],
    *,
    disabled: bool = False,
    is_primary: bool = True,
) -> QuestionAsked | FileAddWanted | None:
    """Draw `Ask about this file`, its buttons, and the way to a further file.

    `disabled` while a question is being answered or the file can't be asked about. The first
    (without any, the way to a further file) is the primary button where that is here
    (`is_primary`).
    """
    asked: str | None = None
    if questions:
        st.subheader("Ask about this file", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for index, question in enumerate(questions):
            if st.button(
                _label(question),
                key=f"suggestions:{file_id}:ask{index}",
                type="primary" if is_primary and index == 0 else "secondary",
                icon=":material/bolt:" if question.exact else ":material/auto_awesome:",
                disabled=disabled,
            ):
                asked = question.text
        added = st.button(
            "Add another file",
            key=f"suggestions:{file_id}:add",
            type="tertiary" if questions or not is_primary else "primary",
            icon=":material/add:",
            disabled=disabled,
        )
    if asked is not None:
        return QuestionAsked(text=asked, source="suggestion", file_id=file_id)
    return FileAddWanted() if added else None


def _label(question: Suggestion) -> str:
    words = safe_text.label(readable.shortened(question.text, _LONGEST_QUESTION))
    return f"{words} :gray[{safe_text.label(question.price)}]" if question.price else words
