"""A chart with its finding above and its table below."""

from typing import TYPE_CHECKING, Final

import msgspec
import streamlit as st

from components import safe_text
from components.data_table import data_table
from services.preflight.types import TablePreview

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CONFIG: Final = {"displayModeBar": False, "scrollZoom": False}


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A figure without a title, and everything that is said around it."""

    title: str
    """The finding, as a sentence with its number, at most 70 characters."""
    caption: str
    """Measure, unit, period."""
    figure: "go.Figure"
    alt: str
    """Kind, axes, the finding, extremes."""
    table: TablePreview
    """The same figures, for `Show as table`."""


def chart_block(chart: Chart, *, key: str) -> None:
    """Draw it; `key` is unique on the page and begins with the name of what it shows."""
    with st.container(gap=None):
        st.subheader(safe_text.label(chart.title), anchor=False)
        st.caption(safe_text.label(chart.caption))
    st.plotly_chart(
        chart.figure,
        theme="streamlit",
        config=dict(_CONFIG),
        key=f"chart_block:{key}:figure",
        alt=safe_text.plain(chart.alt),
    )
    with st.expander(
        "Show as table", key=f"chart_block:{key}:table", type="compact", on_change="rerun"
    ) as expander:
        if expander.open:
            data_table(chart.table, alt=f"{chart.title}: the figures")
