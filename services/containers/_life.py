"""How long a container lives and what of its life is billed: pure functions of a record."""

from datetime import datetime, timedelta

import msgspec

from services.containers.types import ALIVE, Workspace
from services.limits.types import LimitProfile


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a container's life, ready to be booked."""

    start: datetime
    end: datetime
    seconds: int


def is_alive(workspace: Workspace) -> bool:
    """Whether the record says that it lives; its time may be over all the same."""
    return workspace.state in ALIVE


def born_at(workspace: Workspace) -> datetime:
    """First use as the engine told it; before that, when it was written down."""
    return workspace.billed_from or workspace.recorded_at


def end_of_life(workspace: Workspace, profile: LimitProfile) -> datetime:
    """When it ends at the latest: the profile's lifetime, or earlier if the engine said so."""
    end = born_at(workspace) + timedelta(seconds=profile.container_lifetime_seconds)
    return end if workspace.expires_at is None else min(end, workspace.expires_at)


def seconds_to_risk(workspace: Workspace, profile: LimitProfile, now: datetime) -> float:
    """Until containers of its age are known to die unannounced; 0 once they are."""
    risky_at = born_at(workspace) + timedelta(seconds=profile.container_at_risk_after_seconds)
    return max(0.0, (risky_at - now).total_seconds())


def is_reusable(workspace: Workspace, profile: LimitProfile, now: datetime) -> bool:
    """Whether another question may be asked in it: it lives, is known, and is not at risk.

    Files that it lacks are no reason against: they are mounted with the next request.
    """
    return (
        is_alive(workspace)
        and not workspace.is_ending
        and workspace.container_id is not None
        and now < end_of_life(workspace, profile)
        and seconds_to_risk(workspace, profile, now) > 0
    )


def whole_started_seconds(start: datetime, end: datetime) -> int:
    """Seconds from start to end, the last one counted whole; 0 if the end is not later."""
    return max(0, -((start - end) // timedelta(seconds=1)))


def next_span(workspace: Workspace, until: datetime) -> Span | None:
    """From where the last span ended until that instant; None if there is nothing to book.

    It ends where its whole seconds end, so that the next one doesn't count a second again.
    """
    start = workspace.booked_until or workspace.billed_from
    if start is None:
        return None
    seconds = whole_started_seconds(start, until)
    if seconds == 0:
        return None
    return Span(start=start, end=start + timedelta(seconds=seconds), seconds=seconds)


def execution_span(
    workspace: Workspace,
    started_at: datetime | None,
    sent_at: datetime | None,
    replied_at: datetime,
) -> Span:
    """One request, billed by itself; without its beginning only the rule's minimum is known."""
    first_use = started_at if workspace.billed_from is None else None
    start = sent_at or first_use or replied_at
    return Span(start=start, end=replied_at, seconds=whole_started_seconds(start, replied_at))
