"""The columns of a checked file as they are listed."""

import pytest

from components.preflight_details import extremes, rule_of_thumb
from services import limits
from services.preflight import assess
from services.preflight.types import ColumnReport


@pytest.mark.parametrize(
    ("kind", "low", "high", "shown"),
    [
        ("integer", "1", "9994", ("1", "9994")),
        ("integer", "1.0", "9994.0", ("1", "9994")),
        ("integer", "1", "1.8446744073709552e+19", ("1", "18446744073709552000")),
        ("number", "0.444", "22638.48", ("0.444", "22638.480")),
        ("number", "1.0", "1000.0", ("1", "1000")),
        ("number", "1e-09", "2.5", ("0.000000", "2.500000")),
        ("date", "2024-01-31", "2024-02-01", ("2024-01-31", "2024-02-01")),
        ("text", None, None, (None, None)),
    ],
)
def test_extremes_of_a_column_have_the_same_number_of_decimals(kind, low, high, shown):
    column = ColumnReport(name="a", dtype="object", kind=kind, minimum=low, maximum=high)
    assert extremes(column) == shown


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "a,b\n" + "1,2\n" * 600_000, (9_600_016, 12_000_020)),
        ("a.csv", "a,b\n" + "1,2\n" * 400_000, None),
        ("a.txt", "a long letter\n" * 200_000, None),
    ],
)
def test_rule_of_thumb_is_told_of_tables_that_are_not_small(tmp_path, name, content, told):
    path = tmp_path / "upload"
    path.write_text(content)
    assert rule_of_thumb(assess(path, name, limits.load())) == told
