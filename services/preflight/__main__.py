"""The same check from a shell: one line per file, for people or as JSON.

Exit 0 also for a file that is refused, 2 only for arguments that can't be used.
"""

import argparse
import codecs
import sys
from pathlib import Path
from typing import Any

import msgspec

from services import limits
from services.errors import DatadockError
from services.preflight._assess import assess, shared_inspectors
from services.preflight.types import (
    ColumnReport,
    Corrections,
    Dialect,
    Preflight,
    ReductionPlan,
    TableReport,
)
from services.units import format_bytes, format_seconds


def main(arguments: list[str] | None = None) -> int:
    """Check the files and print what came out."""
    shared_inspectors().warm()
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        profile = limits.load(given.limits)
    except DatadockError as exc:
        parser.error(f"{exc.message.what_happened} {exc.message.what_to_do}")
    if given.name is not None and len(given.files) > 1:
        parser.error("--name goes with one file only")
    if not _is_usable(_corrections(given)):
        parser.error("a delimiter is one mark, an encoding one that Python knows, rows a count")
    missing = [path for path in given.files if not path.exists() and not path.is_symlink()]
    if missing:
        parser.error(f"there is no file {missing[0]}")
    corrections = _corrections(given)
    for path in given.files:
        name = given.name or path.name
        found = assess(
            path, name, profile, given.environment or "", exact=given.exact, corrections=corrections
        )
        line = (
            as_json(path, name, found, is_exact=_is_exact(found))
            if given.json
            else _said(name, found)
        )
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


def as_json(path: Path, name: str, found: Preflight, *, is_exact: bool) -> str:
    """The line that scripts read; its fields stay as they are."""
    report = found.report
    line: dict[str, Any] = {
        "path": str(path),
        "name": name,
        "verdict": found.verdict.state,
        "code": found.verdict.code,
        "message": f"{found.verdict.message.what_happened} {found.verdict.message.what_to_do}",
        "kind": report.kind,
        "mime": report.mime,
        "size_bytes": report.size_bytes,
        "encoding": report.encoding,
        "encoding_confidence": report.encoding_confidence,
        "dialect": None if report.dialect is None else _dialect(report.dialect),
        "tables": [
            _table(table) for table in sorted(report.tables, key=lambda table: table.position)
        ],
        "image": report.image,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "message": f"{finding.column} {finding.message}"
                if finding.column
                else finding.message,
                "column": finding.column,
            }
            for finding in report.findings
        ],
        "memory": found.memory,
        "reduction": None if found.plan is None else _plan(found.plan),
        "cost": found.cost,
        "time": found.time,
        "exact": is_exact,
        "seconds": round(found.seconds, 4),
    }
    return msgspec.json.encode(line).decode()


def _dialect(dialect: Dialect) -> dict[str, Any]:
    """What every reader of CSV knows; that quotes enclose nothing is a finding, `stray_quotes`."""
    fields = msgspec.structs.asdict(dialect)
    del fields["is_quoted"]
    return fields


def _plan(plan: ReductionPlan) -> dict[str, Any]:
    """The suggested way to make it fit; a step names itself as `type`."""
    return {
        "steps": plan.steps,
        "says": plan.says,
        "truth": plan.truth,
        "is_exact": plan.is_exact,
        "rows": plan.rows,
        "size_bytes": plan.size_bytes,
        "memory": plan.memory,
        "seconds": plan.seconds,
    }


def _table(table: TableReport) -> dict[str, Any]:
    return {
        "name": table.name,
        "rows": table.rows,
        "rows_exact": table.rows_exact,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: ColumnReport) -> dict[str, Any]:
    return {
        "name": column.name,
        "dtype": column.dtype,
        "kind": column.kind,
        "nulls": column.nulls,
        "distinct": column.distinct,
        "min": column.minimum,
        "max": column.maximum,
        "counts_exact": column.counts_exact,
        "date_format": column.date_format,
    }


def _is_exact(found: Preflight) -> bool:
    """Whether every row was looked at for every figure."""
    tables = found.report.tables
    return bool(tables) and all(
        table.rows_exact and all(column.counts_exact for column in table.columns)
        for table in tables
    )


def _said(name: str, found: Preflight) -> str:
    message = found.verdict.message
    size, seconds = format_bytes(found.report.size_bytes), format_seconds(found.seconds)
    return f"{name} ({size}, {seconds}): {message.what_happened} {message.what_to_do}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.preflight",
        description="Say what a data file is, what it will need, and whether it fits.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object a line per file")
    parser.add_argument("--name", metavar="ORIGINAL", help="what the file is called elsewhere")
    parser.add_argument("--exact", action="store_true", help="count every row, however long")
    parser.add_argument("--limits", default="guide", help="which limit profile (guide, documented)")
    parser.add_argument(
        "--environment", metavar="NAME", help="project for it, such as 'pandas 3.1.1'"
    )
    _add_corrections(parser)
    return parser


def _add_corrections(parser: argparse.ArgumentParser) -> None:
    told = parser.add_argument_group("what you know better than the file looks")
    told.add_argument("--delimiter", metavar="MARK", help="what separates columns; tab for a tab")
    told.add_argument(
        "--header", action=argparse.BooleanOptionalAction, help="names on top, or not"
    )
    told.add_argument("--skip-rows", type=int, metavar="N", help="lines above the table")
    told.add_argument("--decimal", choices=(".", ","), help="the decimal mark")
    order = told.add_mutually_exclusive_group()
    order.add_argument("--day-first", dest="day_first", action="store_true", default=None)
    order.add_argument("--month-first", dest="day_first", action="store_false")
    told.add_argument("--encoding", metavar="NAME", help="such as cp1252 or utf-16")
    told.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook to look at")


def _corrections(given: argparse.Namespace) -> Corrections | None:
    mark = {"tab": "\t", "\\t": "\t", "space": " "}.get(given.delimiter, given.delimiter)
    told = Corrections(
        delimiter=mark,
        has_header=given.header,
        skip_rows=given.skip_rows,
        decimal=given.decimal,
        day_first=given.day_first,
        encoding=given.encoding,
        sheet=given.sheet,
    )
    return None if told == Corrections() else told


def _is_usable(told: Corrections | None) -> bool:
    """Whether a reader can do what is told."""
    if told is None:
        return True
    try:
        codecs.lookup(told.encoding or "utf-8")
    except LookupError:
        return False
    mark = told.delimiter
    is_mark = mark is None or (len(mark) == 1 and mark.isascii() and mark not in '"\r\n\0')
    return is_mark and (told.skip_rows or 0) >= 0


if __name__ == "__main__":
    raise SystemExit(main())
