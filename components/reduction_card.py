"""The card of a file that is to be made smaller: as it is and reduced, side by side; and doing it.

What the reduction does, and what that means for answers, stands beside the card.
"""

from collections.abc import Callable
from typing import Final

import streamlit as st

from components import safe_text
from components.file_card import heading, nothing_sent, row, stop_button, title_row
from components.intents import FileRemoved, FileReplaced, ReduceRequested, ReductionEdited
from components.memory_gauge import bar_of, marks_of, memory_gauge
from components.preflight_details import AS_FOUND, preflight_details, rule_of_thumb
from components.preflight_figures import reduction_figures
from services import wording
from services.errors import Message
from services.events import Numbered, ReductionAdvanced
from services.ids import CorrelationId, FileId, RunId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.palette import Theme
from services.preflight.types import Corrections, FileKind, Preflight, ReductionPlan
from services.units import format_count, format_seconds

ReductionIntent = FileReplaced | FileRemoved | ReduceRequested | ReductionEdited
_REPLACE, _CHANGE, _REMOVE = "Replace", "Reduce …", "Remove"
_WIDTHS: Final = (7, 4)
_FULLEST_RATIO: Final = 0.99
"""What is written still has to be checked."""


def reduction_card(
    *,
    file_id: FileId,
    name: str,
    preflight: Preflight,
    plan: ReductionPlan,
    profile: LimitProfile,
    engine: EngineKind,
    theme: Theme,
    corrections: Corrections = AS_FOUND,
    failure: Message | None = None,
    correlation_id: CorrelationId | None = None,
    is_heading: bool = True,
    is_primary: bool = True,
) -> ReductionIntent | None:
    """Draw a file beside what it would be; `failure` is why the last attempt brought nothing.

    `name` is the file's name as the user gave it; it is escaped here.
    """
    left, right = st.columns(_WIDTHS)
    with left, st.container(border=True):
        chosen = title_row(
            file_id,
            preflight.report.kind,
            name,
            preflight.verdict.state,
            [_REPLACE, _CHANGE, _REMOVE],
            is_heading=is_heading,
        )
        st.markdown(safe_text.told(preflight.verdict.message))
        if preflight.memory is not None:
            memory_gauge(
                bar_of(preflight.memory),
                marks_of(profile),
                theme,
                after=bar_of(plan.memory),
                folk=rule_of_thumb(preflight),
            )
        reduction_figures(preflight, plan)
        if failure is not None:
            st.warning(safe_text.told(failure), icon=":material/warning:")
        intent = _buttons(file_id, plan, profile, is_primary)
        st.caption(nothing_sent(correlation_id))
        # Below the button, which is to be in sight without scrolling.
        preflight_details(
            "reduction_card", file_id, preflight, profile, engine, corrections=corrections
        )
    with right:
        _what_it_does(plan)
    match chosen:
        case "Replace":
            return FileReplaced(file_id=file_id)
        case "Reduce …":
            return ReductionEdited(file_id=file_id)
        case "Remove":
            return FileRemoved(file_id=file_id)
    return intent


def reducing_card(
    *,
    file_id: FileId,
    run_id: RunId,
    kind: FileKind | None,
    name: str,
    events: tuple[Numbered, ...],
    elapsed_seconds: float,
    on_stop: Callable[[RunId], None],
    is_heading: bool = True,
) -> None:
    """Draw how far the smaller version is, and Stop."""
    words = [noted.event for noted in events if isinstance(noted.event, ReductionAdvanced)]
    done = min(_FULLEST_RATIO, words[-1].done) if words else 0.0
    with st.container(border=True):
        with row():
            heading(kind, name, is_heading)
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.badge("Reducing", icon=":material/compress:", color="blue")
                stop_button("reduction_card", file_id, run_id, on_stop)
        rows = f"{format_count(words[-1].rows)} rows kept" if words else "Reading the file"
        st.progress(done, text=f"{done:.0%} · {rows} · {format_seconds(int(elapsed_seconds))}")
        st.caption("On this server, free. You can leave this page; your original stays as it is.")


def _buttons(
    file_id: FileId, plan: ReductionPlan, profile: LimitProfile, is_primary: bool
) -> ReduceRequested | ReductionEdited | None:
    with st.container(horizontal=True, vertical_alignment="center"):
        reduced = st.button(
            "Reduce and continue",
            key=f"reduction_card:{file_id}:reduce",
            type="primary" if is_primary else "secondary",
            icon=":material/compress:",
            disabled=not plan.fits,
        )
        edited = st.button("Change what is kept", key=f"reduction_card:{file_id}:change")
        remark = wording.reductions.caption(plan.seconds)
        if not plan.fits:
            remark = still_too_large(plan, profile)
        st.caption(safe_text.label(remark), width="content")
    if reduced:
        return ReduceRequested(file_id=file_id, steps=plan.steps)
    return ReductionEdited(file_id=file_id) if edited else None


def still_too_large(plan: ReductionPlan, profile: LimitProfile) -> str:
    """What is still over its limit."""
    return wording.reductions.still_too_large(
        plan.size_bytes,
        profile.file_limit_bytes,
        None if plan.memory.fits else plan.memory.peak_bytes,
        profile.ram_spoken_bytes,
    )


def _what_it_does(plan: ReductionPlan) -> None:
    st.subheader("What the reduction does", anchor=False)
    for sentence in plan.says:
        what, colon, saving = sentence.rpartition(": ")
        line = safe_text.label(what if colon else sentence)
        if colon:
            line += f"  \n:gray[{safe_text.label(saving.removesuffix('.'))}]"
        st.markdown(f":material/check: {line}")
    if plan.is_exact:
        st.info(safe_text.label(plan.truth), icon=":material/done_all:")
    else:
        st.warning(safe_text.label(plan.truth), icon=":material/warning:")
