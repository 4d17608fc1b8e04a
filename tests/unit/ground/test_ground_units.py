"""Figures as people read them."""

import pytest

from services import units


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [
        (0, "$0.00"),
        (31_000, "$0.031"),
        (50_000, "$0.05"),
        (30_999, "$0.031"),
        (420, "$0.00042"),
        (99_499, "$0.099"),
        (99_500, "$0.10"),
        (41_820_000, "$41.82"),
        (1_234_567_890_000, "$1,234,567.89"),
        (-31_000, "−$0.031"),
    ],
)
def test_format_money(amount, wanted):
    assert units.format_money(amount) == wanted


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (1_000, 9_000, "under\N{NO-BREAK SPACE}$0.01"),
        (20_000, 60_000, "$0.02–0.06"),
        (2_000, 60_000, "$0.002–0.06"),
        (31_000, 31_400, "$0.03"),
        (1_240_000, 3_900_000, "$1.20–3.90"),
        (12_400_000, 39_000_000, "$12–39"),
    ],
)
def test_format_money_range(low, high, wanted):
    assert units.format_money_range(low, high) == wanted


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (812, "812 bytes"),
        (14_200, "14 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (14_200_000, "14.2 MB"),
        (15_000_000, "15 MB"),
        (312_400_000, "312 MB"),
        (1_640_000_000, "1,640 MB"),
        (69_543_000_000, "69.5 GB"),
    ],
)
def test_format_bytes(size, wanted):
    assert units.format_bytes(size) == wanted.replace(" ", units.NBSP)


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [
        (0.21, "0.2 s"),
        (3, "3 s"),
        (9.96, "10 s"),
        (38.2, "38 s"),
        (119.4, "119 s"),
        (125, "2_min 5 s"),
        (180, "3_min"),
        (3840, "1_h 4_min"),
    ],
)
def test_format_seconds(seconds, wanted):
    plain = units.format_seconds(seconds).replace(units.NBSP, "_")
    assert plain == wanted.replace(" s", "_s")


@pytest.mark.parametrize(
    ("ratio", "wanted"),
    [(0, "0%"), (0.0004, "under 0.1%"), (0.012, "1.2%"), (0.34, "34%"), (1, "100%")],
)
def test_format_ratio(ratio, wanted):
    assert units.format_ratio(ratio) == wanted


def test_format_seconds_range():
    assert units.format_seconds_range(20, 60) == "20–60\N{NO-BREAK SPACE}s"
    assert units.format_seconds_range(30, 300).replace(units.NBSP, "_") == "30_s–5_min"
