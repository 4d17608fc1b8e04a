"""What in a CSV's first and last lines belongs to no table, or to another one.

Such lines are read as rows, since a reader knows no better; that they are there is said, so that
nobody counts a total as a row without knowing.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from services.preflight.inspection._dialect import Sniffed, is_value

Code = Literal[
    "footer",
    "two_tables",
    "comment_lines",
    "unit_row",
    "multi_header",
    "delimiter_doubtful",
    "mixed_line_ends",
    "preamble_doubtful",
    "inner_mark",
]
_ENDS = re.compile(
    r"\W*(grand |sub ?)?(totals?|sum|sums|average|mean|count|gesamt\w*|summe\w*|zwischensumme|"
    r"insgesamt|saldo|somme|totale?s?|totaux|suma|razem|celkem|итого|всего|合計|合计|总计|總計|소계|합계|"
    r"sources?|quelle|fuente|fonte|źródło|notes?|hinweis|anmerkung\w*|remarks?|legend|footnote|"
    r"generated|created|erstellt|exported|printed|report|end|eof|records?|rows?|"
    r"disclaimer|copyright|data|balance|closing balance|endsaldo|opening balance)\b(?!_)"
    r"|^\s*(\*|©|--|==)",
    re.IGNORECASE,
)
_SURE_ENDS = re.compile(
    r"\W*(grand |sub ?)?(totals?|gesamt\w*|summe\w*|insgesamt|somme|totale?s?|totaux|razem|celkem|"
    r"итого|всего|合計|合计|总计|總計|합계)\W*$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[\[(].{0,15}[\])]|%|‰|°[CF]?|[a-zA-Zµμ°]{1,3}(/[a-zA-Z0-9³²]{1,4})?[²³23]?|eur|usd|chf|"
    r"mio\.? ?\w*|units?|string|text|date|number|int|float|[€$£]"
)
_SPACED = re.compile(r"\S(?: {2,}|[:^~¦§])\S")
_LAST, _BEYOND_HEADER, _MOST_COLUMNS = 6, 40, 40


class Doubt(NamedTuple):
    """What is doubtful, with an example of it."""

    code: Code
    example: str = ""


def doubts(sniffed: Sniffed, tail: Sequence[str]) -> Iterator[Doubt]:
    """All that is odd about the first lines, and about the last ones."""
    if not sniffed.is_told:
        yield from _below_the_header(sniffed)
    yield from _between(sniffed)
    yield from _at_the_end(sniffed, tail)
    yield from _of_marks(sniffed)


def _below_the_header(sniffed: Sniffed) -> Iterator[Doubt]:
    """A second row of names, or one of units."""
    rows = [r for r in sniffed.records if len(r) == sniffed.width]
    if sniffed.dialect.header_row is None or len(rows) < 3:
        return
    for depth in (1, 2, 3):
        second, below = rows[:depth], rows[depth:]
        typed = [c for c in range(min(sniffed.width, _MOST_COLUMNS)) if _is_typed(below, c)]
        if not typed or not below:
            continue
        cells = [[row[c].strip() for c in typed] for row in second]
        if all(not any(map(is_value, row)) and any(row) for row in cells):
            words = [cell for cell in second[0] if cell.strip()]
            are_units = depth == 1 and all(_UNIT.fullmatch(word.strip()) for word in words)
            yield Doubt("unit_row" if are_units else "multi_header", " ".join(words)[:80])
            return


def _is_typed(rows: list[list[str]], column: int) -> bool:
    cells = [row[column].strip() for row in rows[:_BEYOND_HEADER]]
    cells = [cell for cell in cells if cell]
    return len(cells) > 1 and sum(map(is_value, cells)) >= 0.8 * len(cells)


def _between(sniffed: Sniffed) -> Iterator[Doubt]:
    """Blank lines, headers that come again, and rows of another width that follow each other."""
    lines = [line.strip() for line in sniffed.lines]
    first = sniffed.dialect.skip_rows
    while lines and not lines[-1]:
        lines.pop()
    while first < len(lines) and not lines[first]:
        first += 1
    marks = (sniffed.dialect.delimiter + '"' + " \t") if sniffed.width > 1 else " \t"
    blank = [n for n in range(first, len(lines)) if not lines[n].strip(marks)]
    is_quoted = '"' in "".join(sniffed.lines[:200])
    if blank and len(blank) < 0.2 * len(lines) and not (is_quoted and _in_quotes(sniffed)):
        code: Code = (
            "preamble_doubtful"
            if blank[0] - first < 8 and len(lines) > 2 * blank[0]
            else "two_tables"
        )
        yield Doubt(code, lines[min(blank[0] + 1, len(lines) - 1)][:80])
        return
    names = list(sniffed.names)
    if sniffed.dialect.header_row is not None and names in sniffed.records:
        yield Doubt("two_tables", " ".join(names)[:80])
        return
    run = 0
    for row in sniffed.records:
        run = run + 1 if 1 < len(row) < sniffed.width else 0
        if run >= 3 and sniffed.consistency > 0.3:
            yield Doubt("two_tables", " ".join(row)[:80])
            return


def _in_quotes(sniffed: Sniffed) -> bool:
    """Whether a quoted field goes over a line end."""
    return any("\n" in cell for row in sniffed.records for cell in row)


def _at_the_end(sniffed: Sniffed, tail: Sequence[str]) -> Iterator[Doubt]:
    """A total, a source or a remark below the rows."""
    rows = [row for row in _split(sniffed, tail) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        return
    columns = range(min(sniffed.width, _MOST_COLUMNS))
    typed = [c for c in columns if _is_typed(sniffed.records_of_width, c)]
    # A table of many rows with a single field has no footer by that.
    lone = sum(_filled(row) == 1 for row in sniffed.records)
    is_telling = len(sniffed.records) >= 4 and lone <= max(3, 0.1 * len(sniffed.records))
    for row in rows[-min(_LAST, max(1, len(sniffed.records) - 1)) :]:
        text = " ".join(cell for cell in row if cell.strip())[:80]
        filled = [cell for cell in row if cell.strip()]
        if text.startswith(("#", "//")) and not sniffed.names[0].startswith("#"):
            yield Doubt("comment_lines", text)
            return
        is_short = is_telling and len(filled) == 1 and sniffed.usual_filled > 1
        is_end = _ENDS.match(filled[0]) is not None
        has_total = any(_SURE_ENDS.match(cell) for cell in row[:3])
        values = [row[c].strip() for c in typed if c < len(row)]
        breaks_type = any(value and not is_value(value) for value in values)
        is_odd = breaks_type or len(row) != sniffed.width
        is_lone = is_telling and sniffed.width > 1 and len(row) == 1
        if is_short or has_total or is_lone or (is_end and is_odd):
            yield Doubt("footer", text)
            return
        if (
            is_telling
            and 0 in typed
            and row
            and not row[0].strip()
            and len(filled) < sniffed.usual_filled
        ):
            yield Doubt("footer", text)
            return


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _split(sniffed: Sniffed, tail: Sequence[str]) -> list[list[str]]:
    dialect = sniffed.dialect
    quote = dialect.quotechar if dialect.is_quoted else None
    try:
        if quote is None:
            return list(csv.reader(tail, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE))
        return list(csv.reader(tail, delimiter=dialect.delimiter, quotechar=quote))
    except csv.Error:
        return []


def _of_marks(sniffed: Sniffed) -> Iterator[Doubt]:
    """Lines that seem to have columns which no delimiter makes, and marks that begin no file."""
    lines = [line.rstrip("\r\n") for line in sniffed.lines[:200] if line.strip()]
    if sniffed.width == 1 and len(lines) > 2:
        marked = sum(
            bool(_SPACED.search(line.strip())) or any(d in line for d in ",;\t|") for line in lines
        )
        if marked >= 0.6 * len(lines):
            yield Doubt("delimiter_doubtful", lines[0][:80])
    elif len(sniffed.records_of_width) < 0.75 * len(sniffed.records) >= 3:
        yield Doubt("delimiter_doubtful", lines[0][:80])
    comments = [r for r in sniffed.records if r[0].startswith(("#", "//"))]
    if comments and len(comments) < 0.5 * len(sniffed.records):
        yield Doubt("comment_lines", " ".join(comments[0])[:80])
    text = "".join(sniffed.lines)
    if "\ufeff" in text[1:]:
        yield Doubt("inner_mark")
    if "\n" in text and re.search(r"\r(?!\n)", text) and not _in_quotes_return(sniffed):
        yield Doubt("mixed_line_ends")


def _in_quotes_return(sniffed: Sniffed) -> bool:
    return any("\r" in cell for row in sniffed.records for cell in row)
