"""The figures of a checked file, each with its formula: shape, type, size; price and time."""

import streamlit as st

from components import safe_text
from components.verdict_badge import KIND_NAMES
from services import wording
from services.money.types import EngineKind
from services.preflight.types import (
    CostProjection,
    FileReport,
    Preflight,
    ReductionPlan,
    TableReport,
)
from services.units import (
    format_bytes,
    format_count,
    format_megabytes,
    format_money_range,
    format_seconds_range,
)

_MILLION = 1_000_000


def preflight_figures(preflight: Preflight, engine: EngineKind) -> None:
    """Draw them; a price and a time only where the engine can be asked about the file."""
    report = preflight.report
    with st.grid(5, min_column_width=98):
        _shape_metric(report)
        st.metric(
            "Type",
            safe_text.label(_type_name(report)),
            help=safe_text.label(_content(report)),
        )
        st.metric(
            "Size",
            safe_text.label(format_bytes(report.size_bytes)),
            help=f"{format_count(report.size_bytes)} bytes; MB = 1,000,000 bytes",
        )
        if preflight.can_be_asked(engine):
            _question_metrics(preflight, engine)


def reduction_figures(preflight: Preflight, plan: ReductionPlan) -> None:
    """Draw what a reduction leaves, each figure with the one before it."""
    report, memory = preflight.report, preflight.memory
    table = report.tables[0]
    wanted = plan.columns or len(table.columns)
    with st.grid(5, min_column_width=98):
        _changed(
            "Peak memory",
            format_megabytes(plan.memory.peak_bytes),
            "" if memory is None else f"was {format_megabytes(memory.peak_bytes)}",
        )
        _changed(
            "Size to send",
            format_bytes(plan.size_bytes),
            f"was {format_bytes(report.size_bytes)}",
        )
        is_whole = plan.rows == table.rows
        before = "all kept" if is_whole else f"was {_count(table.rows)}"
        _changed("Rows", _count(plan.rows), before)
        before = "all kept" if wanted == len(table.columns) else f"was {len(table.columns):,}"
        _changed("Columns", f"{wanted:,}", before)
        fits = preflight.verdict.state == "fits"
        _changed(
            "Per question",
            "—" if preflight.cost is None else _cost_range(preflight.cost),
            "as before" if fits else "can't run as is",
        )


def _changed(label: str, value: str, before: str) -> None:
    st.metric(
        label,
        safe_text.label(value),
        delta=safe_text.label(before) or None,
        delta_color="off",
        delta_arrow="off",
    )


def _count(rows: int) -> str:
    """`182,400`; from ten million on `12.3 M`."""
    if rows >= 10 * _MILLION:
        return f"{rows / _MILLION:,.1f}\N{NO-BREAK SPACE}M"
    return format_count(rows)


def _question_metrics(preflight: Preflight, engine: EngineKind) -> None:
    cost, time = preflight.cost, preflight.time
    rehearsal = " A rehearsal: nothing is charged." if engine == "local" else ""
    st.metric(
        "Per question",
        "—" if cost is None else safe_text.label(_cost_range(cost)),
        help=None if cost is None else safe_text.label(f"{cost.formula}.{rehearsal}"),
    )
    st.metric(
        "Time",
        "—" if time is None else format_seconds_range(time.low_seconds, time.high_seconds),
        help=None if time is None else safe_text.label(time.formula),
    )


def _cost_range(cost: CostProjection) -> str:
    return format_money_range(cost.low_microusd, cost.high_microusd)


def _shape_metric(report: FileReport) -> None:
    if report.image is not None:
        size = f"{format_count(report.image.width)} × {format_count(report.image.height)}"
        st.metric(
            "Pixels",
            safe_text.label(size),
            help=f"{format_bytes(report.image.decoded_bytes)} decoded",
        )
    elif report.tables:
        # Without a help, whose mark would cut this label short on a phone: all is in the details.
        st.metric("Rows × columns", safe_text.label(_table_shape(report.tables[0])))
    elif report.text_characters is not None:
        st.metric("Characters", safe_text.label(format_count(report.text_characters)))
    else:
        st.metric("Rows × columns", "—")


def _table_shape(table: TableReport) -> str:
    """`182,400 × 14`; from a million rows on `1.91 M × 31`, which still fits a phone's column."""
    about = "" if table.rows_exact else "≈\N{NO-BREAK SPACE}"
    rows = format_count(table.rows)
    if table.rows >= _MILLION:
        rows = f"{table.rows / _MILLION:,.2f}\N{NO-BREAK SPACE}M"
    return f"{about}{rows} × {len(table.columns):,}"


def _type_name(report: FileReport) -> str:
    short = {"xlsx": "Excel", "png": "PNG", "jpeg": "JPEG"}.get(report.kind or "")
    return short or KIND_NAMES[report.kind]


def _content(report: FileReport) -> str:
    if report.encoding is None:
        return f"By content: {report.mime}"
    return f"By content: {report.mime}, in {wording.files.encoding_name(report.encoding)}"
