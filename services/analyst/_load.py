"""The part of a program that reads the file: only what differs from pandas' defaults is said."""

import re
from collections.abc import Mapping, Sequence

from services.analyst._program import literal
from services.analyst._roles import date_format, is_loaded_as_date, is_numeric, is_year
from services.analyst.types import Reading
from services.preflight.types import ColumnReport, Dialect, FileReport, TableReport

_PLAIN_ENCODINGS = frozenset(("utf-8", "utf8", "ascii", "us-ascii", "utf-8-sig", "utf_8_sig"))
_LEADING_ZERO = re.compile(r"0\d+")


def table_of(reading: Reading, report: FileReport) -> TableReport:
    """The table that a reading is about, the first one where it doesn't say."""
    named = [table for table in report.tables if table.name == reading.table]
    return (named or list(report.tables))[0]


def load(reading: Reading, report: FileReport, named: Mapping[str, str]) -> list[str]:
    """Lines that leave the rows in `df`. `named` are constants that stand for columns."""
    table = table_of(reading, report)
    used = [column for column in table.columns if column.name in reading.columns]
    if report.kind in ("json", "ndjson"):
        return _json(table, report, None if _all(used, table) else _names(used, named))
    options: list[str] = []
    if report.kind == "xlsx":
        call = "read_excel"
        options += [f"sheet_name={literal(_sheet(table, report))}", 'engine="openpyxl"']
    else:
        call = "read_csv"
        options.extend(_csv_options(table, report))
    if not _all(used, table):
        options.append(f"usecols={_names(used, named)}")
    codes = [column for column in used if _is_code(column)]
    if codes:
        pairs = (f"{named.get(column.name, literal(column.name))}: str" for column in codes)
        options.append("dtype={" + ", ".join(pairs) + "}")
    if call == "read_csv" and any(_may_vary(column) for column in used):
        options.append("low_memory=False")
    lines = _call(f"df = pd.{call}", ["SOURCE", *options])
    return [*lines, *_numbers(used, named)]


def _may_vary(column: ColumnReport) -> bool:
    """Whether parts of the file may hold another kind of value, which pandas reads in chunks."""
    return column.kind == "mixed" or not column.counts_exact


def _numbers(used: Sequence[ColumnReport], named: Mapping[str, str]) -> list[str]:
    """Where only a sample was looked at, a column of numbers may still hold something else."""
    lines = []
    for column in used:
        constant = named.get(column.name)
        if constant in ("MEASURE", "X", "Y") and is_numeric(column) and not column.counts_exact:
            lines.append(f'df[{constant}] = pd.to_numeric(df[{constant}], errors="coerce")')
    return ["# What is no number doesn't count", *lines] if lines else []


def dates(column: ColumnReport, source: str) -> list[str]:
    """Lines that leave the column's dates in `dates`; what is no date becomes NaT."""
    if is_year(column):
        years = f'{source}.astype("Int64").astype("string")'
        return _call("dates = pd.to_datetime", [years, 'format="%Y"', 'errors="coerce"'])
    if is_loaded_as_date(column):
        return [f'dates = pd.to_datetime({source}, errors="coerce")']
    form = date_format(column) or ""
    if any(example != example.strip() for example in column.examples):
        source = f"{source}.str.strip()"
    options = [source, f"format={literal(form)}", 'errors="coerce"']
    if "%z" in form:
        return [*_call("dates = pd.to_datetime", [*options, "utc=True"], ".dt.tz_localize(None)")]
    return _call("dates = pd.to_datetime", options)


def _csv_options(table: TableReport, report: FileReport) -> list[str]:
    options: list[str] = []
    dialect = report.dialect or Dialect(delimiter=",")
    if dialect.delimiter != ",":
        options.append(f"sep={literal(dialect.delimiter)}")
    if dialect.quotechar != '"':
        options.append(f"quotechar={literal(dialect.quotechar)}")
    if dialect.decimal != ".":
        options.append(f"decimal={literal(dialect.decimal)}")
    if report.encoding and report.encoding.lower() not in _PLAIN_ENCODINGS:
        options.append(f"encoding={literal(report.encoding)}")
    if report.has_bad_bytes:
        options.append('encoding_errors="replace"')
    if dialect.skip_rows:
        options.append(f"skiprows={dialect.skip_rows}")
    if dialect.header_row is None:
        options.append(f"header=None, names={literal([column.name for column in table.columns])}")
    elif dialect.header_row:
        options.append(f"header={dialect.header_row}")
    return options


def _sheet(table: TableReport, report: FileReport) -> str | int:
    return table.name if len(report.tables) > 1 else 0


def _json(table: TableReport, report: FileReport, columns: str | None) -> list[str]:
    encoding = (report.encoding or "utf-8").lower()
    read = f"SOURCE.read_text(encoding={literal(encoding)})"
    chosen = f"[{columns}]" if columns else ""
    if report.kind == "ndjson":
        records = "[json.loads(line) for line in lines if line.strip()]"
        return [f"lines = {read}.splitlines()", f"df = pd.DataFrame({records}){chosen}"]
    return [
        f"records = json.loads({read})",
        "if isinstance(records, dict):",
        f"    records = records.get({literal(table.name)}, [records])",
        f"df = pd.DataFrame(records){chosen}",
    ]


def _all(used: Sequence[ColumnReport], table: TableReport) -> bool:
    return len(used) == len(table.columns)


def _names(used: Sequence[ColumnReport], named: Mapping[str, str]) -> str:
    names = (named.get(column.name, literal(column.name)) for column in used)
    return f"[{', '.join(names)}]"


def _is_code(column: ColumnReport) -> bool:
    """Whether its numbers would lose leading zeros: `01234`."""
    return column.kind in ("text", "integer") and any(
        _LEADING_ZERO.fullmatch(example) for example in column.examples
    )


def _call(call: str, arguments: Sequence[str], after: str = "") -> list[str]:
    """A call on one line, or with one argument a line where it would be too long."""
    line = f"{call}({', '.join(arguments)}){after}"
    if len(line) <= 96:
        return [line]
    return [f"{call}(", *(f"    {argument}," for argument in arguments), f"){after}"]
