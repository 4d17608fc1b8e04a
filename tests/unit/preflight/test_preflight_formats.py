"""Workbooks, JSON in its shapes, and produced files: what they are said to hold (R10, R12)."""

import json
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from services.preflight import assess
from services.preflight._assess import shared_inspectors
from services.preflight.inspection.types import IdentifyFile, Identity, Preview, PreviewTable
from services.preflight.types import Identified, TablePreview
from tests.unit.preflight import preflight_made as made


def columns(found, number=0) -> list[tuple[str, str, str, int | None, int | None]]:
    return [
        (c.name, c.dtype, c.kind, c.nulls, c.distinct) for c in found.report.tables[number].columns
    ]


@pytest.fixture(scope="module")
def book() -> bytes:
    sales: list[list[object]] = [["region", "amount", "units", "when", "paid", "note"]]
    for i in range(40):
        moment = datetime(2024, 1, 1 + i % 28)  # noqa: DTZ001 - a workbook has no time zones
        sales.append([f"r{i % 4}", i * 1.5, i, moment, i % 2 == 0, None if i % 5 else "late"])
    return made.workbook(("Sales", sales), ("Targets", [["region", "target"], ["r1", 9]]))


def test_workbook_tells_each_sheet_and_its_columns(look, book):
    found = look("book.xlsx", book)
    assert [(t.name, t.rows, t.rows_exact) for t in found.report.tables] == [
        ("Sales", 40, True), ("Targets", 1, True),
    ]  # fmt: skip
    assert columns(found) == [
        ("region", "object", "text", 0, 4),
        ("amount", "float64", "number", 0, 40),
        ("units", "int64", "integer", 0, 40),
        ("when", "datetime64[ns]", "date", 0, 28),
        ("paid", "bool", "boolean", 0, 2),
        ("note", "object", "text", 32, 1),
    ]
    assert found.report.tables[0].sample[1] == ("r1", "1.5", "1", "2024-01-02", "False", None)
    assert [f.message for f in found.report.findings] == [
        "is empty in 80% of rows (32).",
        "Sheet \u201cSales\u201d of 2 is used. Left out: \u201cTargets\u201d.",
    ]


ORDERS: list[list[Any]] = [["region", "amount"], *[[f"r{i % 4}", i] for i in range(30)]]
COVER: list[list[Any]] = [["Quarterly report"], [], ["Prepared by", "Ann"], ["For", "the board"]]
NOTES: list[list[Any]] = [
    ["Notes"],
    *[[f"remark {i} on how the figures came about"] for i in range(90)],
]
LOOKUP: list[list[Any]] = [["region", "name"], ["r0", "North"], ["r1", "South"]]


@pytest.mark.parametrize(
    ("sheets", "order"),
    [
        ([("Cover", COVER), ("Notes", NOTES), ("Orders", ORDERS)], ["Orders", "Cover", "Notes"]),
        ([("Orders", ORDERS), ("Lookup", LOOKUP)], ["Orders", "Lookup"]),
        ([("Lookup", LOOKUP), ("Orders", ORDERS)], ["Orders", "Lookup"]),
        ([("One", LOOKUP), ("Two", LOOKUP)], ["One", "Two"]),
        ([("Header", ORDERS[:1]), ("Notes", NOTES)], ["Notes", "Header"]),
    ],
)
def test_questions_are_about_the_sheet_with_the_data(look, sheets, order):
    """People put covers, notes and lists of codes in front of it, or behind."""
    found = look("book.xlsx", made.workbook(*sheets))
    tables = found.report.tables
    assert [table.name for table in tables] == order
    assert [table.position for table in tables] == [
        [name for name, _ in sheets].index(name) for name in order
    ]
    said = [f.message for f in found.report.findings if f.code == "several_sheets"]
    others = ", ".join(f"\u201c{name}\u201d" for name in order[1:])
    assert said == [f"Sheet \u201c{order[0]}\u201d of {len(sheets)} is used. Left out: {others}."]


def test_many_left_out_sheets_are_not_all_named(look):
    sheets = [("Orders", ORDERS), *((f"S{i}", LOOKUP) for i in range(5))]
    (first, *_) = look("book.xlsx", made.workbook(*sheets)).report.findings
    assert first.message == (
        "Sheet \u201cOrders\u201d of 6 is used. Left out: \u201cS0\u201d, \u201cS1\u201d,"
        " \u201cS2\u201d and 2 more."
    )


def test_large_sheet_is_counted_without_being_read(look, tmp_path):
    path = tmp_path / "large.xlsx"
    large = openpyxl.Workbook(write_only=True)
    sheet = large.create_sheet("big")
    sheet.append(["id", "name", "value", "blank"])
    for i in range(12_000):
        sheet.append([i, f"customer {i % 700}", i / 8, None])
    large.save(path)
    found = look("large.xlsx", path.read_bytes())
    assert found.report.tables[0].rows == 12_000
    assert [(c.name, c.dtype) for c in found.report.tables[0].columns] == [
        ("id", "int64"), ("name", "object"), ("value", "float64"), ("blank", "float64"),
    ]  # fmt: skip
    assert found.memory is not None
    assert not found.memory.rough
    assert 105e6 < found.memory.peak_bytes < 125e6


def test_sparse_sheet_costs_its_whole_width(look):
    rows: list[list[object]] = [[None] * 40 for _ in range(8_000)]
    rows[0] = [f"c{i}" for i in range(40)]
    rows[-1][39] = 1
    found = look("sparse.xlsx", made.workbook(("S", rows)))
    table = found.report.tables[0]
    assert (table.rows, len(table.columns)) == (7_999, 40)
    assert found.memory is not None
    assert found.memory.load_bytes > 90e6 + 13e6 + 7_999 * 40 * 8


RECORDS = [{"id": i, "name": f"n{i % 3}", "share": i / 2, "tags": ["a"]} for i in range(20)]
FLAT = [
    ("id", "int64", "integer", 0, 20),
    ("name", "object", "text", 0, 3),
    ("share", "float64", "number", 0, 20),
    ("tags", "object", "text", 0, 1),
]


@pytest.mark.parametrize(
    ("name", "content", "kind", "rows"),
    [
        ("r.json", json.dumps(RECORDS), "json", 20),
        ("r.json", json.dumps(RECORDS, indent=2), "json", 20),
        ("r.json", "\n".join(map(json.dumps, RECORDS)), "ndjson", 20),
        ("r.ndjson", "\n\n".join(map(json.dumps, RECORDS)) + "\n", "ndjson", 20),
        ("r.json", json.dumps({"meta": 1, "data": RECORDS}), "json", 20),
        ("r.json", json.dumps(RECORDS).encode("utf-16"), "json", 20),
        ("r.ndjson", "\n".join(map(json.dumps, RECORDS)).encode("utf-16"), "ndjson", 20),
        ("r.ndjson", "\n".join(map(json.dumps, RECORDS)).encode("utf-8-sig"), "ndjson", 20),
    ],
)
def test_records_are_found_in_whatever_shape(look, name, content, kind, rows):
    found = look(name, content)
    assert (found.report.kind, found.report.tables[0].rows) == (kind, rows)
    assert columns(found) == FLAT
    assert ("nested_values", "tags") in [(f.code, f.column) for f in found.report.findings]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": None}},
         [("a", "int64", "integer", 0, 2), ("b", "object", "text", 1, 1)]),
        ({"a": [1, 2, 3], "b": [0.5, 1, 2]},
         [("a", "int64", "integer", 0, 3), ("b", "float64", "number", 0, 3)]),
        ([[1, "x"], [2, "y"]], [("0", "int64", "integer", 0, 2), ("1", "object", "text", 0, 2)]),
        ([3, 4, 5], [("0", "int64", "integer", 0, 3)]),
        ({"name": "x", "size": 3},
         [("name", "object", "text", 0, 1), ("size", "int64", "integer", 0, 1)]),
        ([{"a": 1}, {"b": True}],
         [("a", "float64", "integer", 1, 1), ("b", "object", "boolean", 1, 1)]),
    ],
)  # fmt: skip
def test_other_json_is_described_too(look, content, wanted):
    found = look("x.json", json.dumps(content))
    assert (found.report.kind, columns(found)) == ("json", wanted)


def test_csv_under_a_json_name_is_read_as_csv(look):
    assert look("x.json", "a,b\n1,2\n3,4\n").report.kind == "csv"


def ask(request):
    return shared_inspectors().ask(request)


@pytest.mark.parametrize(
    ("name", "content", "kind", "mime"),
    [
        ("figure.png", made.picture(), "png", "image/png"),
        ("figure.png", made.picture("JPEG"), "jpeg", "image/jpeg"),
        ("totals.csv", b"region\nNorth\n", "csv", "text/csv"),
        ("log.txt", b"done, all fine\n", "text", "text/plain"),
        ("t.json", b"[]", "json", "application/json"),
        ("page.html", b"<!DOCTYPE html><html></html>", None, "text/html"),
        ("x.csv", b"\x7fELF" + bytes(50), None, "application/x-executable"),
        ("empty.csv", b"", None, "application/octet-stream"),
    ],
)
def test_produced_file_is_identified_by_content(tmp_path, name, content, kind, mime):
    path = tmp_path / name
    path.write_bytes(content)
    assert ask(IdentifyFile(path=str(path))) == Identity(
        identified=Identified(kind=kind, mime=mime)
    )


@pytest.mark.parametrize(
    ("kind", "content", "wanted"),
    [
        ("csv", 'region,total,id,code,big\n"a, b",1.5,1,007,123456789012345678901\nc,,2,010,7\n',
         TablePreview(columns=("region", "total", "id", "code", "big"), total_rows=2,
                      rows=(("a, b", 1.5, 1, "007", "123456789012345678901"),
                            ("c", None, 2, "010", "7")))),
        ("json", json.dumps({"a": {"x": 1, "y": 2**60}, "b": {"x": "q", "y": None}}),
         TablePreview(columns=("a", "b"), total_rows=2,
                      rows=((1, "q"), ("1152921504606846976", None)))),
        ("ndjson", '{"a": 1.5}\n{"a": null, "b": [1]}\n',
         TablePreview(columns=("a", "b"), total_rows=2, rows=((1.5, None), (None, "[1]")))),
        ("json", "{oops", None),
    ],
)  # fmt: skip
def test_head_of_a_produced_table_has_typed_cells(tmp_path, kind, content, wanted):
    path = tmp_path / "table"
    path.write_text(content)
    assert ask(PreviewTable(path=str(path), kind=kind, rows=10)) == Preview(table=wanted)


def test_preview_counts_rows_that_it_does_not_show(tmp_path):
    path = tmp_path / "table"
    path.write_text("n\n" + "".join(f"{i}\n" for i in range(2_500)))
    found = ask(PreviewTable(path=str(path), kind="csv", rows=1_000))
    assert isinstance(found, Preview)
    assert found.table is not None
    assert (len(found.table.rows), found.table.total_rows) == (1_000, 2_500)


def test_upper_end_covers_the_first_sheet_where_another_has_the_data(look, tmp_path, profile):
    """A program that names no sheet reads the first, however little of a table it is."""
    wide: list[list[object]] = [["notes"]]
    wide += [[*[None] * 40, i] for i in range(3_000)]
    path = tmp_path / "book.xlsx"
    highs = {}
    for name, sheets in (
        ("notes alone", [("Notes", wide)]),
        ("orders first", [("Orders", ORDERS), ("Notes", wide)]),
        ("notes first", [("Notes", wide), ("Orders", ORDERS)]),
    ):
        path.write_bytes(made.workbook(*sheets))
        memory = assess(path, path.name, profile).memory
        assert memory is not None
        assert memory.low_bytes <= memory.peak_bytes <= memory.high_bytes
        highs[name] = memory.high_bytes
    found = look("book.xlsx", made.workbook(("Notes", wide), ("Orders", ORDERS)))
    assert found.report.tables[0].name == "Orders"
    assert highs["notes first"] >= highs["notes alone"] > highs["orders first"]
