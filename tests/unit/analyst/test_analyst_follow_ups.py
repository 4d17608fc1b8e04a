"""Conversations: each question changes the reading before, or stands by itself."""

import pytest

from services.analyst import read_question
from services.analyst.types import Reading
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


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("is discount related to profit", "by region"),
        ("is discount related to profit", "now the average"),
        ("how many rows per region", "now the average"),
        ("sales by month", "top 3"),
        ("total sales by region", "top 99"),
        ("average sales by region", "and by profit?"),
    ],
)
def test_follow_up_that_does_not_fit_is_refused(first, then):
    previous = read_question((ORDERS,), first)
    assert isinstance(previous, Reading)
    assert not isinstance(read_question((ORDERS,), then, previous), Reading)


def test_reading_of_another_file_is_not_followed():
    previous = read_question((ORDERS,), "total sales by region")
    assert isinstance(previous, Reading)
    alone = read_question((WEATHER,), "and by weather?", previous)
    assert alone == read_question((WEATHER,), "and by weather?")


def test_fragment_without_anything_before_counts_rows():
    understood = read_question((ORDERS,), "and by region?")
    assert isinstance(understood, Reading)
    assert in_words(understood) == "totals count by Region"
