"""The file's card folded into one row, while questions are asked and answered."""

from collections.abc import Sequence
from typing import Final

import msgspec
import streamlit as st

from components import readable, safe_text
from components.file_card import MenuIntent, menu_choices, menu_intent
from components.intents import ConversationStarted, FileAddWanted, FileRemoved
from components.preflight_card import shape
from components.preflight_details import AS_FOUND, preflight_details
from components.verdict_badge import file_heading, verdict_badge
from services.ids import FileId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.preflight.types import Corrections, Preflight
from services.units import format_megabytes

_LONGEST_NAME: Final = 40
"""So that name, facts and buttons stand in one row on a laptop."""


class StripFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the conversation; without a result while it is still being checked."""

    file_id: FileId
    name: str
    preflight: Preflight | None
    is_reduced: bool = False
    corrections: Corrections = AS_FOUND
    """What its owner has said of how it is read."""


def file_strip(
    files: Sequence[StripFile],
    *,
    title: str,
    profile: LimitProfile,
    engine: EngineKind,
    disabled: bool = False,
) -> FileAddWanted | MenuIntent | ConversationStarted | None:
    """Draw the first file's name as the page's heading, and what can be done beside it.

    `title` is the heading where the conversation has no file. `disabled` while a run is alive:
    then no file can join, leave or change.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _heading(files, title, profile, engine)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            removed = _details(files, profile, engine, disabled)
            chosen = _menu(files[0], disabled) if files else None
            added = st.button(
                "Add file",
                key="file_strip:conversation:add",
                type="tertiary",
                icon=":material/add:",
                disabled=disabled,
            )
            started = st.button(
                "New conversation",
                key="file_strip:conversation:new",
                type="tertiary",
                icon=":material/edit_square:",
                shortcut="Ctrl+Shift+O",
            )
    if started:
        return ConversationStarted()
    return FileAddWanted() if added else chosen or removed


def _heading(
    files: Sequence[StripFile], title: str, profile: LimitProfile, engine: EngineKind
) -> None:
    if not files:
        st.title(safe_text.label(title), anchor=False, width="content")
        return
    first = files[0]
    kind = first.preflight.report.kind if first.preflight is not None else None
    st.title(file_heading(kind, first.name, _LONGEST_NAME), anchor=False, width="content")
    if first.preflight is None:
        st.badge("Checking", icon=":material/hourglass_top:", color="blue")
    else:
        verdict_badge(
            first.preflight.verdict.state,
            is_reduced=first.is_reduced,
            is_askable=first.preflight.can_be_asked(engine),
        )
        st.caption(safe_text.label(_shape_and_peak(first.preflight, profile)), width="content")
    if len(files) > 1:
        others = "1 more file" if len(files) == 2 else f"{len(files) - 1} more files"
        st.caption(f"and {others}", width="content")


def _shape_and_peak(preflight: Preflight, profile: LimitProfile) -> str:
    """`182,400 rows × 14 columns · peak ≈ 312 of 950 MB`."""
    words = shape(preflight.report)
    if preflight.memory is None:
        return words
    peak = format_megabytes(preflight.memory.peak_bytes).removesuffix("\N{NO-BREAK SPACE}MB")
    return f"{words} · peak ≈ {peak} of {format_megabytes(profile.ram_spoken_bytes)}"


def _menu(file: StripFile, disabled: bool) -> MenuIntent | None:
    """What the file's card offered: a wrong reading is mostly noticed in an answer."""
    report = file.preflight.report if file.preflight is not None else None
    chosen = st.menu_button(
        "File",
        menu_choices(report, is_reduced=file.is_reduced),
        key=f"file_strip:{file.file_id}:menu",
        type="tertiary",
        disabled=disabled,
    )
    return menu_intent(file.file_id, chosen)


def _details(
    files: Sequence[StripFile], profile: LimitProfile, engine: EngineKind, disabled: bool
) -> FileRemoved | None:
    """What was found out about each file, and the way to take it out."""
    if not files:
        return None
    with st.popover(
        "Details", type="tertiary", key="file_strip:conversation:details", on_change="rerun"
    ) as popover:
        if not popover.open:
            return None
        chosen = files[0]
        if len(files) > 1:
            by_id = {file.file_id: file for file in files}
            chosen = by_id[
                st.selectbox(
                    "File",
                    list(by_id),
                    format_func=lambda file_id: readable.file_name(by_id[file_id].name),
                    key="file_strip:conversation:file",
                )
            ]
        _found_out(chosen, profile, engine, disabled)
        if st.button(
            "Remove this file",
            key=f"file_strip:{chosen.file_id}:remove",
            type="tertiary",
            icon=":material/delete:",
            disabled=disabled,
            help="Its answers stay. Later questions are no longer about it.",
        ):
            return FileRemoved(file_id=chosen.file_id)
    return None


def _found_out(file: StripFile, profile: LimitProfile, engine: EngineKind, disabled: bool) -> None:
    if file.preflight is None:
        st.caption("It is not checked yet.")
        return
    if file.preflight.verdict.state != "fits":
        st.markdown(safe_text.told(file.preflight.verdict.message))
    preflight_details(
        "file_strip",
        file.file_id,
        file.preflight,
        profile,
        engine,
        corrections=file.corrections,
        can_correct=not disabled,
    )
