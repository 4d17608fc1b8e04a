"""Suggestions of many made-up schemas: each is understood, sensible, and not like the others."""

import random

import pytest

from services.analyst import examples, read_question
from services.analyst.types import Reading
from services.preflight.types import ColumnReport, TableReport
from tests.unit.analyst.analyst_tables import TABLES, column, table

ROWS = 400


def text(name: str, distinct: int) -> ColumnReport:
    return column(name, "text", distinct, tuple(f"v{n}" for n in range(min(distinct, 50))))


def whole(name: str, low: int, high: int, distinct: int) -> ColumnReport:
    return column(name, "integer", distinct, (str(low),), between=(str(low), str(high)))


def day(name: str, form: str | None = "%Y-%m-%d") -> ColumnReport:
    return column(
        name,
        "date",
        300,
        ("2024-01-05", "2024-05-06"),
        between=("2024-01-01", "2024-12-31"),
        date_format=form,
    )


NAMES = {
    # Numbers that are names, and what must not be grouped by
    "never": (
        whole("id", 1, ROWS, ROWS),
        whole("Order No", 1000, 9999, ROWS),
        whole("Postcode", 1000, 99999, 120),
        whole("ZIP", 1000, 99999, 120),
        whole("customer_id", 1, 90, 90),
        whole("Year", 2019, 2024, 6),
        whole("Phone number", 100000, 999999, ROWS),
        whole("Unnamed: 0", 0, ROWS - 1, ROWS),
        text("Customer Name", 390),
        text("E-mail", ROWS),
        text("Notes", 350),
        text("Postal Code", 30),
        column("tags", "text", 4, ('["x"]', '["x", "y"]')),
        column("address", "text", 9, ('{"city": "Oslo"}', '{"city": "Rome", "zip": [1')),
        column("mixed", "mixed", 90, ("12", "n/a")),
        column("nothing", "empty", 0, dtype="float64"),
        column("Written", "text", 200, ("$5", "€7")),
        day("closed", None),
    ),
    "fine": (
        text("Region", 4),
        text("Product Category", 7),
        text("by", 3),
        text("top 5", 5),
        text("total", 6),
        text("Größe", 5),
        text('say "hi"', 3),
        text("two\nlines", 3),
        column("Active", "boolean", 2, ("True", "False")),
        column("Revenue", "number", 380),
        column("Unit Price", "number", 200),
        column("Discount %", "integer", 6),
        column("count", "integer", 30),
        column("Amount", "text", 200, ("1.234,50", "950,00")),
        column("x", "number", 300),
        whole("Quantity", 1, 14, 14),
        day("Order Date"),
        day("Shipped"),
    ),
}
NEVER = {one.name for one in NAMES["never"]} - {"Year"}


def schema(seed: int) -> TableReport:
    chance = random.Random(seed)
    never = chance.sample(NAMES["never"], chance.randint(0, 6))
    fine = chance.sample(NAMES["fine"], chance.randint(0, 7))
    columns = never + fine or [NAMES["fine"][0]]
    chance.shuffle(columns)
    return table(f"made_{seed}.csv", ROWS, *columns)


@pytest.mark.parametrize("seed", range(150))
def test_every_suggestion_is_read_and_uses_columns_for_what_they_are(seed):
    made = schema(seed)
    offered = examples((made,))
    assert 1 <= len(offered) <= 4
    assert len(set(offered)) == len(offered)
    readings = [read_question((made,), question) for question in offered]
    for question, reading in zip(offered, readings, strict=True):
        assert isinstance(reading, Reading), (question, reading)
        if reading.operation != "overview":
            assert not NEVER & set(reading.columns), question
        if reading.operation != "correlation" and reading.aggregate == "sum":
            assert reading.measure not in ("Year", "Unit Price", "Discount %", "x"), question


@pytest.mark.parametrize("seed", range(150))
def test_suggestions_differ_in_kind_or_in_columns(seed):
    """Four ways to ask the same thing would be one suggestion."""
    made = schema(seed)
    readings = [read_question((made,), question) for question in examples((made,))]
    asked = [(r.operation, frozenset(r.columns)) for r in readings if isinstance(r, Reading)]
    assert len(set(asked)) == len(asked)
    kinds = {operation for operation, _ in asked}
    assert len(kinds) >= min(2, len(asked))


def test_suggestions_of_a_usual_file_are_of_four_kinds():
    assert examples((TABLES["orders"],)) == (
        "Total Sales by Ship Mode",
        "Total Sales over time",
        "Top 5 Sub-Categories by Sales",
        "Number of rows by Region",
    )


def test_column_of_lists_is_neither_suggested_nor_grouped_by():
    """As the card says: it can't be counted."""
    nested = NAMES["never"][12:14]
    made = table("rows.json", ROWS, *nested, text("Region", 4))
    assert examples((made,)) == (
        "Number of rows by Region",
        "Distribution of Region",
        "What is in this file?",
    )
    for name in ("tags", "address"):
        refused = read_question((made,), f"number of rows by {name}")
        assert getattr(refused, "reason", "") == (
            f"{name} holds lists or records, which can be neither counted nor calculated with."
        )


@pytest.mark.parametrize(
    ("name", "is_amount"),
    [("Number of rooms", True), ("Order number", False), ("No of visits", True), ("No.", False)],
)
def test_number_of_something_is_an_amount_and_no_name(name, is_amount):
    made = table("t.csv", ROWS, whole(name, 1, 9, 9), text("Region", 4))
    assert (f"{name} by Region" in " ".join(examples((made,)))) == is_amount
