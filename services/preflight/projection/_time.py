"""How long one question of an approach takes (R22)."""

import math

from services.limits.types import Approach, LimitProfile
from services.preflight.types import TimeProjection
from services.units import format_seconds_range


def project(approach: Approach, profile: LimitProfile) -> TimeProjection:
    """The profile's typical times; the single figure is as many times the low as below the high."""
    times = getattr(profile.typical_seconds, approach)
    return TimeProjection(
        low_seconds=times.low_seconds,
        high_seconds=times.high_seconds,
        typical_seconds=math.sqrt(times.low_seconds * times.high_seconds),
        formula=(
            f"Usually {format_seconds_range(times.low_seconds, times.high_seconds)} by the limit"
            f" profile {profile.name}"
        ),
    )
