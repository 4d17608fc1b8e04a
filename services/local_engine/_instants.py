"""Instants as they are stored and sent: integer microseconds inside, RFC 3339 on the wire."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970; exact, since no float is involved."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant again, aware, UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def rfc3339(at: datetime) -> str:
    """`2026-11-24T07:16:14.434245Z`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def whole_started_seconds(start: datetime, end: datetime) -> int:
    """Seconds from start to end, the last one counted whole; 0 if the end is not later."""
    return max(0, -((start - end) // timedelta(seconds=1)))
