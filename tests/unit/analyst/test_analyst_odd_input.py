"""What people type that is no question for rules: a right reason or none, and near examples."""

import pytest

from services.analyst import read_question
from services.analyst.types import Abstained, Reading, UnknownColumn
from services.wording import oddities
from services.wording import questions as say
from tests.unit.analyst.analyst_tables import ORDERS, TABLES, column, table
from tests.unit.analyst.test_analyst_readings import in_words

LETTER = (
    "Dear team, attached is the report for last quarter. We are pleased with the results in the "
    "West and would like to discuss how to improve profit over the next months. Best regards, Ann"
)
LOREM = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor in incididunt"

ODD = [
    ("hello", oddities.no_question()),
    ("thanks!", oddities.no_question()),
    ("?", oddities.no_question()),
    ("...", oddities.no_question()),
    ("😀 🚀", oddities.no_question()),
    ("show", oddities.no_question()),
    ("can you help me?", oddities.no_question()),
    ("asdf", say.unclear_words("asdf")),
    ("asdf qwer", say.unclear_words("asdf qwer")),
    ("asdf in qwer", say.unclear_words("asdf qwer")),
    ("xyz over there", say.unclear_words("xyz")),
    ("12345", say.unclear_words("12345")),
    ("http://example.com", say.unclear_words("http example com")),
    ("what is the weather like today in London", say.unclear_words("weather london")),
    (LETTER, oddities.not_about_the_columns()),
    (LOREM, oddities.not_about_the_columns()),
    (LETTER + " " + LETTER + " " + LETTER, oddities.one_short_question()),
    (
        "total sales by region. average profit by category. top 5 customers by sales.",
        oddities.one_short_question(),
    ),
    ("Was ist der Umsatz pro Region?", oddities.english_only()),
    ("Umsatz nach Region", oddities.english_only()),
    ("Quelle est la moyenne des ventes par région ?", oddities.english_only()),
    ("¿Cuál es el total de ventas por mes?", oddities.english_only()),
    ("totale vendite per regione e mese", oddities.english_only()),
    ("売上を地域別に", oddities.english_only()),
    ("продажи по регионам", oddities.english_only()),
    ("SELECT region, sum(sales) FROM orders GROUP BY 1", oddities.no_formula()),
    ("=SUM(A1:A10)", oddities.no_formula()),
    ("who sells most", say.not_handled("who", "who")),
    ("best selling categories", say.not_handled("measure", "best selling")),
    ("total", say.not_understood()),
    ("region", say.nothing_said_of("Region", is_number=False)),
    ("west", say.asks_for_one_value("west", "Region")),
]


@pytest.mark.parametrize(("typed", "reason"), ODD, ids=lambda part: str(part)[:40])
def test_reason_fits_what_was_typed(typed, reason):
    understood = read_question((ORDERS,), typed)
    assert isinstance(understood, Abstained), understood
    assert understood.reason == reason
    assert len(understood.examples) == 2


def test_question_in_the_words_of_a_foreign_header_is_no_foreign_question():
    sheet = table(
        "verkauf.csv",
        90,
        column("Umsatz pro Monat", "number", 80),
        column("Region der Filiale", "text", 3, ("Nord", "Süd")),
        column("地域", "text", 3, ("東京", "大阪")),
    )
    for asked in (
        "total Umsatz pro Monat by Region der Filiale",
        "average Umsatz pro Monat by 地域",
        "地域 by Umsatz pro Monat in 2024",
    ):
        understood = read_question((sheet,), asked)
        assert getattr(understood, "reason", "") != oddities.english_only(), asked


SLIPS = [
    ("avrage sales by region", "totals mean Sales by Region"),
    ("toatl sales by region", "totals sum Sales by Region"),
    ("how mnay rows per region", "totals count by Region"),
    ("monthy sales", "trend sum Sales along Order Date by month"),
    ("qaurterly profit", "trend sum Profit along Order Date by quarter"),
    ("distribtion of profit", "distribution count Profit"),
    ("corelation between quantity and profit", "correlation Quantity and Profit"),
    ("which region has the hihgest sales", "top sum Sales by Region, 1 highest"),
    ("sumary of the file", "overview count"),
]


@pytest.mark.parametrize(("typed", "reading"), SLIPS)
def test_slip_of_the_keyboard_in_a_word_of_the_rules_is_put_right(typed, reading):
    understood = read_question((ORDERS,), typed)
    assert isinstance(understood, Reading), understood
    assert in_words(understood) == reading


def test_word_of_the_file_is_never_taken_for_a_slip():
    """'mouth' may be a column or a value, and then it is no misspelt month."""
    sheet = table(
        "patients.csv",
        90,
        column("Mouth", "text", 3, ("open", "shut")),
        column("Part", "text", 3, ("trent", "foot")),
        column("Day", "date", 80, ("2024-01-05",), date_format="%Y-%m-%d"),
    )
    understood = read_question((sheet,), "number of rows by mouth")
    assert isinstance(understood, Reading)
    assert understood.by == "Mouth"
    assert isinstance(read_question((sheet,), "number of rows by moth"), UnknownColumn)
    value = read_question((sheet,), "number of rows by part for trent")
    assert isinstance(value, Abstained)
    assert value.reason == say.asks_for_one_value("trent", "Part")


@pytest.mark.parametrize(
    ("header", "asked"),
    [("Discount %", "average discount %"), ("Cost ($)", "total cost ($)"), ("A+B", "average A+B")],
)
def test_sign_that_belongs_to_a_header_is_no_arithmetic(header, asked):
    sheet = table("t.csv", 90, column(header, "number", 80), column("Region", "text", 3, ("x",)))
    understood = read_question((sheet,), f"{asked} by region")
    assert isinstance(understood, Reading), understood
    assert understood.measure == header


NEAR = [
    # The same kind and columns come first
    ("orders", "why did profit fall", ("Total Profit over time", "Total Profit by Ship Mode")),
    (
        "orders",
        "top 5 categories by profit in 2024",
        ("Top 5 Categories by Profit", "Total Profit by Category"),
    ),
    ("orders", "sales and profit by region", ("Total Sales by Region", "Total Profit by Region")),
    (
        "orders",
        "standard class sales by region",
        ("Total Sales by Ship Mode", "Total Sales by Region"),
    ),
    (
        "orders",
        "average profit by region in 2023",
        ("Average Profit by Region", "Top 5 Regions by average Profit"),
    ),
    (
        "orders",
        "how many orders per region",
        ("Number of rows by Region", "The 5 most common Regions"),
    ),
    (
        "orders",
        "sales vs profit",
        ("Correlation between Sales and Profit", "Total Sales by Ship Mode"),
    ),
    (
        "orders",
        "outliers in profit",
        ("Distribution of Profit", "Total Profit by Ship Mode"),
    ),
]


@pytest.mark.parametrize(("name", "question", "examples"), NEAR)
def test_examples_lie_close_to_the_question(name, question, examples):
    understood = read_question((TABLES[name],), question)
    assert isinstance(understood, Abstained)
    assert understood.examples == examples
