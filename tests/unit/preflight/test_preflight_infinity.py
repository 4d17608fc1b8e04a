"""Infinity is a number to pandas, however it is written."""

import pytest

WORDS = [
    sign + word
    for sign in ("", "+", "-")
    for word in ("inf", "Inf", "INF", "iNf", "infinity", "Infinity", "INFINITY")
]


@pytest.mark.parametrize("word", WORDS)
def test_infinity_is_a_number(look, word):
    column = look("x.csv", f"a,b\n1.5,x\n{word},y\n2.5,z\n").report.tables[0].columns[0]
    assert (column.dtype, column.kind, column.nulls) == ("float64", "number", 0)


@pytest.mark.parametrize(
    "word", ["infinite", "info", "-info", "ininity", "+in", "infinityy", "inf."]
)
def test_what_only_begins_like_it_is_text(look, word):
    column = look("x.csv", f"a,b\n1.5,x\n{word},y\n2.5,z\n").report.tables[0].columns[0]
    assert column.dtype == "object"
