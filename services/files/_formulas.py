"""CSV for spreadsheets: a cell that begins like a formula is text, and stays text."""

import csv
import io
import re

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d[\d,.]*|\.\d+)([eE][+-]?\d+)?%?")


def defused_csv(content: bytes) -> bytes:
    """The same table with an apostrophe before every cell that a spreadsheet might run.

    Numbers with a sign stay as they are. What is not UTF-8 text is returned unchanged, since no
    spreadsheet would read it as this table either.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            writer.writerow([_defused(cell) for cell in row])
    except csv.Error:
        return content
    return out.getvalue().encode()


def _defused(cell: str) -> str:
    if cell.startswith(_RISKY) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
