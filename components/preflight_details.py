"""What was found out about a file: the tabs of its card, and of the strip's Details.

A tab's body runs only when it is open, so that the rows are not sent before anyone looks at them.
"""

from decimal import Decimal
from typing import Final, Literal

import msgspec
import streamlit as st

from components import data_table, safe_text
from components.approaches_list import approaches_list
from components.findings_list import correct_button, findings_list
from components.verdict_badge import KIND_NAMES
from services import wording
from services.ids import FileId
from services.limits.types import LimitProfile
from services.money.types import EngineKind
from services.preflight.types import (
    ColumnKind,
    ColumnReport,
    Corrections,
    Finding,
    Preflight,
    TablePreview,
    TableReport,
)
from services.units import (
    MB,
    format_bytes,
    format_count,
    format_megabytes,
    format_megabytes_range,
    format_money_range,
    format_ratio,
    format_seconds,
)

_PREVIEW_HEIGHT = 246
_ROWS_IN_SIGHT = 6
_MOST_DECIMALS = 6
_SHORTEST = 0.05
_TELLING_BYTES = 10 * MB
AS_FOUND: Final = Corrections()
"""Nothing was said of how the file is read."""
_CONTENTS: dict[ColumnKind, str] = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "yes or no",
    "date": "dates",
    "text": "text",
    "empty": "nothing",
    "mixed": "numbers and text",
}


def preflight_details(
    owner: str,
    file_id: FileId,
    preflight: Preflight,
    profile: LimitProfile,
    engine: EngineKind,
    *,
    corrections: Corrections = AS_FOUND,
    can_correct: bool = True,
) -> None:
    """Draw the tabs; `owner` is the component that holds them, and begins their keys.

    `corrections` are what its owner has said of it. `can_correct`: whether more can be said now,
    which no question may be waiting for.
    """
    report, prefix = preflight.report, f"{owner}:{file_id}"
    names = [f"Findings ({len(report.findings)})"]
    names += ["First rows", "Columns"] if report.tables else []
    names.append("How this was worked out")
    tabs = dict(zip(names, st.tabs(names, key=f"{prefix}:tabs", on_change="rerun"), strict=True))
    for name, tab in tabs.items():
        if not tab.open:
            continue
        with tab:
            match name:
                case "First rows":
                    _first_rows(_chosen_table(report.tables, f"{prefix}:rows_of"))
                case "Columns":
                    _columns(_chosen_table(report.tables, f"{prefix}:columns_of"), report.findings)
                case "How this was worked out":
                    _derivation(preflight, profile, engine, corrections)
                case _:
                    findings_list(report, prefix, is_profiled=preflight.is_profiled)
                    correct_button(report.findings, file_id, prefix, can_correct=can_correct)


def _chosen_table(tables: tuple[TableReport, ...], key: str) -> TableReport:
    if len(tables) == 1:
        return tables[0]
    index = st.selectbox(
        "Sheet",
        range(len(tables)),
        format_func=lambda position: safe_text.plain(tables[position].name),
        key=key,
        label_visibility="collapsed",
    )
    return tables[index]


def _first_rows(table: TableReport) -> None:
    if not table.sample:
        st.caption("There are no rows to show.")
        return
    shown = len(table.sample[0])
    columns = tuple(column.name for column in table.columns[:shown])
    preview = TablePreview(columns=columns, rows=table.sample, total_rows=table.rows)
    data_table.data_table(
        preview,
        alt=f"First {len(table.sample)} rows of {table.name}",
        height=_height(len(table.sample)),
        remark=False,
    )
    more = len(table.columns) - shown
    if more > 0:
        st.caption(f"{format_count(more)} more columns are not shown.")


def _columns(table: TableReport, findings: tuple[Finding, ...]) -> None:
    """What each column holds; types as pandas calls them are for nobody who reads this."""
    headings = ("Column", "Content", "Blanks", "Different values", "From", "To")
    read_as_numbers = {
        finding.column
        for finding in findings
        if finding.code == "thousands" and finding.severity == "info"
    }
    rows = tuple(
        _column_row(column, table.rows, is_converted=column.name in read_as_numbers)
        for column in table.columns
    )
    data_table.data_table(
        TablePreview(columns=headings, rows=rows, total_rows=len(rows)),
        alt=f"Columns of {table.name}",
        height=_height(len(rows)),
    )


def _height(rows: int) -> int | Literal["auto"]:
    """No empty lines below a short table; a long one scrolls."""
    return "auto" if rows <= _ROWS_IN_SIGHT else _PREVIEW_HEIGHT


def _column_row(
    column: ColumnReport, rows: int, *, is_converted: bool
) -> tuple[str | int | None, ...]:
    blanks = None
    if column.nulls is not None:
        blanks = format_ratio(column.nulls / rows) if rows and column.nulls else "none"
    content = "numbers" if is_converted else _CONTENTS[column.kind]
    return (column.name, content, blanks, _different(column), *extremes(column))


def _different(column: ColumnReport) -> str | int | None:
    """Exact as a number; what is an estimate says so, and by how much it may be off."""
    if column.distinct is None or (column.counts_exact and column.distinct_error is None):
        return column.distinct
    about = f"≈ {format_count(column.distinct)}"
    if column.distinct_error is None:
        return about
    return f"{about} (±{100 * column.distinct_error:.1f}%)"


def extremes(column: ColumnReport) -> tuple[str | None, str | None]:
    """From and to; numbers with as many decimals as the longer of the two has."""
    low, high = column.minimum, column.maximum
    if column.kind not in ("integer", "number") or low is None or high is None:
        return low, high
    numbers = Decimal(low), Decimal(high)
    if not all(number.is_finite() for number in numbers):
        return low, high
    places = max(-int(number.normalize().as_tuple().exponent) for number in numbers)
    decimals = min(max(places, 0), _MOST_DECIMALS)
    return f"{numbers[0]:.{decimals}f}", f"{numbers[1]:.{decimals}f}"


def _derivation(
    preflight: Preflight, profile: LimitProfile, engine: EngineKind, corrections: Corrections
) -> None:
    """Each figure with what it is made of."""
    facts = [
        ("Read as", _read_as(preflight)),
        *_corrected(corrections),
        *_shapes(preflight.report.tables),
        *_memory_facts(preflight),
    ]
    is_asked = preflight.can_be_asked(engine)
    if preflight.cost is not None and is_asked:
        range_ = format_money_range(preflight.cost.low_microusd, preflight.cost.high_microusd)
        rehearsal = "; a rehearsal, nothing is charged" if engine == "local" else ""
        facts.append(("Per question", f"{range_} = {preflight.cost.formula}{rehearsal}"))
    if preflight.time is not None and is_asked:
        facts.append(("Time", preflight.time.formula))
    took = format_seconds(preflight.seconds) if preflight.seconds >= _SHORTEST else "under 0.1 s"
    facts.append(("Checked", f"in {took} on this server, by {profile.title}"))
    st.markdown("  \n".join(f"**{name}** · {safe_text.label(value)}" for name, value in facts))
    if is_asked:
        approaches_list(preflight.approaches, is_rehearsal=engine == "local")


def _corrected(corrections: Corrections) -> list[tuple[str, str]]:
    """What its owner has said of the file, where it was anything."""
    said = wording.files.told(**msgspec.structs.asdict(corrections))
    return [("Corrected by you", said)] if said else []


def _shapes(tables: tuple[TableReport, ...]) -> list[tuple[str, str]]:
    """The rows and columns of each table in full."""
    shapes = [
        f"{'' if table.rows_exact else 'about '}{format_count(table.rows)} rows"
        + (f" × {format_count(len(table.columns))} columns" if table.columns else "")
        for table in tables
    ]
    if len(tables) > 1:
        shapes = [f"{table.name}: {shape}" for table, shape in zip(tables, shapes, strict=True)]
    return [("Sheets" if len(tables) > 1 else "Table", "; ".join(shapes))] if tables else []


def _memory_facts(preflight: Preflight) -> list[tuple[str, str]]:
    memory = preflight.memory
    if memory is None:
        return []
    rough = ", a rough projection" if memory.rough else ""
    interval = format_megabytes_range(memory.low_bytes, memory.high_bytes)
    facts = [
        (
            "Peak",
            f"{format_megabytes(memory.peak_bytes)} ({interval})"
            f" for {memory.environment}{rough} = the greater of loading,"
            f" {format_megabytes(memory.load_bytes)}, and a usual analysis,"
            f" {format_megabytes(memory.analysis_bytes)}; the empty process takes"
            f" {format_megabytes(memory.baseline_bytes)} of both",
        )
    ]
    folk = rule_of_thumb(preflight)
    if folk is not None:
        said = f"{format_megabytes_range(*folk)}\N{NO-BREAK SPACE}MB"
        facts.append(("Rule of thumb", f"4–5 × file size = {said}, drawn as the bracket"))
    return facts


def rule_of_thumb(preflight: Preflight) -> tuple[int, int] | None:
    """From and to by the file's size; it is one for tables, and of a small file says nothing."""
    memory = preflight.memory
    if memory is None or not preflight.report.tables or memory.folk_high_bytes < _TELLING_BYTES:
        return None
    return memory.folk_low_bytes, memory.folk_high_bytes


def _read_as(preflight: Preflight) -> str:
    report = preflight.report
    parts = [KIND_NAMES[report.kind], format_bytes(report.size_bytes)]
    if report.encoding is not None:
        parts.append(wording.files.encoding_name(report.encoding))
    if report.encoding_confidence is not None and report.encoding_confidence < 1:
        parts.append(f"{format_ratio(report.encoding_confidence)} certain of the encoding")
    if report.dialect is not None:
        separator = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
        delimiter = separator.get(report.dialect.delimiter, report.dialect.delimiter)
        parts.append(f"separated by {delimiter}")
        parts.append("decimal comma" if report.dialect.decimal == "," else "decimal point")
    return ", ".join(parts)
