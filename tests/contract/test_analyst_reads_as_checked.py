"""What the check saw of a file is what the analyst's program reads of it, on both pandas.

The program is run as it is written, and asked for its frame at the end.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services import limits
from services.analyst import read_question, write_code
from services.analyst.types import Reading
from services.preflight import assess
from services.preflight.types import TableReport
from services.sandbox import find_environment
from tests.unit.preflight import preflight_made as made

ROOT = Path(__file__).resolve().parents[2]
ASKED = """
import json
print("FRAME", json.dumps({
    "names": [str(name) for name in df.columns],
    "rows": len(df),
    "nulls": [int(df[name].isna().sum()) for name in df.columns],
    "first": [None if pd.isna(value) else str(value) for value in df.iloc[0]],
    "low": [float(df[name].min()) if df[name].dtype.kind in "iuf" else None for name in df.columns],
}))
"""
INCHES = "".join(f'{n} {i}" pipe,{i},{i * 2}\n' for i in range(1, 30) for n in ("big", "small"))
TRAILING = "North,1,2,\nSouth,3,4,\nEast,5,6,\n" * 5
ORDERS: list[list[Any]] = [["region", "n", "total"], *[[f"r{i % 4}", i, i / 2] for i in range(9)]]
NOTES: list[list[Any]] = [["Notes"], *[[f"remark {i}"] for i in range(90)]]
LATIN = "city,n\n" + "Köln,1\nMálaga,2\nNîmes,3\n" * 20
FILES: list[tuple[str, str, bytes]] = [
    ("plain", "a.csv", ("region,n,total\n" + TRAILING.replace(",\n", "\n")).encode()),
    ("trailing delimiters", "a.csv", ("region,n,total\n" + TRAILING).encode()),
    ("trailing in most rows", "a.csv", f"region,n,total\n{TRAILING}West,7,8\n{TRAILING}".encode()),
    ("trailing but in the first row", "a.csv", f"region,n,total\nWest,7,8\n{TRAILING}".encode()),
    ("trailing semicolons", "a.csv", b"region;n;total\n" + b"North;1;2,5;\nSouth;3;4,5;\n" * 9),
    ("trailing with its own name", "a.csv", ("region,n,total,\n" + TRAILING).encode()),
    ("row labels", "a.csv", ("n,total\n" + TRAILING.replace(",\n", "\n")).encode()),
    ("inches", "a.csv", ("size,n,total\n" + INCHES).encode()),
    ("inches below a quoted header", "a.csv", ('"size","n","total"\n' + INCHES).encode()),
    ("quote never closed", "a.csv", b'size,n,total\n"open,1,2\nx,3,4\ny,3,5\n'),
    ("quote never closed, in the header", "a.csv", b'size,"n,total\nx,3,4\ny,3,5\nz,4,6\n'),
    ("quote never closed, no header", "a.csv", b'"open,1,2\nx,3,4\ny,3,5\nz,4,6\n'),
    ("quoted delimiters", "a.csv", b'size,n\n"a, b",1\n"say ""yes""",2\n'),
    ("single quotes", "a.csv", b"size,n\n'a, b',1\n'c, d',2\n'it''s',3\n"),
    ("rows too long", "a.csv", b"region,n,total\n" + b"N,1,2\nS,3,4\n" * 30 + b"N,1,2,3\nE,5,6\n"),
    ("rows too short", "a.csv", b"region,n,total\n" + b"N,1,2\nS,3,4\n" * 30 + b"N\n" + b"E,5,6\n"),
    ("title above", "a.csv", b"Report\nMade 2024\n\nregion,n,total\nN,1,2\nS,3,4\nE,5,6\n"),
    ("no header", "a.csv", b"1,0.5,n1\n2,1.5,n2\n3,2.5,n3\n"),
    ("old code page", "a.csv", LATIN.encode("cp1252")),
    ("UTF-16", "a.csv", LATIN.encode("utf-16")),
    ("damaged bytes", "a.csv", LATIN.encode() + b"K\xf6ln,4\n"),
    ("decimal commas", "a.csv", ("name;price\n" + "a;1,50\nb;2,75\n" * 9).encode()),
    ("a sheet behind others", "a.xlsx", made.workbook(("Notes", NOTES), ("Orders", ORDERS))),
    ("a sheet before others", "a.xlsx", made.workbook(("Orders", ORDERS), ("Notes", NOTES))),
    ("records", "a.json", json.dumps([{"n": 1, "city": "Köln"}, {"n": 2, "city": None}]).encode()),
    ("records in UTF-16", "a.json", json.dumps([{"n": 1}, {"n": 2}]).encode("utf-16")),
    ("lines", "a.ndjson", b'{"n": 1, "c": "x"}\n{"n": 2, "c": "y"}\n'),
    ("columns", "a.json", b'{"n": {"0": 1, "1": 2}, "c": {"0": "x", "1": "y"}}'),
    ("a list inside", "a.json", b'{"made": "today", "rows": [{"n": 1, "c": "x"}, {"n": 2}]}'),
]  # fmt: skip


HOST = """
import contextlib, io, json, os, sys, traceback
for folder in sys.argv[1:]:
    os.environ["INPUT_DIR"] = os.environ["OUTPUT_DIR"] = folder
    out = io.StringIO()
    with open(folder + "/program.py") as file:
        code = compile(file.read(), "program.py", "exec")
    try:
        with contextlib.redirect_stdout(out):
            exec(code, {"__name__": "__main__"})
    except Exception:
        print(json.dumps({"error": traceback.format_exc()}))
        continue
    print([line for line in out.getvalue().splitlines() if line.startswith("FRAME ")][0][6:])
"""


class Checked(NamedTuple):
    """A file's table as the check saw it, and as the program read it, by interpreter."""

    table: TableReport
    frames: list[dict[str, Any]]


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> dict[str, Checked]:
    """Every file, checked and read. One process per interpreter: imports are most of the time."""
    folders, tables = [], []
    for _, name, content in FILES:
        folder = tmp_path_factory.mktemp("file")
        path = folder / name
        path.write_bytes(content)
        report = assess(path, name, limits.load()).report
        reading = read_question(report.tables, "what is in this file")
        assert isinstance(reading, Reading), (reading, report)
        (folder / "program.py").write_text(write_code(reading, name, report) + ASKED)
        folders.append(folder)
        tables.append(report.tables[0])
    by_python = [frames(python, folders) for python in pythons()]
    return {
        row[0]: Checked(table, list(read))
        for row, table, *read in zip(FILES, tables, *by_python, strict=True)
    }


def pythons() -> list[Path]:
    """The app's own, and the profile's where it is installed."""
    profile = find_environment(ROOT, limits.load().environment)
    return list(dict.fromkeys((Path(sys.executable), profile.python)))


def frames(python: Path, folders: list[Path]) -> list[dict[str, Any]]:
    """What the program of each folder has read."""
    settings = {"PATH": os.environ["PATH"], "MPLCONFIGDIR": str(folders[0] / "settings")}
    done = subprocess.run(
        [python, "-c", HOST, *folders],
        env=settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("what", [row[0] for row in FILES])
def test_program_reads_a_file_as_it_was_checked(checked, what):
    table, read = checked[what]
    for frame in read:
        assert "error" not in frame, frame["error"]
        assert frame["names"] == [column.name for column in table.columns]
        assert frame["rows"] == table.rows
        assert frame["nulls"] == [column.nulls for column in table.columns]
        for column, cell, first, low in zip(
            table.columns, table.sample[0], frame["first"], frame["low"], strict=True
        ):
            if low is None:
                assert first == cell
            elif column.minimum is not None:
                assert low == float(column.minimum)


@pytest.mark.parametrize(
    "values",
    [
        ["1.234,50", "12,50"],
        ["1,234.50", "12.50"],
        ["1,234", "12,500"],
        ["1,234"],
        ["1.234.567", "2.000.000"],
        ["$1,234", "$12"],
        ["1.234 €", "12.500 €"],
        ["1 234,5", "12,5"],
        ["1'234.5", "2'000.0"],
        ["(1,200)", "3,400"],
        ["12%", "7.5%"],
        ["1.234,5", "1,234.5"],
        ["€5", "$5.50"],
        ["5 red", "6 blue"],
    ],
)
def test_check_says_of_numbers_written_as_text_what_the_analyst_does_with_them(tmp_path, values):
    """Two rooms have to agree on what is clear enough to be converted."""
    path = tmp_path / "a.csv"
    rows = [f"n{i};{value}" for i in range(3) for value in values]
    path.write_text("\n".join(["name;price", *rows, ""]))
    report = assess(path, "a.csv", limits.load()).report
    codes = {
        finding.code: finding.severity
        for finding in report.findings
        if finding.column == "price" and finding.code in ("thousands", "decimal_comma")
    }
    is_number = report.tables[0].columns[1].kind == "number"
    reading = read_question(report.tables, "average price by name")
    converts = isinstance(reading, Reading) and reading.measure == "price"
    assert converts == ("info" in codes.values() or is_number), (reading, report.findings)
