"""Corrections from the shell, and sheets that a workbook hides (R12, R27)."""

import io
import json

import openpyxl
import pytest

from services.preflight import assess
from services.preflight.__main__ import main
from services.preflight.types import Corrections
from tests.unit.preflight import preflight_made as made

ROWS: list[list[object]] = [["n", "v"]]
ROWS += [[n, n * 2] for n in range(9)]


def hidden_first(rows, other) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(made.workbook(("Lists", rows), ("Data", other))))
    book["Lists"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_hidden_sheet_is_named_and_not_taken_before_one_that_is_shown(look):
    report = look("x.xlsx", hidden_first(ROWS * 9, ROWS)).report
    assert [(t.name, t.is_hidden) for t in report.tables] == [("Data", False), ("Lists", True)]
    assert "hidden_sheets" in [finding.code for finding in report.findings]


def test_sheet_that_is_named_comes_first(tmp_path, profile):
    path = tmp_path / "x.xlsx"
    path.write_bytes(made.workbook(("Data", ROWS), ("Notes", [["a", "b"], [1, 2]])))
    found = assess(path, "x.xlsx", profile, corrections=Corrections(sheet="Notes"))
    assert [table.name for table in found.report.tables] == ["Notes", "Data"]


@pytest.mark.parametrize(
    ("options", "columns", "rows"),
    [
        (["--delimiter", ";", "--header"], ["1", "2"], 2),
        (["--delimiter", ";", "--no-header"], ["column_1", "column_2"], 3),
        (["--delimiter", ";", "--header", "--skip-rows", "1"], ["3", "4"], 1),
    ],
)
def test_options_say_how_a_file_is_read(tmp_path, capsys, options, columns, rows):
    path = tmp_path / "x.csv"
    path.write_text("1;2\n3;4\n5;6\n")
    assert main([str(path), "--json", *options]) == 0
    table = json.loads(capsys.readouterr().out)["tables"][0]
    assert ([c["name"] for c in table["columns"]], table["rows"]) == (columns, rows)


@pytest.mark.parametrize(
    "option", [["--delimiter", "ab"], ["--encoding", "nope"], ["--skip-rows", "-1"]]
)
def test_option_that_no_reader_can_do_is_refused(tmp_path, option):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SystemExit) as ended:
        main([str(path), *option])
    assert ended.value.code == 2
