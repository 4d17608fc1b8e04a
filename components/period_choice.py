"""The heading of a page of figures, and the period that they are of."""

from typing import Final

import streamlit as st

from components import safe_text
from services.money.types import Period

_NAMES: Final[dict[Period, str]] = {"today": "Today", "week": "7 days", "month": "This month"}


def period_choice(title: str) -> Period:
    """Draw the page's title, and beside it the choice of period, which the address keeps."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(safe_text.label(title), anchor=False, width="content")
        chosen = st.segmented_control(
            "Period",
            list(_NAMES),
            default="month",
            format_func=lambda period: _NAMES[period],
            key="period",
            bind="query-params",
            label_visibility="collapsed",
            required=True,
        )
    return chosen or "month"
