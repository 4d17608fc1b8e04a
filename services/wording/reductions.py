"""Sentences about making a file smaller: what each step does, and what it means for answers."""

from services.errors import Message
from services.units import format_bytes, format_count, format_megabytes, format_seconds

_NAMES_SHOWN = 3
_REDUCED = "Reduced data: "
_GROUPED = "one row per group, with totals and counts"
_SAMPLED = "one row in "
_PART = "some of the rows; totals are of these"
_ROUNDED = "decimals are rounded"
_KINDS = {"xlsx": "the workbook", "json": "the JSON", "ndjson": "the JSON", "csv": "the rest"}
_COMPARED = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "contains": "contains",
}


def keeps_columns(kept: int, total: int, dropped: tuple[str, ...], saved_bytes: float) -> str:
    """Columns are left out."""
    return (
        f"Keeps {format_count(kept)} of {format_count(total)} columns, without"
        f" {_names(dropped)}: {_saved(saved_bytes)}."
    )


def keeps_every(every: int, rows: int, saved_bytes: float) -> str:
    """Rows are sampled."""
    drawn = f"Keeps one row in {format_count(every)}, drawn at random"
    return f"{drawn}, about {format_count(rows)} rows: {_saved(saved_bytes)}."


def keeps_newest(rows: int, total: int, column: str | None) -> str:
    """Only rows from the end are kept."""
    by = f" by {_short(column)}" if column else ""
    which = "newest" if column else "last"
    return f"Keeps the {which} {format_count(rows)} of {format_count(total)} rows{by}."


def keeps_rows(column: str, comparison: str, value: str) -> str:
    """Rows are filtered."""
    return f"Keeps only rows where {_short(column)} {_COMPARED[comparison]} {_short(value)}."


def groups_by(by: tuple[str, ...], rows: int) -> str:
    """Rows are put together."""
    return f"Makes one row per {_names(by)}, about {format_count(rows)} rows."


def makes_numbers(columns: tuple[str, ...]) -> str:
    """Text becomes numbers."""
    return f"Writes the numbers of {_names(columns)} without signs and marks: no value changes."


def rounds(columns: tuple[str, ...], digits: int) -> str:
    """Decimals are left out."""
    return f"Rounds {_names(columns)} to {digits} decimals."


def picks_table(name: str, total: int, *, is_sheet: bool) -> str:
    """One of several tables."""
    what = "sheets" if is_sheet else "lists"
    return f"Keeps {_short(name)}, one of {total} {what}."


def writes_csv(kind: str | None, before_bytes: int, after_bytes: float) -> str:
    """What comes out."""
    return (
        f"Writes {_KINDS.get(kind or '', 'the rest')} as a compact CSV, columns of one type"
        f" together: {format_bytes(before_bytes)} → {format_bytes(after_bytes)} to send."
    )


def truth_exact(rows: int, *, is_exact: bool, dropped: int) -> str:
    """Nothing that an answer needs is lost."""
    about = "" if is_exact else "about "
    which = " of the columns kept" if dropped else ""
    return (
        f"All {about}{format_count(rows)} rows are kept, so totals and averages{which} are exact."
    )


def truth_sampled(every: int) -> str:
    """A sample."""
    return (
        f"One row in {format_count(every)} is kept. Totals have to be scaled up, and small groups"
        " may be missing."
    )


def truth_part(rows: int, total: int) -> str:
    """Chosen rows only."""
    return (
        f"About {format_count(rows)} of {format_count(total)} rows are kept. Answers are about"
        " these rows only."
    )


def truth_rounded(digits: int) -> str:
    """All rows, fewer digits."""
    return (
        f"All rows are kept, with {digits} decimals at most: totals and averages may differ in"
        " their last digits."
    )


def truth_grouped(*, is_all: bool) -> str:
    """Groups instead of rows."""
    which = "" if is_all else " of the rows kept"
    return (
        f"Totals and counts per group{which} are exact. Single rows, medians and highest values are"
        " gone."
    )


def story(kept_rows: int, source_rows: int, kept_columns: int, source_columns: int) -> str:
    """What a reduced file was made of."""
    columns = f"{format_count(kept_columns)} of {format_count(source_columns)} columns"
    if kept_rows == source_rows:
        return f"Reduced to {columns}."
    rows = f"{format_count(kept_rows)} of {format_count(source_rows)} rows"
    return f"Reduced to {rows} and {columns}."


def chosen(kept_columns: int, columns: int, rows: str) -> str:
    """What is kept, above the dialog's gauge. `rows`: `all rows`, `one row in 4`."""
    return f"{format_count(kept_columns)} of {format_count(columns)} columns and {rows}:"


def rows_kept(*, every: int = 1, newest: int | None = None, is_grouped: bool = False) -> str:
    """Which rows, in two or three words."""
    if is_grouped:
        return "one row per group"
    if newest is not None:
        return f"the newest {format_count(newest)} rows"
    return f"one row in {format_count(every)}" if every > 1 else "all rows"


def remark(
    kept_columns: int,
    source_columns: int,
    *,
    every: int = 1,
    is_part: bool = False,
    is_grouped: bool = False,
    is_rounded: bool = False,
) -> str:
    """Travels with every answer about a reduced file."""
    parts: list[str] = []
    if is_grouped:
        parts.append(_GROUPED)
    elif kept_columns < source_columns:
        parts.append(f"{format_count(kept_columns)} of {format_count(source_columns)} columns")
    if every > 1:
        parts.append(f"{_SAMPLED}{format_count(every)}; totals are of the kept rows")
    elif is_part:
        parts.append(_PART)
    if is_rounded:
        parts.append(_ROUNDED)
    return f"{_REDUCED}{'; '.join(parts) or 'all rows and columns, written compactly'}."


def is_inexact(told: str) -> bool:
    """Whether a remark says that an answer may differ from that of the whole file."""
    inexact = (_GROUPED, _SAMPLED, _PART, _ROUNDED)
    return told.startswith(_REDUCED) and any(part in told for part in inexact)


def totals_only() -> str:
    """Why a figure other than a sum is not worked out from groups."""
    return (
        "This file holds totals per group, so averages, extremes and distributions can't be told"
        " from it. Use the original, or ask for totals."
    )


def counts_are_in(column: str) -> str:
    """Why groups are not counted as if they were rows."""
    return (
        "This file holds totals per group, so its rows are groups. How many rows each had is in"
        f" “{_short(column)}”: ask for the total of it."
    )


def left_out(column: str) -> Message:
    """A question names a column that only the source has."""
    return Message(
        what_happened=f"The reduction left out “{_short(column)}”.",
        what_to_do=(
            "Nothing was run and nothing was paid. Use the original again, or keep this column"
            " when reducing."
        ),
    )


def caption(seconds: float) -> str:
    """Beside the button."""
    return (
        f"≈ {format_seconds(max(1.0, round(seconds)))}, free, on this server."
        " Your original stays as it is."
    )


def still_too_large(size: int, limit: int, peak: int | None, spoken: int) -> str:
    """What was chosen is not enough yet."""
    if peak is not None:
        return (
            f"Still too large: about {format_megabytes(peak)} of {format_megabytes(spoken)}."
            " Keep less."
        )
    return f"Still too large: up to {format_bytes(size)} of {format_bytes(limit)}. Keep less."


def ready(name: str) -> str:
    """Said once the smaller file has taken its source's place."""
    return f"{_short(name)} is ready to be asked about."


def reduced_name(stem: str) -> str:
    """What the smaller file is called."""
    return f"{stem} (reduced).csv"


def not_reduced(code: str) -> Message:
    """Why there is no smaller file."""
    what, then = {
        "disk_full": (
            "There is no room on this server's disk for the smaller file.",
            "Ask an operator to free disk space, then reduce it again.",
        ),
        "too_much_memory": (
            "Reducing this file took more memory than it may.",
            "Keep fewer columns, and reduce it again.",
        ),
        "too_long": (
            "Reducing this file took longer than it may.",
            "Keep fewer columns or rows, and reduce it again.",
        ),
        "other_columns": (
            "The file is read differently now, and has not all of the columns that were chosen.",
            "Choose again what is kept.",
        ),
        "no_rows": (
            "No row is left after these steps.",
            "Change what is kept, and reduce it again.",
        ),
        "damaged": (
            "The file can't be read to its end.",
            "It is damaged. Save it again and add that.",
        ),
        "bomb": (
            "This workbook unpacks to more than is sane, so it was not read on.",
            "Save it again in Excel and add that.",
        ),
    }.get(
        code,
        (
            "This file could not be reduced.",
            "Try again, or change what is kept.",
        ),
    )
    return Message(what_happened=what, what_to_do=f"{then} Your original stays as it is.")


def interrupted() -> Message:
    """The server ended meanwhile."""
    return Message(
        what_happened="The reduction was interrupted when the server restarted.",
        what_to_do="Nothing of it was kept; start it again.",
    )


def stopped() -> Message:
    """The user ended it."""
    return Message(
        what_happened="The reduction was stopped.",
        what_to_do="Nothing of it was kept; your original stays as it is.",
    )


def _names(names: tuple[str, ...]) -> str:
    shown = [_short(name) for name in names[:_NAMES_SHOWN]]
    more = len(names) - len(shown)
    if more > 0:
        return f"{', '.join(shown)} and {format_count(more)} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


def _short(name: str | None) -> str:
    text = " ".join((name or "").split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _saved(size_bytes: float) -> str:
    return f"\N{MINUS SIGN}{format_bytes(size_bytes)}"
