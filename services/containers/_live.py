"""Live containers as the cost page shows them."""

from collections.abc import Iterable
from datetime import datetime

from services.containers import _life
from services.containers._booking import Booking
from services.containers.types import LiveContainer, Workspace
from services.limits.types import LimitProfile
from services.units import MicroUsd


def rows(
    alive: Iterable[Workspace], booking: Booking, profile: LimitProfile, now: datetime
) -> tuple[LiveContainer, ...]:
    """Those whose life is not over: at risk first, then the oldest first."""
    found = [
        _row(workspace, booking, profile, now)
        for workspace in alive
        if now < _life.end_of_life(workspace, profile)
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_at_risk, -one.age_seconds)))


def not_yet_booked(live: Iterable[LiveContainer]) -> MicroUsd:
    """What live containers have cost beyond their ledger rows; an estimate, part of no sum."""
    return MicroUsd(sum(one.not_yet_booked_microusd for one in live))


def _row(
    workspace: Workspace, booking: Booking, profile: LimitProfile, now: datetime
) -> LiveContainer:
    """Its age, its risk, and what it has cost by an estimate that is part of no sum."""
    to_risk = _life.seconds_to_risk(workspace, profile, now)
    so_far = booking.so_far(workspace, now)
    booked = booking.booked(workspace)
    return LiveContainer(
        workspace=workspace,
        age_seconds=max(0.0, (now - _life.born_at(workspace)).total_seconds()),
        is_at_risk=to_risk == 0,
        seconds_to_risk=to_risk,
        so_far_microusd=so_far,
        not_yet_booked_microusd=MicroUsd(max(0, so_far - booked)),
    )
