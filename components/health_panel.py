"""Whether everything works: one line per check."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
import streamlit as st

from components import safe_text
from components.intents import HealthChecked

HealthState = Literal["ok", "warning", "failed"]
_ICONS: Final[dict[HealthState, str]] = {
    "ok": ":green[:material/check_circle:]",
    "warning": ":orange[:material/warning:]",
    "failed": ":red[:material/error:]",
}


class HealthLine(msgspec.Struct, frozen=True, kw_only=True):
    """One check: **Store writable** · 1.8 of 20 GB · checked 20 s ago."""

    name: str
    state: HealthState
    detail: str = ""


def health_panel(lines: Sequence[HealthLine], *, checked: str) -> HealthChecked | None:
    """Draw the checks; `checked` says when they were made (`checked 20 s ago`)."""
    with st.container(border=True):
        st.subheader("Health", anchor=False)
        if lines:
            st.markdown("  \n".join(_line(line) for line in lines))
        else:
            st.caption("Nothing has been checked yet.")
        with st.container(horizontal=True, vertical_alignment="center"):
            again = st.button(
                "Check again", key="health_panel:all:check", icon=":material/refresh:"
            )
            st.caption(safe_text.label(checked), width="content")
    return HealthChecked() if again else None


def _line(line: HealthLine) -> str:
    detail = f" · {safe_text.label(line.detail)}" if line.detail else ""
    return f"{_ICONS[line.state]} **{safe_text.label(line.name)}**{detail}"
