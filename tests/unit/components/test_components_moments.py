"""Instants in the visitor's own day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from components.moments import time_of_day, when

DUBLIN, TOKYO = ZoneInfo("Europe/Dublin"), ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 7, 24, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        (datetime(2026, 7, 24, 23, 2, tzinfo=UTC), UTC, "23:02"),
        (datetime(2026, 7, 24, 23, 2, tzinfo=UTC), DUBLIN, "00:02"),
        (datetime(2026, 7, 24, 22, 2, tzinfo=UTC), DUBLIN, "yesterday 23:02"),
        (datetime(2026, 7, 23, 17, 55, tzinfo=UTC), UTC, "yesterday 17:55"),
        (datetime(2026, 7, 22, 17, 55, tzinfo=UTC), UTC, "22 Jul"),
        (datetime(2025, 7, 4, 17, 55, tzinfo=UTC), UTC, "4 Jul 2025"),
    ],
)
def test_when_is_as_short_as_it_can_be(at, zone, shown):
    assert when(at, NOW, zone) == shown


def test_time_of_day_is_the_visitor_s():
    assert time_of_day(NOW, TOKYO) == "08:30"
