"""How figures are read and written: converted text, even decimals, ties said as what they are."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from services.analyst import read_question
from services.analyst.types import Reading
from tests.analyst_real.conftest import Interpreter, Output, report_of

Ask = Callable[[Path, str], Output]

SHOPS = """\
Datum;Filiale;Umsatz;Anteil;Kosten
05.01.2024;Bonn;1.234,50;12,5%;1.200 €
06.01.2024;Köln;950,00;8,0%;980 €
09.02.2024;Bonn;12.034,05;9,5%;12.500 €
10.02.2024;Ulm;-3,20;1,0%;3 €
11.02.2024;Ulm;;1,0%;
"""


@pytest.fixture
def ask(interpreter: Interpreter, tmp_path: Path) -> Ask:
    def asked(path: Path, question: str) -> Output:
        report = report_of(path)
        reading = read_question(report.tables, question)
        assert isinstance(reading, Reading), reading
        folder = tmp_path / f"out{len(list(tmp_path.glob('out*')))}"
        output = interpreter.answer(reading, path, report, folder, is_sharp=False)
        assert (output.exit_code, output.stderr) == (0, "")
        assert 0 < len(output.title) <= 70
        assert len(output.said()[0]) <= 90
        return output

    return asked


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    path = tmp_path / "filialen.csv"
    path.write_text(SHOPS)
    return path


def written(tmp_path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    path = tmp_path / "data.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def test_decimal_commas_and_thousands_add_up(ask, shops):
    """By hand, and by DuckDB on the original text."""
    output = ask(shops, "total Umsatz by Filiale")
    found = [(row["Filiale"], float(row["total Umsatz"])) for row in output.table()]
    assert found == [("Bonn", 13268.55), ("Köln", 950.0), ("Ulm", -3.2)]
    rows = duckdb.execute(
        "SELECT Filiale, sum(replace(replace(Umsatz, '.', ''), ',', '.')::DOUBLE) "
        "FROM read_csv(?, delim = ';', all_varchar = true) GROUP BY 1 ORDER BY 2 DESC",
        [str(shops)],
    ).fetchall()
    assert dict(rows) == pytest.approx(dict(found))
    assert output.said()[0] == "Bonn has the highest total Umsatz: 13,268.55."
    assert "Not in the figures: 1 row without a number in Umsatz." in output.said()


def test_percent_and_currency_signs_are_converted(ask, shops):
    assert ask(shops, "average Anteil").said()[0] == "The average Anteil is 6.40."
    output = ask(shops, "total Kosten by Filiale")
    assert [list(row.values()) for row in output.table()] == [
        ["Bonn", "13700", "2"],
        ["Köln", "980", "1"],
        ["Ulm", "3", "2"],
    ]
    output = ask(shops, "correlation between Umsatz and Kosten")
    assert [row["rows"] for row in output.table()] == ["4"]
    holds = {row["column"]: row["holds"] for row in ask(shops, "describe the file").table()}
    assert holds["Umsatz"] == holds["Anteil"] == holds["Kosten"] == "numbers"


def test_brackets_of_accountants_are_negative(ask, tmp_path):
    path = tmp_path / "net.csv"
    path.write_text('store,net\nA,"$1,200.50"\nB,($30.25)\nA,$10.00\n')
    output = ask(path, "total net by store")
    assert [list(row.values()) for row in output.table()] == [
        ["A", "1210.5", "2"],
        ["B", "-30.25", "1"],
    ]


def test_number_written_in_another_way_is_left_out_and_never_misread(interpreter, tmp_path):
    """A value that the sample did not show may not turn from 1234.5 into 12,345."""
    path = tmp_path / "late.csv"
    path.write_text("group;amount\nA;1.100,50\nB;7,5\n")
    report = report_of(path)
    path.write_text("group;amount\nA;1.100,50\nB;1234.5\nB;7,5\n")
    reading = read_question(report.tables, "total amount by group")
    assert isinstance(reading, Reading)
    output = interpreter.answer(reading, path, report, tmp_path / "out", is_sharp=False)
    assert {row["group"]: row["total amount"] for row in output.table()}["B"] == "7.5"
    assert "Not in the figures: 1 row without a number in amount." in output.said()


def test_text_numbers_of_json_beside_real_ones_are_converted(ask, tmp_path):
    path = tmp_path / "rows.json"
    records = [{"g": "a", "cost": "1.234,5"}, {"g": "a", "cost": 7}, {"g": "b", "cost": None}]
    path.write_text(json.dumps(records))
    output = ask(path, "total cost by g")
    assert output.table()[0] == {"g": "a", "total cost": "1241.5", "rows": "2"}


TIES: dict[str, Sequence[object]] = {
    "day": ["2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05", "2024-05-05", "2024-06-05"],
    "team": list("abcdef"),
    "score": [3, 3, 1, 1, 1, 2],
    "same": [4] * 6,
}


def test_shared_first_and_last_places_are_said(ask, tmp_path):
    path = written(tmp_path, TIES)
    said = ask(path, "total score by team").said()
    assert said[0] == "a and b have the highest total score: 3 each."
    assert "At the other end 3 are tied at 1: c, d and e." in said
    said = ask(path, "which team has the lowest score").said()
    assert said[0] == "c, d and e have the lowest score: 1 each."
    said = ask(path, "total same by team").said()
    assert said[0] == "All 6 have the same total same: 4."
    assert not any("other end" in sentence for sentence in said)


def test_ties_at_the_cut_of_a_list_are_counted(ask, tmp_path):
    path = written(tmp_path, TIES)
    said = ask(path, "bottom 2 teams by score").said()
    assert "e has as much as the last of these." in said
    path = written(tmp_path, {"team": list("abcdefgh"), "score": [9, 1, 1, 1, 1, 1, 1, 1]})
    said = ask(path, "top 2 teams by score").said()
    assert said[0] == "a has the highest score: 9."
    assert "6 have as much as the last of these: c, d, e, f, g and h." in said


def test_many_in_first_place_are_counted_in_the_headline_and_listed(ask, tmp_path):
    names = [f"a rather long name of a team {n}" for n in range(9)]
    said = ask(written(tmp_path, {"team": names, "score": [5] * 8 + [1]}), "score by team").said()
    assert said[0] == "8 values of team are tied in first place."
    assert said[-1].startswith("At the other end is a rather long name of a team 8 with 1")
    (tied,) = (sentence for sentence in said if sentence.startswith("Tied at 5: "))
    assert tied.endswith(" and 3 more.")


def test_shared_peaks_of_a_trend_are_said(ask, tmp_path):
    path = written(tmp_path, TIES)
    assert (
        "The highest figure is 3 (Jan 2024 and Feb 2024), "
        "the lowest 1 (Mar 2024, Apr 2024 and May 2024)."
    ) in ask(path, "total score by month").said()
    assert "Every month has the same figure." in ask(path, "total same by month").said()
    one = written(tmp_path, {**TIES, "score": [3, 9, 4, 1, 2, 2]})
    assert (
        "The highest month is Feb 2024 with 9, the lowest Apr 2024 with 1."
        in ask(one, "total score by month").said()
    )


def test_most_frequent_value_of_an_overview_is_no_arbitrary_one(ask, tmp_path):
    path = written(tmp_path, {**TIES, "pair": ["x", "x", "y", "y", "z", None]})
    frequent = {row["column"]: row["most frequent"] for row in ask(path, "describe it").table()}
    assert frequent["team"] == "6 values, each once"
    assert frequent["pair"] == "2 values, each in 2 rows"


@pytest.mark.parametrize(
    ("columns", "title"),
    [
        ({"shop": ["x", "x", "x", "y"], "n": [1, 2, 3, 4]}, "x is the largest group: 3 rows"),
        ({"shop": ["x", "x", "y", "y"]}, "2 groups are the largest: 2 rows each"),
        ({"n": [1, 2, 3, 3], "m": [1, 1, 1, 2]}, "n has the most different values: 3"),
        ({"n": [1, 2, 3, 3], "m": [1, 2, 3, 2]}, None),
        ({"n": [1, None, 3], "m": [None, 2, 3]}, "2 columns are blank in 1 row each"),
        ({"n": [1, None, 3], "m": [1, 2, 3]}, "n is blank in 1 row"),
    ],
)
def test_title_of_an_overview_is_about_its_bars(ask, tmp_path, columns, title):
    output = ask(written(tmp_path, columns), "what is in this file")
    assert output.title == (title or "2 columns have the most different values: 3 each")


def test_decimals_are_even_within_an_answer(ask, tmp_path):
    """Money has two decimals in every figure, whole numbers and counts have none."""
    path = written(
        tmp_path,
        {"shop": ["a", "a", "b", "c"], "cost": [1000.5, 200.0, 12.25, 3.0], "units": [1, 2, 3, 4]},
    )
    said = ask(path, "total cost by shop").said()
    assert said[0] == "a has the highest total cost: 1,200.50."
    assert "At the other end is c with 3.00." in said
    assert "There are 3 different values of shop; together they have 1,215.75." in said
    said = ask(path, "top 3 shops by total cost").said()
    assert "In order: a (1,200.50); b (12.25); c (3.00)." in said
    assert "together they have 10." in " ".join(ask(path, "total units by shop").said())
    said = ask(path, "distribution of cost").said()
    assert "Over 4 rows the median is 106.12" in said[2]
    assert "the values go from 3.00 to 1,000.50" in said[2]
    printed = ask(path, "total cost by shop").stdout
    assert "1,200.50" in printed
    assert "3.00" in printed


def test_table_of_a_distribution_holds_figures_of_one_kind(ask, tmp_path):
    """No count of rows stands among amounts, where it would be drawn as 4.00."""
    path = written(tmp_path, {"cost": [1000.5, 200.0, 12.25, 3.0]})
    assert [row["figure"] for row in ask(path, "distribution of cost").table()] == [
        "lowest",
        "lower quartile",
        "median",
        "average",
        "upper quartile",
        "highest",
        "sum",
    ]


def test_files_are_named_in_the_case_of_the_columns(ask, tmp_path):
    path = written(tmp_path, {"Region": ["a", "b"], "Unit Price": [1.5, 2.5]})
    output = ask(path, "average unit price by region")
    assert sorted(file.name for file in output.folder.iterdir()) == [
        "Unit_Price_by_Region.csv",
        "Unit_Price_by_Region.png",
    ]


def test_month_that_is_half_over_is_not_compared(ask, tmp_path):
    """Each day brings 10; May has 14 days so far, and is neither a fall nor the lowest."""
    days = pd.date_range("2024-01-01", "2024-05-14")
    path = written(tmp_path, {"day": days.strftime("%Y-%m-%d").tolist(), "sales": [10] * len(days)})
    output = ask(path, "total sales by month")
    assert output.said()[0] == "Total sales fell from 310 (Jan 2024) to 300 (Apr 2024)."
    assert "The highest figure is 310 (Jan 2024 and Mar 2024), the lowest 290 (Feb 2024)." in (
        output.said()
    )
    assert (
        "The dates run from 2024-01-01 to 2024-05-14, so May 2024 is not complete and not compared."
        in output.said()
    )
    # It stands in the table and in the chart all the same.
    assert [row["total sales"] for row in output.table()] == ["310", "290", "310", "300", "140"]


def test_months_that_are_dated_by_their_first_day_are_complete(ask, tmp_path):
    months = pd.date_range("2021-01-01", "2024-12-01", freq="MS")
    path = written(
        tmp_path, {"day": months.strftime("%Y-%m-%d").tolist(), "sales": range(len(months))}
    )
    for question in ("total sales by month", "total sales by year"):
        assert not any("not complete" in said for said in ask(path, question).said())


def test_year_that_has_only_begun_is_not_compared(ask, tmp_path):
    months = pd.date_range("2021-01-01", "2024-03-01", freq="MS")
    path = written(
        tmp_path, {"day": months.strftime("%Y-%m-%d").tolist(), "sales": [1] * len(months)}
    )
    said = ask(path, "total sales by year").said()
    assert said[0] == "Total sales was 12 in 2021 as in 2023."
    assert "so 2024 is not complete and not compared." in " ".join(said)
