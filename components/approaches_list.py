"""The ways of answering, each with its usual time and price, and what it is good for."""

import streamlit as st

from components import safe_text
from services import wording
from services.preflight.types import ApproachProjection
from services.units import format_money_range, format_seconds_range


def approaches_list(approaches: tuple[ApproachProjection, ...], *, is_rehearsal: bool) -> None:
    """Draw them, one line each. A rehearsal charges nothing: the prices are Claude's."""
    if not approaches:
        return
    heading = "What a question takes with Claude" if is_rehearsal else "What a question takes"
    st.markdown("  \n".join([f"**{heading}**", *map(_line, approaches)]))


def _line(one: ApproachProjection) -> str:
    time = format_seconds_range(one.time.low_seconds, one.time.high_seconds)
    price = format_money_range(one.cost.low_microusd, one.cost.high_microusd)
    name = safe_text.label(wording.approaches.name(one.approach))
    rest = safe_text.label(f"{time} · {price} · {wording.approaches.good_for(one.approach)}")
    return f"{name} · {rest}"
