"""The dialog `Change what is kept`: columns, rows, a sheet, and what these bring at every click."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

import streamlit as st

from components import safe_text, view_state
from components.memory_gauge import bar_of, marks_of, memory_gauge
from components.readable import shortened
from services import wording
from services.ids import FileId
from services.limits.types import LimitProfile
from services.palette import Theme
from services.preflight.types import (
    ColumnReport,
    KeepColumns,
    KeepRows,
    NarrowTypes,
    NewestRows,
    OneRowPerGroup,
    PickSheet,
    Preflight,
    ReductionPlan,
    ReductionStep,
    SampleRows,
    TableReport,
)
from services.units import (
    MB,
    format_bytes,
    format_count,
    format_megabytes,
    format_megabytes_range,
    format_ratio,
)

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig

Estimate = Callable[[tuple[ReductionStep, ...]], ReductionPlan | None]
RowChoice = Literal["All", "Newest", "Sample", "One row per group"]
_ROWS: Final[tuple[RowChoice, ...]] = ("All", "Newest", "Sample", "One row per group")
_TABLE_HEIGHT, _ROW_HEIGHT = 250, 33
_UNIQUE_RATIO: Final = 0.98
_LEAST_ROWS: Final = 1_000
_KINDS: Final = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "yes or no",
    "date": "dates",
    "text": "text",
    "empty": "nothing",
    "mixed": "numbers and text",
}
_AS_THEY_STAND: Final = "The last rows as they stand"


def reduction_dialog(
    *,
    file_id: FileId,
    preflight: Preflight,
    steps: tuple[ReductionStep, ...],
    estimate: Estimate,
    profile: LimitProfile,
    theme: Theme,
) -> None:
    """Open it. What is chosen is left with `view_state.choose_steps`, and the page drawn again.

    `steps` are those that the card shows now; `estimate` says what others would bring.
    """

    @st.dialog("Change what is kept", width="large", on_dismiss=_close)
    def dialog() -> None:
        told = st.container()
        chosen = _chosen(file_id, preflight, steps)
        plan = estimate(chosen)
        with told:
            _tell(preflight, chosen, plan, profile, theme)
        _buttons(file_id, chosen, is_usable=plan is not None and plan.columns > 0)

    dialog()


def _close() -> None:
    view_state.edit_reduction(None)


def _chosen(
    file_id: FileId, preflight: Preflight, steps: tuple[ReductionStep, ...]
) -> tuple[ReductionStep, ...]:
    """Draw what can be chosen; returns it as steps."""
    table = _table(file_id, preflight, steps)
    kept = _columns(file_id, table, steps)
    rows = _rows(file_id, table, steps)
    taken: list[ReductionStep] = []
    if table.name != preflight.report.tables[0].name:
        taken.append(PickSheet(name=table.name))
    # What the dialog does not offer stays as it was.
    taken += [step for step in steps if isinstance(step, KeepRows)]
    taken += rows
    for step in steps:
        if isinstance(step, NarrowTypes):
            names = tuple(name for name in step.columns if name in kept)
            taken += [NarrowTypes(columns=names, digits=step.digits)] if names else []
    if len(kept) < len(table.columns):
        taken.append(KeepColumns(names=kept))
    return tuple(taken)


def _table(file_id: FileId, preflight: Preflight, steps: tuple[ReductionStep, ...]) -> TableReport:
    """The sheet, where there are several whose columns are known."""
    tables = [table for table in preflight.report.tables if table.columns]
    if len(tables) < 2:
        return tables[0]
    picked = next((step.name for step in steps if isinstance(step, PickSheet)), tables[0].name)
    names = [table.name for table in tables]
    position = st.selectbox(
        "Sheet",
        range(len(tables)),
        index=names.index(picked) if picked in names else 0,
        format_func=lambda n: safe_text.plain(shortened(tables[n].name, 60)),
        key=f"reduction_dialog:{file_id}:sheet",
    )
    return tables[position]


def _columns(
    file_id: FileId, table: TableReport, steps: tuple[ReductionStep, ...]
) -> tuple[str, ...]:
    """The columns, largest first, with a box to keep each; returns those that are kept."""
    named = next((step.names for step in steps if isinstance(step, KeepColumns)), None)
    ordered = sorted(
        range(len(table.columns)),
        key=lambda n: _weight(table.columns[n], table.rows),
        reverse=True,
    )
    edited = st.data_editor(
        _frame([table.columns[n] for n in ordered], table.rows, named),
        hide_index=True,
        height=min(_TABLE_HEIGHT, _ROW_HEIGHT * (len(ordered) + 1) + 3),
        disabled=["Column", "Content", "Memory", "Size", "Empty"],
        column_config=_config(table),
        key=f"reduction_dialog:{file_id}:columns{table.position}",
    )
    kept = {n for n, keep in zip(ordered, edited["Keep"].tolist(), strict=True) if keep}
    return tuple(column.name for n, column in enumerate(table.columns) if n in kept)


def _config(table: TableReport) -> "dict[str, ColumnConfig | str | None]":
    most = max((_memory(column, table.rows) for column in table.columns), default=0) / MB
    return {
        "Keep": st.column_config.CheckboxColumn(width=60),
        "Column": st.column_config.TextColumn(width="medium"),
        "Content": st.column_config.TextColumn(width="medium"),
        "Memory": st.column_config.ProgressColumn(
            format="%.1f MB", min_value=0.0, max_value=max(most, 0.1), width="medium"
        ),
        "Size": st.column_config.TextColumn(width=80),
        "Empty": st.column_config.TextColumn(width=70),
    }


def _frame(
    columns: Sequence[ColumnReport], rows: int, named: tuple[str, ...] | None
) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {
            "Keep": [named is None or column.name in named for column in columns],
            "Column": [safe_text.plain(column.name) for column in columns],
            "Content": [_content(column, rows) for column in columns],
            "Memory": [_memory(column, rows) / MB for column in columns],
            "Size": [
                "" if column.content_bytes is None else format_bytes(column.content_bytes)
                for column in columns
            ],
            "Empty": [format_ratio((column.nulls or 0) / max(1, rows)) for column in columns],
        }
    )


def _weight(column: ColumnReport, rows: int) -> tuple[int, int]:
    return _memory(column, rows), column.content_bytes or 0


def _memory(column: ColumnReport, rows: int) -> int:
    """What the column takes once it is loaded; without its strings where these are not known."""
    if column.memory_bytes is not None:
        return column.memory_bytes
    return rows * 8 + (column.content_bytes or 0 if column.dtype == "object" else 0)


def _content(column: ColumnReport, rows: int) -> str:
    """`text, all different`, `text, 1,204 values`, `numbers`."""
    words = _KINDS[column.kind]
    if column.kind not in ("text", "mixed") or column.distinct is None:
        return words
    if rows > 1 and column.distinct >= _UNIQUE_RATIO * rows:
        return f"{words}, all different"
    return f"{words}, {format_count(column.distinct)} values"


def _rows(
    file_id: FileId, table: TableReport, steps: tuple[ReductionStep, ...]
) -> list[ReductionStep]:
    """Which rows are kept, and of how many."""
    prefix = f"reduction_dialog:{file_id}"
    newest = next((step for step in steps if isinstance(step, NewestRows)), None)
    sample = next((step for step in steps if isinstance(step, SampleRows)), None)
    groups = next((step for step in steps if isinstance(step, OneRowPerGroup)), None)
    given: RowChoice = "All"
    if newest is not None:
        given = "Newest"
    elif sample is not None:
        given = "Sample"
    elif groups is not None:
        given = "One row per group"
    left, right = st.columns([4, 5], vertical_alignment="bottom")
    with left:
        choice = st.segmented_control(
            "Rows", _ROWS, default=given, required=True, wrap=True, key=f"{prefix}:rows"
        )
    with right:
        match choice:
            case "Newest":
                return [_newest(prefix, table, newest)]
            case "Sample":
                every = st.number_input(
                    "Keep one row in",
                    min_value=2,
                    max_value=max(2, table.rows),
                    value=sample.every if sample is not None else 10,
                    key=f"{prefix}:every",
                )
                return [SampleRows(every=int(every))]
            case "One row per group":
                return _groups(prefix, table, groups)
    return []


def _newest(prefix: str, table: TableReport, given: NewestRows | None) -> NewestRows:
    dates = [column.name for column in table.columns if column.kind == "date"]
    choices = [*dates, _AS_THEY_STAND]
    by = st.selectbox(
        "Newest by",
        range(len(choices)),
        index=choices.index(given.column) if given is not None and given.column in dates else 0,
        format_func=lambda n: safe_text.plain(shortened(choices[n], 40)),
        key=f"{prefix}:newest_by",
    )
    most = max(1, table.rows)
    rows = st.number_input(
        "How many rows",
        min_value=1,
        max_value=most,
        value=min(most, given.rows if given is not None else max(_LEAST_ROWS, table.rows // 10)),
        key=f"{prefix}:newest_rows",
    )
    return NewestRows(rows=int(rows), column=dates[by] if by < len(dates) else None)


def _groups(prefix: str, table: TableReport, given: OneRowPerGroup | None) -> list[ReductionStep]:
    names = [column.name for column in table.columns if column.kind not in ("number", "empty")]
    few = [
        name
        for name in names
        if any(c.name == name and 1 < (c.distinct or 0) <= 50 for c in table.columns)
    ]
    default = [n for n in (given.by if given is not None else few[:1]) if n in names]
    chosen = st.multiselect(
        "One row per",
        range(len(names)),
        default=[names.index(name) for name in default],
        format_func=lambda n: safe_text.plain(shortened(names[n], 40)),
        key=f"{prefix}:by",
    )
    return [OneRowPerGroup(by=tuple(names[n] for n in chosen))] if chosen else []


def _tell(
    preflight: Preflight,
    steps: tuple[ReductionStep, ...],
    plan: ReductionPlan | None,
    profile: LimitProfile,
    theme: Theme,
) -> None:
    """A sentence with the figures, and the gauge."""
    if plan is None or not plan.columns:
        st.markdown("**Nothing is kept.** Keep one column at least.")
        return
    every = next((step.every for step in steps if isinstance(step, SampleRows)), 1)
    newest = next((step.rows for step in steps if isinstance(step, NewestRows)), None)
    grouped = any(isinstance(step, OneRowPerGroup) for step in steps)
    rows = wording.reductions.rows_kept(every=every, newest=newest, is_grouped=grouped)
    picked = next((step.name for step in steps if isinstance(step, PickSheet)), None)
    tables = preflight.report.tables
    table = next((one for one in tables if one.name == picked), tables[0])
    what = wording.reductions.chosen(plan.columns, len(table.columns), rows)
    memory = plan.memory
    figures = (
        f"about {format_megabytes(memory.peak_bytes)}"
        f" ({format_megabytes_range(memory.low_bytes, memory.high_bytes)})"
        f" of {format_megabytes(profile.ram_spoken_bytes)},"
        f" {format_bytes(plan.size_bytes)} of {format_bytes(profile.file_limit_bytes)} to send."
    )
    fits = "" if plan.fits else " :orange[**That does not fit yet.**]"
    st.markdown(
        f"**{safe_text.label(what)} {safe_text.label(figures)}**{fits}"
        f" {safe_text.label(plan.truth)}"
    )
    memory_gauge(bar_of(memory), marks_of(profile), theme)


def _buttons(file_id: FileId, steps: tuple[ReductionStep, ...], *, is_usable: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        cancelled = st.button("Cancel", key=f"reduction_dialog:{file_id}:cancel")
        used = st.button(
            "Use this",
            key=f"reduction_dialog:{file_id}:use",
            type="primary",
            disabled=not is_usable,
        )
    if used:
        view_state.choose_steps(file_id, steps)
    if used or cancelled:
        view_state.edit_reduction(None)
        st.rerun()
