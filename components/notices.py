"""What could not be done, and why: an upload that was not kept, a question that was not taken."""

import streamlit as st

from components import safe_text, view_state


def notices() -> None:
    """Draw the messages left by `view_state.add_notice`, until they are put away."""
    waiting = view_state.notices()
    for index, message in enumerate(waiting):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(safe_text.told(message), icon=":material/info:", width="stretch")
            if index == 0:
                st.button(
                    "Put away",
                    key="notices:all:clear",
                    type="tertiary",
                    icon=":material/close:",
                    on_click=view_state.clear_notices,
                )
