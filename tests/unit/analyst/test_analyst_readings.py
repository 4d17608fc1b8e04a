"""Many phrasings, each with the one reading that it has."""

import time

import pytest

from services.analyst import read_question
from services.analyst.types import Reading
from tests.unit.analyst.analyst_tables import TABLES, column, table

# What is compared: operation, aggregate, measure, group, date and grain, limit, direction.
COUNT = "count"
READINGS = [
    # Overview
    ("orders", "what is in this file?", "overview count"),
    ("orders", "What's in here?", "overview count"),
    ("orders", "Describe the data", "overview count"),
    ("orders", "summarize this dataset please", "overview count"),
    ("orders", "are there missing values", "overview count"),
    ("orders", "which columns do I have", "overview count"),
    ("orders", "how many rows are there", "overview count"),
    # Totals by group
    ("orders", "total sales by region as a chart", "totals sum Sales by Region"),
    ("orders", "sum of Sales for each Ship Mode", "totals sum Sales by Ship Mode"),
    ("orders", "SALES BY REGION", "totals sum Sales by Region"),
    ("orders", "sales per region?", "totals sum Sales by Region"),
    ("orders", "Show me the total quantity in each category", "totals sum Quantity by Category"),
    ("orders", "what is the sum of profit per sub category", "totals sum Profit by Sub-Category"),
    ("orders", "profit across subcategories", "totals sum Profit by Sub-Category"),
    ("orders", "sum(sales) group by ship_mode", "totals sum Sales by Ship Mode"),
    ("orders", "total of `Sales` per `Sub-Category`", "totals sum Sales by Sub-Category"),
    ("orders", "average discount by shipmode", "totals mean Discount by Ship Mode"),
    ("orders", "give me the mean unit price for every region", "totals mean Unit Price by Region"),
    ("orders", "sales on average by region", "totals mean Sales by Region"),
    ("orders", "median profit by category", "totals median Profit by Category"),
    ("orders", "max profit by region", "totals max Profit by Region"),
    ("orders", "minimum of discount per category", "totals min Discount by Category"),
    ("orders", "total postal code by region", "totals sum Postal Code by Region"),
    ("orders", "price by region", "totals mean Unit Price by Region"),
    ("orders", "how much profit per region", "totals sum Profit by Region"),
    ("orders", "for each region show the total sales", "totals sum Sales by Region"),
    ("orders", "compare sales across regions", "totals sum Sales by Region"),
    ("orders", "bar chart of profit by category", "totals sum Profit by Category"),
    ("orders", "sales per region as a pie chart", "totals sum Sales by Region"),
    ("orders", "sales per region as a pie", "totals sum Sales by Region"),
    ("orders", "rank regions by sales", "totals sum Sales by Region"),
    ("orders", "customers by sales", "totals sum Sales by Customer Name"),
    ("orders", "how many rows per region", "totals count by Region"),
    ("orders", "count by returned", "totals count by Returned"),
    ("orders", "by category as a chart", "totals count by Category"),
    ("passengers", "how many passengers per class", "totals count by class"),
    ("passengers", "how many people per class", "totals count by class"),
    ("passengers", "passengers by gender", "totals count by sex"),
    ("passengers", "average age by class", "totals mean age by class"),
    ("passengers", "age by class", "totals mean age by class"),
    ("penguins", "average mass by species", "totals mean Body Mass (g) by Species"),
    ("penguins", "average body mass by study name", "totals mean Body Mass (g) by studyName"),
    ("penguins", "how many penguins per territory", "totals count by Province / Territory"),
    (
        "penguins",
        "number of penguins by political affiliation",
        "totals count by Political Affiliation at Appointment",
    ),
    ("weather", "how many days per weather", "totals count by weather"),
    ("weather", "how often does each kind of weather occur", "totals count by weather"),
    ("emissions", "totals by country", "totals sum emissions by country"),
    ("log", "average count per month", "totals mean count by month"),
    ("log", "total by team", "totals sum total by team"),
    # Trend
    ("orders", "how did profit develop by month", "trend sum Profit along Order Date by month"),
    ("orders", "sales over time", "trend sum Sales along Order Date by month"),
    ("orders", "trend of quantity per year", "trend sum Quantity along Order Date by year"),
    ("orders", "quarterly profit", "trend sum Profit along Order Date by quarter"),
    ("orders", "how did sales change by month", "trend sum Sales along Order Date by month"),
    ("orders", "average discount by week", "trend mean Discount along Order Date by week"),
    ("orders", "number of rows per month", "trend count along Order Date by month"),
    ("orders", "sales by year of order date", "trend sum Sales along Order Date by year"),
    ("orders", "sales by order date", "trend sum Sales along Order Date by month"),
    ("orders", "line chart of sales by quarter", "trend sum Sales along Order Date by quarter"),
    ("weather", "monthly average of temp_max over time", "trend mean temp_max along date by month"),
    ("weather", "precipitation over the years", "trend sum precipitation along date by year"),
    ("log", "trend of total by created", "trend sum total along created by month"),
    ("emissions", "total emissions per year", "trend sum emissions along year by year"),
    ("emissions", "emissions over time", "trend sum emissions along year by year"),
    # Distribution, and one figure of a column
    ("orders", "distribution of Discount", "distribution count Discount"),
    ("orders", "distribution of sales values", "distribution count Sales"),
    ("orders", "histogram of sales", "distribution count Sales"),
    ("orders", "How are profits distributed?", "distribution count Profit"),
    ("orders", "what does the distribution of profit look like", "distribution count Profit"),
    ("orders", "distribution of region", "distribution count Region"),
    ("orders", "describe sales", "distribution count Sales"),
    ("weather", "distribution of the minimum temperature", "distribution count temp_min"),
    ("orders", "what are the total sales", "distribution sum Sales"),
    ("orders", "what is the average discount", "distribution mean Discount"),
    ("orders", "highest profit", "distribution max Profit"),
    ("orders", "distribution of order date", "trend count along Order Date by month"),
    # Top N
    ("orders", "top 5 customers by sales", "top sum Sales by Customer Name, 5 highest"),
    ("orders", "top five sub-categories by profit", "top sum Profit by Sub-Category, 5 highest"),
    ("orders", "the three regions with the highest sales", "top sum Sales by Region, 3 highest"),
    (
        "orders",
        "5 largest customers by average sales",
        "top mean Sales by Customer Name, 5 highest",
    ),
    ("orders", "bottom 3 sub-categories by profit", "top sum Profit by Sub-Category, 3 lowest"),
    ("orders", "which region has the most sales", "top sum Sales by Region, 1 highest"),
    ("orders", "which region has the lowest total profit", "top sum Profit by Region, 1 lowest"),
    ("orders", "which category has the most rows", "top count by Category, 1 highest"),
    ("orders", "top 3 categories", "top count by Category, 3 highest"),
    ("orders", "most common ship mode", "top count by Ship Mode, 1 highest"),
    ("weather", "Which weather is the most common?", "top count by weather, 1 highest"),
    ("weather", "the three most frequent weathers", "top count by weather, 3 highest"),
    ("orders", "which ship mode has the least sales", "top sum Sales by Ship Mode, 1 lowest"),
    ("orders", "top 2 postal codes by quantity", "top sum Quantity by Postal Code, 2 highest"),
    ("orders", "top 3 months by sales", "top sum Sales along Order Date by month, 3 highest"),
    (
        "orders",
        "which year had the lowest profit",
        "top sum Profit along Order Date by year, 1 lowest",
    ),
    (
        "weather",
        "top 10 days by precipitation",
        "top sum precipitation along date by day, 10 highest",
    ),
    ("passengers", "top 3 names by age", None),
    ("orders", "best 3 regions by profit", "top sum Profit by Region, 3 highest"),
    ("orders", "our weakest region by sales", "top sum Sales by Region, 1 lowest"),
    ("orders", "worst 3 regions by discount", None),
    ("orders", "best 3 regions", None),
    ("orders", "top region", None),
    ("orders", "top 3 regions in terms of profit", "top sum Profit by Region, 3 highest"),
    ("orders", "the best region for sales", "top sum Sales by Region, 1 highest"),
    ("orders", "which region is highest by profit", "top sum Profit by Region, 1 highest"),
    ("weather", "the 5 windiest days", None),
    ("weather", "rainiest month", "top sum precipitation along date by month, 1 highest"),
    ("weather", "hottest day", None),
    ("passengers", "oldest class by average age", "top mean age by class, 1 highest"),
    ("passengers", "heaviest class by average age", None),
    # Words beside a column that add nothing, and some that do
    ("orders", "profit by sales region", "totals sum Profit by Region"),
    ("orders", "sales by product category", "totals sum Sales by Category"),
    ("orders", "sales by customer region", None),
    ("weather", "how many days per weather name", "totals count by weather"),
    ("orders", "profit figures by region", "totals sum Profit by Region"),
    ("orders", "total quantity sold by region", "totals sum Quantity by Region"),
    ("orders", "average order sales by region", None),
    ("weather", "how many days per weather type", "totals count by weather"),
    ("orders", "sales by category type", None),
    ("log", "total by created date", "trend sum total along created by month"),
    # Several of what a distribution tells
    ("orders", "min and max profit", "distribution count Profit"),
    ("orders", "total and average profit", None),
    ("orders", "what's the typical profit", "distribution count Profit"),
    ("orders", "does a higher discount go with lower profit", "correlation Discount and Profit"),
    ("orders", "sales by region, lowest first", "totals sum Sales by Region"),
    ("orders", "sales by region from highest to lowest", "totals sum Sales by Region"),
    ("orders", "sales by month, lowest first", None),
    # Correlation
    ("orders", "is discount related to profit", "correlation Discount and Profit"),
    ("orders", "correlation between Sales and Quantity", "correlation Sales and Quantity"),
    ("orders", "how are unit price and discount correlated", "correlation Unit Price and Discount"),
    ("orders", "relationship of profit with quantity", "correlation Profit and Quantity"),
    ("orders", "scatter plot of sales vs profit", "correlation Sales and Profit"),
    ("orders", "are returned and discount related", "correlation Returned and Discount"),
    ("orders", "is there a link between order date and sales", "correlation Order Date and Sales"),
]


def in_words(reading: Reading) -> str:
    """A reading on one line, all of it that is computed with."""
    if reading.operation == "correlation":
        return f"correlation {reading.measure} and {reading.measure_2}"
    words = [reading.operation, reading.aggregate, reading.measure or ""]
    words += [f"by {reading.by}" if reading.by else ""]
    words += [f"along {reading.date} by {reading.grain}" if reading.date else ""]
    end = f", {reading.limit} {'lowest' if reading.ascending else 'highest'}"
    return " ".join(word for word in words if word) + (end if reading.operation == "top" else "")


@pytest.mark.parametrize(("name", "question", "reading"), READINGS)
def test_question_has_one_reading(name, question, reading):
    understood = read_question((TABLES[name],), question)
    if reading is None:
        assert not isinstance(understood, Reading)
        return
    assert isinstance(understood, Reading), understood
    assert in_words(understood) == reading
    assert set(understood.columns) <= {one.name for one in TABLES[name].columns}


def test_reading_says_what_it_is_and_what_was_taken_for_granted():
    def sentence(question: str, name: str = "orders") -> str:
        understood = read_question((TABLES[name],), question)
        assert isinstance(understood, Reading)
        return understood.sentence

    assert sentence("total sales by region") == "Read as: sum of Sales for each Region."
    assert sentence("sales by region") == (
        "Read as: sum of Sales for each Region. Sales is added up."
    )
    assert sentence("price by region") == (
        "Read as: average of Unit Price for each Region. "
        "Unit Price is averaged, since adding it up would mean nothing."
    )
    assert sentence("by region") == (
        "Read as: number of rows for each Region. No amount was named, so rows are counted."
    )
    assert sentence("how many days per weather", "weather") == (
        "Read as: number of rows for each weather."
    )
    assert sentence("totals by country", "emissions") == (
        "Read as: sum of emissions for each country. "
        "emissions was taken as the amount, as the only one in the file."
    )
    assert sentence("total sales by region as a pie chart") == (
        "Read as: sum of Sales for each Region. "
        "It is drawn as bars, which can be compared at a glance."
    )
    assert sentence("top 3 months by total sales") == (
        "Read as: the 3 months with the highest sum of Sales."
    )


def test_reading_uses_names_as_the_file_has_them():
    reading = read_question((TABLES["penguins"],), "average culmen_length by STUDY NAME")
    assert reading == Reading(
        operation="totals",
        sentence="Read as: average of Culmen Length (mm) for each studyName.",
        table="penguins-raw.csv",
        measure="Culmen Length (mm)",
        aggregate="mean",
        by="studyName",
        columns=("studyName", "Culmen Length (mm)"),
    )


def test_header_typed_in_its_own_case_wins_over_the_other_case():
    twins = table("t", 9, column("sales", "number"), column("Sales", "number"), column("g", "text"))
    reading = read_question((twins,), "total Sales by g")
    assert isinstance(reading, Reading)
    assert reading.measure == "Sales"


def test_questions_are_about_the_first_table_and_the_sentence_says_so():
    sheets = (TABLES["passengers"], TABLES["emissions"])
    assert not isinstance(read_question(sheets, "total emissions by country"), Reading)
    reading = read_question(sheets, "average age by class")
    assert isinstance(reading, Reading)
    assert reading.table == "passengers.csv"
    assert reading.sentence == (
        "Read as: average of age for each class. It is about passengers.csv, one of 2 tables."
    )


def test_reading_takes_less_than_20_ms_for_50_columns():
    """A question is read while someone waits for the answer to start."""
    wide = table(
        "wide", 10_000, *(column(f"Measure {n} of group (kg)", "number") for n in range(48))
    )
    wide = table("wide", 10_000, *wide.columns, column("Region", "text", 4, ("West",)))
    questions = ("total measure 7 of group by region", "why did it fall in 2023", "sum of nothing")
    read_question((wide,), questions[0])
    started = time.perf_counter()
    for question in questions:
        read_question((wide,), question)
    assert (time.perf_counter() - started) / len(questions) < 0.02
