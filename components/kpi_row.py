"""A row of figures, each with a note and its formula."""

from collections.abc import Sequence
from typing import Literal

import msgspec
import streamlit as st

from components import safe_text


class Kpi(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. Texts are ready wording; they are escaped here."""

    label: str
    value: str
    """`—` where there is nothing to say yet."""
    note: str = ""
    """`70% of $60.00`, `no run yet`."""
    tone: Literal["gray", "green", "orange", "red", "blue"] = "gray"
    formula: str = ""


def kpi_row(kpis: Sequence[Kpi]) -> None:
    """Draw the figures side by side, in fewer columns where it is narrow."""
    with st.grid(len(kpis), min_column_width=150):
        for kpi in kpis:
            st.metric(
                safe_text.label(kpi.label),
                safe_text.label(kpi.value),
                safe_text.label(kpi.note) if kpi.note else None,
                delta_color=kpi.tone,
                delta_arrow="off",
                help=safe_text.label(kpi.formula) if kpi.formula else None,
                border=True,
                height="stretch",
            )
