"""The verdict of a file as a badge, and the picture that stands for its kind."""

from typing import Final, Literal

import streamlit as st

from components import readable, safe_text
from services.preflight.types import FileKind, VerdictState

_BADGES: Final[dict[VerdictState, tuple[str, str, Literal["green", "orange", "red"]]]] = {
    "fits": ("Fits", ":material/check_circle:", "green"),
    "fits_after_reduction": ("Fits after reduction", ":material/compress:", "orange"),
    "refused": ("Can't be used", ":material/block:", "red"),
}
_ICONS: Final[dict[FileKind | None, str]] = {
    "csv": ":material/table:",
    "xlsx": ":material/table_view:",
    "json": ":material/data_object:",
    "ndjson": ":material/data_object:",
    "text": ":material/article:",
    "png": ":material/image:",
    "jpeg": ":material/image:",
    None: ":material/draft:",
}
_LONGEST_NAME: Final = 60
_LONGEST_BESIDE_ICON: Final = 28
KIND_NAMES: Final[dict[FileKind | None, str]] = {
    "csv": "CSV",
    "xlsx": "Excel workbook",
    "json": "JSON",
    "ndjson": "JSON lines",
    "text": "Text",
    "png": "PNG picture",
    "jpeg": "JPEG picture",
    None: "Unknown",
}


def verdict_badge(
    state: VerdictState, *, is_reduced: bool = False, is_askable: bool = True
) -> None:
    """Icon and word, in colour; of a file that was made to fit, that it was.

    Green would promise that it can be asked about: one that fits and still can't be is grey.
    """
    if state == "fits" and not is_askable:
        st.badge("Not for the local engine", icon=":material/info:", color="gray")
        return
    words, icon, colour = _BADGES[state]
    st.badge(f"{words} (reduced)" if is_reduced else words, icon=icon, color=colour)


def verdict_icon(state: VerdictState | None) -> str:
    """The badge's icon alone, for a tab; None while the file is being checked."""
    return ":material/hourglass_top:" if state is None else _BADGES[state][1]


def file_heading(kind: FileKind | None, name: str, characters: int = _LONGEST_NAME) -> str:
    """Icon and name; a long name alone, or on a phone the icon would stand above it."""
    words = safe_text.label(readable.file_name(name, characters))
    return words if len(name) > _LONGEST_BESIDE_ICON else f"{kind_icon(kind)} {words}"


def kind_icon(kind: FileKind | None) -> str:
    """The icon in front of the file's name."""
    return _ICONS[kind]
