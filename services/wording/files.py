"""Sentences about files: what they are, and whether they fit."""

from services.errors import Message
from services.units import format_bytes, format_count, format_megabytes, format_ratio

_WESTERN, _CENTRAL, _CYRILLIC = "Western European", "Central European", "Cyrillic"
_UNICODE = {"utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}
_CODE_PAGES = {
    "cp1250": ("Windows-1250", _CENTRAL),
    "cp1251": ("Windows-1251", _CYRILLIC),
    "cp1252": ("Windows-1252", _WESTERN),
    "cp1253": ("Windows-1253", "Greek"),
    "cp1254": ("Windows-1254", "Turkish"),
    "cp1255": ("Windows-1255", "Hebrew"),
    "cp1256": ("Windows-1256", "Arabic"),
    "cp1257": ("Windows-1257", "Baltic"),
    "cp874": ("Windows-874", "Thai"),
    "cp437": ("DOS 437", _WESTERN),
    "cp850": ("DOS 850", _WESTERN),
    "cp852": ("DOS 852", _CENTRAL),
    "cp866": ("DOS 866", _CYRILLIC),
    "latin-1": ("Latin-1", _WESTERN),
    "iso8859-1": ("Latin-1", _WESTERN),
    "iso8859-2": ("Latin-2", _CENTRAL),
    "iso8859-5": ("ISO 8859-5", _CYRILLIC),
    "iso8859-7": ("ISO 8859-7", "Greek"),
    "iso8859-9": ("Latin-5", "Turkish"),
    "iso8859-15": ("Latin-9", _WESTERN),
    "koi8-r": ("KOI8-R", _CYRILLIC),
    "koi8-u": ("KOI8-U", _CYRILLIC),
    "mac-roman": ("Mac Roman", _WESTERN),
    "mac-cyrillic": ("Mac Cyrillic", _CYRILLIC),
    "shift_jis": ("Shift JIS", "Japanese"),
    "cp932": ("Windows-932", "Japanese"),
    "euc_jp": ("EUC-JP", "Japanese"),
    "gb18030": ("GB 18030", "Chinese"),
    "gbk": ("GBK", "Chinese"),
    "gb2312": ("GB 2312", "Chinese"),
    "big5": ("Big5", "Chinese"),
    "euc_kr": ("EUC-KR", "Korean"),
    "cp949": ("Windows-949", "Korean"),
    "johab": ("Johab", "Korean"),
}
"""By Python's name: what people call it, and whose letters it has."""
_SHEETS_NAMED = 3
MARK_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    "^": "caret",
    "~": "tilde",
    ":": "colon",
    " ": "space",
}
"""What may separate columns, by its name."""
_KIND_NAMES = {
    "csv": "CSV",
    "xlsx": "Excel workbook",
    "json": "JSON",
    "ndjson": "JSON lines",
    "text": "Text",
    "png": "PNG image",
    "jpeg": "JPEG image",
}


def not_yours() -> Message:
    """The file is missing or belongs to somebody else."""
    return Message(
        what_happened="This file isn't yours or was removed.",
        what_to_do="Add it again to go on.",
    )


def no_room_on_disk(size_bytes: int) -> Message:
    """An upload was turned away because the server's disk is nearly full."""
    return Message(
        what_happened=f"There is no room for this file of {format_bytes(size_bytes)} here.",
        what_to_do="Ask an operator to free disk space, then add it again.",
    )


def too_many_uploads(size_bytes: int) -> Message:
    """An upload was turned away because this browser's others are not finished."""
    return Message(
        what_happened=f"Other uploads of yours leave no room for {format_bytes(size_bytes)} more.",
        what_to_do="Add this file again when they are finished.",
    )


def content(kind: str | None, encoding: str | None, size_bytes: int) -> str:
    """What a file is, in short: `CSV, UTF-8, 14.2 MB`."""
    parts = [_KIND_NAMES.get(kind or "", ""), encoding_name(encoding) if encoding else ""]
    return ", ".join(filter(None, [*parts, format_bytes(size_bytes)]))


def shape(rows: int, columns: int) -> str:
    """How large a table is."""
    return f"{format_count(rows)} rows × {format_count(columns)} columns"


def about_memory(peak_bytes: int) -> str:
    """What loading will take, in short."""
    return f"about {format_megabytes(peak_bytes)}"


def encoding_name(encoding: str) -> str:
    """An encoding as people call it: `cp1252` is Windows-1252 (Western European)."""
    plain = encoding.lower()
    for known, name in _UNICODE.items():
        if plain.startswith(known):
            return name
    page = _CODE_PAGES.get(plain)
    return f"{page[0]} ({page[1]})" if page is not None else encoding.upper()


def renamed(real: str, extension: str, read_as: str) -> str:
    """A usable file whose name promises another type. `real`: `an Excel workbook`."""
    return f"This is {real}, although its name ends in {extension}. It is read as {read_as}."


def other_encoding(encoding: str, alternatives: tuple[str, ...] = (), *, is_sure: bool) -> str:
    """The text is not in UTF-8, which readers expect."""
    name = encoding_name(encoding)
    if is_sure:
        return f"The text is in {name} and is read as that."
    if alternatives:
        others = " or ".join(map(encoding_name, alternatives[:2]))
        return (
            f"The text is probably in {name}; it could be {others}. Check a few accented letters in"
            " the first rows."
        )
    return f"The text is probably in {name}. Check a few accented letters in the first rows."


def bad_bytes(position: int) -> str:
    """Some bytes are not valid UTF-8."""
    return (
        f"Some characters are damaged, the first at byte {format_count(position)}. "
        "They are shown as \N{REPLACEMENT CHARACTER}."
    )


def preamble(lines: int, first: str) -> str:
    """Lines above the table are left out."""
    count = "The first line is" if lines == 1 else f"The first {format_count(lines)} lines are"
    return f"{count} not part of the table and left out: \u201c{first}\u201d."


def no_header(first_name: str) -> str:
    """The first row holds data."""
    return f"The first row holds data, not column names, so columns are called {first_name} and on."


def header_doubtful() -> str:
    """The first row could be data as well."""
    return "The first row is read as column names, but it could be data."


def layout_doubt(code: str, example: str) -> str:
    """Lines that seem to belong to no table, or to another one, and how they are read."""
    shown = f": {_quoted(example)}" if example else ""
    match code:
        case "footer":
            return f"The last lines look like totals or notes. They are read as rows{shown}."
        case "two_tables":
            return f"There may be a second table in this file. All is read as one{shown}."
        case "preamble_doubtful":
            return (
                "A blank line stands near the top, so what is above it may not belong to the"
                f" table. The next line is{shown or ' unclear'}."
            )
        case "comment_lines":
            return f"Some lines look like remarks. They are read as rows{shown}."
        case "unit_row":
            return f"The first row below the names seems to hold units. It is read as data{shown}."
        case "multi_header":
            return f"The names may take more than one row. The second is read as data{shown}."
        case "mixed_line_ends":
            return "Some lines end in another way than the others, so rows may be torn or joined."
        case "inner_mark":
            return "Files seem to have been joined: a mark that begins a file stands within it."
    return f"What separates the columns is not clear{shown}."


def nothing_doubtful() -> str:
    """No finding asks for a correction."""
    return "Nothing about this file is in doubt."


def told(
    *,
    delimiter: str | None = None,
    has_header: bool | None = None,
    skip_rows: int | None = None,
    decimal: str | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> str:
    """What a user has said about how a file is read: `day before month, decimal comma`."""
    parts = []
    if sheet is not None:
        parts.append(f"sheet {_quoted(sheet)}")
    if delimiter is not None:
        parts.append(f"columns separated by {MARK_NAMES.get(delimiter, _quoted(delimiter))}")
    if has_header is not None:
        parts.append(f"the first row holds {'the column names' if has_header else 'data'}")
    if day_first is not None:
        parts.append("day before month" if day_first else "month before day")
    if decimal is not None:
        parts.append("decimal comma" if decimal == "," else "decimal point")
    if skip_rows is not None:
        lines = "1 line" if skip_rows == 1 else f"{format_count(skip_rows)} lines"
        parts.append(f"{lines if skip_rows else 'nothing'} left out above")
    if encoding is not None:
        parts.append(f"encoding {encoding_name(encoding)}")
    return ", ".join(parts)


def read_as_told(what: str) -> str:
    """A file is read as its owner says. `what`: `day before month`."""
    return f"Read as you said: {what}."


def what_is_left_as_found() -> str:
    """What the choices in the dialog do."""
    return "What you leave as found stays so. The file itself is not changed."


def row_labels(count: int, *, trailing: bool) -> str:
    """Rows have more fields than the header."""
    if trailing:
        return (
            "Every row ends in a delimiter that the header lacks. The empty last field is dropped."
        )
    fields = "field" if count == 1 else f"{count} fields"
    return (
        f"Rows have one more field than the header. The first {fields} is read as the row's label."
    )


def stray_quotes() -> str:
    """Quotation marks that enclose nothing."""
    return "Quotation marks don't come in pairs. They are read as part of the text."


def long_rows(ratio: float) -> str:
    """Some rows have more fields than the table."""
    return f"{format_ratio(ratio)} of rows have more fields than the header. They are left out."


def short_rows(ratio: float) -> str:
    """Some rows have fewer fields than the table."""
    return f"{format_ratio(ratio)} of rows have too few fields. The missing ones are read as empty."


def duplicate_name(count: int) -> str:
    """Several columns share a name."""
    return f"is the name of {count} columns. The later ones get .1, .2 and so on."


def blank_names(count: int) -> str:
    """Columns without a name."""
    if count == 1:
        return "One column has no name. It is called by its position."
    return f"{format_count(count)} columns have no name. They are called by their position."


def decimal_commas(example: str, columns: int = 1) -> str:
    """Numbers are written with a comma."""
    if columns == 1:
        return f"is read as numbers with a decimal comma ({example})."
    return f"{format_count(columns)} columns are read as numbers with a decimal comma ({example})."


def decimal_ambiguous(example: str, *, mark: str = "comma") -> str:
    """A comma, or a point, that could separate thousands or decimals."""
    return (
        f"has numbers like {example}. The {mark} is read as a decimal mark; it could mean"
        " thousands."
    )


def written_numbers(example: str, *, decimal: str) -> str:
    """Numbers with separators or signs, which are converted where they are calculated with."""
    if decimal == "," and "," in example:
        return f"is read as numbers with a decimal comma ({example})."
    return f"is read as numbers, which are written like {example}."


def unclear_numbers(example: str) -> str:
    """Numbers with marks that could mean one thing or another."""
    return (
        f"holds numbers like {example}. Its marks could mean thousands or decimals, so it is read"
        " as text."
    )


def mixed_types(numeric_ratio: float, odd: str) -> str:
    """Numbers and text in one column."""
    return (
        f"mixes numbers and text: {format_ratio(1 - numeric_ratio)} are not numbers "
        f"(\u201c{odd}\u201d). It is read as text."
    )


def ambiguous_dates(example: str, *, is_day_first: bool) -> str:
    """Day and month can't be told apart."""
    order = "day first" if is_day_first else "month first"
    return f"could be day/month or month/day ({example}). It is read {order}."


def empty_column() -> str:
    """Nothing in a column."""
    return "is empty in every row that was looked at."


def empty_columns(count: int) -> str:
    """Nothing in several columns."""
    return f"{format_count(count)} columns are empty in every row that was looked at."


def blanks(ratio: float, count: int, *, is_exact: bool) -> str:
    """Some cells of a column are empty."""
    about = "" if is_exact else "about "
    return f"is empty in {format_ratio(ratio)} of rows ({about}{format_count(count)})."


def further_blanks(count: int) -> str:
    """More columns have empty cells than are listed."""
    if count == 1:
        return "One more column has empty cells."
    return f"{format_count(count)} more columns have empty cells."


def duplicate_rows(count: int, rows: int) -> str:
    """Rows that say nothing new."""
    share = format_ratio(count / max(1, rows))
    if count == 1:
        return f"1 row repeats another row ({share}). It is kept."
    return f"{format_count(count)} rows repeat another row ({share}). They are kept."


def constant_column() -> str:
    """The same value in every row."""
    return "has the same value in every row."


def further_constants(count: int) -> str:
    """More columns never vary than are listed."""
    if count == 1:
        return "One more column has the same value in every row."
    return f"{format_count(count)} more columns have the same value in every row."


def empty_throughout() -> str:
    """Nothing in a column, of all rows."""
    return "is empty in every row."


def text_found_late(odd: str, count: int) -> str:
    """Numbers as far as the sample went, and then something else."""
    values = "1 value that is no number" if count == 1 else f"{format_count(count)} such values"
    return (
        f"holds something else than numbers outside the first sample ({_quoted(odd)}): {values}."
        " It is read as text."
    )


def columns_found_late(names: list[str]) -> str:
    """Members of JSON records that first come up outside the sample."""
    shown = ", ".join(map(_quoted, names[:3]))
    if len(names) == 1:
        return f"One more column first comes up in later records: {shown}."
    rest = f" and {format_count(len(names) - 3)} others" if len(names) > 3 else ""
    return f"{format_count(len(names))} more columns first come up in later records: {shown}{rest}."


def two_date_orders(here: int, there: int) -> str:
    """Dates of which some can only be day first and others only month first."""
    return (
        f"has dates in two orders: {format_count(here)} fit only the one it is read in,"
        f" {format_count(there)} only the other. The latter are left out when it is read as dates."
    )


def other_date_order() -> str:
    """A later row has settled in which order day and month are."""
    return "has day and month in the other order than the sample suggested. It is read so now."


def no_dates(count: int) -> str:
    """A column of dates that also holds something else."""
    values = "1 value that is" if count == 1 else f"{format_count(count)} values that are"
    return f"has {values} no date in the format of the others."


def projection_changed(before_bytes: int, after_bytes: int) -> str:
    """What all rows need is not what the sample suggested."""
    return (
        f"With every row counted it needs {about_memory(after_bytes)} of memory. From the sample it"
        f" was {about_memory(before_bytes)}."
    )


def rough_projection() -> str:
    """The formula for such files is not measured closely."""
    return "The memory is projected roughly."


def sheet_used(name: str, count: int) -> str:
    """Which sheet of a workbook questions are about."""
    return f"Sheet {_quoted(name)} of {count} is used."


def several_sheets(name: str, others: tuple[str, ...]) -> str:
    """A workbook with more than one sheet: which one is used, and the names of some others."""
    named = ", ".join(map(_quoted, others[:_SHEETS_NAMED]))
    more = len(others) - _SHEETS_NAMED
    rest = f" and {format_count(more)} more" if more > 0 else ""
    return f"{sheet_used(name, len(others) + 1)} Left out: {named}{rest}."


def hidden_sheets(names: tuple[str, ...], *, is_used: bool) -> str:
    """Sheets that a workbook does not show."""
    named = ", ".join(map(_quoted, names[:_SHEETS_NAMED]))
    more = len(names) - _SHEETS_NAMED
    rest = f" and {format_count(more)} more" if more > 0 else ""
    verb = "is" if len(names) == 1 else "are"
    used = " It is used, since no other holds rows." if is_used and len(names) == 1 else ""
    return f"{named}{rest} {verb} hidden in the workbook.{used}"


def nested_table(name: str) -> str:
    """The table is a list somewhere inside a JSON document."""
    return f"The table is the list {_quoted(name)} inside the document. The rest is left out."


def nested_values() -> str:
    """A column that holds lists or objects."""
    return "holds lists or nested objects. They are read as they are, and can't be counted."


def over_practical_limit(size_bytes: int, limit_bytes: int) -> str:
    """Larger than what is known to go well."""
    return (
        f"{format_bytes(size_bytes)} is more than the {format_bytes(limit_bytes)} that usually go"
        " well. Look at the projected memory before you ask."
    )


def heaviest_column(ratio: float) -> str:
    """One column takes much of the memory."""
    return f"takes {format_ratio(ratio)} of the memory. Leaving it out would lower the peak most."


def _quoted(text: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"
