"""A question with the right column in the place of the wrong one."""

import pytest

from components.failure_card import with_column


@pytest.mark.parametrize(
    ("question", "name", "column", "asked"),
    [
        ("Total turnover by region", "turnover", "Revenue", "Total Revenue by region"),
        ("Total Turnover by turnover", "turnover", "Revenue", "Total Revenue by turnover"),
        ("sum of a.b+c", "a.b+c", r"x\1", r"sum of x\1"),
        ("Total by area", "turnover", "Revenue", "Total by area (Revenue)"),
    ],
)
def test_with_column_replaces_the_name_once(question, name, column, asked):
    assert with_column(question, name, column) == asked
