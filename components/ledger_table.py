"""The rows of the ledger, newest first; everything on the page is a sum of these."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial

import streamlit as st

from components import data_table, safe_text
from components.cost_charts import container_name, short_id
from components.outcomes import outcome_name
from services.money.types import LedgerRow, NumberedRow
from services.units import MICROUSD_PER_USD, format_count, format_seconds

_HEIGHT, _ROW_HEIGHT = 330, 32
_LAZY_FROM_ROWS = 1_000
_COLUMNS = (
    "When",
    "Kind",
    "Seconds",
    "Tokens in",
    "Tokens out",
    "Cost",
    "Outcome",
    "Container",
    "Run",
    "Reference",
)


def ledger_table(
    rows: Sequence[NumberedRow],
    *,
    zone: tzinfo,
    summary: str,
    export: Callable[[Sequence[NumberedRow]], bytes] | None = None,
) -> None:
    """Draw search, outcomes, `summary` (ready wording) and the rows; `export` makes the CSV.

    Search and outcomes choose what is shown, and what is exported.
    """
    if not rows:
        st.caption("Nothing was booked in this period.")
        return
    shown = _filtered(rows, summary, export)
    if not shown:
        st.caption("No row matches.")
        return
    st.dataframe(
        data_table.frame_of(_COLUMNS, [_cells(numbered, zone) for numbered in shown]),
        hide_index=True,
        height=min(_HEIGHT, _ROW_HEIGHT * (len(shown) + 1) + 3),
        row_height=_ROW_HEIGHT,
        lazy=len(shown) > _LAZY_FROM_ROWS,
        column_config={
            "Cost": st.column_config.NumberColumn(format="$%.6f"),
            "Tokens in": st.column_config.NumberColumn(format="localized"),
            "Tokens out": st.column_config.NumberColumn(format="localized"),
            "Seconds": st.column_config.TextColumn(alignment="right"),
        },
        placeholder="",
        alt=f"Ledger, newest first: {format_count(len(shown))} rows",
    )


def _filtered(
    rows: Sequence[NumberedRow],
    summary: str,
    export: Callable[[Sequence[NumberedRow]], bytes] | None,
) -> list[NumberedRow]:
    outcomes = sorted({outcome_name(numbered.row.outcome) for numbered in rows})
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            wanted = st.text_input(
                "Search the ledger",
                placeholder="Container, run or reference",
                key="ledger_table:all:search",
                label_visibility="collapsed",
                width=260,
            )
            chosen = st.pills(
                "Outcomes",
                outcomes,
                selection_mode="multi",
                key="ledger_table:all:outcomes",
                label_visibility="collapsed",
            )
        shown = [
            numbered
            for numbered in rows
            if (not chosen or outcome_name(numbered.row.outcome) in chosen)
            and wanted.strip().lower() in _searched(numbered.row)
        ]
        if len(shown) < len(rows):
            summary = f"{format_count(len(shown))} of {format_count(len(rows))} rows"
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption(safe_text.label(summary), width="content")
            if export is not None and shown:
                st.download_button(
                    "Export CSV",
                    partial(export, shown),
                    file_name="datadock-ledger.csv",
                    mime="text/csv",
                    key="ledger_table:all:export",
                    icon=":material/download:",
                    on_click="ignore",
                )
    return shown


def _searched(row: LedgerRow) -> str:
    ids = (row.workspace_id, row.container_id, row.run_id, row.request_id, row.correlation_id)
    name = container_name(row.workspace_id) if row.workspace_id else ""
    return " ".join(part.lower() for part in (*ids, name, row.kind, row.model) if part)


def _cells(numbered: NumberedRow, zone: tzinfo) -> tuple[str | int | float | None, ...]:
    row = numbered.row
    local = row.booked_at.astimezone(zone)
    usage = row.usage
    estimated = " (estimated)" if row.estimated else ""
    return (
        f"{local.day} {local:%b, %H:%M:%S}",
        "Request" if row.kind == "request" else "Container time",
        format_seconds(row.seconds) if row.kind == "container" else "",
        None if usage is None else usage.input_tokens,
        None if usage is None else usage.output_tokens,
        row.amount_microusd / MICROUSD_PER_USD,
        outcome_name(row.outcome) + estimated,
        container_name(row.workspace_id) if row.workspace_id else "",
        short_id(row.run_id) if row.run_id else "",
        row.correlation_id or "",
    )
