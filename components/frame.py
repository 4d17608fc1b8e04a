"""The frame of every page: one centred column, the CSS, the line of alerts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from components import safe_text, theme, view_state

WIDTH_EMPTY = 940
WIDTH_ANALYSE = 1216
WIDTH_COST = 1280
WIDTH_SETTINGS = 1100


@contextmanager
def frame(width: int, *, alerts: Sequence[str] = ()) -> Iterator[None]:
    """Draw what is inside in a centred column of that many pixels, narrower where there is less.

    `alerts` are sentences, worst first: one line shows the first, the rest opens on demand.
    Sentences left by `view_state.announce` are shown as toasts.
    """
    theme.style(theme.current(), jumps=view_state.jumps())
    with centred(width):
        _alerts_line(alerts)
        yield
    # After the body, so that what it announces is said at once.
    for sentence in view_state.take_announcements():
        st.toast(safe_text.label(sentence), duration="long")


@contextmanager
def centred(width: int) -> Iterator[None]:
    """Only the column, for what stands outside the body: the composer shares its left edge."""
    with (
        st.container(horizontal=True, horizontal_alignment="center"),
        st.container(width=width),
    ):
        yield


def _alerts_line(alerts: Sequence[str]) -> None:
    if not alerts:
        return
    st.warning(safe_text.label(alerts[0]), icon=":material/warning:")
    if len(alerts) > 1:
        with st.expander(f"+ {len(alerts) - 1} more", key="frame:alerts:more", type="compact"):
            for alert in alerts[1:]:
                st.caption(safe_text.label(alert))
