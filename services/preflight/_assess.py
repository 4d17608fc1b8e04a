"""Checks without a store: for scripts, and for the local engine."""

import atexit
import functools
from pathlib import Path

from services import limits
from services.clock import Clock, SystemClock
from services.ids import BlobKey
from services.limits.types import LimitProfile
from services.money import Money
from services.preflight import _verdict
from services.preflight._check import Checker
from services.preflight._profiles import is_due, profiled
from services.preflight.inspection import Inspectors
from services.preflight.inspection.types import Inspected, InspectFile, Measures, Refusal
from services.preflight.profiling import Profilers
from services.preflight.types import Corrections, FileReport, Preflight, Verdict
from services.store import memory_store

_NOT_KEPT = BlobKey("")


def inspect(
    path: Path, name: str, profile: LimitProfile, corrections: Corrections | None = None
) -> FileReport | Verdict:
    """What a file is, or the verdict that refuses it. `name` is what its owner calls it."""
    reply = shared_inspectors().ask(
        InspectFile(
            path=str(path),
            name=name,
            check_limit_bytes=profile.check_limit_bytes,
            practical_limit_bytes=profile.practical_file_limit_bytes,
            corrections=corrections,
        )
    )
    match reply:
        case Inspected(report=report):
            return report
        case Refusal():
            return _verdict.refuse(reply, name)
    return _verdict.refuse(Refusal(code="crashed"), name)


def assess(
    path: Path,
    name: str,
    profile: LimitProfile,
    environment_name: str = "",
    *,
    model: str = "",
    exact: bool = False,
    clock: Clock | None = None,
    corrections: Corrections | None = None,
) -> Preflight:
    """All that the card would show, for a file that is not kept.

    With `exact` every row is looked at, where that can be done (`is_profiled`).

    `corrections` hold, whatever the file looks like. The environment is the profile's unless
    another is named (`pandas 3.1.1`), the model the first of the price list.
    """
    clock = clock or SystemClock()
    prices = limits.load_prices()
    checker = Checker(
        shared_inspectors(),
        profile,
        Money(memory_store(clock), prices, profile, clock),
        clock,
        model=model or prices.models[0].model,
        environment=environment_name or f"pandas {profile.environment.pandas}",
    )
    measured: list[Measures] = []
    result = checker.check(
        path, name, _NOT_KEPT, on_measured=measured.append, corrections=corrections
    )
    if result is None:
        raise AssertionError("nobody could stop this check")
    if not exact or not is_due(result):
        return result
    after = profiled(path, result, measured[-1] if measured else None, checker, shared_profilers())
    return after or result


@functools.cache
def shared_inspectors() -> Inspectors:
    """The children of this process; they end with it."""
    inspectors = Inspectors()
    atexit.register(inspectors.close)
    return inspectors


@functools.cache
def shared_profilers() -> Profilers:
    """The child of this process that goes over all rows; it ends with it."""
    profilers = Profilers()
    atexit.register(profilers.close)
    return profilers
