"""From a reading to a program as a person would write it for this one question and file."""

import re
import textwrap
from typing import Final

from services.analyst import (
    _charts,
    _correlation_code,
    _distribution_code,
    _group_code,
    _overview_code,
    _trend_code,
)
from services.analyst._load import load, table_of
from services.analyst._program import Program, literal
from services.analyst.types import Reading
from services.preflight.types import FileReport

_WIDEST: Final = 100
_WIDE: Final = 0x1000
"""DejaVu Sans, the only font in the sandbox, ends about here."""


def write_code(reading: Reading, file_name: str, report: FileReport) -> str:
    """A program that answers the reading from `$INPUT_DIR/<file_name>`.

    It leaves a PNG and one or more CSVs in `$OUTPUT_DIR` and prints the figures, a line `ALT:`
    and a line `PEAK_MEMORY_BYTES:`, and last the answer, each sentence behind `ANSWER: `. It runs
    on pandas 1.5 with matplotlib 3.7 and on everything newer.
    """
    table = table_of(reading, report)
    program = _body(reading, report)
    return "\n".join(
        [
            '"""One question, one file: a figure, a table and an answer."""',
            "",
            *_imports(program, report),
            "",
            f'SOURCE = Path(os.environ["INPUT_DIR"]) / {literal(file_name)}',
            'OUTPUT = Path(os.environ["OUTPUT_DIR"])',
            f"NAME = {literal(_stem(reading))}",
            *_sentence(reading),
            *_constants(program),
            "",
            *(_quiet(report, table.name)),
            *_charts.style(),
            *_helpers(program),
            "",
            *load(reading, report, _named(program)),
            "",
            *program.blocks,
            _charts.FAREWELL.rstrip("\n"),
            "",
        ]
    )


def _body(reading: Reading, report: FileReport) -> Program:
    table = table_of(reading, report)
    match reading.operation:
        case "overview":
            return _overview_code.program(table, report.kind in ("json", "ndjson"))
        case "totals" | "top":
            return _group_code.program(reading, table)
        case "trend":
            return _trend_code.program(reading, table)
        case "distribution":
            return _distribution_code.program(reading, table)
        case "correlation":
            return _correlation_code.program(reading, table)


def _sentence(reading: Reading) -> list[str]:
    line = f"READ_AS = {literal(_one_line(reading.sentence))}"
    if len(line) <= _WIDEST:
        return [line]
    parts = textwrap.wrap(_one_line(reading.sentence), 88, drop_whitespace=False)
    return ["READ_AS = (", *(f"    {literal(part)}" for part in parts), ")"]


def _constants(program: Program) -> list[str]:
    """One line for each constant that is used; a long dictionary gets a line for each entry."""
    text = "\n".join((*program.blocks, *program.helpers))
    lines: list[str] = []
    for name, value in program.constants.items():
        line = f"{name} = {literal(value)}"
        if not re.search(rf"\b{name}\b", text):
            continue
        if isinstance(value, dict) and len(line) > _WIDEST:
            entries = (f"    {literal(key)}: {literal(one)}," for key, one in value.items())
            lines += [f"{name} = {{", *entries, "}"]
        else:
            lines.append(line)
    return lines


def _named(program: Program) -> dict[str, str]:
    """The constants that stand for columns: column → constant."""
    return {
        value: name
        for name, value in program.constants.items()
        if name in ("GROUP", "MEASURE", "DATE", "X", "Y") and isinstance(value, str)
    }


def _imports(program: Program, report: FileReport) -> list[str]:
    plain = {"os", "textwrap", *({"json"} if report.kind in ("json", "ndjson") else ())}
    if report.kind == "xlsx" or _is_wide(report):
        plain.add("warnings")
    lines = [f"import {name}" for name in sorted(plain)]
    lines += ["from pathlib import Path", "", "import matplotlib", ""]
    lines += ['matplotlib.use("Agg")', "import matplotlib.pyplot as plt"]
    lines += sorted(program.imports | {"import pandas as pd"})
    return lines


def _quiet(report: FileReport, table_name: str) -> list[str]:
    """Two warnings that say nothing about the figures."""
    lines = []
    if report.kind == "xlsx":
        lines.append('warnings.filterwarnings("ignore", module="openpyxl")')
    if _is_wide(report) or any(ord(char) > _WIDE for char in table_name):
        lines.append('warnings.filterwarnings("ignore", message="Glyph")  # no such letters here')
    return lines


def _is_wide(report: FileReport) -> bool:
    return any(
        ord(char) > _WIDE
        for table in report.tables
        for column in table.columns
        for text in (table.name, column.name, *column.examples)
        for char in text
    )


def _helpers(program: Program) -> list[str]:
    texts = [
        _charts.DECIMALS,
        _charts.NUMBER,
        _charts.ROWS,
        _charts.LABEL,
        *program.helpers,
        _charts.SAVE,
    ]
    return [line for text in texts for line in ("", *text.rstrip("\n").split("\n"))] + [""]


def _one_line(text: str) -> str:
    """A sentence that can stand in a comment, whatever a header contains."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def _stem(reading: Reading) -> str:
    """`Sales_by_Region`: a file name from the columns used, in their own case, safe anywhere."""
    what = reading.measure or ("rows" if reading.operation != "overview" else "")
    along = reading.by or (reading.grain if reading.date else None)
    words = [what]
    if reading.operation == "correlation":
        words += ["and", reading.measure_2 or ""]
    elif reading.operation in ("overview", "distribution"):
        words.append(reading.operation)
    elif along:
        words += ["by", along]
    slug = re.sub(r"[^A-Za-z0-9]+", "_", " ".join(words)).strip("_")[:60].strip("_")
    return slug or reading.operation
