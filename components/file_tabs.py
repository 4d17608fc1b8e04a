"""One tab per file, where a conversation has several."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import streamlit as st

from components import safe_text
from components.verdict_badge import verdict_icon
from services.ids import FileId
from services.preflight.types import VerdictState


def file_tabs(
    files: Sequence[tuple[FileId, str, VerdictState | None]],
) -> Sequence[AbstractContextManager[object]]:
    """Draw the tabs' labels, icon by verdict (None while it is being checked), in that order."""
    labels = [f"{verdict_icon(state)} {safe_text.label(name)}" for _, name, state in files]
    return st.tabs(labels, key="file_tabs:" + ":".join(file_id for file_id, _, _ in files))
