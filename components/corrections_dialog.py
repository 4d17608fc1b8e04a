"""The dialog `Read it differently`: what a user knows better about a file than what was found."""

from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeVar

import msgspec
import streamlit as st

from components import safe_text, view_state
from components.readable import shortened
from services import wording
from services.ids import FileId
from services.preflight.types import Corrections, FileReport

CORRECTABLE: Final = frozenset(
    (
        *("no_header", "header_doubtful", "multi_header", "unit_row", "preamble"),
        *("preamble_doubtful", "delimiter_doubtful", "decimal_ambiguous", "ambiguous_dates"),
        *("encoding", "stray_quotes", "row_labels", "hidden_sheets", "two_tables", "thousands"),
    )
)
"""Codes of findings that a correction may mend."""
_ENCODINGS: Final = (
    *("utf-8", "cp1252", "latin-1", "iso8859-15", "mac-roman", "cp850", "cp1250", "iso8859-2"),
    *("cp1251", "koi8-r", "cp866", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "utf-16"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp874"),
)
_MOST_LINES: Final = 1_000
_Value = TypeVar("_Value")
Apply = Callable[[Corrections], None]


def corrections_dialog(
    *, file_id: FileId, report: FileReport, corrections: Corrections, apply: Apply
) -> None:
    """Open it. `apply` is called with what was chosen; what is left as found is None."""

    @st.dialog("Read it differently", on_dismiss=_close)
    def dialog() -> None:
        rest = safe_text.label(wording.files.what_is_left_as_found())
        st.markdown(f"**{_why(report, corrections)}** {rest}")
        if report.kind == "xlsx":
            chosen = Corrections(sheet=_sheet(file_id, report, corrections))
        else:
            chosen = _of_text(file_id, report, corrections)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key=f"corrections_dialog:{file_id}:cancel"):
                _close()
                st.rerun()
            if st.button("Read it so", key=f"corrections_dialog:{file_id}:apply", type="primary"):
                apply(chosen)
                _close()
                st.rerun()

    dialog()


def _close() -> None:
    view_state.correct(None)


def _why(report: FileReport, told: Corrections) -> str:
    """The first doubt that can be cleared up here, or what has been said already."""
    doubts = [f for f in report.findings if f.severity == "warning" and f.code in CORRECTABLE]
    if told != Corrections():
        said = wording.files.told(**msgspec.structs.asdict(told))
        return safe_text.label(wording.files.read_as_told(said))
    if not doubts:
        return safe_text.label(wording.files.nothing_doubtful())
    name = f"{safe_text.label(shortened(doubts[0].column, 40))} " if doubts[0].column else ""
    return f"{name}{safe_text.label(doubts[0].message)}"


def _of_text(file_id: FileId, report: FileReport, told: Corrections) -> Corrections:
    key = f"corrections_dialog:{file_id}"
    dialect = report.dialect
    left, right = st.columns(2)
    with left:
        found = (
            wording.files.MARK_NAMES.get(dialect.delimiter, dialect.delimiter) if dialect else ""
        )
        delimiter = _choice(
            "Columns are separated by",
            wording.files.MARK_NAMES.items(),
            told.delimiter,
            found,
            f"{key}:delimiter",
        )
        skip_rows = st.number_input(
            "Lines above the table",
            min_value=0,
            max_value=_MOST_LINES,
            value=told.skip_rows,
            placeholder=f"As found: {dialect.skip_rows}" if dialect else "As found",
            key=f"{key}:skip",
        )
        decimal: Literal[".", ","] | None = _choice(
            "Decimal mark",
            ((".", "point"), (",", "comma")),
            told.decimal,
            ("comma" if dialect.decimal == "," else "point") if dialect else "",
            f"{key}:decimal",
        )
    with right:
        has_header = _choice(
            "The first row",
            ((True, "holds the column names"), (False, "holds data")),
            told.has_header,
            ("names" if dialect.header_row is not None else "data") if dialect else "",
            f"{key}:header",
        )
        day_first = _choice(
            "Dates like 03/04/2025",
            ((True, "3 April: day first"), (False, "4 March: month first")),
            told.day_first,
            "",
            f"{key}:dates",
        )
        names = dict.fromkeys((*report.encoding_alternatives, *_ENCODINGS))
        pages = [(name, wording.files.encoding_name(name)) for name in names]
        found = wording.files.encoding_name(report.encoding) if report.encoding else ""
        encoding = _choice("Encoding", pages, told.encoding, found, f"{key}:encoding")
    return Corrections(
        delimiter=delimiter,
        has_header=has_header,
        skip_rows=None if skip_rows is None else int(skip_rows),
        decimal=decimal,
        day_first=day_first,
        encoding=encoding,
    )


def _choice(
    label: str,
    choices: Iterable[tuple[_Value, str]],
    told: _Value | None,
    found: str,
    key: str,
) -> _Value | None:
    """One of the choices, or None: as it was found."""
    named: list[tuple[_Value | None, str]] = [(None, f"As found: {found}" if found else "As found")]
    named += choices
    values = [value for value, _ in named]
    position = st.selectbox(
        label,
        range(len(named)),
        index=values.index(told) if told in values else 0,
        format_func=lambda n: safe_text.plain(named[n][1]),
        key=key,
    )
    return values[position]


def _sheet(file_id: FileId, report: FileReport, told: Corrections) -> str | None:
    """The sheet that questions are about."""
    tables = sorted(report.tables, key=lambda table: table.position)
    names = [(t.name, f"{shortened(t.name, 50)}{' (hidden)' * t.is_hidden}") for t in tables]
    used = report.tables[0].name if report.tables else ""
    key = f"corrections_dialog:{file_id}:sheet"
    return _choice("Sheet", names, told.sheet, shortened(used, 50), key)
