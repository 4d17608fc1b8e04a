"""Why a file can't be used, and what works instead."""

from typing import Literal, TypeAlias

from services.errors import Message
from services.units import format_bytes, format_count

_SAVE_AS_XLSX = "Save it as .xlsx in Excel and add it again."


def empty_file(size: int) -> Message:
    """Nothing in it."""
    count = "1 byte" if size == 1 else f"{format_count(size)} bytes"
    return Message(
        what_happened="There is nothing in this file.",
        what_to_do=f"It has {count} and no rows. If it came from an export, run the export again.",
    )


def no_rows(*, is_single: bool = False) -> Message:
    """A header, or a frame, and no data; or JSON that is a single value."""
    if is_single:
        return Message(
            what_happened="There are no rows in this file.",
            what_to_do="It holds a single value. Export it as a list of records and add that.",
        )
    return Message(
        what_happened="There are no rows in this file.",
        what_to_do="Only a header or an empty frame was found. If it came from an export, run the"
        " export again.",
    )


def too_large_to_check(name: str, size: int, limit: int) -> Message:
    """It was not even looked at."""
    return Message(
        what_happened=f"{name} is {format_bytes(size)}; up to {format_bytes(limit)} can be checked"
        " here.",
        what_to_do="It was not kept.",
    )


def encrypted_workbook() -> Message:
    """Protected by a password."""
    return Message(
        what_happened="This workbook is protected by a password, so nobody can read it here.",
        what_to_do="In Excel: File › Info › Protect Workbook › Encrypt with Password, clear the"
        " password, save, add it again.",
    )


def macro_workbook() -> Message:
    """It may run code."""
    return Message(what_happened="This workbook contains macros.", what_to_do=_SAVE_AS_XLSX)


def legacy_workbook(kind: str) -> Message:
    """The old or the binary Excel format."""
    what = "binary Excel format (.xlsb)" if kind == "xlsb" else "old Excel format (.xls)"
    return Message(what_happened=f"This is the {what}.", what_to_do=_SAVE_AS_XLSX)


WrongKind: TypeAlias = Literal[
    "picture", "document", "markup", "archive", "program", "table", "other"
]
"""Groups of files that can't be analysed, each for a reason of its own."""

_REASONS: dict[WrongKind, str] = {
    "picture": "the numbers in a picture aren't stored as data",
    "document": "their tables aren't stored as data",
    "markup": "they aren't stored as rows and columns",
    "archive": "what is inside has to be unpacked first",
    "program": "only data is read here, never a program",
    "table": "only tables in CSV, Excel (.xlsx) and JSON are read",
    "other": "they hold nothing that can be read as a table",
}
_WAYS: dict[WrongKind, tuple[str, ...]] = {
    "picture": (
        "Export the numbers behind it from the program that made it, as CSV or Excel",
        "Or type them into a spreadsheet and save it as .xlsx",
    ),
    "document": (
        "Export the table from the program that made the report, as CSV or Excel",
        "Or copy the table into a spreadsheet and save it as .xlsx",
    ),
    "markup": ("Open it in a spreadsheet and save it as .xlsx",),
    "archive": ("Unpack it and add the file inside",),
    "program": ("Add a file with data: CSV, Excel (.xlsx), JSON or text",),
    "table": ("Export it as CSV or Excel (.xlsx) from the program that made it",),
    "other": ("Add a file with data: CSV, Excel (.xlsx), JSON or text",),
}


def wrong_type(what: str, promised: str, kind: WrongKind) -> Message:
    """Something that can't be analysed. `promised`: the extension that says otherwise, if any."""
    although = f", although its name ends in {promised}" if promised else ""
    plural = what if what.endswith("s") else f"{what}s"
    return Message(
        what_happened=f"This is {_article(what)} {what}{although}.",
        what_to_do=f"{plural[:1].upper()}{plural[1:]} can't be analysed here, because"
        f" {_REASONS[kind]}.",
    )


def ways_around(kind: WrongKind) -> tuple[str, ...]:
    """What works instead of such a file."""
    return _WAYS[kind]


def way_picture(extension: str) -> str:
    """A picture under a wrong name can still be asked about as what it is."""
    return f"To ask about it as a picture, give it a name that ends in {extension}"


def _article(what: str) -> str:
    """By sound: an HTML page, an SVG image, a PNG image, a Unix program."""
    spelled = what[:2].isupper()
    return "an" if what[:1].upper() in ("AEFHILMNORSX" if spelled else "AEIO") else "a"


def truncated(what: str, rows: int | None) -> Message:
    """The end is missing."""
    first = f"first {format_count(rows)} rows" if rows and rows > 1 else "first row"
    readable = (
        f"The {first} can be read; the rest is missing."
        if rows
        else "It was probably not copied or downloaded completely."
    )
    return Message(
        what_happened="The file ends in the middle.",
        what_to_do=f"{readable} Copy or download the {what or 'file'} again.",
    )


def damaged(what: str) -> Message:
    """It can't be read as what it is."""
    return Message(
        what_happened=f"This {what or 'file'} is damaged and can't be read.",
        what_to_do="Open it in the program that made it, save it again, and add the new copy.",
    )


def invalid_json(position: int | None) -> Message:
    """JSON up to a point."""
    where = f" at byte {format_count(position)}" if position is not None else ""
    return Message(
        what_happened=f"This is not valid JSON: it breaks{where}.",
        what_to_do="Export it again, or correct that place, and add it again.",
    )


def not_utf8(encoding: str, position: int | None, line: int | None, limit: int) -> Message:
    """JSON in bytes that it may not have: those of old code pages, or damaged ones.

    Without a position it is valid, but too large to be read in another form than UTF-8.
    """
    if position is None:
        return Message(
            what_happened=f"This JSON isn't in UTF-8, which it has to be from {format_bytes(limit)}"
            " on.",
            what_to_do="Export it again as UTF-8 and add that.",
        )
    where = f"byte {format_count(position)}" + (f" in line {format_count(line)}" if line else "")
    return Message(
        what_happened=f"This is not valid JSON: {where} is not {encoding}.",
        what_to_do="JSON has to be in Unicode. Export it again as UTF-8 and add that.",
    )


def too_deep(limit: int | None) -> Message:
    """Nested beyond reason."""
    levels = f": more than {format_count(limit)} levels" if limit is not None else ""
    return Message(
        what_happened=f"This JSON is nested too deeply to be a table{levels}.",
        what_to_do="Export it as a list of records and add that.",
    )


def too_many_columns(columns: int, limit: int) -> Message:
    """Wider than any analysis."""
    return Message(
        what_happened=f"This table has {format_count(columns)} columns; up to"
        f" {format_count(limit)} can be checked.",
        what_to_do="Export it with fewer columns, or with rows and columns swapped.",
    )


def record_too_long(limit: int) -> Message:
    """One row, or a file without any line ends, beyond what is looked at."""
    return Message(
        what_happened=f"One row of this file is longer than {format_bytes(limit)}, so its columns"
        " can't be told apart.",
        what_to_do="Line ends may have been lost: export it again with one record a line.",
    )


def bomb() -> Message:
    """It inflates far beyond what a real file does."""
    return Message(
        what_happened="This file unpacks to far more than any real workbook, so it was not opened.",
        what_to_do="Save the data as a new file in Excel and add that.",
    )


def picture_too_large() -> Message:
    """Too many pixels."""
    return Message(
        what_happened="This picture is too large to be opened safely.",
        what_to_do="Save it with fewer pixels and add it again.",
    )


def not_checked(*, too_long: bool) -> Message:
    """The check itself was ended."""
    why = "took too long" if too_long else "needed more memory than a check may use"
    return Message(
        what_happened=f"Looking into this file {why}, so it was ended.",
        what_to_do="Open it in the program that made it, save it again, and add the new copy.",
    )


def not_a_file() -> Message:
    """A folder, a pipe, a device."""
    return Message(what_happened="This is not a file.", what_to_do="Choose a file with data.")
