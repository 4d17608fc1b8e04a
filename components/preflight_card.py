"""The card of a file: what it is, whether it fits, what a question takes; before anything is paid.

Four states: being checked (`checking_card`), checked without a verdict (`check_failed_card`), and
`preflight_card` for what fits or would fit, and for what can't be used.
"""

from collections.abc import Callable

import streamlit as st

from components import safe_text, view_state
from components.file_card import (
    CORRECT,
    MenuIntent,
    heading,
    menu_choices,
    menu_intent,
    nothing_sent,
    row,
    stop_button,
    title_row,
)
from components.intents import FileRemoved, FileReplaced, ReductionEdited
from components.memory_gauge import bar_of, marks_of, memory_gauge
from components.preflight_details import AS_FOUND, preflight_details, rule_of_thumb
from components.preflight_figures import preflight_figures
from components.verdict_badge import verdict_badge
from services import wording
from services.errors import Message
from services.events import CheckAdvanced, Numbered
from services.ids import CorrelationId, FileId, RunId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.palette import Theme
from services.preflight.types import Corrections, FileReport, Preflight, Reduction
from services.units import (
    format_bytes,
    format_count,
    format_seconds,
)


def preflight_card(
    *,
    file_id: FileId,
    name: str,
    preflight: Preflight,
    profile: LimitProfile,
    engine: EngineKind,
    theme: Theme,
    correlation_id: CorrelationId | None = None,
    reduction: Reduction | None = None,
    corrections: Corrections = AS_FOUND,
    is_heading: bool = True,
    is_primary: bool = True,
) -> MenuIntent | None:
    """Draw what is known of a checked file; `reduction` says what it was made from.

    `corrections` are what its owner has said of how it is read.

    `name` is the file's name as the user gave it; it is escaped here. It is the page's one main
    heading unless something above is (`is_heading`); its way on is the primary button where that
    is here (`is_primary`).
    """
    if preflight.verdict.state == "refused":
        return _refused_card(
            file_id,
            name,
            preflight,
            correlation_id,
            is_heading,
            is_primary,
            corrections != AS_FOUND,
        )
    with st.container(border=True):
        is_askable = preflight.can_be_asked(engine)
        intent = menu_intent(
            file_id,
            title_row(
                file_id,
                preflight.report.kind,
                name,
                preflight.verdict.state,
                menu_choices(preflight.report, is_reduced=reduction is not None),
                is_heading=is_heading,
                is_reduced=reduction is not None,
                is_askable=is_askable,
            ),
        )
        st.markdown(safe_text.told(_message(preflight, engine)))
        if reduction is not None:
            st.caption(safe_text.label(f"{_story(reduction)} {reduction.truth}"))
        _gauge(preflight, profile, theme)
        preflight_figures(preflight, engine)
        preflight_details(
            "preflight_card", file_id, preflight, profile, engine, corrections=corrections
        )
        if not is_askable:
            remark = "Nothing was sent, and nothing was paid."
            intent = _ways_out(file_id, remark, is_primary) or intent
        elif preflight.verdict.code == "fits_barely" and preflight.report.tables:
            intent = _reduce_first(file_id) or intent
    return intent


def checking_card(
    *,
    file_id: FileId,
    run_id: RunId,
    name: str,
    events: tuple[Numbered, ...],
    elapsed_seconds: float,
    on_stop: Callable[[RunId], None],
    is_heading: bool = True,
) -> None:
    """Draw a file that is being looked at; facts fill in as they become known."""
    with st.container(border=True):
        with row():
            heading(None, name, is_heading)
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.badge("Checking", icon=":material/hourglass_top:", color="blue")
                stop_button("preflight_card", file_id, run_id, on_stop)
        facts = [
            noted.event.fact
            for noted in events
            if isinstance(noted.event, CheckAdvanced) and noted.event.fact
        ]
        if facts:
            st.markdown(" · ".join(safe_text.label(fact) for fact in facts))
        st.skeleton(74)
        step = _step_sentence(events)
        st.caption(f"{step} … {format_seconds(int(elapsed_seconds))}")


def check_failed_card(
    *,
    file_id: FileId,
    name: str,
    message: Message,
    correlation_id: CorrelationId | None,
    is_heading: bool = True,
    is_primary: bool = True,
) -> MenuIntent | None:
    """Draw a file whose check ended without a verdict: failed, stopped or interrupted."""
    with st.container(border=True):
        with row():
            heading(None, name, is_heading)
            st.badge("Not checked", icon=":material/help:", color="orange")
        st.markdown(safe_text.told(message))
        return _ways_out(file_id, nothing_sent(correlation_id), is_primary)


def shape(report: FileReport) -> str:
    """`182,400 rows × 14 columns`, `1,200 × 800 pixels`, `14,200 characters`."""
    if report.image is not None:
        return f"{format_count(report.image.width)} × {format_count(report.image.height)} pixels"
    if report.tables:
        table = report.tables[0]
        about = "" if table.rows_exact else "≈\N{NO-BREAK SPACE}"
        return f"{about}{format_count(table.rows)} rows × {len(table.columns):,} columns"
    if report.text_characters is not None:
        return f"{format_count(report.text_characters)} characters"
    return format_bytes(report.size_bytes)


def _refused_card(
    file_id: FileId,
    name: str,
    preflight: Preflight,
    correlation_id: CorrelationId | None,
    is_heading: bool,
    is_primary: bool,
    is_corrected: bool,
) -> MenuIntent | None:
    with st.container(border=True):
        with row():
            heading(preflight.report.kind, name, is_heading)
            verdict_badge("refused")
        st.markdown(safe_text.told(preflight.verdict.message))
        if preflight.verdict.ways_out:
            lines = ["**What works instead**"]
            lines += [
                f":material/arrow_right_alt: {safe_text.label(way)}"
                for way in preflight.verdict.ways_out
            ]
            st.markdown("  \n".join(lines))
        if is_corrected:  # or nobody could take back what made it unreadable
            st.button(
                CORRECT,
                key=f"preflight_card:{file_id}:correct",
                on_click=view_state.correct,
                args=(file_id,),
            )
        return _ways_out(file_id, nothing_sent(correlation_id), is_primary)


def _story(reduction: Reduction) -> str:
    return wording.reductions.story(
        reduction.kept_rows,
        reduction.source_rows,
        reduction.kept_columns,
        reduction.source_columns,
    )


def _reduce_first(file_id: FileId) -> ReductionEdited | None:
    pressed = st.button(
        "Reduce first", key=f"preflight_card:{file_id}:reduce", icon=":material/compress:"
    )
    return ReductionEdited(file_id=file_id) if pressed else None


def _message(preflight: Preflight, engine: EngineKind) -> Message:
    """The verdict, or that nobody here can be asked about a text or a picture that fits."""
    if preflight.verdict.state == "fits" and not preflight.can_be_asked(engine):
        return wording.verdicts.tables_only()
    return preflight.verdict.message


def _gauge(preflight: Preflight, profile: LimitProfile, theme: Theme) -> None:
    memory = preflight.memory
    if memory is None:
        return
    memory_gauge(bar_of(memory), marks_of(profile), theme, folk=rule_of_thumb(preflight))
    tables = preflight.report.tables
    remarks = [
        wording.files.sheet_used(tables[0].name, len(tables)) if len(tables) > 1 else "",
        wording.files.rough_projection() if memory.rough else "",
    ]
    if any(remarks):
        st.caption(safe_text.label(" ".join(filter(None, remarks))))


def _ways_out(file_id: FileId, remark: str, is_primary: bool) -> MenuIntent | None:
    with st.container(horizontal=True, vertical_alignment="center"):
        replaced = st.button(
            "Choose another file",
            key=f"preflight_card:{file_id}:replace",
            type="primary" if is_primary else "secondary",
            icon=":material/upload:",
        )
        removed = st.button("Remove", key=f"preflight_card:{file_id}:remove")
        st.caption(remark, width="content")
    if replaced:
        return FileReplaced(file_id=file_id)
    return FileRemoved(file_id=file_id) if removed else None


def _step_sentence(events: tuple[Numbered, ...]) -> str:
    """What is being looked at now: the step after the last one that is known."""
    done = {noted.event.step for noted in events if isinstance(noted.event, CheckAdvanced)}
    if "memory" in done or "shape" in done:
        return "Working out the memory that it needs"
    return "Counting rows and columns" if "content" in done else "Looking at the content"
