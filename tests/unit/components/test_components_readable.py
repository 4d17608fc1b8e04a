"""Names as a person would write them; what a file calls its columns stays as it is."""

import pytest

from components.readable import file_name, heading_of, shortened, title_of


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("revenue_by_region.csv", "Revenue by region"),
        ("Revenue per Kunde.csv", "Revenue per Kunde"),
        ("a.b_c.png", "A.b c"),
        ("___.csv", "___.csv"),
        ("überblick.csv", "Überblick"),
        ("x\n\u202ey.csv", "X y"),
        ("![x](http://h/a.png).csv", "A.png)"),
    ],
)
def test_title_of_a_file(name, title):
    assert title_of(name) == title


@pytest.mark.parametrize(
    ("column", "exact", "heading"),
    [
        ("total Revenue", (), "Total Revenue"),
        ("order_id", (), "Order id"),
        ("order_id", ("order_id",), "order_id"),
        ("rows", ("region",), "Rows"),
        ("", (), "(no name)"),
        ("snake_case with space", (), "Snake_case with space"),
    ],
)
def test_heading_of_a_column(column, exact, heading):
    assert heading_of(column, exact) == heading


def test_shortened_is_one_line_with_an_ellipsis():
    assert shortened("a  b\nc", 5) == "a b c"
    assert shortened("abcdef ghi", 8) == "abcdef…"


def test_file_name_keeps_its_end_when_it_is_too_long():
    name = "orders_of_the_year_2025_" + "x" * 90 + "_final.csv"
    assert file_name(name, 24) == "orders_of_the_yea…al.csv"
    assert file_name("orders.csv", 24) == "orders.csv"
    assert [len(file_name(name, 24)), len(file_name(name))] == [24, 60]
