"""How an attempt failed: from exceptions and endings to the `Failure` types.

Decided by status, error code and type, never by wording, which may change. The one exception: a 400
that speaks of the container, for which the provider has no code.
"""

import email.utils
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from services.engine._line import Cut
from services.engine._stream import StreamError, Transcript, read_instant
from services.engine.types import (
    AttemptOutcome,
    Cancelled,
    Completed,
    ConnectionLost,
    ContainerLost,
    CutShort,
    Declined,
    Failure,
    OutOfMemory,
    RateLimited,
    Rejected,
    TimedOut,
)
from services.errors import EngineError

if TYPE_CHECKING:
    from anthropic import APIStatusError

Facts: TypeAlias = Mapping[str, Any]
"""The fields that every outcome shares, by name."""

KEY_UNUSABLE = "engine_key"
"""Code of the EngineError that a blank or garbled key raises before anything is sent."""
_MESSAGE_CHARACTERS = 300
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider answered instead of a reply."""

    status: int
    type: str = ""
    error_code: str = ""
    message: str = ""
    retry_after_seconds: float | None = None


def of_ending(transcript: Transcript, facts: Facts) -> AttemptOutcome:
    """The outcome of a stream that was read to its end."""
    match transcript.stop_reason:
        case None:
            # A stream can end early and cleanly, and nobody raises (docs/decisions/0009, A).
            return ConnectionLost(**facts)
        case "refusal":
            return Declined(**facts, explanation=transcript.explanation)
        case _ if transcript.was_killed:
            return OutOfMemory(**facts, peak_bytes=transcript.peak_bytes)
        case "max_tokens":
            return CutShort(**facts, reason="max_tokens", text=transcript.text)
        case "model_context_window_exceeded":
            return CutShort(**facts, reason="context", text=transcript.text)
        case "pause_turn":
            return CutShort(**facts, reason="paused", text=transcript.text)
        case _:
            return Completed(**facts, text=transcript.text, used_tool=transcript.used_tool)


def of_cut(why: Cut, facts: Facts) -> Failure:
    """The outcome of a line that we cut ourselves."""
    return Cancelled(**facts) if why == "cancelled" else TimedOut(**facts)


def of_no_endpoint(error: EngineError, facts: Facts) -> Failure:
    """The failure behind an endpoint that can't be had, or whose key can't be sent."""
    if error.code == KEY_UNUSABLE:
        return Rejected(**_unsent(facts), status=401, detail=error.code)
    return ConnectionLost(**_unsent(facts))


def expected() -> tuple[type[Exception], ...]:
    """What SDK, HTTP library and a garbled stream raise; everything else is a defect of ours."""
    import anthropic
    import httpx2

    return (
        anthropic.APIError,
        # Around a stream these come bare, without the SDK's own class (docs/decisions/0009, B).
        httpx2.HTTPError,
        StreamError,
        json.JSONDecodeError,
        UnicodeDecodeError,
    )


def of_exception(error: Exception, facts: Facts, *, container_sent: bool, now: datetime) -> Failure:
    """The failure behind one of the `expected` exceptions."""
    import anthropic
    import httpx2

    match error:
        case StreamError():
            return of_refusal(_of_stream(error), facts, container_sent=container_sent)
        case anthropic.APIStatusError():
            facts = {**facts, **_told_instants(error.response.headers)}
            return of_refusal(_of_status(error, now), facts, container_sent=container_sent)
        case anthropic.APIConnectionError():
            return _of_connection(error.__cause__, facts)
        case httpx2.HTTPError():
            return _of_connection(error, facts)
        case _:
            return ConnectionLost(**facts)


def of_refusal(refusal: Refusal, facts: Facts, *, container_sent: bool) -> Failure:
    """The failure that an error reply means, given whether a remembered container was named."""
    code, status = refusal.error_code, refusal.status
    if code.endswith("spend_limit_reached"):
        # 429 as well, but no waiting helps.
        return _rejected(refusal, facts)
    if status in {429, 529} or refusal.type in {"rate_limit_error", "overloaded_error"}:
        return RateLimited(**facts, retry_after_seconds=refusal.retry_after_seconds)
    if container_sent and _is_about_container(refusal):
        return ContainerLost(**facts)
    if status in {408, 504}:
        return TimedOut(**facts)
    if status >= 500:
        return ConnectionLost(**facts)
    return _rejected(refusal, facts)


def _is_about_container(refusal: Refusal) -> bool:
    """An expired container answers 404, 400 or a bare 500, all alike (docs/decisions/0009)."""
    if refusal.error_code.startswith("file_"):
        return False
    if refusal.status == 400:
        return "container" in refusal.error_code or "container" in refusal.message.lower()
    return refusal.status in {404, 500}


def _of_connection(cause: BaseException | None, facts: Facts) -> Failure:
    import httpx2

    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return ConnectionLost(**_unsent(facts))
    if isinstance(cause, httpx2.TimeoutException):
        return TimedOut(**facts)
    return ConnectionLost(**facts)


def _unsent(facts: Facts) -> dict[str, Any]:
    """This request has not left; one before it, whose pause it was to continue, may have."""
    return {**facts, "sent": facts.get("usage") is not None}


def _of_status(error: "APIStatusError", now: datetime) -> Refusal:
    return Refusal(
        status=error.status_code,
        type=error.type or "",
        error_code=error.error_code or "",
        message=error.api_message or "",
        retry_after_seconds=_retry_after(error.response.headers, now),
    )


def _of_stream(error: StreamError) -> Refusal:
    """The status said 200 already, so the type stands in for it (docs/decisions/0009, C)."""
    return Refusal(
        # A container was resolved before the stream began, so a 500 here is not its loss.
        status=_STATUS_OF_TYPE.get(error.type, 503) if error.type != "api_error" else 503,
        type=error.type,
        error_code=error.error_code,
        message=error.message,
    )


def _told_instants(headers: Mapping[str, str]) -> dict[str, datetime]:
    """The local engine tells with a refusal when it was given and when the container ended."""
    told = {
        "replied_at": read_instant(headers.get("dd-replied-at")),
        "container_ended_at": read_instant(headers.get("dd-container-ended-at")),
    }
    return {name: instant for name, instant in told.items() if instant is not None}


def _rejected(refusal: Refusal, facts: Facts) -> Rejected:
    return Rejected(
        **facts,
        status=refusal.status,
        detail=refusal.error_code or refusal.type or f"http_{refusal.status}",
        provider_message=refusal.message[:_MESSAGE_CHARACTERS],
    )


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from milliseconds, seconds or a date, whichever the provider sent."""
    for name, unit_seconds in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit_seconds)
        except (KeyError, ValueError):
            continue
    try:
        at = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
