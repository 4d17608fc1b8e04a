"""Conversations: each question changes the reading before, or stands by itself."""

import msgspec
import pytest

from services.analyst import read_question
from services.analyst.types import Abstained, Reading
from services.wording import oddities
from services.wording import questions as say
from tests.unit.analyst.analyst_tables import ORDERS, WEATHER
from tests.unit.analyst.test_analyst_readings import in_words

CONVERSATIONS = [
    [
        ("total sales by region", "totals sum Sales by Region"),
        ("and by ship mode?", "totals sum Sales by Ship Mode"),
        ("now the average", "totals mean Sales by Ship Mode"),
        ("same by year", "trend mean Sales along Order Date by year"),
        ("as a table", "trend mean Sales along Order Date by year"),
        ("and profit?", "trend mean Profit along Order Date by year"),
        ("same for quantity", "trend mean Quantity along Order Date by year"),
        ("by quarter", "trend mean Quantity along Order Date by quarter"),
        ("and by region", "totals mean Quantity by Region"),
        ("top 2 instead", "top mean Quantity by Region, 2 highest"),
    ],
    [
        ("top 5 sub-categories by sales", "top sum Sales by Sub-Category, 5 highest"),
        ("and the bottom 3", "top sum Sales by Sub-Category, 3 lowest"),
        ("by customer", "top sum Sales by Customer Name, 3 lowest"),
        ("now by profit", "top sum Profit by Customer Name, 3 lowest"),
        ("top 4", "top sum Profit by Customer Name, 4 highest"),
    ],
    [
        ("distribution of discount", "distribution count Discount"),
        ("and profit?", "distribution count Profit"),
        ("what about region", "distribution count Region"),
        ("by category", "totals count by Category"),
        ("now by month", "trend count along Order Date by month"),
    ],
    [
        ("is discount related to profit", "correlation Discount and Profit"),
        ("and with quantity?", "correlation Discount and Quantity"),
        ("what about sales", "correlation Discount and Sales"),
        ("as a chart", "correlation Discount and Sales"),
    ],
    [
        ("what is in this file", "overview count"),
        ("by region", "totals count by Region"),
        ("what is the average profit", "distribution mean Profit"),
        ("and the total?", "distribution sum Profit"),
        ("by category as a pie chart", "totals sum Profit by Category"),
        ("how many", "totals count by Category"),
    ],
    [
        # A question that is complete is no follow-up, whatever came before.
        ("sales by month", "trend sum Sales along Order Date by month"),
        ("what is the average discount", "distribution mean Discount"),
        ("and what is the total profit by region?", "totals sum Profit by Region"),
        ("count of rows by category", "totals count by Category"),
    ],
]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda turns: turns[0][0])
def test_each_turn_changes_what_was_asked_and_keeps_the_rest(conversation):
    previous = None
    for question, reading in conversation:
        understood = read_question((ORDERS,), question, previous)
        assert isinstance(understood, Reading), (question, understood)
        assert in_words(understood) == reading, question
        previous = understood


@pytest.mark.parametrize(
    "question",
    [
        "and in 2016?",
        "same but only west",
        "same for west",
        "and why?",
        "now without furniture",
        "and by color?",
        "and by region and category?",
        "now as a share",
        "what about last year",
        "same with growth",
        "and for the west",
        "now sorted",
    ],
)
def test_follow_up_that_is_not_understood_changes_nothing(question):
    previous = read_question((ORDERS,), "total sales by region")
    assert isinstance(previous, Reading)
    assert not isinstance(read_question((ORDERS,), question, previous), Reading)


TOP, TOTALS = "top 5 sub-categories by sales", "total sales by region"
TREND, SPREAD = "sales by month", "distribution of sales"
PAIR, COUNTS = "is discount related to profit", "how many rows per region"

FOLLOW_UPS = [
    # The same ranking from its other end, or with another length
    (TOP, "and the worst five?", "top sum Sales by Sub-Category, 5 lowest"),
    (TOP, "and the bottom 3?", "top sum Sales by Sub-Category, 3 lowest"),
    (TOP, "now the lowest ones", "top sum Sales by Sub-Category, 5 lowest"),
    (TOP, "the other end", "top sum Sales by Sub-Category, 5 lowest"),
    (TOP, "now the opposite", "top sum Sales by Sub-Category, 5 lowest"),
    (TOP, "what about the bottom five", "top sum Sales by Sub-Category, 5 lowest"),
    (TOP, "and the last 3?", "top sum Sales by Sub-Category, 3 lowest"),
    (TOP, "which is the lowest?", "top sum Sales by Sub-Category, 1 lowest"),
    (TOP, "which one is last?", "top sum Sales by Sub-Category, 1 lowest"),
    (TOP, "only the top 3", "top sum Sales by Sub-Category, 3 highest"),
    (TOP, "top 2 only", "top sum Sales by Sub-Category, 2 highest"),
    (TOP, "just the first three", "top sum Sales by Sub-Category, 3 highest"),
    (TOP, "make it 10", "top sum Sales by Sub-Category, 10 highest"),
    (TOP, "and the worst five by profit?", "top sum Profit by Sub-Category, 5 lowest"),
    (TOP, "show all of them", "totals sum Sales by Sub-Category"),
    ("bottom 3 regions by sales", "and the best ones?", "top sum Sales by Region, 3 highest"),
    ("bottom 3 regions by sales", "the other end", "top sum Sales by Region, 3 highest"),
    (TOTALS, "and the worst?", "top sum Sales by Region, 1 lowest"),
    (TOTALS, "now the lowest ones", "top sum Sales by Region, 5 lowest"),
    (TOTALS, "which one is the highest?", "top sum Sales by Region, 1 highest"),
    (TOTALS, "and the top 3 customers?", "top sum Sales by Customer Name, 3 highest"),
    (TREND, "and the best month?", "top sum Sales along Order Date by month, 1 highest"),
    (TREND, "the worst 3 months", "top sum Sales along Order Date by month, 3 lowest"),
    (TREND, "top 3", "top sum Sales along Order Date by month, 3 highest"),
    ("distribution of region", "and the top 3?", "top count by Region, 3 highest"),
    ("distribution of region", "least common?", "top count by Region, 1 lowest"),
    (COUNTS, "and the fewest?", "top count by Region, 1 lowest"),
    # Another aggregate
    (TOP, "and the average?", "top mean Sales by Sub-Category, 5 highest"),
    (TOTALS, "as an average", "totals mean Sales by Region"),
    (TOTALS, "what about the median", "totals median Sales by Region"),
    (TOTALS, "how many?", "totals count by Region"),
    (TREND, "average", "trend mean Sales along Order Date by month"),
    (SPREAD, "and the highest?", "distribution max Sales"),
    # Another group or period
    (TOP, "and by customer?", "top sum Sales by Customer Name, 5 highest"),
    (TOTALS, "by month instead", "trend sum Sales along Order Date by month"),
    (TOTALS, "by month instead of by region", "trend sum Sales along Order Date by month"),
    (TOTALS, "category?", "totals sum Sales by Category"),
    (TOTALS, "average per category", "totals mean Sales by Category"),
    (TOTALS, "average by month", "trend mean Sales along Order Date by month"),
    (TREND, "by quarter instead of month", "trend sum Sales along Order Date by quarter"),
    (TREND, "weekly", "trend sum Sales along Order Date by week"),
    (TREND, "region?", "totals sum Sales by Region"),
    # Another amount; what can't be added up is averaged
    (TOTALS, "same with profit", "totals sum Profit by Region"),
    (TOTALS, "the same but for quantity", "totals sum Quantity by Region"),
    (TOTALS, "and the discount?", "totals mean Discount by Region"),
    (TOTALS, "and average discount?", "totals mean Discount by Region"),
    (TREND, "what about discount?", "trend mean Discount along Order Date by month"),
    (COUNTS, "and sales?", "totals sum Sales by Region"),
    (PAIR, "quantity instead of profit", "correlation Discount and Quantity"),
    # Another kind
    (TOTALS, "and the distribution?", "distribution count Sales"),
    (TOTALS, "is it related to discount?", "correlation Sales and Discount"),
    # The same, drawn or asked once more
    (TOTALS, "as a pie chart", "totals sum Sales by Region"),
    (TOTALS, "again", "totals sum Sales by Region"),
]


@pytest.mark.parametrize(("first", "then", "reading"), FOLLOW_UPS)
def test_follow_up_is_read_as_the_question_before_with_one_change(first, then, reading):
    previous = read_question((ORDERS,), first)
    assert isinstance(previous, Reading)
    understood = read_question((ORDERS,), then, previous)
    assert isinstance(understood, Reading), understood
    assert in_words(understood) == reading


@pytest.mark.parametrize(
    "then", ["lowest first", "in ascending order", "sorted from low to high", "reverse the order"]
)
def test_groups_can_be_put_in_the_other_order(then):
    previous = read_question((ORDERS,), TOTALS)
    assert isinstance(previous, Reading)
    turned = read_question((ORDERS,), then, previous)
    assert isinstance(turned, Reading)
    assert turned.ascending
    assert turned.sentence == "Read as: sum of Sales for each Region, smallest first."
    back = read_question((ORDERS,), "the other way round", turned)
    assert isinstance(back, Reading)
    assert not back.ascending


@pytest.mark.parametrize(
    ("first", "then", "note"),
    [
        (TOTALS, "as a pie chart", "It is drawn as bars, which can be compared at a glance."),
        (
            TOTALS,
            "as a line chart",
            "It is drawn as bars, since a line would suggest an order in time.",
        ),
        (TREND, "as a bar chart", "It is drawn as a line, since it runs along time."),
        (TREND, "as a line chart", ""),
        (TOTALS, "as a bar chart", ""),
    ],
)
def test_chart_that_is_not_drawn_is_said_with_its_reason(first, then, note):
    previous = read_question((ORDERS,), first)
    assert isinstance(previous, Reading)
    understood = read_question((ORDERS,), then, previous)
    assert isinstance(understood, Reading)
    assert understood.sentence.endswith(note)
    assert ("drawn" in understood.sentence) == bool(note)


REASONS = [
    (PAIR, "by region", say.nothing_to_change()),
    (PAIR, "now the average", say.nothing_to_change()),
    (PAIR, "the worst five", say.nothing_to_rank()),
    (COUNTS, "now the average", say.nothing_to_aggregate("mean")),
    (TOTALS, "top 99", say.limit_out_of_range(50)),
    (TOTALS, "and how many orders?", say.rows_may_repeat("order", "Order ID")),
    ("average sales by region", "and by profit?", say.not_a_group("Profit")),
    (TOP, "lowest first", say.only_groups_are_sorted()),
    (TOP, "and the discount?", say.ambiguous_aggregate("Discount")),
    (TOP, "hello", oddities.no_question()),
    (TOP, "thanks", oddities.no_question()),
    (TOP, "and in 2016?", say.asks_for_some_rows("in 2016")),
    (TOP, "only the west", say.asks_for_one_value("west", "Region")),
    (TOP, "and why?", say.not_handled("why", "why")),
    (TOP, "asdf", say.unclear_words("asdf")),
]


@pytest.mark.parametrize(("first", "then", "reason"), REASONS)
def test_follow_up_that_does_not_fit_gets_the_right_reason(first, then, reason):
    previous = read_question((ORDERS,), first)
    assert isinstance(previous, Reading)
    understood = read_question((ORDERS,), then, previous)
    assert isinstance(understood, Abstained), understood
    assert understood.reason == reason


@pytest.mark.parametrize("then", ["and by weather?", "the same by month", "now the average"])
def test_reading_of_another_file_is_not_followed(then):
    """A fragment would be read as a count of rows, which nobody asked for."""
    previous = read_question((ORDERS,), TOTALS)
    assert isinstance(previous, Reading)
    understood = read_question((WEATHER,), then, previous)
    assert isinstance(understood, Abstained)
    assert understood.reason == say.about_another_table()


def test_table_of_the_same_name_with_other_columns_is_another_table():
    previous = read_question((ORDERS,), TOTALS)
    assert isinstance(previous, Reading)
    newer = msgspec.structs.replace(WEATHER, name=ORDERS.name)
    understood = read_question((newer,), "and by weather?", previous)
    assert isinstance(understood, Abstained)
    assert understood.reason == say.about_another_table()


def test_whole_question_about_another_file_is_read():
    previous = read_question((ORDERS,), TOTALS)
    assert isinstance(previous, Reading)
    asked = "and what is the total precipitation by weather"
    assert read_question((WEATHER,), asked, previous) == read_question((WEATHER,), asked)


def test_fragment_without_anything_before_counts_rows():
    understood = read_question((ORDERS,), "and by region?")
    assert isinstance(understood, Reading)
    assert in_words(understood) == "totals count by Region"


@pytest.mark.parametrize("alone", ["the other end", "reverse it", "by month instead of by region"])
def test_change_without_anything_to_change_is_not_read(alone):
    understood = read_question((ORDERS,), alone)
    assert isinstance(understood, Abstained)
    assert understood.reason == say.nothing_before()
