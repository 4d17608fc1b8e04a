"""Workbooks and JSON become a CSV that means the same, streamed."""

import datetime as dt
import json
from typing import Any

import openpyxl
import pandas as pd
import pytest

from services.preflight.types import (
    KeepColumns,
    KeepRows,
    NewestRows,
    OneRowPerGroup,
    PickSheet,
)
from tests.unit.preflight.preflight_made import with_part, workbook
from tests.unit.preflight.reduction_made import by_child, reduced, request_of, source_of, written

moment = dt.datetime.fromisoformat
PEOPLE: list[list[Any]] = [
    ["name", "born", "paid", "amount", "code", "seen"],
    *(
        [f"Ann {n % 5}", dt.date(1990, 1, 1) + dt.timedelta(n * 100), n % 2 == 0, n * 1.5,
         f"00{n}", moment(f"2025-03-01T12:{n % 60:02}:30")]
        for n in range(80)
    ),
]  # fmt: skip
OTHER: list[list[Any]] = [["city", "sales"], *([f"c{n % 4}", n] for n in range(30))]
RECORDS = [
    {"id": n, "at": f"2025-01-{n % 28 + 1:02}", "ok": n % 2 == 0, "x": n / 4, "tags": ["a", n]}
    for n in range(90)
]


COLUMNS = {key: {str(n): record[key] for n, record in enumerate(RECORDS)} for key in RECORDS[0]}


@pytest.fixture
def book(tmp_path):
    return written(tmp_path / "a.xlsx", workbook(("People", PEOPLE), ("Other", OTHER)))


def test_sheet_has_the_values_that_pandas_reads(book):
    found = reduced(book)
    wanted = pd.read_excel(book, engine="openpyxl")
    assert found["amount"].tolist() == wanted["amount"].tolist()
    assert found["paid"].tolist() == wanted["paid"].tolist()
    assert found["name"].tolist() == wanted["name"].tolist()
    assert found["born"].tolist() == wanted["born"].dt.strftime("%Y-%m-%d").tolist()
    assert found["seen"].tolist() == wanted["seen"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist()
    codes = pd.read_csv(book.parent / "work" / "reduced.csv", dtype={"code": str})["code"]
    assert codes.tolist() == [f"00{n}" for n in range(80)]


def test_another_sheet_can_be_picked(book):
    found = reduced(book, PickSheet(name="Other"))
    wanted = pd.read_excel(book, engine="openpyxl", sheet_name="Other")
    assert found["sales"].tolist() == wanted["sales"].tolist()
    assert found["city"].tolist() == wanted["city"].tolist()


def test_groups_of_a_sheet(book):
    found = reduced(book, OneRowPerGroup(by=("name",)), KeepColumns(names=("amount",)))
    wanted = pd.read_excel(book, engine="openpyxl").groupby("name")["amount"].sum()
    assert dict(zip(found["name"], found["amount"], strict=True)) == wanted.to_dict()


def test_rows_of_a_sheet_are_chosen_by_a_column_that_is_not_kept(book):
    steps = KeepColumns(names=("amount",)), KeepRows(column="name", comparison="=", value="Ann 3")
    assert reduced(book, *steps)["amount"].tolist() == [n * 1.5 for n in range(3, 80, 5)]
    newest = reduced(book, KeepColumns(names=("name",)), NewestRows(rows=2, column="born"))
    assert newest["name"].tolist() == ["Ann 3", "Ann 4"]


def test_gaps_and_blank_rows_of_a_sheet_stay(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["a", "b"])
    sheet["A2"], sheet["B4"], sheet["A6"] = 1, "x", 3
    path = tmp_path / "gaps.xlsx"
    made.save(path)
    found = reduced(path)
    pd.testing.assert_frame_equal(found, pd.read_excel(path, engine="openpyxl"), check_dtype=False)


@pytest.mark.parametrize("is_1904", [False, True])
def test_dates_are_counted_from_where_the_workbook_says(tmp_path, is_1904):
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904 if is_1904 else made.epoch
    for row in [["at"], [moment("2025-05-06")], [moment("2024-02-29T18:30")]]:
        made.active.append(row)
    path = tmp_path / "dates.xlsx"
    made.save(path)
    assert reduced(path)["at"].tolist() == ["2025-05-06", "2024-02-29 18:30:00"]


def test_shared_strings_of_several_runs_are_joined_without_what_is_only_spoken(tmp_path):
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = (
        f"<sst {space}><si><t>name</t></si><si><r><t>two </t></r><r><t>runs</t></r></si>"
        '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>'
    )
    cells = "".join(
        f'<row r="{n + 1}"><c r="A{n + 1}" t="s"><v>{n}</v></c></row>' for n in range(3)
    )
    sheet = f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>"
    content = workbook(("A", [["name"], ["x"], ["y"]]))
    content = with_part(content, "xl/sharedStrings.xml", strings.encode())
    content = with_part(content, "xl/worksheets/sheet1.xml", sheet.encode())
    path = written(tmp_path / "a.xlsx", content)
    assert reduced(path)["name"].tolist() == ["two runs", "東京"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(RECORDS)),
        ("a.ndjson", "\n".join(map(json.dumps, RECORDS))),
        ("a.json", json.dumps({"made": "today", "items": RECORDS})),
        ("a.json", json.dumps(COLUMNS)),
        ("b.json", json.dumps(RECORDS, indent=2).encode("utf-16")),
    ],
)  # fmt: skip
def test_json_of_any_shape_has_the_same_values(tmp_path, name, text):
    found = reduced(written(tmp_path / name, text))
    wanted = pd.DataFrame(RECORDS)
    for column in ("id", "at", "ok", "x"):
        assert found[column].tolist() == wanted[column].tolist()
    assert [json.loads(tags) for tags in found["tags"]] == wanted["tags"].tolist()


def test_columns_of_json_lists_are_rows_side_by_side(tmp_path):
    text = json.dumps({"a": list(range(50)), "b": [n / 2 for n in range(50)]})
    found = reduced(written(tmp_path / "a.json", text))
    assert found["a"].tolist() == list(range(50))
    assert found["b"].tolist() == [n / 2 for n in range(50)]


def test_names_that_only_a_late_record_has_are_columns_too(tmp_path):
    records: list[dict[str, object]] = [{"a": n} for n in range(60_000)]
    records[-2]["late"] = "here"
    path = written(tmp_path / "a.ndjson", "\n".join(map(json.dumps, records)))
    source = source_of(path)
    by_child(request_of(source, path, tmp_path / "w"))
    found = pd.read_csv(tmp_path / "w" / "reduced.csv")
    assert found["a"].tolist() == list(range(60_000))
    assert found["late"].dropna().tolist() == ["here"]
