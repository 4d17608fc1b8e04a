"""How good projections of memory are: errors, intervals, and what was wrongly let in or refused."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench._recipes import Recipe
from bench._truths import Half, Truth
from services.preflight.types import MemoryProjection

NEAR_BYTES = (700e6, 1_200e6)
_FLOOR_BYTES = 30e6
"""Below this, an error on what is above the baseline is an error on nothing."""
_FOLK_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One file: what was measured, what was projected, and how long that took."""

    half: Half
    truth: Truth
    memory: MemoryProjection
    rows: int
    seconds: float

    @property
    def format(self) -> str:
        """The file's format."""
        return Recipe.of(self.truth.recipe).format

    @property
    def is_near(self) -> bool:
        """Whether the truth lies where it is hard to tell whether the file fits."""
        return NEAR_BYTES[0] <= self.truth.peak_bytes <= NEAR_BYTES[1]

    @property
    def reaches_limit(self) -> bool:
        """Whether it did not fit when measured."""
        return self.truth.peak_bytes >= self.memory.limit_bytes

    @property
    def is_inside(self) -> bool:
        """Whether the interval holds the truth."""
        return self.memory.low_bytes <= self.truth.peak_bytes <= self.memory.high_bytes


def report(judged: Sequence[Judged]) -> list[str]:
    """One line per figure and group of files."""
    lines: list[str] = []
    for name, group in _groups(judged):
        lines += [
            _errors(
                f"{name} load", [_ratio(j.memory.load_bytes, j.truth.load_bytes) for j in group]
            ),
            _errors(
                f"{name} peak", [_ratio(j.memory.peak_bytes, j.truth.peak_bytes) for j in group]
            ),
            _errors(f"{name} peak-base", [_above_base(j) for j in group]),
            _interval(name, group),
            _verdicts(name, group, lambda j: j.memory.fits),
        ]
    lines += _rivals(judged)
    seconds = sorted(j.seconds for j in judged)
    lines.append(
        f"verdict time: median {statistics.median(seconds):.2f} s,"
        f" p95 {_percentile(seconds, 0.95):.2f} s, max {seconds[-1]:.2f} s"
    )
    return lines


def _groups(judged: Sequence[Judged]) -> Iterable[tuple[str, list[Judged]]]:
    halves = list(dict.fromkeys(j.half for j in judged))
    for half in halves:
        here = [j for j in judged if j.half == half]
        yield half, here
        for kind in dict.fromkeys(j.format for j in here):
            yield f"{half} {kind}", [j for j in here if j.format == kind]
    unfitted = [j for j in judged if j.half != "open"]
    for name, group in (("not fitted on", unfitted), ("all", list(judged))):
        if group:
            yield name, group
        near = [j for j in group if j.is_near]
        if near:
            yield f"{name}, 700–1,200 MB", near


def _ratio(projected: float, truth: float) -> float:
    return abs(projected / truth - 1)


def _above_base(one: Judged) -> float:
    above = max(_FLOOR_BYTES, one.truth.peak_bytes - one.truth.base_bytes)
    return abs(one.memory.peak_bytes - one.truth.peak_bytes) / above


def _errors(name: str, errors: list[float]) -> str:
    ordered = sorted(errors)
    return (
        f"{name}: n {len(ordered)}, error median {_percent(statistics.median(ordered))},"
        f" p90 {_percent(_percentile(ordered, 0.9))}, p95 {_percent(_percentile(ordered, 0.95))},"
        f" max {_percent(ordered[-1])}"
    )


def _interval(name: str, group: list[Judged]) -> str:
    width = statistics.median(
        (j.memory.high_bytes - j.memory.low_bytes) / j.memory.peak_bytes for j in group
    )
    inside = sum(j.is_inside for j in group)
    return (
        f"{name} interval: holds {inside} of {len(group)} ({_percent(inside / len(group))}),"
        f" median width {_percent(width)}"
    )


def _verdicts(name: str, group: list[Judged], fits: Callable[[Judged], bool]) -> str:
    over = [j for j in group if j.reaches_limit]
    under = [j for j in group if not j.reaches_limit]
    false_safe = sum(fits(j) for j in over)
    refused = sum(not fits(j) for j in under)
    return (
        f"{name} verdict: false-safe {false_safe} of {len(over)}, refused {refused} of {len(under)}"
    )


def _rivals(judged: Sequence[Judged]) -> list[str]:
    """The rules of thumb, and a factor on the size fitted on the open part."""
    fitted = [j for j in judged if j.half == "open"] or list(judged)
    factor = statistics.median(
        (j.truth.peak_bytes - j.truth.base_bytes) / j.truth.size_bytes for j in fitted
    )
    rest = [j for j in judged if j.half != "open"] or list(judged)
    near = [j for j in rest if j.is_near]
    rivals: list[tuple[str, Callable[[Judged], float]]] = [
        ("folk, 4.5 × size", lambda j: (j.memory.folk_low_bytes + j.memory.folk_high_bytes) / 2),
        (
            f"size factor {factor:.1f} + base",
            lambda j: j.truth.base_bytes + factor * j.truth.size_bytes,
        ),
    ]
    lines = []
    for name, projected in rivals:
        errors = [_ratio(projected(j), j.truth.peak_bytes) for j in rest]
        lines.append(_errors(f"{name}, not fitted on, peak", errors))
        fits = _below_limit(projected)
        for group, members in (("not fitted on", rest), ("700–1,200 MB", near)):
            if members:
                lines.append(_verdicts(f"{name}, {group}", members, fits))
    for group, members in (("not fitted on", rest), ("700–1,200 MB", near)):
        if members:
            name = f"folk, at most 50,000 rows, {group}"
            lines.append(_verdicts(name, members, lambda j: j.rows <= _FOLK_ROWS))
    return lines


def _below_limit(projected: Callable[[Judged], float]) -> Callable[[Judged], bool]:
    return lambda j: projected(j) < j.memory.limit_bytes


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.1f}%"
