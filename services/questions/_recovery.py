"""What follows a failed attempt: a table, read by the loop in `_answer.py`."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import assert_never

import msgspec

from services import wording
from services.engine.types import (
    Cancelled,
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
from services.errors import Message
from services.limits.types import LimitProfile
from services.money.types import Outcome

_FIRST_PAUSE_SECONDS = 2.0
_NOT_FOUND = 404


class Step(Enum):
    """The kinds of second try."""

    FRESH_CONTAINER = "fresh_container"
    WAIT = "wait"
    SAME_AGAIN = "same_again"
    SEND_FILES = "send_files"
    NONE = "none"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How a failure is followed: by which step, how often at most."""

    step: Step
    attempts: int = 0


POLICY: Mapping[type[Failure], Rule] = {
    ContainerLost: Rule(step=Step.FRESH_CONTAINER, attempts=2),
    RateLimited: Rule(step=Step.WAIT, attempts=8),
    # A request that was cut off has been billed; once more is worth it, twice is not.
    ConnectionLost: Rule(step=Step.SAME_AGAIN, attempts=1),
    TimedOut: Rule(step=Step.NONE),
    OutOfMemory: Rule(step=Step.NONE),
    Declined: Rule(step=Step.NONE),
    CutShort: Rule(step=Step.NONE),
    # Only where something was not found, which is then a file: see `_applies`.
    Rejected: Rule(step=Step.SEND_FILES, attempts=1),
    Cancelled: Rule(step=Step.NONE),
}


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Try once more, after a pause, in a fresh container or not."""

    after_seconds: float
    fresh_container: bool
    message: Message
    send_files: bool = False
    """The files of the conversation are gone at the provider, and are sent again."""


class GiveUp(msgspec.Struct, frozen=True, kw_only=True):
    """End the run and say why."""

    message: Message


def decide(failure: Failure, earlier: Sequence[Failure], profile: LimitProfile) -> Again | GiveUp:
    """The next step after `failure`, given the failures before it in the same run."""
    rule = POLICY[type(failure)]
    count = sum(type(one) is type(failure) for one in earlier)
    if not _applies(rule, failure) or count >= rule.attempts:
        return GiveUp(message=_final(failure, count, profile))
    match rule.step:
        case Step.FRESH_CONTAINER:
            return Again(
                after_seconds=0, fresh_container=True, message=wording.runs.container_expired()
            )
        case Step.SAME_AGAIN:
            # A container that is known by name has survived, or is found lost by the next attempt.
            return Again(
                after_seconds=0, fresh_container=False, message=wording.runs.connection_lost_again()
            )
        case Step.SEND_FILES:
            return Again(
                after_seconds=0,
                fresh_container=False,
                message=wording.runs.files_sent_again(),
                send_files=True,
            )
        case Step.WAIT:
            pause = _pause(failure, count)
            waited = sum(_pause(one, n) for n, one in enumerate(_of_kind(earlier, RateLimited)))
            if waited + pause > profile.backoff_max_seconds:
                return GiveUp(message=wording.runs.busy_given_up(profile.backoff_max_seconds))
            return Again(
                after_seconds=pause, fresh_container=False, message=wording.runs.busy(pause)
            )
        case Step.NONE:
            return GiveUp(message=_final(failure, count, profile))
        case _:
            assert_never(rule.step)


def _applies(rule: Rule, failure: Failure) -> bool:
    """What is not found is an uploaded file: a lost container is a failure of its own."""
    if isinstance(failure, Rejected):
        return failure.status == _NOT_FOUND
    return rule.step is not Step.NONE


def category(failure: Failure) -> Outcome:
    """The outcome written into ledger rows and statistics."""
    match failure:
        case ContainerLost():
            return "container_lost"
        case RateLimited():
            return "rate_limited"
        case ConnectionLost():
            return "connection_lost"
        case TimedOut():
            return "timeout"
        case OutOfMemory():
            return "out_of_memory"
        case Declined():
            return "refused"
        case CutShort():
            return "max_tokens"
        case Rejected():
            return "failed"
        case Cancelled():
            return "stopped"
        case _:
            assert_never(failure)


def _of_kind(failures: Sequence[Failure], kind: type[Failure]) -> list[Failure]:
    return [one for one in failures if type(one) is kind]


def _pause(failure: Failure, count: int) -> float:
    """The server's own word where it gave one, else 2, 4, 8, … seconds."""
    if isinstance(failure, RateLimited) and failure.retry_after_seconds is not None:
        return failure.retry_after_seconds
    return _FIRST_PAUSE_SECONDS * float(2**count)


def _final(failure: Failure, count: int, profile: LimitProfile) -> Message:
    match failure:
        case ContainerLost():
            return wording.runs.container_expired_twice()
        case RateLimited():
            return wording.runs.busy_given_up(profile.backoff_max_seconds)
        case ConnectionLost():
            return (
                wording.runs.unreachable() if not failure.sent else wording.runs.cut_off(count + 1)
            )
        case TimedOut():
            return wording.runs.timed_out(profile.request_timeout_seconds)
        case OutOfMemory():
            return wording.runs.out_of_memory(profile.ram_spoken_bytes)
        case Declined():
            return wording.runs.declined()
        case CutShort():
            return wording.runs.cut_short(failure.reason)
        case Rejected():
            return wording.runs.rejected(failure.status)
        case Cancelled():
            return wording.runs.stopped()
        case _:
            assert_never(failure)
