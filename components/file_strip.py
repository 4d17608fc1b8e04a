"""The file's card folded into one row, while questions are asked and answered."""

from collections.abc import Sequence

import msgspec
import streamlit as st

from components import safe_text
from components.intents import ConversationStarted, FileAddWanted
from components.preflight_card import shape
from components.preflight_details import preflight_details
from components.verdict_badge import kind_icon, verdict_badge
from services.ids import FileId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.preflight.types import Preflight
from services.units import format_megabytes


class StripFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the conversation; without a result while it is still being checked."""

    file_id: FileId
    name: str
    preflight: Preflight | None


def file_strip(
    files: Sequence[StripFile],
    *,
    title: str,
    profile: LimitProfile,
    engine: EngineKind,
    disabled: bool = False,
) -> FileAddWanted | ConversationStarted | None:
    """Draw the first file's name as the page's heading, and what can be done beside it.

    `title` is the heading where the conversation has no file. `disabled` while a run is alive:
    then no file can join.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _heading(files, title, profile)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _details(files, profile, engine)
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
    return FileAddWanted() if added else None


def _heading(files: Sequence[StripFile], title: str, profile: LimitProfile) -> None:
    if not files:
        st.title(safe_text.label(title), anchor=False, width="content")
        return
    first = files[0]
    kind = first.preflight.report.kind if first.preflight is not None else None
    name = f"{kind_icon(kind)} {safe_text.label(first.name)}"
    st.title(name, anchor=False, width="content")
    if first.preflight is None:
        st.badge("Checking", icon=":material/hourglass_top:", color="blue")
    else:
        verdict_badge(first.preflight.verdict.state)
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


def _details(files: Sequence[StripFile], profile: LimitProfile, engine: EngineKind) -> None:
    checked = [file for file in files if file.preflight is not None]
    if not checked:
        return
    with st.popover(
        "Details", type="tertiary", key="file_strip:conversation:details", on_change="rerun"
    ) as popover:
        if not popover.open:
            return
        chosen = checked[0]
        if len(checked) > 1:
            chosen = checked[
                st.selectbox(
                    "File",
                    range(len(checked)),
                    format_func=lambda position: safe_text.plain(checked[position].name),
                    key="file_strip:conversation:file",
                )
            ]
        if chosen.preflight is not None:
            preflight_details("file_strip", chosen.file_id, chosen.preflight, profile, engine)
