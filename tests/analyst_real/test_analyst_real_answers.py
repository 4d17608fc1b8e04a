"""Six kinds of question in two phrasings each on real files; DuckDB has the last word."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from services.analyst import read_question
from services.analyst.types import Abstained, Reading, UnknownColumn
from tests.analyst_real.expectations import ABSTAINED, ANSWERS, Expected, Overview

QUESTIONS = Path(__file__).with_name("questions.md")
THE_THREE = ("canadian_senators.csv", "penguins-raw.csv", "seattle-weather.csv")
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w%])")
_DATES = re.compile(
    r"(?:week of )?\b(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b"
    r"|\b\d{4}-\d{2}-\d{2}\b"
)


def asked() -> list[tuple[str, str, str]]:
    """(file, kind, question) of questions.md."""
    found, file = [], ""
    for line in QUESTIONS.read_text().splitlines():
        if line.startswith("## "):
            file = line.removeprefix("## ")
        elif file and line:
            kind, question = line.split(None, 1)
            found.append((file, kind, question))
    return found


ANSWERED = [
    pytest.param(file, kind, question, id=f"{file.split('.')[0]}: {question}")
    for file, kind, question in asked()
    if question not in ABSTAINED[file]
]


@pytest.fixture(scope="session")
def tables(real_files: dict[str, Path]) -> dict[str, duckdb.DuckDBPyConnection]:
    """For each file a connection whose table `t` is the file, all text, as it stands on disk."""
    found = {}
    for name, path in real_files.items():
        found[name] = duckdb.connect()
        found[name].execute(
            "CREATE TABLE t AS SELECT * FROM read_csv(?, all_varchar = true, header = true, "
            "nullstr = ['', 'NA'])",
            [str(path)],
        )
    return found


def test_at_most_six_of_thirty_six_questions_are_not_answered(real_reports):
    readings = {
        question: read_question(real_reports[file].tables, question)
        for file, _, question in asked()
        if file in THE_THREE
    }
    unanswered = [q for q, reading in readings.items() if not isinstance(reading, Reading)]
    assert len(readings) == 36
    assert unanswered == [q for file in THE_THREE for q in ABSTAINED[file]]
    assert len(unanswered) <= 6


@pytest.mark.parametrize(
    ("file", "question"), [(file, question) for file in ABSTAINED for question in ABSTAINED[file]]
)
def test_question_that_is_not_read_gets_a_reason_and_examples(real_reports, file, question):
    answer = read_question(real_reports[file].tables, question)
    assert isinstance(answer, Abstained | UnknownColumn)
    if isinstance(answer, Abstained):
        assert answer.reason
        assert 0 < len(answer.examples) <= 4
        for example in answer.examples:
            assert isinstance(read_question(real_reports[file].tables, example), Reading), example


@pytest.mark.parametrize(("file", "kind", "question"), ANSWERED)
def test_answer_equals_recomputation(
    file, kind, question, real_files, real_reports, tables, interpreter, tmp_path
):
    """Columns, table, printed figures and sentences, each against SQL on the original file."""
    report = real_reports[file]
    reading = read_question(report.tables, question)
    assert isinstance(reading, Reading)
    assert reading.operation == kind
    output = interpreter.answer(reading, real_files[file], report, tmp_path / "out")
    assert (output.exit_code, output.stderr) == (0, "")
    assert len(output.pictures()) == 1
    assert output.pictures()[0].stat().st_size > 5_000
    assert 0 < len(output.title) <= 70
    assert f"ALT: {output.pictures()[0].name}: " in output.stdout
    assert re.search(r"^PEAK_MEMORY_BYTES: \d{8,}$", output.stdout, re.MULTILINE)

    expected = ANSWERS[file][question]
    if isinstance(expected, Overview):
        check_overview(output, expected, tables[file], reading)
        return
    assert set(reading.columns) == set(expected.columns)
    rows = tables[file].execute(expected.sql).fetchall()
    same_rows([tuple(row.values()) for row in output.table()], rows)
    facts = facts_of(rows, expected, tables[file])
    if kind == "distribution" and rows[0][0] == "lowest":
        column = expected.columns[0]
        facts.append(one(tables[file], f'SELECT count("{column}") FROM t')[0])
        check_bins(output, column, tables[file])
    check_sentences(output.said(), reading, facts, [str(row[0]) for row in rows])
    left_out = one(tables[file], expected.left_out)[0]
    if left_out:
        assert any(f"{left_out:,} row" in sentence for sentence in output.said())


def one(
    table: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()
) -> tuple[Any, ...]:
    """The only row of a query."""
    rows = table.execute(sql, list(values)).fetchall()
    assert len(rows) == 1
    return rows[0]


def same_rows(found: Sequence[Sequence[object]], wanted: Sequence[Sequence[object]]) -> None:
    """Same rows in the same order; figures as text agree to nine digits."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert len(one) == len(other)
        for cell, value in zip(one, other, strict=True):
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert math.isclose(float(str(cell)), value, rel_tol=1e-9, abs_tol=1e-9), (
                    one,
                    other,
                )
            else:
                assert str(cell) == ("" if value is None else str(value))


def facts_of(
    rows: Sequence[Sequence[object]], expected: Expected, table: duckdb.DuckDBPyConnection
) -> list[float]:
    """All figures that may occur in the sentences."""
    facts = [value for row in rows for value in row if isinstance(value, int | float)]
    figures = [row[1] for row in rows if len(row) > 1 and isinstance(row[1], int | float)]
    facts += [len(rows), sum(figures), len(figures)]
    facts += Counter(figures).values()  # how many are tied
    facts += one(table, expected.left_out)
    facts += one(table, expected.more)
    return [float(fact) for fact in facts]


def check_sentences(
    said: Sequence[str], reading: Reading, facts: Sequence[float], names: Sequence[str]
) -> None:
    """Every figure in the answer's sentences is one of the facts, as closely as it is written."""
    assert 0 < len(said[0]) <= 90
    assert said[1] == reading.sentence
    for sentence in (said[0], *said[2:]):
        rest = _DATES.sub("", sentence)
        for name in sorted([*names, *reading.columns], key=len, reverse=True):
            rest = rest.replace(name, "")
        for text in _NUMBER.findall(rest):
            assert any(_is_written_as(fact, text) for fact in facts), (text, sentence)
    assert _NUMBER.search(said[0]) is not None


def _is_written_as(fact: float, text: str) -> bool:
    digits = len(text.partition(".")[2])
    apart = abs(fact - float(text.replace(",", "")))
    return bool(apart <= 0.500001 / 10.0**digits)


def check_bins(output, column: str, table: duckdb.DuckDBPyConnection) -> None:
    """Each bar holds the rows from its lower edge up to, not including, its upper one."""
    few = list(output.folder.glob("*_values.csv"))
    if few:
        sql = f'SELECT CAST("{column}" AS DOUBLE), count(*) FROM t GROUP BY 1 ORDER BY 1'
        same_rows(
            [tuple(row.values()) for row in output.table("_values")], table.execute(sql).fetchall()
        )
        return
    bins = output.table("_bins")
    total = one(table, f'SELECT count("{column}") FROM t')[0]
    assert sum(int(row["rows"]) for row in bins) == total
    for at, row in enumerate(bins):
        below = "<=" if at == len(bins) - 1 else "<"
        count = one(
            table,
            f'SELECT count(*) FROM t WHERE CAST("{column}" AS DOUBLE) >= CAST(? AS DOUBLE) '
            f'AND CAST("{column}" AS DOUBLE) {below} CAST(? AS DOUBLE)',
            [row["from"], row["to"]],
        )[0]
        assert int(row["rows"]) == count, row


def check_overview(
    output, expected: Overview, table: duckdb.DuckDBPyConnection, reading: Reading
) -> None:
    rows = output.table()
    assert [(row["column"], row["holds"]) for row in rows] == list(expected.kinds.items())
    facts: list[float] = [len(rows), one(table, "SELECT count(*) FROM t")[0]]
    complete = 0
    for row in rows:
        filled, blank = check_column(row, expected, table)
        facts += [filled, blank]
        complete += blank == 0
    facts += [
        complete,
        *(list(expected.kinds.values()).count(kind) for kind in expected.kinds.values()),
    ]
    check_sentences(output.said(), reading, facts, list(expected.kinds))


def check_column(
    row: dict[str, str], expected: Overview, table: duckdb.DuckDBPyConnection
) -> tuple[int, int]:
    name, kind = row["column"], row["holds"]
    value = f'"{name}"' if kind != "numbers" else f'CAST("{name}" AS DOUBLE)'
    filled, blank, different = one(
        table, f"SELECT count({value}), count(*) - count({value}), count(DISTINCT {value}) FROM t"
    )
    assert [int(row[key]) for key in ("rows filled", "rows blank", "different values")] == [
        filled,
        blank,
        different,
    ]
    if kind == "numbers":
        low, high = one(table, f"SELECT min({value}), max({value}) FROM t")
        assert _is_written_as(low, row["lowest"])
        assert _is_written_as(high, row["highest"])
    elif kind == "dates":
        moment = expected.dates[name]
        low, high = one(
            table,
            f"SELECT strftime(min({moment}), '%Y-%m-%d'), "
            f"strftime(max({moment}), '%Y-%m-%d') FROM t",
        )
        assert (row["lowest"], row["highest"]) == (low, high)
    else:
        counts = table.execute(
            f"SELECT {value}, count(*) FROM t WHERE {value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC"
        ).fetchall()
        most = [name for name, count in counts if count == counts[0][1]]
        shown = " ".join(most[0].split())
        shown = shown if len(shown) <= 60 else shown[:59].rstrip() + "…"
        if len(most) > 1:
            each = "once" if counts[0][1] == 1 else f"in {counts[0][1]:,} rows"
            shown = f"{len(most):,} values, each {each}"
        assert row["most frequent"] == shown
    return filled, blank
