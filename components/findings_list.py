"""What was found of a file, warnings first; where nothing was, what was looked at."""

from typing import Final

import streamlit as st

from components import safe_text, view_state
from components.corrections_dialog import CORRECTABLE
from services.ids import FileId
from services.preflight.types import FileKind, FileReport, Finding

_FINDINGS_SHOWN: Final = 4
_LOOKED_AT: Final[dict[FileKind | None, tuple[str, ...]]] = {
    "csv": ("blanks", "types", "headers", "row lengths", "encoding"),
    "xlsx": ("blanks", "types", "headers", "sheets"),
    "json": ("blanks", "types", "nesting", "encoding"),
    "ndjson": ("blanks", "types", "nesting", "encoding"),
    "text": ("type and encoding",),
    "png": ("type and size in pixels",),
    "jpeg": ("type and size in pixels",),
    None: ("type",),
}


def findings_list(report: FileReport, prefix: str, *, is_profiled: bool) -> None:
    """Warnings first, one line each."""
    if not report.findings:
        seen = ", ".join(_looked_at(report, is_profiled=is_profiled))
        st.caption(f"Looked at: {seen}. Nothing to remark.")
        return
    ordered = sorted(report.findings, key=lambda finding: finding.severity != "warning")
    st.markdown("  \n".join(_finding_line(finding) for finding in ordered[:_FINDINGS_SHOWN]))
    rest = ordered[_FINDINGS_SHOWN:]
    if rest:
        with st.expander(f"{len(rest)} more", key=f"{prefix}:findings", type="compact"):
            st.markdown("  \n".join(_finding_line(finding) for finding in rest))


def _looked_at(report: FileReport, *, is_profiled: bool) -> tuple[str, ...]:
    """What was really examined of a file of that kind."""
    seen = _LOOKED_AT.get(report.kind, _LOOKED_AT[None])
    if not is_profiled or not report.tables:
        return seen
    repeated = ("repeated rows",) if report.tables[0].duplicate_rows is not None else ()
    return (*seen, "every row", *repeated)


def correct_button(
    findings: tuple[Finding, ...], file_id: FileId, prefix: str, *, can_correct: bool
) -> None:
    """A way to say how it is, where something is in doubt or another sheet could be meant."""
    if any(
        (f.severity == "warning" and f.code in CORRECTABLE) or f.code == "several_sheets"
        for f in findings
    ):
        st.button(
            "Correct …",
            key=f"{prefix}:correct",
            icon=":material/edit:",
            on_click=view_state.correct,
            args=(file_id,),
            disabled=not can_correct,
        )


def _finding_line(finding: Finding) -> str:
    """Icon, the column as code where there is one, and what will be done about it."""
    icon = (
        ":orange[:material/warning:]" if finding.severity == "warning" else ":blue[:material/info:]"
    )
    sentence = safe_text.label(finding.message)
    if finding.column is None:
        return f"{icon} {sentence}"
    return f"{icon} {safe_text.code(finding.column)} {sentence}"
