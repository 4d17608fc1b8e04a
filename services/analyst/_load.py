"""The part of a program that reads the file: only what differs from pandas' defaults is said."""

import re
from collections.abc import Mapping, Sequence

from services.analyst._program import literal
from services.analyst._roles import (
    date_format,
    is_loaded_as_date,
    is_year,
    may_hold_other_things,
)
from services.analyst._written import conversion, writing_of
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
        lines = _json(table, report)
    else:
        lines = _read_call(table, used, report, named)
    if report.kind in ("xlsx", "json", "ndjson") and _has_numbered_names(table):
        lines.append("df = df.rename(columns=str)  # some names are numbers")
    return [*lines, *_numbers(used, named), *_conversions(used, report, named)]


def _read_call(
    table: TableReport, used: Sequence[ColumnReport], report: FileReport, named: Mapping[str, str]
) -> list[str]:
    """`pd.read_csv` or `pd.read_excel`, with no more columns than are used."""
    is_csv = report.kind != "xlsx"
    codes_of_findings = {finding.code for finding in report.findings}
    is_uneven = is_csv and {"trailing_delimiter", "short_rows"} <= codes_of_findings
    options = _csv_options(table, report, is_uneven=is_uneven) if is_csv else ['engine="openpyxl"']
    if not is_csv and table.position:
        options.append(f"sheet_name={literal(table.name)}")
    # With `usecols` pandas keeps rows that are too long, without it can leave them out.
    takes_all = "long_rows" in codes_of_findings or (not is_csv and _has_numbered_names(table))
    if (len(used) < len(table.columns) or is_uneven) and not takes_all:
        options.append(f"usecols={_names(used, named)}")
    if is_csv and "long_rows" in codes_of_findings:
        options.append('on_bad_lines="skip"')
    if is_csv and "trailing_delimiter" in codes_of_findings:
        options.append("index_col=False")
    codes = [column for column in used if _is_code(column) or _is_converted(column, named)]
    if codes:
        pairs = (f"{named.get(column.name, literal(column.name))}: str" for column in codes)
        options.append("dtype={" + ", ".join(pairs) + "}")
    if is_csv and any(_may_vary(column) for column in used):
        options.append("low_memory=False")
    return _call(f"df = pd.{'read_csv' if is_csv else 'read_excel'}", ["SOURCE", *options])


def _has_numbered_names(table: TableReport) -> bool:
    """Whether a name may be a number where names have types: a year as the header of a sheet."""
    return any(column.name.strip("0123456789.-") == "" for column in table.columns)


def _may_vary(column: ColumnReport) -> bool:
    """Whether parts of the file may hold another kind of value, which pandas reads in chunks."""
    return column.kind == "mixed" or not column.counts_exact


def _numbers(used: Sequence[ColumnReport], named: Mapping[str, str]) -> list[str]:
    """Where only a sample was looked at, a column of numbers may still hold something else."""
    lines = []
    for column in used:
        constant = named.get(column.name)
        if constant in ("MEASURE", "X", "Y") and may_hold_other_things(column):
            lines.append(f'df[{constant}] = pd.to_numeric(df[{constant}], errors="coerce")')
    return ["# What is no number doesn't count", *lines] if lines else []


def _conversions(
    used: Sequence[ColumnReport], report: FileReport, named: Mapping[str, str]
) -> list[str]:
    """Where numbers are written as text: lines that make numbers of them."""
    lines: list[str] = []
    # JSON may have numbers beside such text; elsewhere all has been loaded as text.
    as_text = ".astype(str)" if report.kind in ("json", "ndjson") else ""
    for column in used:
        writing = writing_of(column)
        if writing is not None and _is_converted(column, named):
            constant = named.get(column.name, literal(column.name))
            lines += conversion(writing, constant, as_text=as_text)
    return lines


def _is_converted(column: ColumnReport, named: Mapping[str, str]) -> bool:
    """Whether it is written as text and calculated with; groups stay as they are written."""
    return writing_of(column) is not None and named.get(column.name) != "GROUP"


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


def _csv_options(table: TableReport, report: FileReport, *, is_uneven: bool) -> list[str]:
    options: list[str] = []
    dialect = report.dialect or Dialect(delimiter=",")
    if dialect.delimiter != ",":
        options.append(f"sep={literal(dialect.delimiter)}")
    if dialect.quotechar != '"':
        options.append(f"quotechar={literal(dialect.quotechar)}")
    if not dialect.is_quoted:
        options.append("quoting=3")  # csv.QUOTE_NONE
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
    elif not dialect.is_quoted or is_uneven:
        # The names in the header may be quoted all the same, or one too few for some rows.
        names = [column.name for column in table.columns] + ["(end)"] * is_uneven
        options.append(f"header={dialect.header_row}, names={literal(names)}")
    elif dialect.header_row:
        options.append(f"header={dialect.header_row}")
    return options


def _json(table: TableReport, report: FileReport) -> list[str]:
    """Records, a list of lists, columns, or a table somewhere inside a document."""
    read = f"SOURCE.read_text(encoding={literal((report.encoding or 'utf-8').lower())})"
    if report.kind == "ndjson":
        lines = f"lines = {read}.splitlines()"
        return [lines, "df = pd.DataFrame([json.loads(line) for line in lines if line.strip()])"]
    alone = "[records]" if table.rows == 1 else "records"
    return [
        f"records = json.loads({read})",
        "if isinstance(records, dict):",
        f"    records = records.get({literal(table.name)}, {alone})",
        "df = pd.DataFrame(records)",
    ]


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
