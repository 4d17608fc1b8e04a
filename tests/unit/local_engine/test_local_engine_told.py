"""The local engine reads a file as the request says, so that a user's corrections reach it."""

import msgspec
import pytest

from services.engine._schema import describe_files
from services.engine.types import AttachedFile
from services.ids import RemoteFileId
from services.local_engine import _told
from services.preflight.types import (
    ColumnReport,
    Corrections,
    Dialect,
    FileReport,
    TableReport,
)


def asked(dialect: Dialect, encoding: str = "utf-8") -> dict[str, Corrections]:
    return asked_of(
        FileReport(kind="csv", mime="text/csv", size_bytes=9, encoding=encoding, dialect=dialect)
    )


def asked_of(report: FileReport) -> dict[str, Corrections]:
    files = (AttachedFile(remote_file_id=RemoteFileId("file_1"), name="a.csv", report=report),)
    return _told.corrections("Before.\n" + describe_files(files, mounted=True))


def test_options_of_the_call_are_what_is_told():
    dialect = Dialect(delimiter=";", decimal=",", header_row=None, skip_rows=3)
    assert asked(dialect, "cp1252") == {
        "a.csv": Corrections(
            delimiter=";", decimal=",", has_header=False, skip_rows=3, encoding="cp1252"
        )
    }


def test_plain_file_is_told_in_full():
    assert asked(Dialect(delimiter=",")) == {
        "a.csv": Corrections(delimiter=",", decimal=".", has_header=True)
    }


def dated(style: str) -> FileReport:
    column = ColumnReport(name="day", dtype="object", kind="date", date_format=style)
    table = TableReport(name="a.csv", rows=3, rows_exact=True, columns=(column,))
    return FileReport(
        kind="csv",
        mime="text/csv",
        size_bytes=9,
        encoding="utf-8",
        dialect=Dialect(delimiter=","),
        tables=(table,),
    )


@pytest.mark.parametrize(
    ("style", "order"), [("%d/%m/%Y", True), ("%m/%d/%Y", False), ("%Y-%m-%d", None)]
)
def test_order_of_day_and_month_is_told(style, order):
    told = asked_of(dated(style))["a.csv"]
    assert told.day_first is order
    assert _told.agrees(dated(style), told)
    if order is not None:
        other = "%m/%d/%Y" if order else "%d/%m/%Y"
        assert not _told.agrees(dated(other), told)


def test_sheet_is_told_by_its_name():
    tables = tuple(
        TableReport(name=name, rows=2, rows_exact=True, columns=()) for name in ('Q1 "net"', "Q2")
    )
    report = FileReport(kind="xlsx", mime="application/zip", size_bytes=9, tables=tables)
    told = asked_of(report)["a.csv"]
    assert told == Corrections(sheet='Q1 "net"')
    assert _told.agrees(report, told)
    turned = msgspec.structs.replace(report, tables=tables[::-1])
    assert not _told.agrees(turned, told)


def test_what_was_found_so_needs_no_second_look():
    dialect = Dialect(delimiter=";", decimal=",")
    told = Corrections(delimiter=";", decimal=",", has_header=True)
    report = FileReport(kind="csv", mime="text/csv", size_bytes=9, dialect=dialect)
    assert _told.agrees(report, told)
    assert not _told.agrees(report, Corrections(delimiter=";", decimal=".", has_header=True))


def test_call_that_is_no_such_call_is_left_alone():
    text = '<file name="a.csv">\nRead it with: pd.read_csv(x, sep=open("/etc/passwd"))'
    assert _told.corrections(text) == {}
