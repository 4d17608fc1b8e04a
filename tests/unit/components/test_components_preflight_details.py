"""The columns of a checked file as they are listed."""

import pytest

from components.preflight_details import extremes
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
