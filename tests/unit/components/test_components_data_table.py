"""Tables: one type a column, distinct printable names, one precision."""

import re

import pytest

from components.data_table import _column_config, _drawn, distinct_names, frame_of
from services.preflight.types import TablePreview


def test_names_are_distinct_and_printable():
    names = distinct_names(("total", "total", "total (2)", "a\n\u202eb", ""))
    assert names == ("total", "total (2)", "total (2) (2)", "a b", "(no name)")


def test_frame_keeps_numbers_and_makes_mixtures_text():
    frame = frame_of(
        ("n", "x", "flag", "mixed", "empty"),
        ((1, 1.5, True, 1, None), (2, None, False, "a", None)),
    )
    assert [str(kind) for kind in frame.dtypes[:3]] == ["int64", "float64", "bool"]
    assert frame["mixed"].tolist() == ["1", "a"]
    assert frame["empty"].isna().all()


def test_frame_of_no_rows_has_the_columns():
    assert list(frame_of(("a", "b"), ()).columns) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "cells", "pattern"),
    [
        ("revenue", (1234, 5), "%,d"),
        ("revenue", (1234.5, 5.0), "%,.2f"),
        ("share", (0.96, 0.0312), "%,.4f"),
        ("share", (0.5, 0.00001), "%,.5f"),
        ("share", (0.5, 0.00000001), None),
        ("revenue", (1234.5, 0.004), "%,.3f"),
        ("revenue", (1234.5, 0.0, -7), "%,.2f"),
        ("year", (2025, 2026), "%d"),
        ("year", (12, 40_000), "%,d"),
        ("order_id", (100_241, 100_242), "%d"),
        ("n", (None, 3), "%,d"),
        ("n", (None, None), None),
        ("flag", (True, False), None),
        ("text", ("1", "2"), None),
    ],
)
def test_numbers_share_one_precision(name, cells, pattern):
    table = TablePreview(
        columns=(name,), rows=tuple((cell,) for cell in cells), total_rows=len(cells)
    )
    config = _column_config(table).get(name)
    assert (None if config is None else config["type_config"]["format"]) == pattern


def test_a_column_of_unlike_figures_has_each_in_its_own_precision():
    """Counts without decimals beside an average: 9,412 rows, not 9,412.00."""
    table = TablePreview(
        columns=("Statistic", "Price", "unit"),
        rows=(("rows", 9412.0, "n"), ("average", 2.7812, "EUR"), ("gap", None, None)),
        total_rows=3,
    )
    html = _drawn(table).to_html()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    assert cells == ["rows", "9,412", "n", "average", "2.78", "EUR", "gap", "", ""]
    assert _column_config(table) == {}
