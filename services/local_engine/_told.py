"""How files are to be read, as the request tells it: whoever asks may know better than a look does.

The request names for each file the call that reads it; that a user has corrected how it was found
stands nowhere else. What is not understood is left to the look.
"""

import ast
import json
import re

from services.preflight.types import Corrections, FileReport, Verdict

_FILE = re.compile(
    r'^<file name=(?P<name>".*")>$(?P<facts>(?:\n(?!</file>|<file ).*)*?)'
    r"\nRead it with: (?P<call>pd\.read_(?:csv|excel)\(.*\))$",
    re.MULTILINE,
)


def corrections(system: str) -> dict[str, Corrections]:
    """By file name: how a CSV is written, or which sheet of a workbook is meant."""
    found: dict[str, Corrections] = {}
    for file in _FILE.finditer(system):
        try:
            name = str(json.loads(file["name"]))
            call = ast.parse(file["call"], mode="eval").body
            told = _options(call)
        except (ValueError, SyntaxError):
            continue
        if told is not None:
            found[name] = told
    return found


def agrees(report: FileReport | Verdict, told: Corrections) -> bool:
    """Whether a look has found what is told."""
    if not isinstance(report, FileReport):
        return False
    if told.sheet is not None:
        return bool(report.tables) and report.tables[0].name == told.sheet
    if report.dialect is None:
        return False
    dialect = report.dialect
    found = Corrections(
        delimiter=dialect.delimiter,
        has_header=dialect.header_row is not None,
        skip_rows=dialect.skip_rows or None,
        decimal=dialect.decimal,
        day_first=told.day_first if told.day_first is None else report.day_first,
        encoding=told.encoding if told.encoding is None else report.encoding,
    )
    return found == told


def _options(call: ast.expr) -> Corrections | None:
    if not isinstance(call, ast.Call):
        return None
    given = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
    if "sheet_name" in given:
        return Corrections(sheet=str(given["sheet_name"]))
    day_first = given.get("dayfirst")
    delimiter, decimal = given.get("sep", ","), given.get("decimal", ".")
    skip_rows, encoding = given.get("skiprows", 0), given.get("encoding")
    if not isinstance(delimiter, str) or not isinstance(skip_rows, int) or len(delimiter) != 1:
        return None
    return Corrections(
        delimiter=delimiter,
        has_header=given.get("header", 0) is not None,
        skip_rows=skip_rows or None,
        decimal="," if decimal == "," else ".",
        day_first=day_first if isinstance(day_first, bool) else None,
        encoding=encoding if isinstance(encoding, str) else None,
    )
