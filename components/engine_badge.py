"""Who answers, as a badge."""

import streamlit as st

from services.money.types import EngineKind


def engine_badge(engine: EngineKind) -> None:
    """`Claude`, or `Local engine`."""
    if engine == "claude":
        st.badge("Claude", icon=":material/auto_awesome:", color="violet")
    else:
        st.badge("Local engine", icon=":material/memory:", color="gray")
