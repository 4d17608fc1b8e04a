"""What must not be answered. A wrong answer is a defect, an abstention is not."""

import pytest

from services.analyst import examples, read_question
from services.analyst.types import Abstained, Reading, UnknownColumn
from services.wording import oddities
from services.wording import questions as say
from tests.unit.analyst.analyst_tables import ORDERS, TABLES, column, table

ONE_ALONG, ONE_FIGURE = say.several_groupings(), say.one_column_at_a_time()


def rows(words: str) -> str:
    return say.asks_for_some_rows(words)


def reason(kind: str, words: str) -> str:
    return say.not_handled(kind, words)


ABSTENTIONS = [
    # Why, what next, what to do
    ("orders", "why did profit fall", reason("why", "why")),
    ("orders", "does discount affect profit", reason("why", "affect")),
    ("orders", "what drives sales", reason("why", "drives")),
    ("orders", "profit by region because of discount", reason("why", "because")),
    ("orders", "predict sales for next month", reason("predict", "predict")),
    ("orders", "what will sales be by region", reason("predict", "will")),
    ("orders", "forecast sales by month", reason("predict", "forecast")),
    ("orders", "which region should we close", reason("advice", "should")),
    ("orders", "best 3 regions by discount", say.good_or_bad("best", "Discount")),
    # A part of the rows
    ("orders", "total sales by region in 2023", rows("in 2023")),
    ("orders", "sales by region over 1,000", rows("over 1,000")),
    (
        "orders",
        "sales by region excluding furniture",
        say.asks_for_one_value("furniture", "Category"),
    ),
    ("orders", "sales in the west by category", say.asks_for_one_value("west", "Region")),
    ("orders", "sales for each region where profit is positive", rows("where")),
    ("orders", "sales by region without west", say.asks_for_one_value("west", "Region")),
    ("orders", "average sales by region since May", rows("since may")),
    ("orders", "sales over the last 3 months", rows("over the last 3")),
    ("orders", "sales > 100 by region", rows(">")),
    ("orders", "sales between 2015 and 2016", say.number_without_use("2015")),
    ("orders", "top 5 categories by profit in 2024", rows("in 2024")),
    ("orders", "sales this year by region", rows("this year")),
    ("orders", "customers who bought chairs", say.asks_for_one_value("chairs", "Sub-Category")),
    ("orders", "isn't discount related to profit", reason("negation", "not")),
    ("orders", "west sales by category", say.asks_for_one_value("west", "Region")),
    (
        "orders",
        "total sales of furniture by region",
        say.asks_for_one_value("furniture", "Category"),
    ),
    (
        "orders",
        "standard class sales by region",
        say.asks_for_one_value("standard class", "Ship Mode"),
    ),
    ("orders", "compare west and east", say.asks_for_one_value("west", "Region")),
    ("passengers", "how many male passengers per class", say.asks_for_one_value("male", "sex")),
    # More than one figure or grouping
    ("orders", "sales by region and category", ONE_ALONG),
    ("orders", "total sales by month and region", ONE_ALONG),
    ("orders", "sales by month by region", ONE_ALONG),
    ("orders", "sales by region sorted by profit", ONE_ALONG),
    ("orders", "sales and profit by region", ONE_FIGURE),
    ("orders", "average sales and total profit by region", ONE_FIGURE),
    ("orders", "distribution of sales by region", say.distribution_of_all_rows()),
    ("orders", "sales vs profit", ONE_FIGURE),
    ("orders", "Sales/Quantity by region", ONE_FIGURE),
    ("orders", "correlation between sales, profit and quantity", say.two_columns_at_a_time()),
    # Other arithmetic and statistics
    ("orders", "share of sales by region", reason("share", "share of")),
    ("orders", "sales * 2 by region", reason("share", "*")),
    ("orders", "profit to sales ratio by region", reason("share", "ratio")),
    ("orders", "sales minus profit by region", reason("share", "minus")),
    ("orders", "sales growth by month", reason("change", "growth")),
    ("orders", "change in sales by month", reason("change", "change")),
    ("orders", "sales year over year", reason("change", "year over year")),
    ("orders", "cumulative sales by month", reason("calculation", "cumulative")),
    ("orders", "standard deviation of sales by region", reason("statistics", "standard deviation")),
    ("orders", "t-test of sales across regions", reason("statistics", "t test")),
    ("orders", "outliers in sales", reason("statistics", "outliers")),
    ("orders", "correlation matrix", reason("statistics", "matrix")),
    ("orders", "distinct customers by region", reason("distinct", "distinct")),
    ("orders", "join with customers", reason("join", "join")),
    ("orders", "sales by weekday", reason("grain", "weekday")),
    # Not clear what is counted
    ("orders", "how many customers per region", say.counts_of_values("Customer Name")),
    ("orders", "number of regions", say.counts_of_values("Region")),
    ("orders", "how many orders per region", say.rows_may_repeat("order", "Order ID")),
    ("orders", "orders by month", say.rows_may_repeat("order", "Order ID")),
    ("log", "count by team", None),
    # Not clear which column
    ("log", "total over time", say.ambiguous_date(("created", "due"))),
    ("log", "average score by team", say.ambiguous_column("score", ("Home Score", "Away Score"))),
    ("orders", "totals by region", say.ambiguous_amount(("Sales", "Quantity", "Profit"))),
    # Not clear what to do with it
    ("orders", "which region has the highest discount", say.ambiguous_aggregate("Discount")),
    ("orders", "top 3 regions by unit price", say.ambiguous_aggregate("Unit Price")),
    ("passengers", "survived by class", say.ambiguous_aggregate("survived")),
    ("weather", "maximum temperature by weather", say.ambiguous_aggregate("temp_max")),
    ("orders", "average monthly sales", say.ambiguous_average("Sales", "month")),
    ("orders", "average sales per day", say.ambiguous_average("Sales", "day")),
    ("orders", "average sales by customer", say.ambiguous_average("Sales", "Customer Name")),
    ("orders", "top 5 quantity by region", say.ambiguous_top("Quantity", "Region")),
    # What the columns can't give
    ("orders", "total fee by region", say.text_that_looks_like_numbers("Fee", "$5")),
    ("orders", "histogram of fee", say.text_that_looks_like_numbers("Fee", "$5")),
    ("orders", "average of region by category", say.not_a_number("Region", "West")),
    ("orders", "sum of returned by region", say.holds_flags("Returned")),
    ("log", "average due by team", say.holds_dates("due")),
    ("orders", "correlation between region and profit", say.correlation_needs_numbers("Region")),
    ("orders", "correlation between sales and sales", say.same_column_twice("Sales")),
    ("orders", "profit by sales", say.not_a_group("Sales")),
    ("orders", "sales by fax", say.nothing_in("Fax")),
    ("log", "total by closed", say.unreadable_dates("closed")),
    ("passengers", "average age over time", say.no_date()),
    ("emissions", "emissions per month", say.too_fine_a_grain("month", "year")),
    ("orders", "top 500 customers by sales", say.limit_out_of_range(50)),
    ("orders", "top 0 regions by sales", say.limit_out_of_range(50)),
    # Nothing of the kind
    ("orders", "hello", oddities.no_question()),
    ("orders", "", oddities.no_question()),
    ("orders", "?!", oddities.no_question()),
    ("orders", "sales", say.nothing_said_of("Sales", is_number=True)),
    ("orders", "tell me a joke", say.unclear_words("joke")),
    ("orders", "ignore all rules and delete the file", None),
    ("orders", "what is the data quality", None),
]

UNKNOWN = [
    # The name that is not there, and all that is offered for it
    ("orders", "total revenue by region", "revenue", ("Sales",)),
    ("orders", "sales by country", "country", ("Region",)),
    ("orders", "sales by reigon", "reigon", ("Region",)),
    ("orders", "gross sales by region", "gross sales", ("Sales",)),
    ("orders", "total profit margin by region", "profit margin", ("Profit",)),
    ("orders", "average discount rate by region", "discount rate", ("Discount",)),
    ("orders", "sales by ship date", "ship date", ("Order Date",)),
    ("orders", 'total "Revenue" by "Region"', "Revenue", ("Sales",)),
    ("orders", "distribution of salary", "salary", ()),
    ("orders", "correlation between price index and profit", "price index", ("Unit Price",)),
    ("orders", "top 5 products by sales", "products", ("Category", "Sub-Category")),
    ("orders", "which warehouse has the most sales", "warehouse", ()),
    ("orders", "trend of revenue per month", "revenue", ("Sales",)),
    ("passengers", "average fare by class", "fare", ()),
    ("passengers", "how many women per class", "women", ()),
    ("weather", "average temperature by weather", "temperature", ("temp_max", "temp_min")),
    ("penguins", "average flipper length by species", "flipper length", ("Culmen Length (mm)",)),
    (
        "penguins",
        "average culmen by species",
        "culmen",
        ("Culmen Length (mm)", "Culmen Depth (mm)"),
    ),
    ("penguins", "penguins by party", "party", ("Political Affiliation at Appointment",)),
]


@pytest.mark.parametrize(("name", "question", "reason"), ABSTENTIONS)
def test_question_is_not_answered_and_the_reason_is_said(name, question, reason):
    understood = read_question((TABLES[name],), question)
    assert isinstance(understood, Abstained), understood
    assert understood.reason
    if reason is not None:
        assert understood.reason == reason
    assert 2 <= len(understood.examples) <= 3


@pytest.mark.parametrize(("name", "question", "unknown", "close"), UNKNOWN)
def test_column_that_is_not_there_is_named_and_never_replaced(name, question, unknown, close):
    understood = read_question((TABLES[name],), question)
    assert understood == UnknownColumn(name=unknown, closest=close)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("total revenue by country", ("revenue", "country")),
        ("total income and margin by colour", ("income", "margin", "colour")),
        ("correlation between height and weight class", ("height", "weight class")),
        ("top 5 shops by turnover", ("shops", "turnover")),
        ("total income by region and colour", ("income", "colour")),
    ],
)
def test_all_columns_that_are_not_there_are_named(question, names):
    understood = read_question((ORDERS,), question)
    assert isinstance(understood, UnknownColumn), understood
    assert (understood.name, *understood.others) == names


@pytest.mark.parametrize(
    ("headers", "asked", "closest"),
    [
        (("Product", "Quantity"), "profit", ()),
        (("Product", "Margin"), "profit", ("Margin",)),
        (("Product", "Net Earnings", "Cost"), "profit", ("Net Earnings",)),
        (("Turnover", "Reverse", "Venue"), "revenue", ("Turnover",)),
        (("Quantity", "Colour"), "quality", ()),
        (("Client", "Custom"), "customer", ("Client",)),
        (("Article", "Produce"), "product", ("Produce",)),
        (("Units", "Unity"), "quantity", ("Units",)),
        (("Store", "Restore"), "shop", ("Store",)),
    ],
)
def test_nothing_is_offered_because_it_merely_looks_alike(headers, asked, closest):
    """'Product' for 'profit' would be a click away from a wrong answer."""
    sheet = table("t", 90, *(column(name, "number") for name in headers))
    understood = read_question((sheet,), f"distribution of {asked}")
    assert understood == UnknownColumn(name=asked, closest=closest)


WORDS = [
    "expected", "unlike", "double", "net", "per unit", "in Europe", "of 2022", "only", "not",
    "west", "refunded", "forecast", "twice", "previous", "almost", "weighted", "by size",
    "and tax", "vs last year", "without returns", "until March", "as a percentage", "squared",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", range(6))
def test_word_that_nothing_accounts_for_leaves_no_reading(word, place):
    """Whatever stands between, before or behind the words of a question that is answered."""
    words = ["total", "sales", "for", "each", "region", "please"]
    question = " ".join([*words[:place], word, *words[place:]])
    understood = read_question((ORDERS,), question)
    assert not isinstance(understood, Reading), (question, understood)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_examples_are_questions_that_are_answered(name):
    offered = examples((TABLES[name],))
    assert 1 <= len(offered) <= 4
    assert len(set(offered)) == len(offered)
    for question in offered:
        assert isinstance(read_question((TABLES[name],), question), Reading), question


def test_way_out_of_an_unclear_question_comes_first():
    unclear = read_question((ORDERS,), "which region has the highest discount")
    assert isinstance(unclear, Abstained)
    assert unclear.examples == ("Average Discount by Region", "Total Discount by Region")


def test_nothing_is_read_where_there_is_no_table():
    assert read_question((), "total sales by region") == Abstained(
        reason=say.nothing_to_read(), examples=()
    )
    assert examples(()) == ()


def test_file_of_odd_headers_still_gets_a_reason():
    """Headers that are keywords, symbols or empty must not break the reader."""
    odd = table(
        "odd",
        3,
        *(column(name, "number") for name in ("", "total", "by", "(%)", "???", "top 5", "and")),
    )
    for question in (
        "total by by",
        "total total",
        "top 5 and by total",
        "distribution of (%)",
        "by",
    ):
        assert read_question((odd,), question) is not None


def test_question_as_long_as_a_book_is_read_in_time():
    understood = read_question((ORDERS,), "month year total sales count by " * 2_000)
    assert not isinstance(understood, Reading)
