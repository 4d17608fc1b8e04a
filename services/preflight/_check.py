"""From a path to everything that the card shows: inspect, project, judge."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import msgspec

from services import wording
from services.clock import Clock
from services.ids import BlobKey
from services.limits.types import Approach, LimitProfile
from services.preflight import _verdict
from services.preflight.inspection import Inspectors
from services.preflight.inspection.types import (
    CsvMeasures,
    Inspected,
    InspectFile,
    Measures,
    Refusal,
)
from services.preflight.projection import project_cost, project_memory, project_time
from services.preflight.projection.types import Costing
from services.preflight.reduction import Estimator, suggest
from services.preflight.reduction.types import Source
from services.preflight.types import (
    ApproachProjection,
    Corrections,
    FileReport,
    Finding,
    Preflight,
    Verdict,
)

_APPROACH: Approach = "files_code"
_HEAVY_RATIO = 0.3
Step: TypeAlias = Literal["content", "shape", "memory"]
OnFact: TypeAlias = Callable[[Step, str], None]


class Checker:
    """Checks files for one profile, environment and model."""

    def __init__(
        self,
        inspectors: Inspectors,
        profile: LimitProfile,
        costing: Costing,
        clock: Clock,
        *,
        model: str,
        environment: str,
    ) -> None:
        self._inspectors = inspectors
        self._profile = profile
        self._costing = costing
        self._clock = clock
        self._model = model
        self._environment = environment

    def check(
        self,
        path: Path,
        name: str,
        blob: BlobKey,
        *,
        on_fact: OnFact | None = None,
        stop: threading.Event | None = None,
        on_measured: Callable[[Measures], None] | None = None,
        corrections: Corrections | None = None,
    ) -> Preflight | None:
        """Look at a file and judge it; None if `stop` was set before it was done.

        `on_fact(step, fact)` is told what becomes known: content, shape, memory; `on_measured` what
        the projection was made of, from which that of a smaller version can be made as well.
        """
        started = self._clock.monotonic()
        request = InspectFile(
            path=str(path),
            name=name,
            check_limit_bytes=self._profile.check_limit_bytes,
            practical_limit_bytes=self._profile.practical_file_limit_bytes,
            corrections=corrections,
        )
        reply = self._inspectors.ask(request, stop)
        if isinstance(reply, Inspected) and self._is_open(reply):
            thorough = msgspec.structs.replace(request, thorough=True)
            closer = self._inspectors.ask(thorough, stop)
            # A closer look that takes too long leaves what the sample says.
            reply = reply if isinstance(closer, Refusal) else closer
        match reply:
            case None:
                return None
            case Inspected():
                if on_measured is not None:
                    on_measured(reply.measures)
                result = self._judged(reply, blob, on_fact or _ignore)
            case Refusal():
                result = self._refused(reply, name, path, blob)
            case _:
                result = self._refused(Refusal(code="crashed"), name, path, blob)
        return msgspec.structs.replace(result, seconds=self._clock.monotonic() - started)

    def judge(self, found: Inspected, blob: BlobKey) -> Preflight:
        """Project and judge what was found already, without looking at the file again."""
        return self._judged(found, blob, _ignore)

    def _is_open(self, found: Inspected) -> bool:
        """Whether the sample of a CSV leaves open if it fits in memory."""
        if not isinstance(found.measures, CsvMeasures) or not found.measures.is_sampled:
            return False
        size = found.report.size_bytes
        memory = project_memory(found.measures, size, self._environment, self._profile)
        return memory.low_bytes < memory.limit_bytes <= memory.high_bytes

    def _judged(self, found: Inspected, blob: BlobKey, on_fact: OnFact) -> Preflight:
        report = found.report
        on_fact("content", wording.files.content(report.kind, report.encoding, report.size_bytes))
        if report.tables:
            table = report.tables[0]
            on_fact("shape", wording.files.shape(table.rows, len(table.columns)))
        memory = project_memory(found.measures, report.size_bytes, self._environment, self._profile)
        on_fact("memory", wording.files.about_memory(memory.peak_bytes))
        source = Source(report=report, measures=found.measures)
        verdict, plan = _verdict.judge(
            report,
            memory,
            self._profile,
            lambda: suggest(Estimator(source, self._profile, self._environment)),
        )
        is_usable = verdict.state != "refused"
        report = _without_lesser_limit(report, verdict)
        if memory.high_bytes > self._profile.ram_alert_bytes:
            report = _with_heaviest_column(report)
        approaches = self._approaches() if is_usable else ()
        usual = next((one for one in approaches if one.approach == _APPROACH), None)
        return Preflight(
            blob=blob,
            report=report,
            memory=memory,
            cost=usual.cost if usual is not None else None,
            time=usual.time if usual is not None else None,
            verdict=verdict,
            approaches=approaches,
            plan=plan,
            seconds=0.0,
            checked_at=self._clock.now(),
            profile=self._profile.name,
        )

    def _approaches(self) -> tuple[ApproachProjection, ...]:
        """What a question takes in each way of answering, the cheapest first."""
        return tuple(
            ApproachProjection(
                approach=approach,
                cost=project_cost(approach, self._profile, self._costing, self._model),
                time=project_time(approach, self._profile),
            )
            for approach in get_args(Approach)
        )

    def _refused(self, refusal: Refusal, name: str, path: Path, blob: BlobKey) -> Preflight:
        size = path.stat().st_size if path.is_file() else 0
        return Preflight(
            blob=blob,
            report=FileReport(kind=None, mime=refusal.mime, size_bytes=size),
            memory=None,
            cost=None,
            time=None,
            verdict=_verdict.refuse(refusal, name),
            seconds=0.0,
            checked_at=self._clock.now(),
            profile=self._profile.name,
        )


def _without_lesser_limit(report: FileReport, verdict: Verdict) -> FileReport:
    """A file past what can be sent has no use for a limit that is only practical."""
    if verdict.state == "fits":
        return report
    findings = tuple(f for f in report.findings if f.code != "over_practical_limit")
    return msgspec.structs.replace(report, findings=findings)


def _ignore(step: Step, fact: str) -> None:
    """Nobody follows this check."""
    del step, fact


def _with_heaviest_column(report: FileReport) -> FileReport:
    """Name the column that takes most, where it takes much: leaving it out is the first thing."""
    if not report.tables:
        return report
    sizes = [(column.memory_bytes or 0, column.name) for column in report.tables[0].columns]
    total = sum(size for size, _ in sizes)
    heaviest, name = max(sizes, default=(0, ""))
    if len(sizes) < 2 or not total or heaviest < _HEAVY_RATIO * total:
        return report
    finding = Finding(
        code="heaviest_column",
        severity="info",
        message=wording.files.heaviest_column(heaviest / total),
        column=name,
    )
    return msgspec.structs.replace(report, findings=(*report.findings, finding))
