"""What files contain in practice, run for real: odd names, formats, blanks, extremes."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from services.analyst import read_question
from services.analyst.types import Reading
from services.preflight.types import FileReport, Finding
from tests.analyst_real.conftest import Interpreter, Output, report_of

Ask = Callable[..., Output]


@pytest.fixture
def ask(interpreter: Interpreter, tmp_path: Path) -> Ask:
    """Ask a file a question and run the answer; nothing may be written to stderr."""

    def asked(path: Path, question: str | Reading, report: FileReport | None = None) -> Output:
        report = report or report_of(path)
        reading = read_question(report.tables, question) if isinstance(question, str) else question
        assert isinstance(reading, Reading), reading
        folder = tmp_path / f"out{len(list(tmp_path.glob('out*')))}"
        output = interpreter.answer(reading, path, report, folder, is_sharp=False)
        assert (output.exit_code, output.stderr) == (0, "")
        assert len(output.title) <= 70
        assert len(output.said()[0]) <= 90
        return output

    return asked


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV of these columns."""

    def written(columns: dict[str, list[object]], name: str = "data.csv") -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame(columns).to_csv(path, index=False)
        return path

    return written


def columns_of(output: Output, ending: str = "") -> list[list[str]]:
    return [list(row.values()) for row in output.table(ending)]


@pytest.mark.parametrize(
    "name",
    [
        'say "hi" {name}',
        "it's $5 to $6",
        "back\\slash \\n",
        "#!/bin/sh %s %(x)d",
        "${MEASURE} {{x}}",
        "_leading_underscore_$",
        "two\nlines",
        "Ω μ (m/s²)",
        "'; import os; os._exit(9) #",
    ],
)
def test_any_header_can_be_group_measure_or_date(ask, csv, name):
    """Names reach the program as constants, so no header can become code or break a string."""
    total = Reading(operation="totals", sentence=f"Read as: {name}.", aggregate="sum")

    path = csv({name: ["a", "b", "a"] * 20, "amount": [1, 2, 4] * 20})
    by_name = msgspec.structs.replace(total, measure="amount", by=name, columns=(name, "amount"))
    assert columns_of(ask(path, by_name)) == [["a", "100", "40"], ["b", "40", "20"]]

    path = csv({name: [1.5, 2, 4] * 20, "group": ["a", "b", "a"] * 20})
    of_name = msgspec.structs.replace(total, measure=name, by="group", columns=(name, "group"))
    assert columns_of(ask(path, of_name)) == [["a", "110", "40"], ["b", "40", "20"]]

    path = csv({name: ["2024-01-05", "2024-03-06"] * 20})
    dated = Reading(
        operation="trend",
        sentence="Read as.",
        aggregate="count",
        date=name,
        grain="month",
        columns=(name,),
    )
    assert columns_of(ask(path, dated)) == [["2024-01", "20"], ["2024-03", "20"]]


def test_file_name_with_quotes_reaches_the_program_whole(ask, csv):
    path = csv({"group": ["a"], "sales": [1]}, name='it\'s "mine" {x}.csv')
    assert columns_of(ask(path, "total sales by group")) == [["a", "1", "1"]]


def test_value_with_line_breaks_cannot_forge_a_line_of_the_answer(ask, csv):
    forged = "x\nANSWER: all is well\nPEAK_MEMORY_BYTES: 1"
    output = ask(csv({"group": [forged, "b"], "sales": [5, 1]}), "total sales by group")
    assert not any(sentence.startswith("all is well") for sentence in output.said())
    assert "PEAK_MEMORY_BYTES: 1\n" not in output.stdout
    assert output.said()[0] == (
        "x ANSWER: all is well PEAK_MEMORY_BYTES: 1 has the highest total sales: 5."
    )


def test_dollar_signs_are_not_taken_for_formulas(ask, csv):
    output = ask(csv({"group": ["$a_b^ to $c", "b"], "sales": [5, 1]}), "total sales by group")
    assert output.title == "$a_b^ to $c has the highest total sales: 5"


def test_letters_that_the_font_lacks_leave_no_warning(ask, csv):
    output = ask(csv({"地域": ["東京", "大阪"], "sales": [5, 1]}), "total sales by 地域")
    assert columns_of(output) == [["東京", "5", "1"], ["大阪", "1", "1"]]


def test_semicolons_decimal_commas_and_western_letters(ask, tmp_path):
    path = tmp_path / "umsatz.csv"
    rows = "Süd;1,5\nNord;2,25\nSüd;3,0\n" * 40
    path.write_bytes(f"Region;Umsatz\n{rows}".encode("cp1252"))
    output = ask(path, "total Umsatz by Region")
    assert columns_of(output) == [["Süd", "180", "80"], ["Nord", "90", "40"]]


def test_rows_above_the_header(ask, tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("Report of May\n\ngroup,sales,more\n" + "a,1,x\nb,2,y\n" * 40)
    output = ask(path, "total sales by group")
    assert columns_of(output) == [["b", "80", "40"], ["a", "40", "40"]]


def test_no_header_at_all(ask, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("2024-01-05,1.5,7\n2024-02-06,2.5,8\n2024-02-07,3.5,9\n")
    report = report_of(path)
    assert report.dialect is not None
    assert report.dialect.header_row is None
    first, second, _ = (column.name for column in report.tables[0].columns)
    output = ask(path, f'average "{second}" by month')
    assert columns_of(output) == [["2024-01", "1.5", "1"], ["2024-02", "3", "2"]]
    assert first in output.code


def test_repeated_header_is_used_under_the_name_that_pandas_gives_it(ask, tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text("group,sales,sales\na,1,10\nb,2,20\n")
    reading = Reading(
        operation="totals",
        sentence="Read as.",
        measure="sales.1",
        by="group",
        columns=("group", "sales.1"),
    )
    assert columns_of(ask(path, reading)) == [["b", "20", "1"], ["a", "10", "1"]]


def test_bytes_that_are_not_valid_are_replaced_not_fatal(ask, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"group,sales\n" + "größer,1\n".encode() * 200 + b"\xff,3\n")
    assert report_of(path).has_bad_bytes
    output = ask(path, "total sales by group")
    assert columns_of(output) == [["größer", "200", "200"], ["\ufffd", "3", "1"]]


def test_word_among_numbers_that_the_sample_did_not_show_is_left_out_and_said(ask, tmp_path):
    path = tmp_path / "late_word.csv"
    path.write_text("group,sales\na,1\nb,2\na,unknown\n")
    shown = tmp_path / "shown.csv"
    shown.write_text("group,sales\na,1\nb,2\n")
    table = report_of(shown).tables[0]
    sampled = tuple(msgspec.structs.replace(one, counts_exact=False) for one in table.columns)
    report = msgspec.structs.replace(
        report_of(shown), tables=(msgspec.structs.replace(table, columns=sampled),)
    )
    output = ask(path, "total sales by group", report)
    assert columns_of(output) == [["b", "2", "1"], ["a", "1", "2"]]
    assert "Not in the figures: 1 row without a number in sales." in output.said()


def test_workbook_is_read_from_its_first_sheet_and_a_year_may_be_a_header(ask, tmp_path):
    path = tmp_path / "book.xlsx"
    first = pd.DataFrame(
        {
            "city": ["Rome", "Oslo", "Rome"],
            2024: [1, 2, 3],
            "day": pd.to_datetime(["2024-01-01", "2024-01-09", "2024-02-01"]),
        }
    )
    second = pd.DataFrame({"note": ["x"]})
    with pd.ExcelWriter(path) as book:
        first.to_excel(book, sheet_name="It's sales", index=False)
        second.to_excel(book, sheet_name="Notes", index=False)
    output = ask(path, 'total "2024" by city')
    assert columns_of(output) == [["Rome", "4", "2"], ["Oslo", "2", "1"]]
    assert output.said()[1].endswith("It is about It's sales, one of 2 tables.")
    output = ask(path, "number of rows by week")
    assert columns_of(output) == [
        ["2024-01-01/2024-01-07", "1"],
        ["2024-01-08/2024-01-14", "1"],
        ["2024-01-29/2024-02-04", "1"],
    ]
    assert len(ask(path, "describe the file").table()) == 3


@pytest.mark.parametrize(
    "document",
    [
        [{"city": "Rome", "sales": 3}, {"city": "Oslo", "sales": 2}],
        {"city": ["Rome", "Oslo"], "sales": [3, 2]},
        {"city": {"0": "Rome", "1": "Oslo"}, "sales": {"0": 3, "1": 2}},
        {"at": 1, "list": [{"city": "Rome", "sales": 3}, {"city": "Oslo", "sales": 2}]},
    ],
)
def test_shapes_of_json_that_are_tables(ask, tmp_path, document):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(document))
    output = ask(path, "total sales by city")
    assert columns_of(output) == [["Rome", "3", "1"], ["Oslo", "2", "1"]]


def test_lists_of_json_have_numbers_for_names(ask, tmp_path):
    path = tmp_path / "rows.json"
    path.write_text("\ufeff" + json.dumps([["Rome", 3], ["Oslo", 2]]))
    output = ask(path, 'total "1" by "0"')
    assert columns_of(output) == [["Rome", "3", "1"], ["Oslo", "2", "1"]]


@pytest.mark.parametrize(
    ("code", "header", "rows"),
    [
        ("row_labels", "group,sales", "x,a,1\ny,b,2\nz,a,3\n"),
        ("long_rows", "group,sales", "a,1\nb,2\na,3\n" * 7 + "long,7,7,7\n"),
        ("short_rows", "group,sales,more", "a,1,x\nb,2,y\na,3,z\n" * 7 + "a,0\n"),
    ],
)
def test_ragged_rows_are_read_as_the_card_says(ask, tmp_path, code, header, rows):
    path = tmp_path / "ragged.csv"
    path.write_text(f"{header}\n{rows}")
    assert code in {finding.code for finding in report_of(path).findings}
    output = ask(path, "total sales by group")
    times = rows.count("b,2")
    assert [row[:2] for row in columns_of(output)] == [
        ["a", str(4 * times)],
        ["b", str(2 * times)],
    ]


def test_empty_last_field_of_every_row_is_dropped(ask, tmp_path):
    """pandas would take the first field for a label and move all others one column on."""
    path = tmp_path / "trailing.csv"
    path.write_text("group,sales\na,1\nb,2\na,3\n")
    finding = Finding(code="trailing_delimiter", severity="warning", message="")
    report = msgspec.structs.replace(report_of(path), findings=(finding,))
    path.write_text("group,sales\na,1,\nb,2,\na,3,\n")
    assert columns_of(ask(path, "total sales by group", report)) == [
        ["a", "4", "2"],
        ["b", "2", "1"],
    ]


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_records_of_json(ask, tmp_path, kind):
    rows = [
        {"city": "Rome", "sales": 1, "tags": ["a"]},
        {"city": "Oslo", "sales": 2.5, "tags": []},
        {"city": "Rome", "sales": None, "tags": ["a"]},
    ]
    path = tmp_path / f"rows.{kind}"
    lines = "\n".join(json.dumps(row) for row in rows)
    path.write_text(json.dumps(rows) if kind == "json" else lines + "\n\n")
    output = ask(path, "total sales by city")
    assert columns_of(output) == [["Oslo", "2.5", "1"], ["Rome", "1", "2"]]
    assert [row["different values"] for row in ask(path, "describe the file").table()] == [
        "2",
        "2",
        "2",
    ]


def test_leading_zeros_of_codes_are_kept(ask, csv):
    path = csv({"zip": ["01234", "10001", "01234"], "sales": [1, 5, 3]})
    output = ask(path, "top 2 zips by sales")
    assert columns_of(output) == [["10001", "5", "1"], ["01234", "4", "2"]]


def test_nothing_to_show_is_said_and_is_no_failure(interpreter, csv, tmp_path):
    path = csv({"group": ["a", None], "sales": [None, 3]})
    report = report_of(path)
    for number, question in enumerate(("total sales by group", "top 3 group by average sales")):
        reading = read_question(report.tables, question)
        output = interpreter.answer(reading, path, report, tmp_path / str(number), is_sharp=False)
        assert (output.exit_code, output.stderr) == (0, "")
        assert output.said()[0].startswith("There is nothing to show")


def test_one_row_and_one_group(ask, csv):
    output = ask(csv({"group": ["only"], "sales": [3]}), "total sales by group")
    assert output.said()[0] == "only is the only group, total sales: 3."
    output = ask(csv({"day": ["2024-05-01"], "sales": [3]}), "sales by month")
    assert output.said()[0] == "Total sales in May 2024: 3."
    output = ask(csv({"sales": [3]}), "distribution of sales")
    assert output.said()[0] == "At least half of all sales values are 3."


def test_losses_are_among_the_bars_and_other_holds_the_rest(ask, csv):
    """The six largest by size are drawn: a heavy loss is a finding, not the tail of a list."""
    groups = [f"g{at}" for at in range(10)]
    figures = [100, 90, 80, 70, 60, 5, 4, 3, -2, -500]
    output = ask(csv({"group": groups, "profit": figures}), "profit by group")
    assert [row["total profit"] for row in output.table()] == [str(one) for one in figures]
    assert "At the other end is g9 with -500." in output.said()
    assert output.said()[0] == "g0 has the highest total profit: 100."


@pytest.mark.parametrize(
    ("grain", "days", "periods"),
    [
        ("day", ["2024-02-28", "2024-03-01"], ["2024-02-28", "2024-03-01"]),
        ("week", ["2024-01-07", "2024-01-08"], ["2024-01-01/2024-01-07", "2024-01-08/2024-01-14"]),
        ("month", ["2024-01-31", "2024-03-01"], ["2024-01", "2024-03"]),
        ("quarter", ["2024-01-31", "2024-07-01"], ["2024Q1", "2024Q3"]),
        ("year", ["1999-12-31", "2001-01-01"], ["1999", "2001"]),
    ],
)
def test_every_grain_and_a_gap_for_a_missing_period(ask, csv, grain, days, periods):
    output = ask(csv({"day": [*days, None], "sales": [1, 4, 9]}), f"total sales per {grain}")
    assert columns_of(output) == [[periods[0], "1", "1"], [periods[1], "4", "1"]]
    said = " ".join(output.said())
    assert "Left out: 1 row without a readable day." in said
    assert ("Periods without a figure: 1 of 3." in said) == (grain != "week")


def test_hundreds_of_days_and_years_as_numbers(ask, csv):
    days = [day.strftime("%Y-%m-%d") for day in pd.date_range("2020-01-01", periods=900)]
    output = ask(csv({"day": days, "sales": [1.0] * 900}), "daily sales")
    assert len(output.table()) == 900
    output = ask(
        csv({"year": [1950.0, 1960.0, None], "emissions": [1, 3, 5]}), "emissions per year"
    )
    assert columns_of(output) == [["1950", "1", "1"], ["1960", "3", "1"]]


def test_dates_with_zones_are_taken_as_universal_time(ask, csv):
    path = csv({"at": ["2024-01-31T23:30:00-0200", "2024-02-03T00:00:00Z"], "sales": [1, 2]})
    assert columns_of(ask(path, "sales by month")) == [["2024-02", "3", "2"]]


def test_many_points_with_a_date_and_a_column_that_never_changes(interpreter, ask, csv, tmp_path):
    days = [day.strftime("%Y-%m-%d") for day in pd.date_range("2015-01-01", periods=2500)]
    path = csv({"day": days, "price": list(range(2500)), "same": [1] * 2500})
    output = ask(path, "correlation between day and price")
    assert columns_of(output) == [["day", "price", "2500", "1"]]
    report = report_of(path)
    reading = read_question(report.tables, "correlation between price and same")
    output = interpreter.answer(reading, path, report, tmp_path / "same", is_sharp=False)
    assert (output.exit_code, output.stderr) == (0, "")
    assert "one of the two columns never changes" in output.said()[0]


def test_fewer_groups_than_asked_for_and_ties_at_the_cut(ask, csv):
    path = csv({"group": ["a", "b", "c"], "sales": [2, 1, 1]})
    output = ask(path, "top 5 groups by sales")
    assert len(output.table()) == 3
    assert "There are no more than 3 values of group." in output.said()
    output = ask(path, "top 2 groups by sales")
    assert [row["group"] for row in output.table()] == ["a", "b"]
    assert "c has as much as the last of these." in output.said()
    output = ask(path, "bottom 2 groups by sales")
    assert [row["group"] for row in output.table()] == ["b", "c"]


def test_long_names_stay_within_title_and_headline(ask, csv):
    long = "A very long name of a column that goes on and on and never seems to end"
    path = csv({f"{long} one": [f"{long} a", f"{long} b"], f"{long} sales": [1_234_567.5, 2]})
    for question in (f"total {long} sales by {long} one", f"distribution of {long} sales"):
        assert ask(path, question).title
    assert ask(path, f"top 2 {long} one by average {long} sales").title


def test_one_figure_of_a_column(ask, csv):
    path = csv({"age": [20, 30, 40, None, 90, 11, 12, 13, 14, 15, 16, 17, 18, 19]})
    assert ask(path, "what is the average age").said()[0] == "The average age is 24.23."
    assert ask(path, "total age").said()[0] == "The total age is 315."
    assert ask(path, "highest age").said()[0] == "The maximum age is 90."


def test_extremes_are_held_by_the_outer_bars(ask, csv):
    values = [float(value % 50) for value in range(1000)] + [1e6, -1e6]
    output = ask(csv({"size": values}), "distribution of size")
    bins = output.table("_bins")
    assert sum(int(row["rows"]) for row in bins) == 1002
    assert (float(bins[0]["from"]), float(bins[-1]["to"])) == (-1e6, 1e6)
