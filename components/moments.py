"""Instants as the visitor reads them: their own time zone, their own day."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st


def viewer_zone() -> tzinfo:
    """The time zone of the visitor's browser, UTC where it is not known."""
    name = st.context.timezone
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown here, or not a name at all
        return UTC


def time_of_day(at: datetime, zone: tzinfo) -> str:
    """`14:02`."""
    return f"{at.astimezone(zone):%H:%M}"


def when(at: datetime, now: datetime, zone: tzinfo) -> str:
    """`14:02` today, `yesterday 17:55`, `21 Nov`, `21 Nov 2025` in another year."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    days = (today.date() - local.date()).days
    if days == 0:
        return time_of_day(at, zone)
    if days == 1:
        return f"yesterday {time_of_day(at, zone)}"
    day = f"{local.day} {local:%b}"
    return day if local.year == today.year else f"{day} {local.year}"
