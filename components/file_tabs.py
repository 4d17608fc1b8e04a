"""One tab per file, where a conversation has several."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

import streamlit as st

from components import readable, safe_text
from components.verdict_badge import verdict_icon
from services.ids import FileId
from services.preflight.types import VerdictState

_LONGEST: Final = 32


def file_tabs(
    files: Sequence[tuple[FileId, str, VerdictState | None]],
) -> Sequence[AbstractContextManager[object]]:
    """Draw the tabs' labels, icon by verdict (None while it is being checked), in that order."""
    labels = [
        f"{verdict_icon(state)} {safe_text.label(readable.file_name(name, _LONGEST))}"
        for _, name, state in files
    ]
    return st.tabs(labels, key="file_tabs:" + ":".join(file_id for file_id, _, _ in files))
