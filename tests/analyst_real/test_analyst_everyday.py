"""Everyday questions over our samples and real files: DuckDB recomputes every figure."""

import math
import re
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from services.analyst import read_question
from services.analyst.types import Abstained, Reading, UnknownColumn
from services.preflight.types import FileReport
from tests.analyst_real.conftest import ROOT, Interpreter, interpreters, report_of
from tests.analyst_real.everyday import DATES, EVERYDAY
from tests.analyst_real.expectations import spread

SAMPLES = ROOT / "pages" / "samples"
AGGREGATES = {"sum": "sum", "mean": "avg", "median": "median", "min": "min", "max": "max"}
PERIODS = {
    "day": "strftime({0}, '%Y-%m-%d')",
    "week": "strftime(date_trunc('week', {0}), '%Y-%m-%d') || '/' || "
    "strftime(date_trunc('week', {0}) + INTERVAL 6 DAY, '%Y-%m-%d')",
    "month": "strftime({0}, '%Y-%m')",
    "quarter": "strftime({0}, '%Y') || 'Q' || quarter({0})",
    "year": "strftime({0}, '%Y')",
}
FIGURE = re.compile(
    r"(?:(?P<end>top|bottom) (?P<limit>\d+) )?(?P<how>\w+)(?: (?P<measure>.+?))? by "
    r"(?:(?P<grain>day|week|month|quarter|year) of )?(?P<group>.+)"
)

ALL = [(file, question, wanted) for file, lines in EVERYDAY.items() for question, wanted in lines]
ANSWERED = [case for case in ALL if case[2][0] not in "-?"]


@pytest.fixture(scope="module")
def files(real_files: dict[str, Path]) -> dict[str, Path]:
    return {name: real_files.get(name, SAMPLES / name) for name in EVERYDAY}


@pytest.fixture(scope="module")
def reports(files: dict[str, Path], real_reports: dict[str, FileReport]) -> dict[str, FileReport]:
    return {name: real_reports.get(name) or report_of(path) for name, path in files.items()}


@pytest.fixture(scope="module")
def tables(files: dict[str, Path]) -> dict[str, duckdb.DuckDBPyConnection]:
    """For each file a connection whose table `t` is the file, all of it text."""
    return {name: loaded(path) for name, path in files.items()}


@pytest.fixture(scope="module")
def python():
    """One interpreter is enough here: the other files run every kind of program on both."""
    running = Interpreter(list(interpreters().values())[-1])
    yield running
    running.close()


def loaded(path: Path) -> duckdb.DuckDBPyConnection:
    table = duckdb.connect()
    if path.suffix == ".csv":
        table.execute(
            "CREATE TABLE t AS SELECT * FROM read_csv(?, all_varchar = true, header = true, "
            "nullstr = ['', 'NA'])",
            [str(path)],
        )
        return table
    book = openpyxl.load_workbook(path)
    rows = list(book.worksheets[0].values)
    book.close()
    names = ", ".join(f'"{name}" VARCHAR' for name in rows[0])
    table.execute(f"CREATE TABLE t ({names})")
    marks = ", ".join("?" for _ in rows[0])
    body = [[None if cell is None else str(cell) for cell in row] for row in rows[1:]]
    table.executemany(f"INSERT INTO t VALUES ({marks})", body)
    return table


def test_questions_that_are_not_read_are_known_and_few(reports):
    unread = [
        question
        for file, question, _ in ALL
        if not isinstance(read_question(reports[file].tables, question), Reading)
    ]
    assert unread == [question for _, question, wanted in ALL if wanted[0] in "-?"]
    assert (len(ALL), len(unread)) == (85, 18)


@pytest.mark.parametrize(
    ("file", "question", "wanted"),
    [case for case in ALL if case[2][0] in "-?"],
    ids=lambda part: str(part)[:40],
)
def test_what_is_not_read_says_what_to_ask_instead(reports, file, question, wanted):
    understood = read_question(reports[file].tables, question)
    if wanted.startswith("? "):
        name, closest = wanted.removeprefix("? ").split(" -> ")
        assert understood == UnknownColumn(name=name, closest=(closest,))
        return
    assert isinstance(understood, Abstained)
    assert understood.reason
    assert len(understood.examples) == 2
    for example in understood.examples:
        assert isinstance(read_question(reports[file].tables, example), Reading), example


@pytest.mark.parametrize(("file", "question", "wanted"), ANSWERED, ids=lambda part: str(part)[:50])
def test_everyday_question_is_answered_right(
    python, files, reports, tables, tmp_path, file, question, wanted
):
    reading = read_question(reports[file].tables, question)
    assert isinstance(reading, Reading)
    output = python.answer(reading, files[file], reports[file], tmp_path, is_sharp=False)
    assert (output.exit_code, output.stderr) == (0, "")
    found = [tuple(row.values()) for row in output.table()]
    if wanted == "overview":
        rows = tables[file].execute("SELECT count(*) FROM t").fetchall()[0][0]
        assert f"The table has {rows:,} rows" in output.said()[0]
    elif wanted.startswith("spread "):
        same(found, tables[file].execute(spread(wanted.removeprefix("spread "))).fetchall())
    elif wanted.startswith("pair "):
        one, other = wanted.removeprefix("pair ").split(" ~ ")
        sql = f'SELECT corr(CAST("{one}" AS DOUBLE), CAST("{other}" AS DOUBLE)) FROM t'
        (r,) = tables[file].execute(sql).fetchall()[0]
        assert {reading.measure, reading.measure_2} == {one, other}
        assert float(found[0][-1]) == pytest.approx(r)
    else:
        check_figures(found, wanted, tables[file])


def check_figures(
    found: list[tuple[str, ...]], wanted: str, table: duckdb.DuckDBPyConnection
) -> None:
    """Groups with their figures; of equal figures any may stand first."""
    match = FIGURE.fullmatch(wanted)
    assert match, wanted
    rows = table.execute(sql_of(match)).fetchall()
    if match["end"]:
        # One place is answered with all groups, so that the others can be seen beside it.
        rows.sort(key=lambda row: row[1], reverse=match["end"] == "top")
        listed = len(rows) if match["limit"] == "1" else int(match["limit"])
        assert len(found) == min(listed, len(rows))
        assert [float(row[1]) for row in found] == pytest.approx([row[1] for row in rows[:listed]])
        everything = {row[0]: row[1] for row in rows}
        assert all(math.isclose(everything[name], float(figure)) for name, figure, *_ in found)
        return
    by_name = {row[0]: row[1:] for row in found}
    assert len(by_name) == len(found)
    same(
        [(name, *by_name[name]) for name in sorted(by_name)],
        sorted(rows, key=lambda row: row[0]),
    )


def sql_of(match: re.Match[str]) -> str:
    column = match["group"]
    group = f'"{column}"'
    if match["grain"]:
        group = PERIODS[match["grain"]].format(DATES[column])
    figures = "count(*)"
    if match["how"] != "count":
        value = f'CAST("{match["measure"]}" AS DOUBLE)'
        figures = f"{AGGREGATES[match['how']]}({value}), count(*)"
    return f'SELECT {group}, {figures} FROM t WHERE "{column}" IS NOT NULL GROUP BY 1'


def same(found: list[tuple[str, ...]], wanted: list[tuple[Any, ...]]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one[0] == other[0]
        assert [float(cell) for cell in one[1:]] == pytest.approx(list(other[1:]))
